package conformance

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
)

// lasts makes a token for a session of so many minutes, nil for the default,
// and wants it and its session to end after these. The target's own clock says
// when it was made: between the room's creation and its update.
func (p *probe) lasts(minutes *int32, token, session time.Duration) {
	room := p.createRoom(ivschat.CreateRoomInput{})
	made := call(p, p.sdk.CreateChatToken, ivschat.CreateChatTokenInput{RoomIdentifier: room.Arn, UserId: aws.String("u"), SessionDurationInMinutes: minutes})
	p.check(made.SessionExpirationTime.Sub(*made.TokenExpirationTime) == session-token, "the token ends %v, the session %v", made.TokenExpirationTime, made.SessionExpirationTime)
	p.during(room, "the token's issue", made.TokenExpirationTime.Add(-token))
}

// during wants a time to be between the creation of the room and now, as the
// target's clock goes, which need not be ours. What has whole seconds may have
// lost some, and hosts of one service differ a little.
func (p *probe) during(room *ivschat.CreateRoomOutput, what string, at time.Time) {
	const tolerance = 2 * time.Second
	now := *p.update(*room.Arn, ivschat.UpdateRoomInput{MaximumMessageLength: aws.Int32(500)}).UpdateTime
	p.check(!at.Before(room.CreateTime.Add(-tolerance)) && !at.After(now.Add(tolerance)), "%s is %v, want it from %v to %v", what, at, room.CreateTime, now)
}

var tokenClaims = []Claim{
	{ID: "C401", Sentence: "A chat token looks like AQICAH…, base64url with ! for padding, and ends with # and a digit.", Source: recorded + "tokens in three public code bases", check: func(p *probe) {
		p.like("the token", p.token(p.room(), "u"), `^AQICAH[A-Za-z0-9_-]+!{0,2}#[0-9]$`)
	}},
	{ID: "C402", Sentence: "A chat token has only characters that a WebSocket subprotocol may have.", Source: "RFC 6455 and RFC 7230", check: func(p *probe) {
		p.like("the token", p.token(p.room(), "u"), "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	}},
	{ID: "C403", Sentence: "CreateChatToken replies with token, tokenExpirationTime, sessionExpirationTime and nothing else.", Source: model, check: func(p *probe) {
		p.token(p.room(), "u")
		members := p.last.members(p)
		p.check(len(members) == 3 && members["token"] != nil && members["tokenExpirationTime"] != nil && members["sessionExpirationTime"] != nil, "the reply is %v", members)
	}},
	{ID: "C404", Sentence: "No two chat tokens are the same.", Source: userGuide + "a token opens one connection", check: func(p *probe) {
		room := p.room()
		first, second := p.token(room, "u"), p.token(room, "u")
		p.check(first != second, "two are")
	}},
	{ID: "C405", Sentence: "A session lasts 60 minutes when no duration is given, and the token as long.", Source: recorded + "a CreateChatToken reply of 2026", check: func(p *probe) {
		p.lasts(nil, time.Hour, time.Hour)
	}},
	{ID: "C406", Sentence: "Of a session of 180 minutes the token opens a connection for the first 60.", Source: recorded + "a CreateChatToken reply of 2024", check: func(p *probe) {
		p.lasts(aws.Int32(180), time.Hour, 3*time.Hour)
	}},
	{ID: "C407", Sentence: "Of a session of 61 minutes the token opens a connection for the first 60.", Source: recorded + "inferred from replies of 2024", check: func(p *probe) {
		p.lasts(aws.Int32(61), time.Hour, 61*time.Minute)
	}},
	{ID: "C408", Sentence: "A session's time runs from the issue of the token.", Source: recorded + "a CreateChatToken reply of 2024", check: func(p *probe) {
		p.lasts(aws.Int32(90), time.Hour, 90*time.Minute)
	}},
	{ID: "C409", Sentence: "A token does not outlast its session of less than 60 minutes.", Source: Decided, check: func(p *probe) {
		p.lasts(aws.Int32(1), time.Minute, time.Minute)
	}},
	{ID: "C410", Sentence: "CreateChatToken needs roomIdentifier.", Source: model, check: func(p *probe) {
		p.post("CreateChatToken", `{"userId":"u"}`).refuses(p, 400, "ValidationException")
	}},
	{ID: "C411", Sentence: "CreateChatToken needs userId.", Source: model, check: func(p *probe) {
		p.post("CreateChatToken", `{"roomIdentifier":"`+p.room()+`"}`).refuses(p, 400, "ValidationException")
	}},
	{ID: "C412", Sentence: "CreateChatToken for a room that does not exist is ResourceNotFoundException.", Source: model, check: func(p *probe) {
		refused[*types.ResourceNotFoundException](p, p.sdk.CreateChatToken, ivschat.CreateChatTokenInput{RoomIdentifier: aws.String(p.absent("room")), UserId: aws.String("u")})
	}},
	{ID: "C413", Sentence: "CreateChatToken for a room that was deleted is ResourceNotFoundException.", Source: model, check: func(p *probe) {
		room := p.room()
		call(p, p.sdk.DeleteRoom, ivschat.DeleteRoomInput{Identifier: &room})
		refused[*types.ResourceNotFoundException](p, p.sdk.CreateChatToken, ivschat.CreateChatTokenInput{RoomIdentifier: &room, UserId: aws.String("u")})
	}},
	{ID: "C414", Sentence: "A capability that is given twice is accepted.", Source: Decided, check: func(p *probe) {
		p.token(p.room(), "u", canSend, canSend)
	}},
	{ID: "C415", Sentence: "A userId may be any text.", Source: model, check: func(p *probe) {
		p.token(p.room(), "日本語 \"🙂\" <b>&")
	}},
	{ID: "C416", Sentence: "The attributes of a token are counted in bytes of UTF-8, keys and values together.", Source: Decided, check: func(p *probe) {
		room := p.room()
		input := ivschat.CreateChatTokenInput{RoomIdentifier: &room, UserId: aws.String("u")}
		input.Attributes = map[string]string{"ü": strings.Repeat("ü", 511)}
		call(p, p.sdk.CreateChatToken, input)
		input.Attributes = map[string]string{"ü": strings.Repeat("ü", 511) + "x"}
		refused[*types.ValidationException](p, p.sdk.CreateChatToken, input)
	}},
	{ID: "C417", Sentence: "What is wrong with a request names no userId and no attribute.", Source: Decided, check: func(p *probe) {
		room, secret := p.room(), strings.Repeat("secret", 200)
		for _, members := range []string{`"userId":"` + secret + `"`, `"userId":"u","attributes":{"k":"` + secret + `"}`, `"userId":"u","attributes":{"` + secret + `":""}`} {
			r := p.post("CreateChatToken", `{"roomIdentifier":"`+room+`",`+members+`}`)
			r.refuses(p, 400, "ValidationException")
			p.check(!strings.Contains(r.body, "secret"), "it says %s", r.body)
		}
	}},
}
