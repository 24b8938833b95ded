package claims

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var roomRateClaims = []conformance.Claim{
	{
		ID: "M508",
		Sentence: "A room accepts maximumMessageRatePerSecond messages per second from all " +
			"connections together.",
		Source: serviceModel,
		Check: func(p *conformance.Probe) {
			exceedRate(p, func() int { return shareRate(p, aws.Int32(3), 3) })
		},
	},
	{
		ID:       "M509",
		Sentence: "A room accepts 10 messages per second by default.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			exceedRate(p, func() int { return shareRate(p, nil, 8) })
			p.RequireEqual("the number of ben's ERRORs 429", shareRate(p, nil, 5), 0)
		},
	},
	{
		ID:       "M510",
		Sentence: "An update of maximumMessageRatePerSecond applies at once.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := fastRoom(p)
			updateRoom(p, room, ivschat.UpdateRoomInput{MaximumMessageRatePerSecond: aws.Int32(1)})
			limitedClient(p, room, 5, helloFrame) // the limit of a connection is ten
		},
	},
	{
		ID: "M518",
		Sentence: "The message rate of a room recovers steadily: half a second after it is used up, the " +
			"room accepts half as many messages.",
		Source: conformance.Decided,
		Needs:  conformance.Clock,
		Check:  func(p *conformance.Probe) { recovers(p, roomWithRate(p, aws.Int32(4)), 4, 2) },
	},
	{
		ID:       "M511",
		Sentence: "The message rate of a room does not limit deletions.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			c := p.Join(roomWithRate(p, aws.Int32(1)), "anna")
			limited := flood(c, 5, `{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`)
			p.RequireEqual("the number of ERRORs 429", limited, 0)
		},
	},
	{
		ID:       "M512",
		Sentence: "The message rate of a room does not limit SendEvent.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room := roomWithRate(p, aws.Int32(1))
			c := p.Join(room, "anna")
			for range 3 {
				sendEvent(p, room, "app:x", nil)
				c.Receive("EVENT")
			}
		},
	},
}

// shareRate creates a room with the message rate. Two users send n messages each, one user after
// the other. It returns how many messages of the second user were limited: the room's rate is
// the only limit that both share.
func shareRate(p *conformance.Probe, rate *int32, n int) (limited int) {
	room := roomWithRate(p, rate)
	anna, ben := p.Join(room, "anna"), p.Join(room, "ben")
	p.RequireEqual("the number of anna's ERRORs 429", flood(anna, n, helloFrame), 0)
	for range n {
		ben.Receive("MESSAGE")
	}
	return flood(ben, n, helloFrame)
}
