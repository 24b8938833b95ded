package conformance

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
)

// fast gives a room that lets more messages pass than a connection may send.
func (p *probe) fast() string {
	return *p.createRoom(ivschat.CreateRoomInput{MaximumMessageRatePerSecond: aws.Int32(100)}).Arn
}

// floods sends a frame so many times at once, and counts the ERRORs 429 among
// the answers.
func (c *chatter) floods(n int, frame string) (limited int) {
	for range n {
		c.say("%s", frame)
	}
	for range n {
		if f := c.hear(); f.code() == 429 {
			limited++
		}
	}
	return limited
}

// limits does what is too often for a second, and wants it to be noticed: try
// counts the ERRORs 429. A machine that is busy may take longer than a second,
// and the target's second may end in between: then try begins anew, with
// connections of its own.
func (p *probe) limits(try func() (limited int)) (limited int) {
	for range 5 {
		if limited = try(); limited > 0 {
			return limited
		}
	}
	p.fatal("nothing was ERROR 429")
	return 0
}

// flooded gives a connection that has just been told that it asks too often,
// and how many times.
func (p *probe) flooded(room string, n int, frame string) (c *chatter, limited int) {
	limited = p.limits(func() int {
		c = p.join(room, "anna")
		return c.floods(n, frame)
	})
	return c, limited
}

const sendsHi = `{"Action":"SEND_MESSAGE","Content":"hi"}`

var limitClaims = []Claim{
	{ID: "M501", Sentence: "A connection may ask ten times in a second.", Source: userGuide + "Service Quotas", check: func(p *probe) {
		p.same("ERRORs 429", p.join(p.fast(), "anna").floods(10, sendsHi), 0)
	}},
	{ID: "M502", Sentence: "More than ten requests of a connection in a second are ERROR 429.", Source: userGuide + "Service Quotas", check: func(p *probe) {
		_, limited := p.flooded(p.fast(), 15, sendsHi)
		p.check(limited <= 5, "%d of fifteen are ERROR 429", limited)
	}},
	{ID: "M503", Sentence: "The ten requests are counted over all actions.", Source: userGuide + "Service Quotas", check: func(p *probe) {
		p.limits(func() int {
			c := p.join(p.fast(), "anna")
			p.same("ERRORs 429 of five", c.floods(5, sendsHi), 0)
			return c.floods(10, `{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`)
		})
	}},
	{ID: "M504", Sentence: "The ErrorMessage of 429 is “rate limit exceeded”.", Source: webDemo + ", which compares it", check: func(p *probe) {
		p.limits(func() (limited int) {
			c := p.join(p.fast(), "anna")
			for range 15 {
				c.say(sendsHi)
			}
			for range 15 {
				if f := c.hear(); f.code() == 429 {
					p.same("ErrorMessage", f.has("ErrorMessage"), "rate limit exceeded")
					limited++
				}
			}
			return limited
		})
	}},
	{ID: "M505", Sentence: "A connection that asked too often lives on.", Source: userGuide + "Service Quotas; inferred", check: func(p *probe) {
		room := p.fast()
		c, _ := p.flooded(room, 15, sendsHi)
		c.hearsNothing(room)
	}},
	{ID: "M506", Sentence: "Nothing of what was too often is delivered.", Source: userGuide + "Service Quotas", check: func(p *probe) {
		p.limits(func() int {
			room := p.fast()
			anna, ben := p.join(room, "anna"), p.join(room, "ben")
			limited := anna.floods(15, sendsHi)
			for range 15 - limited {
				ben.hears("MESSAGE")
			}
			ben.hearsNothing(room)
			return limited
		})
	}},
	{ID: "M507", Sentence: "Each connection has its own ten.", Source: userGuide + "Service Quotas", check: func(p *probe) {
		room := p.fast()
		anna, ben := p.join(room, "anna"), p.join(room, "ben")
		for range 8 {
			anna.say(sendsHi)
			ben.say(sendsHi)
		}
		for range 16 {
			anna.hears("MESSAGE")
		}
	}},
	{ID: "M508", Sentence: "A room lets maximumMessageRatePerSecond messages pass in a second, over all connections.", Source: model, check: func(p *probe) {
		p.limits(func() int { return p.shares(aws.Int32(3), 3) })
	}},
	{ID: "M509", Sentence: "A room's rate is 10 when not given.", Source: model, check: func(p *probe) {
		p.limits(func() int { return p.shares(nil, 8) })
		p.same("ERRORs 429 of five and five", p.shares(nil, 5), 0)
	}},
	{ID: "M510", Sentence: "A room's rate is that of the room as it is now.", Source: model, check: func(p *probe) {
		room := p.fast()
		p.update(room, ivschat.UpdateRoomInput{MaximumMessageRatePerSecond: aws.Int32(1)})
		p.flooded(room, 5, sendsHi) // which is within the ten of the connection
	}},
	{ID: "M511", Sentence: "A room's rate is for messages only: deletions pass.", Source: model, check: func(p *probe) {
		c := p.join(*p.createRoom(ivschat.CreateRoomInput{MaximumMessageRatePerSecond: aws.Int32(1)}).Arn, "anna")
		p.same("ERRORs 429", c.floods(5, `{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`), 0)
	}},
	{ID: "M512", Sentence: "A room's rate does not hold back events of SendEvent.", Source: model, check: func(p *probe) {
		room := *p.createRoom(ivschat.CreateRoomInput{MaximumMessageRatePerSecond: aws.Int32(1)}).Arn
		c := p.join(room, "anna")
		for range 3 {
			p.sendEvent(room, "app:x", nil)
			c.hears("EVENT")
		}
	}},
	{ID: "M513", Sentence: "After a second a connection may ask again.", Source: userGuide + "Service Quotas", Needs: Clock, check: func(p *probe) {
		c, _ := p.flooded(p.fast(), 15, sendsHi)
		p.Advance(time.Second)
		p.same("ERRORs 429", c.floods(10, sendsHi), 0)
	}},
	{ID: "M514", Sentence: "What was refused does not count.", Source: Decided, Needs: Clock, check: func(p *probe) {
		p.limits(func() int {
			c := p.join(p.fast(), "anna")
			p.same("ERRORs 429 at first", c.floods(10, sendsHi), 0)
			p.Advance(500 * time.Millisecond)
			refused := c.floods(10, sendsHi)
			p.Advance(500 * time.Millisecond) // the first ten are a second old, the refused half of one
			p.same("ERRORs 429 in the end", c.floods(refused, sendsHi), 0)
			return refused
		})
	}},
	{ID: "M515", Sentence: "A request that cannot be understood counts, too.", Source: Decided, check: func(p *probe) {
		p.flooded(p.fast(), 15, `{`)
	}},
}

// shares has two users send n messages each into a new room of the rate, one
// after the other, and counts what the second was refused: the room's rate is
// all that they share.
func (p *probe) shares(rate *int32, n int) (limited int) {
	room := *p.createRoom(ivschat.CreateRoomInput{MaximumMessageRatePerSecond: rate}).Arn
	anna, ben := p.join(room, "anna"), p.join(room, "ben")
	p.same("anna's ERRORs 429", anna.floods(n, sendsHi), 0)
	for range n {
		ben.hears("MESSAGE")
	}
	return ben.floods(n, sendsHi)
}
