package conformance

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
)

const (
	lambda = "arn:aws:lambda:us-east-1:123456789012:function:review"
	id     = `^[a-zA-Z0-9]{12}$`
)

var reviewed = &types.MessageReviewHandler{Uri: aws.String(lambda)}

// update changes a room.
func (p *probe) update(room string, input ivschat.UpdateRoomInput) *ivschat.UpdateRoomOutput {
	input.Identifier = &room
	return call(p, p.sdk.UpdateRoom, input)
}

func (p *probe) get(room string) *ivschat.GetRoomOutput {
	return call(p, p.sdk.GetRoom, ivschat.GetRoomInput{Identifier: &room})
}

var roomClaims = []Claim{
	{ID: "C201", Sentence: "A room can be created without any member.", Source: model, check: func(p *probe) {
		p.same("status", p.post("CreateRoom", "{}").status, 200)
	}},
	{ID: "C202", Sentence: "A room's id is twelve letters and digits.", Source: model, check: func(p *probe) {
		p.like("id", *p.createRoom(ivschat.CreateRoomInput{}).Id, id)
	}},
	{ID: "C203", Sentence: "A room's ARN is arn:aws:ivschat:REGION:ACCOUNT:room/ID.", Source: model, check: func(p *probe) {
		room := p.createRoom(ivschat.CreateRoomInput{})
		p.like("arn", *room.Arn, `^arn:aws:ivschat:`+p.Region+`:[0-9]{12}:room/`+*room.Id+`$`)
	}},
	{ID: "C204", Sentence: "The account in a room's ARN is that of the caller.", Source: model, Needs: Accounts, check: func(p *probe) {
		p.same("account", strings.Split(p.room(), ":")[4], p.account)
	}},
	{ID: "C205", Sentence: "maximumMessageLength is 500 when not given.", Source: model, check: func(p *probe) {
		p.same("maximumMessageLength", p.createRoom(ivschat.CreateRoomInput{}).MaximumMessageLength, aws.Int32(500))
	}},
	{ID: "C206", Sentence: "maximumMessageRatePerSecond is 10 when not given.", Source: model, check: func(p *probe) {
		p.same("maximumMessageRatePerSecond", p.createRoom(ivschat.CreateRoomInput{}).MaximumMessageRatePerSecond, aws.Int32(10))
	}},
	{ID: "C207", Sentence: "A new room has tags {}, also when none were given.", Source: recorded + "CreateRoom replies of 2022 and 2024", check: func(p *probe) {
		p.room()
		p.same("tags", p.last.members(p)["tags"], map[string]any{})
	}},
	{ID: "C208", Sentence: "A new room without a handler has no messageReviewHandler.", Source: recorded + "CreateRoom replies of 2022 and 2024", check: func(p *probe) {
		p.room()
		p.check(p.last.members(p)["messageReviewHandler"] == nil, "the reply is %s", p.last.body)
	}},
	{ID: "C209", Sentence: "A new room without logging has no loggingConfigurationIdentifiers.", Source: recorded + "CreateRoom replies of 2022 and 2024", check: func(p *probe) {
		p.room()
		p.check(p.last.members(p)["loggingConfigurationIdentifiers"] == nil, "the reply is %s", p.last.body)
	}},
	{ID: "C210", Sentence: "A room's createTime and updateTime are the same at first.", Source: recorded + "CreateRoom replies of 2022 and 2024", check: func(p *probe) {
		room := p.createRoom(ivschat.CreateRoomInput{})
		p.check(room.CreateTime.Equal(*room.UpdateTime), "%v and %v", room.CreateTime, room.UpdateTime)
	}},
	{ID: "C211", Sentence: "name is left out of replies when none was given.", Source: Decided, check: func(p *probe) {
		p.createRoom(ivschat.CreateRoomInput{})
		_, there := p.last.members(p)["name"]
		p.check(!there, "the reply is %s", p.last.body)
	}},
	{ID: "C212", Sentence: "Names are not unique.", Source: model, check: func(p *probe) {
		first, second := p.createRoom(ivschat.CreateRoomInput{Name: p.name("same")}), p.createRoom(ivschat.CreateRoomInput{Name: p.name("same")})
		p.check(*first.Arn != *second.Arn, "both are %s", *first.Arn)
	}},
	{ID: "C213", Sentence: "GetRoom gives what the room was created with.", Source: model, check: func(p *probe) {
		room := p.createRoom(ivschat.CreateRoomInput{Name: p.name("lobby"), MaximumMessageLength: aws.Int32(7), MaximumMessageRatePerSecond: aws.Int32(100), Tags: map[string]string{"team": "chat"}})
		got := p.get(*room.Arn)
		p.same("name", got.Name, room.Name)
		p.same("maximumMessageLength", got.MaximumMessageLength, aws.Int32(7))
		p.same("maximumMessageRatePerSecond", got.MaximumMessageRatePerSecond, aws.Int32(100))
		p.same("tags", got.Tags, map[string]string{"team": "chat"})
		p.same("id", got.Id, room.Id)
		p.check(got.CreateTime.Equal(*room.CreateTime), "createTime is %v, was %v", got.CreateTime, room.CreateTime)
	}},
	{ID: "C214", Sentence: "GetRoom's reply has the members that CreateRoom's has.", Source: model, check: func(p *probe) {
		room := p.createRoom(ivschat.CreateRoomInput{Name: p.name("lobby")})
		created := p.last.members(p)
		p.get(*room.Arn)
		p.same("the room", p.last.members(p), created)
	}},
	{ID: "C215", Sentence: "GetRoom of a room that does not exist is ResourceNotFoundException.", Source: alchemy, check: func(p *probe) {
		refused[*types.ResourceNotFoundException](p, p.sdk.GetRoom, ivschat.GetRoomInput{Identifier: aws.String(p.absent("room"))})
	}},
	{ID: "C216", Sentence: "A bare room id is no identifier: ValidationException.", Source: "amazon-ivs-chat-web-demo issue 11", check: func(p *probe) {
		room := p.createRoom(ivschat.CreateRoomInput{})
		refused[*types.ValidationException](p, p.sdk.GetRoom, ivschat.GetRoomInput{Identifier: room.Id})
	}},
	{ID: "C217", Sentence: "UpdateRoom changes the members that it is given.", Source: model, check: func(p *probe) {
		room := p.room()
		p.update(room, ivschat.UpdateRoomInput{Name: p.name("after"), MaximumMessageLength: aws.Int32(8), MaximumMessageRatePerSecond: aws.Int32(9)})
		got := p.get(room)
		p.same("name", got.Name, p.name("after"))
		p.same("maximumMessageLength", got.MaximumMessageLength, aws.Int32(8))
		p.same("maximumMessageRatePerSecond", got.MaximumMessageRatePerSecond, aws.Int32(9))
	}},
	{ID: "C218", Sentence: "UpdateRoom leaves the members that it is not given.", Source: model, check: func(p *probe) {
		room := *p.createRoom(ivschat.CreateRoomInput{Name: p.name("before"), MaximumMessageRatePerSecond: aws.Int32(50), Tags: map[string]string{"k": "v"}}).Arn
		got := p.update(room, ivschat.UpdateRoomInput{MaximumMessageLength: aws.Int32(8)})
		p.same("name", got.Name, p.name("before"))
		p.same("maximumMessageRatePerSecond", got.MaximumMessageRatePerSecond, aws.Int32(50))
		p.same("tags", got.Tags, map[string]string{"k": "v"})
	}},
	{ID: "C219", Sentence: "UpdateRoom moves updateTime on and leaves createTime.", Source: model, check: func(p *probe) {
		room := p.createRoom(ivschat.CreateRoomInput{})
		got := p.update(*room.Arn, ivschat.UpdateRoomInput{Name: p.name("after")})
		for began := time.Now(); got.UpdateTime.Equal(*room.UpdateTime) && time.Since(began) < time.Second; { // it has milliseconds
			got = p.update(*room.Arn, ivschat.UpdateRoomInput{Name: p.name("after")})
		}
		p.check(got.UpdateTime.After(*room.UpdateTime), "updateTime was %v and is %v", room.UpdateTime, got.UpdateTime)
		p.check(got.CreateTime.Equal(*room.CreateTime), "createTime was %v and is %v", room.CreateTime, got.CreateTime)
	}},
	{ID: "C220", Sentence: "UpdateRoom with name \"\" clears the name.", Source: Decided, check: func(p *probe) {
		room := *p.createRoom(ivschat.CreateRoomInput{Name: p.name("before")}).Arn
		p.update(room, ivschat.UpdateRoomInput{Name: aws.String("")})
		p.same("name", aws.ToString(p.get(room).Name), "")
	}},
	{ID: "C221", Sentence: "UpdateRoom of a room that does not exist is ResourceNotFoundException.", Source: model, check: func(p *probe) {
		refused[*types.ResourceNotFoundException](p, p.sdk.UpdateRoom, ivschat.UpdateRoomInput{Identifier: aws.String(p.absent("room")), Name: p.name("x")})
	}},
	{ID: "C222", Sentence: "A message review handler is kept; its fallbackResult is ALLOW when not given.", Source: model, Needs: MadeUp, check: func(p *probe) {
		got := p.get(*p.createRoom(ivschat.CreateRoomInput{MessageReviewHandler: reviewed}).Arn).MessageReviewHandler
		p.same("uri", aws.ToString(got.Uri), lambda)
		p.same("fallbackResult", got.FallbackResult, types.FallbackResultAllow)
	}},
	{ID: "C223", Sentence: "UpdateRoom with uri \"\" detaches the handler.", Source: model, Needs: MadeUp, check: func(p *probe) {
		room := *p.createRoom(ivschat.CreateRoomInput{MessageReviewHandler: reviewed}).Arn
		p.update(room, ivschat.UpdateRoomInput{MessageReviewHandler: &types.MessageReviewHandler{Uri: aws.String("")}})
		if handler := p.get(room).MessageReviewHandler; handler != nil {
			p.same("uri", aws.ToString(handler.Uri), "")
		}
	}},
	{ID: "C224", Sentence: "A handler that was detached is still there, with uri \"\".", Source: terraform, Needs: MadeUp, check: func(p *probe) {
		room := *p.createRoom(ivschat.CreateRoomInput{MessageReviewHandler: reviewed}).Arn
		p.update(room, ivschat.UpdateRoomInput{MessageReviewHandler: &types.MessageReviewHandler{Uri: aws.String("")}})
		handler := p.get(room).MessageReviewHandler
		p.check(handler != nil && handler.Uri != nil, "GetRoom gives no handler")
	}},
	{ID: "C225", Sentence: "A new fallbackResult leaves the handler's uri.", Source: Decided, Needs: MadeUp, check: func(p *probe) {
		room := *p.createRoom(ivschat.CreateRoomInput{MessageReviewHandler: reviewed}).Arn
		got := p.update(room, ivschat.UpdateRoomInput{MessageReviewHandler: &types.MessageReviewHandler{FallbackResult: types.FallbackResultDeny}})
		p.same("uri", aws.ToString(got.MessageReviewHandler.Uri), lambda)
		p.same("fallbackResult", got.MessageReviewHandler.FallbackResult, types.FallbackResultDeny)
	}},
	{ID: "C226", Sentence: "A function that does not allow ivschat.amazonaws.com is refused: invalid lambda permission.", Source: alchemy, check: func(p *probe) {
		invalid := refused[*types.ValidationException](p, p.sdk.CreateRoom, ivschat.CreateRoomInput{MessageReviewHandler: &types.MessageReviewHandler{Uri: aws.String("arn:aws:lambda:us-east-1:000000000000:function:nobodys")}})
		p.like("message", aws.ToString(invalid.Message), `invalid lambda permission$`)
	}},
	{ID: "C227", Sentence: "A function's version or alias may follow its name.", Source: model, Needs: MadeUp, check: func(p *probe) {
		uri := lambda + ":live"
		room := p.createRoom(ivschat.CreateRoomInput{MessageReviewHandler: &types.MessageReviewHandler{Uri: &uri}})
		p.same("uri", aws.ToString(room.MessageReviewHandler.Uri), uri)
	}},
	{ID: "C228", Sentence: "A room keeps its logging configurations, up to three.", Source: model, Needs: MadeUp, check: func(p *probe) {
		want := []string{*p.logging().Arn, *p.logging().Arn, *p.logging().Arn}
		room := p.createRoom(ivschat.CreateRoomInput{LoggingConfigurationIdentifiers: want})
		p.same("loggingConfigurationIdentifiers", p.get(*room.Arn).LoggingConfigurationIdentifiers, want)
	}},
	{ID: "C229", Sentence: "UpdateRoom replaces the whole list of logging configurations.", Source: recorded + "a post on chat logging, 2022", Needs: MadeUp, check: func(p *probe) {
		first, second := *p.logging().Arn, *p.logging().Arn
		room := *p.createRoom(ivschat.CreateRoomInput{LoggingConfigurationIdentifiers: []string{first}}).Arn
		p.update(room, ivschat.UpdateRoomInput{LoggingConfigurationIdentifiers: []string{second}})
		p.same("loggingConfigurationIdentifiers", p.get(room).LoggingConfigurationIdentifiers, []string{second})
	}},
	{ID: "C230", Sentence: "UpdateRoom with an empty list detaches all logging configurations.", Source: terraform, Needs: MadeUp, check: func(p *probe) {
		room := *p.createRoom(ivschat.CreateRoomInput{LoggingConfigurationIdentifiers: []string{*p.logging().Arn}}).Arn
		p.update(room, ivschat.UpdateRoomInput{LoggingConfigurationIdentifiers: []string{}})
		p.same("logging configurations", len(p.get(room).LoggingConfigurationIdentifiers), 0)
	}},
	{ID: "C231", Sentence: "UpdateRoom without a list leaves the logging configurations.", Source: model, Needs: MadeUp, check: func(p *probe) {
		logging := *p.logging().Arn
		room := *p.createRoom(ivschat.CreateRoomInput{LoggingConfigurationIdentifiers: []string{logging}}).Arn
		p.update(room, ivschat.UpdateRoomInput{Name: p.name("after")})
		p.same("loggingConfigurationIdentifiers", p.get(room).LoggingConfigurationIdentifiers, []string{logging})
	}},
	{ID: "C232", Sentence: "A room with a logging configuration that does not exist is ResourceNotFoundException.", Source: Decided, check: func(p *probe) {
		refused[*types.ResourceNotFoundException](p, p.sdk.CreateRoom, ivschat.CreateRoomInput{LoggingConfigurationIdentifiers: []string{p.absent("logging-configuration")}})
	}},
	{ID: "C233", Sentence: "A logging configuration that a request names twice is attached once.", Source: Decided, Needs: MadeUp, check: func(p *probe) {
		logging := *p.logging().Arn
		p.same("loggingConfigurationIdentifiers", p.createRoom(ivschat.CreateRoomInput{LoggingConfigurationIdentifiers: []string{logging, logging}}).LoggingConfigurationIdentifiers, []string{logging})
	}},
	{ID: "C234", Sentence: "DeleteRoom is 204 with an empty body.", Source: model, check: func(p *probe) {
		room := p.room()
		r := p.post("DeleteRoom", `{"identifier":"`+room+`"}`)
		p.same("status and body", []any{r.status, r.body}, []any{204, ""})
	}},
	{ID: "C235", Sentence: "A deleted room is gone.", Source: terraform, check: func(p *probe) {
		room := p.room()
		call(p, p.sdk.DeleteRoom, ivschat.DeleteRoomInput{Identifier: &room})
		refused[*types.ResourceNotFoundException](p, p.sdk.GetRoom, ivschat.GetRoomInput{Identifier: &room})
	}},
	{ID: "C236", Sentence: "DeleteRoom is not idempotent: of a room that does not exist it is ResourceNotFoundException.", Source: alchemy, check: func(p *probe) {
		room := p.room()
		call(p, p.sdk.DeleteRoom, ivschat.DeleteRoomInput{Identifier: &room})
		refused[*types.ResourceNotFoundException](p, p.sdk.DeleteRoom, ivschat.DeleteRoomInput{Identifier: &room})
	}},
	{ID: "C237", Sentence: "No two rooms have the same id.", Source: model, check: func(p *probe) {
		seen := map[string]bool{}
		for range 5 {
			id := *p.createRoom(ivschat.CreateRoomInput{}).Id
			p.check(!seen[id], "%s came twice", id)
			seen[id] = true
		}
	}},
	{ID: "C238", Sentence: "The first tags may be given to CreateRoom.", Source: model, check: func(p *probe) {
		room := p.createRoom(ivschat.CreateRoomInput{Tags: map[string]string{"a": "1", "b": ""}})
		p.same("tags", room.Tags, map[string]string{"a": "1", "b": ""})
	}},
	{ID: "C239", Sentence: "UpdateRoom replies with the room as it is then.", Source: model, check: func(p *probe) {
		room := *p.createRoom(ivschat.CreateRoomInput{Name: p.name("before"), Tags: map[string]string{"k": "v"}}).Arn
		p.update(room, ivschat.UpdateRoomInput{Name: p.name("after")})
		updated := p.last.members(p)
		p.get(room)
		p.same("the reply", updated, p.last.members(p))
		p.same("name", updated["name"], *p.name("after"))
	}},
	{ID: "C240", Sentence: "Several rooms may have one logging configuration.", Source: userGuide + "Chat Logging", Needs: MadeUp, check: func(p *probe) {
		logging := []string{*p.logging().Arn}
		for range 2 {
			room := p.createRoom(ivschat.CreateRoomInput{LoggingConfigurationIdentifiers: logging})
			p.same("loggingConfigurationIdentifiers", p.get(*room.Arn).LoggingConfigurationIdentifiers, logging)
		}
	}},
}
