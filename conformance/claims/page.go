package claims

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var pageClaims = []conformance.Claim{
	{
		ID:       "C305",
		Sentence: "maxResults limits the size of a page, and nextToken leads to the next page.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			name := uniqueName(p)
			want := createRooms(p, name, 3)
			first := firstPage(p, name, 2)
			p.RequireEqual("the number of rooms on the first page", len(first.Rooms), 2)
			p.Require(first.NextToken != nil, "there is no nextToken")
			second := conformance.Call(p, p.SDK.ListRooms, ivschat.ListRoomsInput{
				Name: name, MaxResults: aws.Int32(2), NextToken: first.NextToken,
			})
			p.RequireEqual("the number of rooms on the second page", len(second.Rooms), 1)
			p.RequireEqual("the last room", *second.Rooms[0].Arn, want[2])
		},
	},
	{
		ID:       "C306",
		Sentence: "The last page has no nextToken, even when it is full.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			name := uniqueName(p)
			createRooms(p, name, 2)
			page := firstPage(p, name, 2)
			p.Require(page.NextToken == nil, "there is a nextToken")
		},
	},
	{
		ID:       "C307",
		Sentence: "A page has 50 rooms by default.",
		Source:   serviceModel,
		Needs:    conformance.ManyRooms,
		Check: func(p *conformance.Probe) {
			name := uniqueName(p)
			createRooms(p, name, 51)
			page := conformance.Call(p, p.SDK.ListRooms, ivschat.ListRoomsInput{Name: name})
			p.RequireEqual("the number of rooms on the first page", len(page.Rooms), 50)
		},
	},
	{
		ID:       "C308",
		Sentence: "Every room is on exactly one page.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			name := uniqueName(p)
			want := createRooms(p, name, 7)
			got := listRooms(p, ivschat.ListRoomsInput{Name: name, MaxResults: aws.Int32(3)})
			p.RequireEqual("rooms", got, want)
		},
	},
	{
		ID:       "C309",
		Sentence: "An empty nextToken requests the first page.",
		Source:   cliExamples,
		Check: func(p *conformance.Probe) {
			name := uniqueName(p)
			want := createRooms(p, name, 1)
			got := listRooms(p, ivschat.ListRoomsInput{Name: name, NextToken: aws.String("")})
			p.RequireEqual("rooms", got, want)
		},
	},
	{
		ID:       "C310",
		Sentence: "An invalid nextToken is refused with ValidationException.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			invalid(p, p.SDK.ListRooms, ivschat.ListRoomsInput{NextToken: aws.String("page3")})
		},
	},
	{
		ID:       "C311",
		Sentence: "A nextToken is valid only for the filter that it was created for.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			name := uniqueName(p)
			createRooms(p, name, 2)
			page := firstPage(p, name, 1)
			invalid(p, p.SDK.ListRooms, ivschat.ListRoomsInput{NextToken: page.NextToken})
		},
	},
	{
		ID:       "C312",
		Sentence: "A nextToken is valid only for the list that it was created for.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			createRooms(p, uniqueName(p), 2)
			page := firstPage(p, nil, 1)
			invalid(p, p.SDK.ListLoggingConfigurations, ivschat.ListLoggingConfigurationsInput{
				NextToken: page.NextToken,
			})
		},
	},
	{
		ID:       "C313",
		Sentence: "A nextToken has at most 1,024 characters.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			name := uniqueName(p)
			createRooms(p, name, 2)
			page := firstPage(p, name, 1)
			length := len(*page.NextToken)
			p.Require(length <= 1024, "the nextToken has %d characters", length)
		},
	},
	{
		ID: "C314",
		Sentence: "When rooms are deleted between two pages, the second page has exactly the other " +
			"remaining rooms.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			name := uniqueName(p)
			rooms := createRooms(p, name, 4)
			page := firstPage(p, name, 2)
			for _, room := range []string{rooms[1], rooms[2]} {
				deleteRoom(p, room)
			}
			rest := listRooms(p, ivschat.ListRoomsInput{Name: name, NextToken: page.NextToken})
			p.RequireEqual("the remaining rooms", rest, rooms[3:])
		},
	},
}

// firstPage returns the first page of the rooms with a name, or of all rooms if the name is nil.
func firstPage(
	p *conformance.Probe, name *string, maxResults int32,
) *ivschat.ListRoomsOutput {
	input := ivschat.ListRoomsInput{Name: name, MaxResults: &maxResults}
	return conformance.Call(p, p.SDK.ListRooms, input)
}
