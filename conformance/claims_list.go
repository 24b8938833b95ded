package conformance

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
)

// list gives the ARNs of all rooms that a list has, page by page.
func (p *probe) list(input ivschat.ListRoomsInput) (arns []string) {
	for {
		page := call(p, p.sdk.ListRooms, input)
		for _, room := range page.Rooms {
			arns = append(arns, *room.Arn)
		}
		if input.NextToken = page.NextToken; input.NextToken == nil {
			return arns
		}
	}
}

// rooms makes so many rooms of one name and gives their ARNs, the latest first.
func (p *probe) rooms(name *string, n int) (arns []string) {
	for range n {
		arns = append(arns, *p.createRoom(ivschat.CreateRoomInput{Name: name}).Arn)
	}
	slices.Reverse(arns)
	return arns
}

// unique is a name that no other room of the account has.
func (p *probe) unique() *string { return p.name(fmt.Sprint("list-", time.Now().UnixNano())) }

var listClaims = []Claim{
	{ID: "C301", Sentence: "ListRooms gives the rooms in descending order of updateTime.", Source: model, check: func(p *probe) {
		name := p.unique()
		want := p.rooms(name, 3)
		p.same("rooms", p.list(ivschat.ListRoomsInput{Name: name}), want)
	}},
	{ID: "C302", Sentence: "A room that is updated moves to the front of ListRooms.", Source: model, check: func(p *probe) {
		name := p.unique()
		rooms := p.rooms(name, 3)
		p.update(rooms[2], ivschat.UpdateRoomInput{MaximumMessageLength: aws.Int32(7)})
		p.same("rooms", p.list(ivschat.ListRoomsInput{Name: name}), []string{rooms[2], rooms[0], rooms[1]})
	}},
	{ID: "C303", Sentence: "A summary of a room has no maximumMessageLength and no maximumMessageRatePerSecond.", Source: model, check: func(p *probe) {
		p.createRoom(ivschat.CreateRoomInput{})
		call(p, p.sdk.ListRooms, ivschat.ListRoomsInput{})
		summary := p.last.members(p)["rooms"].([]any)[0].(map[string]any)
		p.check(summary["maximumMessageLength"] == nil && summary["maximumMessageRatePerSecond"] == nil, "the summary is %s", show(summary))
	}},
	{ID: "C304", Sentence: "A summary of a room has its arn, id, createTime, updateTime and tags.", Source: model, check: func(p *probe) {
		p.createRoom(ivschat.CreateRoomInput{})
		call(p, p.sdk.ListRooms, ivschat.ListRoomsInput{})
		summary := p.last.members(p)["rooms"].([]any)[0].(map[string]any)
		for _, member := range []string{"arn", "id", "createTime", "updateTime", "tags"} {
			p.check(summary[member] != nil, "the summary %s has no %s", show(summary), member)
		}
	}},
	{ID: "C305", Sentence: "maxResults bounds a page, and nextToken leads to the next.", Source: model, check: func(p *probe) {
		name := p.unique()
		want := p.rooms(name, 3)
		first := call(p, p.sdk.ListRooms, ivschat.ListRoomsInput{Name: name, MaxResults: aws.Int32(2)})
		p.same("rooms on the first page", len(first.Rooms), 2)
		p.check(first.NextToken != nil, "there is no nextToken")
		second := call(p, p.sdk.ListRooms, ivschat.ListRoomsInput{Name: name, MaxResults: aws.Int32(2), NextToken: first.NextToken})
		p.same("rooms on the second page", len(second.Rooms), 1)
		p.same("the last room", *second.Rooms[0].Arn, want[2])
	}},
	{ID: "C306", Sentence: "The last page has no nextToken, also when it is full.", Source: model, check: func(p *probe) {
		name := p.unique()
		p.rooms(name, 2)
		page := call(p, p.sdk.ListRooms, ivschat.ListRoomsInput{Name: name, MaxResults: aws.Int32(2)})
		p.check(page.NextToken == nil, "there is a nextToken")
	}},
	{ID: "C307", Sentence: "A page has fifty rooms when maxResults is not given.", Source: model, Needs: Rooms, check: func(p *probe) {
		name := p.unique()
		p.rooms(name, 51)
		p.same("rooms on the first page", len(call(p, p.sdk.ListRooms, ivschat.ListRoomsInput{Name: name}).Rooms), 50)
	}},
	{ID: "C308", Sentence: "Every room is on one page and on no other.", Source: model, check: func(p *probe) {
		name := p.unique()
		want := p.rooms(name, 7)
		p.same("rooms", p.list(ivschat.ListRoomsInput{Name: name, MaxResults: aws.Int32(3)}), want)
	}},
	{ID: "C309", Sentence: "An empty nextToken is the beginning.", Source: cli, check: func(p *probe) {
		name := p.unique()
		want := p.rooms(name, 1)
		p.same("rooms", p.list(ivschat.ListRoomsInput{Name: name, NextToken: aws.String("")}), want)
	}},
	{ID: "C310", Sentence: "A nextToken that is none is ValidationException.", Source: Decided, check: func(p *probe) {
		refused[*types.ValidationException](p, p.sdk.ListRooms, ivschat.ListRoomsInput{NextToken: aws.String("page3")})
	}},
	{ID: "C311", Sentence: "A nextToken serves only the filter that it was made for.", Source: Decided, check: func(p *probe) {
		name := p.unique()
		p.rooms(name, 2)
		page := call(p, p.sdk.ListRooms, ivschat.ListRoomsInput{Name: name, MaxResults: aws.Int32(1)})
		refused[*types.ValidationException](p, p.sdk.ListRooms, ivschat.ListRoomsInput{NextToken: page.NextToken})
	}},
	{ID: "C312", Sentence: "A nextToken serves only the list that it was made for.", Source: Decided, check: func(p *probe) {
		p.rooms(p.unique(), 2)
		page := call(p, p.sdk.ListRooms, ivschat.ListRoomsInput{MaxResults: aws.Int32(1)})
		refused[*types.ValidationException](p, p.sdk.ListLoggingConfigurations, ivschat.ListLoggingConfigurationsInput{NextToken: page.NextToken})
	}},
	{ID: "C313", Sentence: "A nextToken is at most 1,024 characters long.", Source: model, check: func(p *probe) {
		name := p.unique()
		p.rooms(name, 2)
		page := call(p, p.sdk.ListRooms, ivschat.ListRoomsInput{Name: name, MaxResults: aws.Int32(1)})
		p.check(len(*page.NextToken) <= 1024, "it has %d", len(*page.NextToken))
	}},
	{ID: "C314", Sentence: "Rooms that are deleted between two pages disturb neither.", Source: Decided, check: func(p *probe) {
		name := p.unique()
		rooms := p.rooms(name, 4)
		page := call(p, p.sdk.ListRooms, ivschat.ListRoomsInput{Name: name, MaxResults: aws.Int32(2)})
		for _, room := range []string{rooms[1], rooms[2]} {
			call(p, p.sdk.DeleteRoom, ivschat.DeleteRoomInput{Identifier: &room})
		}
		p.same("the rest", p.list(ivschat.ListRoomsInput{Name: name, NextToken: page.NextToken}), rooms[3:])
	}},
	{ID: "C315", Sentence: "The filter name gives rooms of that name only.", Source: model, check: func(p *probe) {
		name := p.unique()
		want := p.rooms(name, 1)
		p.rooms(p.unique(), 1)
		p.same("rooms", p.list(ivschat.ListRoomsInput{Name: name}), want)
	}},
	{ID: "C316", Sentence: "The filter name is the whole name, not its beginning.", Source: Decided, check: func(p *probe) {
		name := p.unique()
		p.rooms(aws.String(*name+"-more"), 1)
		p.same("rooms", len(p.list(ivschat.ListRoomsInput{Name: name})), 0)
	}},
	{ID: "C317", Sentence: "The filter messageReviewHandlerUri gives rooms with that handler only.", Source: model, Needs: MadeUp, check: func(p *probe) {
		want := *p.createRoom(ivschat.CreateRoomInput{MessageReviewHandler: reviewed}).Arn
		p.room()
		p.same("rooms", p.list(ivschat.ListRoomsInput{MessageReviewHandlerUri: aws.String(lambda)}), []string{want})
	}},
	{ID: "C318", Sentence: "The filter loggingConfigurationIdentifier gives rooms with that logging configuration only.", Source: model, Needs: MadeUp, check: func(p *probe) {
		logging := *p.logging().Arn
		want := *p.createRoom(ivschat.CreateRoomInput{LoggingConfigurationIdentifiers: []string{logging}}).Arn
		p.room()
		p.same("rooms", p.list(ivschat.ListRoomsInput{LoggingConfigurationIdentifier: &logging}), []string{want})
	}},
	{ID: "C319", Sentence: "ListRooms for a logging configuration that does not exist is ResourceNotFoundException.", Source: Decided, check: func(p *probe) {
		refused[*types.ResourceNotFoundException](p, p.sdk.ListRooms, ivschat.ListRoomsInput{LoggingConfigurationIdentifier: aws.String(p.absent("logging-configuration"))})
	}},
	{ID: "C320", Sentence: "Of several filters all must hold.", Source: Decided, Needs: MadeUp, check: func(p *probe) {
		name := p.unique()
		p.rooms(name, 1)
		p.createRoom(ivschat.CreateRoomInput{MessageReviewHandler: reviewed})
		both := *p.createRoom(ivschat.CreateRoomInput{Name: name, MessageReviewHandler: reviewed}).Arn
		p.same("rooms", p.list(ivschat.ListRoomsInput{Name: name, MessageReviewHandlerUri: aws.String(lambda)}), []string{both})
	}},
	{ID: "C321", Sentence: "A deleted room is in no list.", Source: terraform, check: func(p *probe) {
		name := p.unique()
		room := p.rooms(name, 1)[0]
		call(p, p.sdk.DeleteRoom, ivschat.DeleteRoomInput{Identifier: &room})
		p.same("rooms", len(p.list(ivschat.ListRoomsInput{Name: name})), 0)
	}},
	{ID: "C322", Sentence: "A list without rooms is rooms: [].", Source: model, check: func(p *probe) {
		call(p, p.sdk.ListRooms, ivschat.ListRoomsInput{Name: p.unique()})
		p.same("rooms", p.last.members(p)["rooms"], []any{})
	}},
	{ID: "C323", Sentence: "ListRooms needs no member.", Source: model, check: func(p *probe) {
		p.same("status", p.post("ListRooms", "{}").status, 200)
	}},
}
