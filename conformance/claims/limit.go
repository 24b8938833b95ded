package claims

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var limitClaims = []conformance.Claim{
	{
		ID:       "M501",
		Sentence: "A connection may send 10 requests per second.",
		Source:   userGuide + "Service Quotas",
		Check: func(p *conformance.Probe) {
			c := p.Join(fastRoom(p), "anna")
			p.RequireEqual("the number of ERRORs 429", flood(c, 10, helloFrame), 0)
		},
	},
	{
		ID:       "M502",
		Sentence: "More than 10 requests per second on a connection are answered with ERROR 429.",
		Source:   userGuide + "Service Quotas; " + messagingReference + "Error Messages",
		Check: func(p *conformance.Probe) {
			_, limited := limitedClient(p, fastRoom(p), 15, helloFrame)
			p.Require(limited <= 5, "%d of fifteen answers are ERROR 429", limited)
		},
	},
	{
		ID:       "M503",
		Sentence: "The limit of 10 requests is for all actions together.",
		Source:   userGuide + "Service Quotas",
		Check: func(p *conformance.Probe) {
			exceedRate(p, func() int {
				c := p.Join(fastRoom(p), "anna")
				p.RequireEqual("the number of ERRORs 429 at first", flood(c, 5, helloFrame), 0)
				return flood(c, 10, `{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`)
			})
		},
	},
	{
		ID:       "M504",
		Sentence: "The ErrorMessage of ERROR 429 is “rate limit exceeded”.",
		Source:   webDemo + ", which compares it",
		Check: func(p *conformance.Probe) {
			exceedRate(p, func() (limited int) {
				c := p.Join(fastRoom(p), "anna")
				for range 15 {
					c.Send(helloFrame)
				}
				for range 15 {
					if f := c.ReceiveAny(); f.ErrorCode() == 429 {
						message := f.Text("ErrorMessage")
						p.RequireEqual("ErrorMessage", message, "rate limit exceeded")
						limited++
					}
				}
				return limited
			})
		},
	},
	{
		ID: "M251",
		Sentence: "ERROR 429 has the RequestId of a frame of up to 4 KiB, and an empty one for a longer " +
			"frame.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			const frame = `{"Action":"SEND_MESSAGE","Content":"%s","RequestId":"r"}`
			exceedRate(p, func() (limited int) {
				c := p.Join(fastRoom(p), "anna")
				for _, size := range []int{0, 5000} {
					for range 15 {
						c.Sendf(frame, strings.Repeat("x", size))
					}
				}
				for i := range 30 {
					if f := c.ReceiveAny(); f.ErrorCode() == 429 {
						want := "r"
						if i >= 15 {
							want = ""
						}
						p.RequireEqual("RequestId", f.Text("RequestId"), want)
						limited++
					}
				}
				return limited
			})
		},
	},
	{
		ID:       "M505",
		Sentence: "A connection that exceeds the limit stays open.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := fastRoom(p)
			c, _ := limitedClient(p, room, 15, helloFrame)
			c.ReceiveNothing(room)
		},
	},
	{
		ID:       "M506",
		Sentence: "A request that exceeds the limit delivers nothing.",
		Source:   messagingReference + "Error Messages",
		Check: func(p *conformance.Probe) {
			exceedRate(p, func() int {
				room := fastRoom(p)
				anna, ben := p.Join(room, "anna"), p.Join(room, "ben")
				limited := flood(anna, 15, helloFrame)
				for range 15 - limited {
					ben.Receive("MESSAGE")
				}
				ben.ReceiveNothing(room)
				return limited
			})
		},
	},
	{
		ID:       "M507",
		Sentence: "Each connection has its own limit of 10 requests.",
		Source:   userGuide + "Service Quotas",
		Check: func(p *conformance.Probe) {
			room := fastRoom(p)
			anna, ben := p.Join(room, "anna"), p.Join(room, "ben")
			for range 8 {
				anna.Send(helloFrame)
				ben.Send(helloFrame)
			}
			for range 16 {
				anna.Receive("MESSAGE")
			}
		},
	},
	{
		ID:       "M513",
		Sentence: "A connection that exceeded the limit may send requests again after a second.",
		Source:   userGuide + "Service Quotas",
		Needs:    conformance.Clock,
		Check: func(p *conformance.Probe) {
			c, _ := limitedClient(p, fastRoom(p), 15, helloFrame)
			p.Advance(time.Second)
			p.RequireEqual("the number of ERRORs 429", flood(c, 10, helloFrame), 0)
		},
	},
	{
		ID:       "M514",
		Sentence: "Refused requests do not count towards the limit.",
		Source:   conformance.Decided,
		Needs:    conformance.Clock,
		Check: func(p *conformance.Probe) {
			exceedRate(p, func() int {
				c := p.Join(fastRoom(p), "anna")
				p.RequireEqual("the number of ERRORs 429 at first", flood(c, 10, helloFrame), 0)
				p.Advance(500 * time.Millisecond)
				refused := flood(c, 10, helloFrame)
				p.Advance(500 * time.Millisecond)
				p.RequireEqual("the number of ERRORs 429 at last", flood(c, refused, helloFrame), 0)
				return refused
			})
		},
	},
	{
		ID: "M517",
		Sentence: "The limit of a connection recovers steadily: half a second after it is used up, the " +
			"connection may send 5 requests.",
		Source: conformance.Decided,
		Needs:  conformance.Clock,
		Check:  func(p *conformance.Probe) { recovers(p, fastRoom(p), 10, 5) },
	},
	{
		ID:       "M515",
		Sentence: "Malformed requests count towards the limit.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			limitedClient(p, fastRoom(p), 15, `{`)
		},
	},
}

