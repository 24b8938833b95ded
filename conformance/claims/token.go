package claims

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var tokenClaims = []conformance.Claim{
	{
		ID: "C401",
		Sentence: "A chat token begins with AQICAH, is base64url with ! for padding, and ends with " +
			"# and a digit.",
		Source: androidIssue + "; " + replies2024,
		Check: func(p *conformance.Probe) {
			token := p.Token(p.Room(), "u")
			p.RequireMatch("the token", token, `^AQICAH[A-Za-z0-9_-]+!{0,2}#[0-9]$`)
		},
	},
	{
		ID:       "C402",
		Sentence: "A chat token has only characters that are allowed in a WebSocket subprotocol.",
		Source:   "RFC 6455; RFC 7230",
		Check: func(p *conformance.Probe) {
			p.RequireMatch("the token", p.Token(p.Room(), "u"), "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
		},
	},
	{
		ID: "C403",
		Sentence: "CreateChatToken replies with token, tokenExpirationTime and " +
			"sessionExpirationTime, and with nothing else.",
		Source: serviceModel,
		Check: func(p *conformance.Probe) {
			p.Token(p.Room(), "u")
			members := p.Last.Members()
			p.Require(len(members) == 3, "the reply has %d members", len(members))
			for _, name := range []string{"token", "tokenExpirationTime", "sessionExpirationTime"} {
				p.Require(members[name] != nil, "the reply has no %s", name)
			}
		},
	},
	{
		ID:       "C404",
		Sentence: "No two chat tokens are the same.",
		Source:   userGuide + "Create a Chat Token: it opens one connection",
		Check: func(p *conformance.Probe) {
			room := p.Room()
			first, second := p.Token(room, "u"), p.Token(room, "u")
			p.Require(first != second, "two tokens are the same")
		},
	},
	{
		ID:       "C405",
		Sentence: "A session lasts 60 minutes by default, and its token is valid for as long.",
		Source:   serviceModel + "; " + androidIssue,
		Check: func(p *conformance.Probe) {
			requireDurations(p, nil, time.Hour, time.Hour)
		},
	},
	{
		ID:       "C406",
		Sentence: "The token of a session of 180 minutes is valid for the first 60 minutes.",
		Source:   unityPost + "; " + replies2024,
		Check: func(p *conformance.Probe) {
			requireDurations(p, aws.Int32(180), time.Hour, 3*time.Hour)
		},
	},
	{
		ID:       "C407",
		Sentence: "The token of a session of 61 minutes is valid for the first 60 minutes.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			requireDurations(p, aws.Int32(61), time.Hour, 61*time.Minute)
		},
	},
	{
		ID:       "C409",
		Sentence: "The token of a session of less than 60 minutes expires with the session.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			requireDurations(p, aws.Int32(1), time.Minute, time.Minute)
		},
	},
	{
		ID:       "C410",
		Sentence: "CreateChatToken requires roomIdentifier.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			requireInvalid(p, p.Post("CreateChatToken", `{"userId":"u"}`), "roomIdentifier")
		},
	},
	{
		ID:       "C411",
		Sentence: "CreateChatToken requires userId.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			r := p.Post("CreateChatToken", `{"roomIdentifier":"`+p.Room()+`"}`)
			requireInvalid(p, r, "userId")
		},
	},
	{
		ID: "C412",
		Sentence: "CreateChatToken for a room that does not exist fails with " +
			"ResourceNotFoundException.",
		Source: serviceModel,
		Check: func(p *conformance.Probe) {
			notFound(p, p.SDK.CreateChatToken, ivschat.CreateChatTokenInput{
				RoomIdentifier: aws.String(p.MissingRoom()), UserId: aws.String("u"),
			})
		},
	},
	{
		ID:       "C413",
		Sentence: "CreateChatToken for a deleted room fails with ResourceNotFoundException.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			deleteRoom(p, room)
			notFound(p, p.SDK.CreateChatToken, ivschat.CreateChatTokenInput{
				RoomIdentifier: &room, UserId: aws.String("u"),
			})
		},
	},
	{
		ID:       "C414",
		Sentence: "A request may list a capability twice.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			const capability = types.ChatTokenCapabilitySendMessage
			p.Token(p.Room(), "u", capability, capability)
		},
	},
	{
		ID:       "C415",
		Sentence: "A userId may be any text.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			p.Token(p.Room(), "日本語 \"🙂\" <b>&")
		},
	},
	{
		ID: "C416",
		Sentence: "The size of the attributes of a token is counted in bytes of UTF-8, keys and " +
			"values together.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			input := ivschat.CreateChatTokenInput{RoomIdentifier: &room, UserId: aws.String("u")}
			input.Attributes = map[string]string{"ü": strings.Repeat("ü", 511)}
			createToken(p, room, input)
			input.Attributes = map[string]string{"ü": strings.Repeat("ü", 511) + "x"}
			invalid(p, p.SDK.CreateChatToken, input)
		},
	},
	{
		ID:       "C417",
		Sentence: "The reply to an invalid request does not repeat a userId or an attribute.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			room, secret := p.Room(), strings.Repeat("secret", 200)
			for _, members := range []string{
				`"userId":"` + secret + `"`,
				`"userId":"u","attributes":{"k":"` + secret + `"}`,
				`"userId":"u","attributes":{"` + secret + `":""}`,
			} {
				body := `{"roomIdentifier":"` + room + `",` + members + `}`
				r := invalidBody(p, "CreateChatToken", body)
				p.Require(!strings.Contains(r.Body, "secret"), "the reply is %s", r.Body)
			}
		},
	},
}

// requireDurations creates a token for a session of so many minutes, or of the default if minutes
// is nil. It requires the durations of the token and the session, both from its creation.
func requireDurations(p *conformance.Probe, minutes *int32, token, session time.Duration) {
	room := p.CreateRoom(ivschat.CreateRoomInput{})
	created := createToken(p, *room.Arn, ivschat.CreateChatTokenInput{
		UserId: aws.String("u"), SessionDurationInMinutes: minutes,
	})
	tokenEnd, sessionEnd := created.TokenExpirationTime, created.SessionExpirationTime
	p.Require(sessionEnd.Sub(*tokenEnd) == session-token,
		"the token ends at %v, the session at %v", tokenEnd, sessionEnd)
	requireDuring(p, room, "the creation of the token", tokenEnd.Add(-token))
}

// requireDuring requires a time to be between the creation of the room and now, by the clock of
// the target, which may differ from ours. The tolerance is for times in whole seconds and for
// small differences between the hosts of the service.
func requireDuring(
	p *conformance.Probe, room *ivschat.CreateRoomOutput, what string, at time.Time,
) {
	const tolerance = 2 * time.Second
	update := ivschat.UpdateRoomInput{MaximumMessageLength: aws.Int32(500)}
	now := *updateRoom(p, *room.Arn, update).UpdateTime
	p.Require(!at.Before(room.CreateTime.Add(-tolerance)) && !at.After(now.Add(tolerance)),
		"%s is %v, want it from %v to %v", what, at, room.CreateTime, now)
}
