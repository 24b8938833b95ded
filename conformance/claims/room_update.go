package claims

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var roomUpdateClaims = []conformance.Claim{
	{
		ID:       "C217",
		Sentence: "UpdateRoom changes the members that the request has.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			updateRoom(p, room, ivschat.UpdateRoomInput{
				Name:                        p.Name("after"),
				MaximumMessageLength:        aws.Int32(8),
				MaximumMessageRatePerSecond: aws.Int32(9),
			})
			got := getRoom(p, room)
			p.RequireEqual("name", got.Name, p.Name("after"))
			p.RequireEqual("maximumMessageLength", got.MaximumMessageLength, aws.Int32(8))
			p.RequireEqual("maximumMessageRatePerSecond",
				got.MaximumMessageRatePerSecond, aws.Int32(9))
		},
	},
	{
		ID:       "C218",
		Sentence: "UpdateRoom keeps the members that the request does not have.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room := *p.CreateRoom(ivschat.CreateRoomInput{
				Name:                        p.Name("before"),
				MaximumMessageRatePerSecond: aws.Int32(50),
				Tags:                        map[string]string{"k": "v"},
			}).Arn
			got := updateRoom(p, room, ivschat.UpdateRoomInput{MaximumMessageLength: aws.Int32(8)})
			p.RequireEqual("name", got.Name, p.Name("before"))
			p.RequireEqual("maximumMessageRatePerSecond",
				got.MaximumMessageRatePerSecond, aws.Int32(50))
			p.RequireEqual("tags", got.Tags, map[string]string{"k": "v"})
		},
	},
	{
		ID:       "C219",
		Sentence: "UpdateRoom increases updateTime and keeps createTime.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room := p.CreateRoom(ivschat.CreateRoomInput{})
			update := ivschat.UpdateRoomInput{Name: p.Name("after")}
			got := updateRoom(p, *room.Arn, update)
			began := time.Now() // times have milliseconds, so the first update may be too early
			for got.UpdateTime.Equal(*room.UpdateTime) && time.Since(began) < time.Second {
				got = updateRoom(p, *room.Arn, update)
			}
			p.Require(got.UpdateTime.After(*room.UpdateTime),
				"updateTime was %v and is %v", room.UpdateTime, got.UpdateTime)
			p.Require(got.CreateTime.Equal(*room.CreateTime),
				"createTime was %v and is %v", room.CreateTime, got.CreateTime)
		},
	},
	{
		ID:       "C220",
		Sentence: "UpdateRoom with the name \"\" removes the name.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := *p.CreateRoom(ivschat.CreateRoomInput{Name: p.Name("before")}).Arn
			updateRoom(p, room, ivschat.UpdateRoomInput{Name: aws.String("")})
			p.RequireEqual("name", aws.ToString(getRoom(p, room).Name), "")
		},
	},
	{
		ID:       "C221",
		Sentence: "UpdateRoom of a room that does not exist fails with ResourceNotFoundException.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			notFound(p, p.SDK.UpdateRoom, ivschat.UpdateRoomInput{
				Identifier: aws.String(p.MissingRoom()), Name: p.Name("x"),
			})
		},
	},
	{
		ID:       "C239",
		Sentence: "UpdateRoom replies with the updated room.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room := *p.CreateRoom(ivschat.CreateRoomInput{
				Name: p.Name("before"), Tags: map[string]string{"k": "v"},
			}).Arn
			updateRoom(p, room, ivschat.UpdateRoomInput{Name: p.Name("after")})
			updated := p.Last.Members()
			getRoom(p, room)
			p.RequireEqual("the reply", updated, p.Last.Members())
			p.RequireEqual("name", updated["name"], *p.Name("after"))
		},
	},
}
