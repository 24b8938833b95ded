package claims

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var roomClaims = []conformance.Claim{
	{
		ID:       "C201",
		Sentence: "CreateRoom requires no member.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			p.RequireEqual("status", p.Post("CreateRoom", "{}").Status, 200)
		},
	},
	{
		ID:       "C202",
		Sentence: "The ID of a room is 12 letters and digits.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			p.RequireMatch("id", *p.CreateRoom(ivschat.CreateRoomInput{}).Id, resourceID)
		},
	},
	{
		ID:       "C203",
		Sentence: "The ARN of a room is arn:aws:ivschat:REGION:ACCOUNT:room/ID.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room := p.CreateRoom(ivschat.CreateRoomInput{})
			pattern := `^arn:aws:ivschat:` + p.Region + `:[0-9]{12}:room/` + *room.Id + `$`
			p.RequireMatch("arn", *room.Arn, pattern)
		},
	},
	{
		ID:       "C204",
		Sentence: "The account in the ARN of a room is the account of the caller.",
		Source:   serviceModel,
		Needs:    conformance.Accounts,
		Check: func(p *conformance.Probe) {
			p.RequireEqual("account", strings.Split(p.Room(), ":")[4], p.Account)
		},
	},
	{
		ID:       "C205",
		Sentence: "The default maximumMessageLength is 500.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room := p.CreateRoom(ivschat.CreateRoomInput{})
			p.RequireEqual("maximumMessageLength", room.MaximumMessageLength, aws.Int32(500))
		},
	},
	{
		ID:       "C206",
		Sentence: "The default maximumMessageRatePerSecond is 10.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			rate := p.CreateRoom(ivschat.CreateRoomInput{}).MaximumMessageRatePerSecond
			p.RequireEqual("maximumMessageRatePerSecond", rate, aws.Int32(10))
		},
	},
	{
		ID:       "C207",
		Sentence: "The reply to CreateRoom has tags {} when the request has no tags.",
		Source:   addingChatPost + "; " + replies2024,
		Check: func(p *conformance.Probe) {
			p.Room()
			p.RequireEqual("tags", p.Last.Members()["tags"], map[string]any{})
		},
	},
	{
		ID:       "C208",
		Sentence: "The reply to CreateRoom has no messageReviewHandler when the request has none.",
		Source:   addingChatPost + "; " + replies2024,
		Check: func(p *conformance.Probe) {
			p.Room()
			p.Require(p.Last.Members()["messageReviewHandler"] == nil,
				"the reply is %s", p.Last.Body)
		},
	},
	{
		ID: "C209",
		Sentence: "The reply to CreateRoom has no loggingConfigurationIdentifiers when the request " +
			"has none.",
		Source: addingChatPost + "; " + replies2024,
		Check: func(p *conformance.Probe) {
			p.Room()
			p.Require(p.Last.Members()["loggingConfigurationIdentifiers"] == nil,
				"the reply is %s", p.Last.Body)
		},
	},
	{
		ID:       "C210",
		Sentence: "The createTime and the updateTime of a new room are equal.",
		Source:   addingChatPost + "; " + replies2024,
		Check: func(p *conformance.Probe) {
			room := p.CreateRoom(ivschat.CreateRoomInput{})
			p.Require(room.CreateTime.Equal(*room.UpdateTime),
				"the times are %v and %v", room.CreateTime, room.UpdateTime)
		},
	},
	{
		ID:       "C211",
		Sentence: "Every reply about a room that has no name has the name \"\".",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := *p.CreateRoom(ivschat.CreateRoomInput{}).Arn
			p.RequireEqual("the name in CreateRoom", p.Last.Members()["name"], "")
			getRoom(p, room)
			p.RequireEqual("the name in GetRoom", p.Last.Members()["name"], "")
			updateRoom(p, room, ivschat.UpdateRoomInput{})
			p.RequireEqual("the name in UpdateRoom", p.Last.Members()["name"], "")
			requireListedName(p, "ListRooms", "rooms", room)
		},
	},
	{
		ID:       "C212",
		Sentence: "Names of rooms need not be unique.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			first := p.CreateRoom(ivschat.CreateRoomInput{Name: p.Name("same")})
			second := p.CreateRoom(ivschat.CreateRoomInput{Name: p.Name("same")})
			p.Require(*first.Arn != *second.Arn, "both rooms are %s", *first.Arn)
		},
	},
	{
		ID:       "C213",
		Sentence: "GetRoom returns the values that the room was created with.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room := p.CreateRoom(ivschat.CreateRoomInput{
				Name:                        p.Name("lobby"),
				MaximumMessageLength:        aws.Int32(7),
				MaximumMessageRatePerSecond: aws.Int32(100),
				Tags:                        map[string]string{"team": "chat"},
			})
			got := getRoom(p, *room.Arn)
			p.RequireEqual("name", got.Name, room.Name)
			p.RequireEqual("maximumMessageLength", got.MaximumMessageLength, aws.Int32(7))
			p.RequireEqual("maximumMessageRatePerSecond",
				got.MaximumMessageRatePerSecond, aws.Int32(100))
			p.RequireEqual("tags", got.Tags, map[string]string{"team": "chat"})
			p.RequireEqual("id", got.Id, room.Id)
			p.Require(got.CreateTime.Equal(*room.CreateTime),
				"createTime was %v and is %v", room.CreateTime, got.CreateTime)
		},
	},
	{
		ID:       "C214",
		Sentence: "GetRoom returns the same members as CreateRoom.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room := p.CreateRoom(ivschat.CreateRoomInput{Name: p.Name("lobby")})
			created := p.Last.Members()
			getRoom(p, *room.Arn)
			p.RequireEqual("the room", p.Last.Members(), created)
		},
	},
	{
		ID:       "C215",
		Sentence: "GetRoom of a room that does not exist fails with ResourceNotFoundException.",
		Source:   alchemyTests,
		Check: func(p *conformance.Probe) {
			notFound(p, p.SDK.GetRoom, ivschat.GetRoomInput{
				Identifier: aws.String(p.MissingRoom()),
			})
		},
	},
	{
		ID: "C216",
		Sentence: "The ID of a room without the rest of its ARN is refused as an identifier with " +
			"ValidationException.",
		Source: serviceModel + "; " + chatDemoIssue,
		Check: func(p *conformance.Probe) {
			room := p.CreateRoom(ivschat.CreateRoomInput{})
			invalid(p, p.SDK.GetRoom, ivschat.GetRoomInput{Identifier: room.Id})
		},
	},
	{
		ID:       "C234",
		Sentence: "DeleteRoom replies with 204 and an empty body.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			r := p.Post("DeleteRoom", `{"identifier":"`+p.Room()+`"}`)
			p.RequireEqual("status and body", []any{r.Status, r.Body}, []any{204, ""})
		},
	},
	{
		ID:       "C235",
		Sentence: "A deleted room no longer exists.",
		Source:   terraformTests,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			deleteRoom(p, room)
			notFound(p, p.SDK.GetRoom, ivschat.GetRoomInput{Identifier: &room})
		},
	},
	{
		ID:       "C236",
		Sentence: "DeleteRoom is not idempotent: a second call fails with ResourceNotFoundException.",
		Source:   serviceModel + "; " + terraformTests,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			deleteRoom(p, room)
			notFound(p, p.SDK.DeleteRoom, ivschat.DeleteRoomInput{Identifier: &room})
		},
	},
	{
		ID:       "C237",
		Sentence: "No two rooms have the same ID.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			seen := map[string]bool{}
			for range 5 {
				id := *p.CreateRoom(ivschat.CreateRoomInput{}).Id
				p.Require(!seen[id], "two rooms have the ID %s", id)
				seen[id] = true
			}
		},
	},
	{
		ID:       "C238",
		Sentence: "CreateRoom can set the first tags.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room := p.CreateRoom(ivschat.CreateRoomInput{
				Tags: map[string]string{"a": "1", "b": ""},
			})
			p.RequireEqual("tags", room.Tags, map[string]string{"a": "1", "b": ""})
		},
	},
}

// requireListedName requires that the first page of a list has the resource, which has no name, with the
// name "".
func requireListedName(p *conformance.Probe, operation, member, arn string) {
	items, _ := p.Post(operation, "{}").Members()[member].([]any)
	for _, item := range items {
		if members, _ := item.(map[string]any); members["arn"] == arn {
			p.RequireEqual("the name in "+operation, members["name"], "")
			return
		}
	}
	p.Require(false, "the first page of %s does not have %s", operation, arn)
}
