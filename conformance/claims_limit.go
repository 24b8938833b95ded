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

const sendsHi = `{"Action":"SEND_MESSAGE","Content":"hi"}`

var limitClaims = []Claim{
	{ID: "M501", Sentence: "A connection may ask ten times in a second.", Source: userGuide + "Service Quotas", check: func(p *probe) {
		p.same("ERRORs 429", p.join(p.fast(), "anna").floods(10, sendsHi), 0)
	}},
	{ID: "M502", Sentence: "More than ten requests of a connection in a second are ERROR 429.", Source: userGuide + "Service Quotas", check: func(p *probe) {
		limited := p.join(p.fast(), "anna").floods(15, sendsHi)
		p.check(limited >= 1 && limited <= 5, "%d of fifteen are ERROR 429", limited)
	}},
	{ID: "M503", Sentence: "The ten requests are counted over all actions.", Source: userGuide + "Service Quotas", check: func(p *probe) {
		c := p.join(p.fast(), "anna")
		c.floods(5, sendsHi)
		limited := c.floods(10, `{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`)
		p.check(limited >= 1, "fifteen in a second passed")
	}},
	{ID: "M504", Sentence: "The ErrorMessage of 429 is “rate limit exceeded”.", Source: webDemo + ", which compares it", check: func(p *probe) {
		c := p.join(p.fast(), "anna")
		for range 15 {
			c.say(sendsHi)
		}
		for range 15 {
			if f := c.hear(); f.code() == 429 {
				p.same("ErrorMessage", f.has("ErrorMessage"), "rate limit exceeded")
				return
			}
		}
		p.fatal("none of fifteen is ERROR 429")
	}},
	{ID: "M505", Sentence: "A connection that asked too often lives on.", Source: userGuide + "Service Quotas; inferred", check: func(p *probe) {
		room := p.fast()
		c := p.join(room, "anna")
		c.floods(15, sendsHi)
		c.hearsNothing(room)
	}},
	{ID: "M506", Sentence: "Nothing of what was too often is delivered.", Source: userGuide + "Service Quotas", check: func(p *probe) {
		room := p.fast()
		anna, ben := p.join(room, "anna"), p.join(room, "ben")
		for range 15 - anna.floods(15, sendsHi) {
			ben.hears("MESSAGE")
		}
		ben.hearsNothing(room)
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
		room := *p.createRoom(ivschat.CreateRoomInput{MaximumMessageRatePerSecond: aws.Int32(3)}).Arn
		anna, ben := p.join(room, "anna"), p.join(room, "ben")
		for range 5 {
			anna.say(sendsHi)
			ben.say(sendsHi)
		}
		limited, passed := 0, 0
		for limited+passed < 10 { // anna hears all messages but only her own errors
			f := anna.hear()
			if f.code() == 429 {
				limited++
			} else {
				passed++
			}
			if limited >= 2 {
				return
			}
		}
		p.fatal("%d passed", passed)
	}},
	{ID: "M509", Sentence: "A room's rate is 10 when not given.", Source: model, check: func(p *probe) {
		room := p.room()
		anna, ben := p.join(room, "anna"), p.join(room, "ben")
		p.same("anna's ERRORs 429", anna.floods(8, sendsHi), 0)
		for range 8 {
			ben.hears("MESSAGE")
		}
		limited := ben.floods(8, sendsHi)
		p.check(limited >= 1, "sixteen in a second passed")
	}},
	{ID: "M510", Sentence: "A room's rate is that of the room as it is now.", Source: model, check: func(p *probe) {
		room := p.fast()
		c := p.join(room, "anna")
		p.update(room, ivschat.UpdateRoomInput{MaximumMessageRatePerSecond: aws.Int32(1)})
		limited := c.floods(5, sendsHi)
		p.check(limited >= 3, "only %d of five are ERROR 429", limited)
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
		room := p.fast()
		c := p.join(room, "anna")
		c.floods(15, sendsHi)
		p.Advance(time.Second)
		p.same("ERRORs 429", c.floods(10, sendsHi), 0)
	}},
	{ID: "M514", Sentence: "What was refused does not count.", Source: Decided, Needs: Clock, check: func(p *probe) {
		c := p.join(p.fast(), "anna")
		c.floods(10, sendsHi)
		p.Advance(900 * time.Millisecond)
		c.floods(10, sendsHi) // most of them refused
		p.Advance(time.Second)
		p.same("ERRORs 429", c.floods(10, sendsHi), 0)
	}},
	{ID: "M515", Sentence: "A request that cannot be understood counts, too.", Source: Decided, check: func(p *probe) {
		c := p.join(p.fast(), "anna")
		limited := c.floods(15, `{`)
		p.check(limited >= 1, "fifteen in a second passed")
	}},
	{ID: "M516", Sentence: "SendEvent is throttled beyond 100 a second of an account.", Source: userGuide + "Service Quotas", check: func(p *probe) {
		room := p.room()
		for range 300 {
			if p.sendOnce("POST", "/SendEvent", `{"roomIdentifier":"`+room+`","eventName":"x"}`).status == 429 {
				return
			}
		}
		p.fatal("three hundred at once passed")
	}},
}
