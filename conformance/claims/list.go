package claims

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var listClaims = []conformance.Claim{
	{
		ID:       "C301",
		Sentence: "ListRooms returns the rooms in descending order of updateTime.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			name := uniqueName(p)
			want := createRooms(p, name, 3)
			p.RequireEqual("rooms", listRooms(p, ivschat.ListRoomsInput{Name: name}), want)
		},
	},
	{
		ID:       "C302",
		Sentence: "An updated room moves to the front of ListRooms.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			name := uniqueName(p)
			rooms := createRooms(p, name, 3)
			updateRoom(p, rooms[2], ivschat.UpdateRoomInput{MaximumMessageLength: aws.Int32(7)})
			p.RequireEqual("rooms", listRooms(p, ivschat.ListRoomsInput{Name: name}),
				[]string{rooms[2], rooms[0], rooms[1]})
		},
	},
	{
		ID: "C303",
		Sentence: "The summary of a room has no maximumMessageLength and no " +
			"maximumMessageRatePerSecond.",
		Source: serviceModel,
		Check: func(p *conformance.Probe) {
			p.CreateRoom(ivschat.CreateRoomInput{})
			summary := firstSummary(p)
			for _, member := range []string{"maximumMessageLength", "maximumMessageRatePerSecond"} {
				p.Require(summary[member] == nil, "the summary is %s", conformance.JSON(summary))
			}
		},
	},
	{
		ID:       "C304",
		Sentence: "The summary of a room has arn, id, createTime, updateTime and tags.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			p.CreateRoom(ivschat.CreateRoomInput{})
			summary := firstSummary(p)
			for _, member := range []string{"arn", "id", "createTime", "updateTime", "tags"} {
				p.Require(summary[member] != nil,
					"the summary %s has no %s", conformance.JSON(summary), member)
			}
		},
	},
	{
		ID:       "C315",
		Sentence: "The filter name returns only rooms with that name.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			name := uniqueName(p)
			want := createRooms(p, name, 1)
			createRooms(p, uniqueName(p), 1)
			p.RequireEqual("rooms", listRooms(p, ivschat.ListRoomsInput{Name: name}), want)
		},
	},
	{
		ID:       "C316",
		Sentence: "The filter name matches the whole name and not its beginning.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			name := uniqueName(p)
			createRooms(p, aws.String(*name+"-more"), 1)
			rooms := listRooms(p, ivschat.ListRoomsInput{Name: name})
			p.RequireEqual("the number of rooms", len(rooms), 0)
		},
	},
	{
		ID: "C317",
		Sentence: "The filter messageReviewHandlerUri returns only rooms with that message review " +
			"handler.",
		Source: serviceModel,
		Needs:  conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			want := *p.CreateRoom(ivschat.CreateRoomInput{MessageReviewHandler: reviewHandler(p)}).Arn
			p.Room()
			p.RequireEqual("rooms", listRooms(p, ivschat.ListRoomsInput{
				MessageReviewHandlerUri: aws.String(functionARN(p)),
			}), []string{want})
		},
	},
	{
		ID: "C318",
		Sentence: "The filter loggingConfigurationIdentifier returns only rooms with that logging " +
			"configuration.",
		Source: serviceModel,
		Needs:  conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			logging := *p.Logging().Arn
			want := *p.CreateRoom(ivschat.CreateRoomInput{
				LoggingConfigurationIdentifiers: []string{logging},
			}).Arn
			p.Room()
			p.RequireEqual("rooms", listRooms(p, ivschat.ListRoomsInput{
				LoggingConfigurationIdentifier: &logging,
			}), []string{want})
		},
	},
	{
		ID: "C319",
		Sentence: "ListRooms for a logging configuration that does not exist fails with " +
			"ResourceNotFoundException.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			notFound(p, p.SDK.ListRooms, ivschat.ListRoomsInput{
				LoggingConfigurationIdentifier: aws.String(p.MissingLogging()),
			})
		},
	},
	{
		ID:       "C320",
		Sentence: "A room must match all filters of a request.",
		Source:   conformance.Decided,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			name := uniqueName(p)
			createRooms(p, name, 1)
			p.CreateRoom(ivschat.CreateRoomInput{MessageReviewHandler: reviewHandler(p)})
			both := *p.CreateRoom(ivschat.CreateRoomInput{
				Name: name, MessageReviewHandler: reviewHandler(p),
			}).Arn
			p.RequireEqual("rooms", listRooms(p, ivschat.ListRoomsInput{
				Name: name, MessageReviewHandlerUri: aws.String(functionARN(p)),
			}), []string{both})
		},
	},
	{
		ID:       "C321",
		Sentence: "A deleted room is not listed.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			name := uniqueName(p)
			room := createRooms(p, name, 1)[0]
			deleteRoom(p, room)
			rooms := listRooms(p, ivschat.ListRoomsInput{Name: name})
			p.RequireEqual("the number of rooms", len(rooms), 0)
		},
	},
	{
		ID:       "C322",
		Sentence: "An empty list has the member rooms with the value [].",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			conformance.Call(p, p.SDK.ListRooms, ivschat.ListRoomsInput{Name: uniqueName(p)})
			p.RequireEqual("rooms", p.Last.Members()["rooms"], []any{})
		},
	},
	{
		ID:       "C323",
		Sentence: "ListRooms requires no member.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			p.RequireEqual("status", p.Post("ListRooms", "{}").Status, 200)
		},
	},
}

// firstSummary returns the members of the first summary in ListRooms.
func firstSummary(p *conformance.Probe) map[string]any {
	conformance.Call(p, p.SDK.ListRooms, ivschat.ListRoomsInput{})
	return p.Last.Members()["rooms"].([]any)[0].(map[string]any)
}

// listRooms returns the ARNs of all rooms in the list, page by page.
func listRooms(p *conformance.Probe, input ivschat.ListRoomsInput) (arns []string) {
	for {
		page := conformance.Call(p, p.SDK.ListRooms, input)
		for _, room := range page.Rooms {
			arns = append(arns, *room.Arn)
		}
		if input.NextToken = page.NextToken; input.NextToken == nil {
			return arns
		}
	}
}

// createRooms creates n rooms with one name and returns their ARNs, the latest first.
func createRooms(p *conformance.Probe, name *string, n int) (arns []string) {
	for range n {
		arns = append(arns, *p.CreateRoom(ivschat.CreateRoomInput{Name: name}).Arn)
	}
	slices.Reverse(arns)
	return arns
}

// uniqueName returns a name that no other room of the account has.
func uniqueName(p *conformance.Probe) *string {
	return p.Name(fmt.Sprint("list-", time.Now().UnixNano()))
}