// helloFrame is a request that is sent many times.
const helloFrame = `{"Action":"SEND_MESSAGE","Content":"hi"}`

// fastRoom creates a room with a higher message rate than the limit of a connection.
func fastRoom(p *conformance.Probe) string {
	return roomWithRate(p, aws.Int32(100))
}

// roomWithRate creates a room with the message rate, or with the default if the rate is nil.
func roomWithRate(p *conformance.Probe, rate *int32) string {
	return *p.CreateRoom(ivschat.CreateRoomInput{MaximumMessageRatePerSecond: rate}).Arn
}

// flood sends a frame n times at once and returns how many of the answers are ERROR 429.
func flood(c *conformance.ChatClient, n int, frame string) (limited int) {
	for range n {
		c.Send(frame)
	}
	for range n {
		if f := c.ReceiveAny(); f.ErrorCode() == 429 {
			limited++
		}
	}
	return limited
}

// recovers uses up a limit of so many requests in a second. Half a second later, half as many must be
// accepted.
func recovers(p *conformance.Probe, room string, perSecond, half int) {
	c := p.Join(room, "anna")
	p.RequireEqual("the number of ERRORs 429 at first", flood(c, perSecond, helloFrame), 0)
	p.Advance(500 * time.Millisecond)
	p.RequireEqual("the number of ERRORs 429 half a second later", flood(c, half, helloFrame), 0)
}

// exceedRate calls try until it returns a number above 0, which is the number of ERRORs 429. It
// tries several times, because a busy machine may take longer than the second that a rate is
// for, or the target's second may end during the attempt. Each try needs new connections.
func exceedRate(p *conformance.Probe, try func() (limited int)) (limited int) {
	for range 5 {
		if limited = try(); limited > 0 {
			return limited
		}
	}
	p.Fatalf("no answer was ERROR 429")
	return 0
}

// limitedClient returns a client that has just exceeded a limit by sending a frame n times, and
// the number of ERRORs 429 that it received.
func limitedClient(
	p *conformance.Probe, room string, n int, frame string,
) (c *conformance.ChatClient, limited int) {
	limited = exceedRate(p, func() int {
		c = p.Join(room, "anna")
		return flood(c, n, frame)
	})
	return c, limited
}
