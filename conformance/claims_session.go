package conformance

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
)

// session connects for so many minutes.
func (p *probe) session(room string, minutes int32) *chatter {
	return p.connect(*call(p, p.sdk.CreateChatToken, ivschat.CreateChatTokenInput{
		RoomIdentifier: &room, UserId: aws.String("anna"), SessionDurationInMinutes: &minutes, Capabilities: everything,
	}).Token)
}

var sessionClaims = []Claim{
	{ID: "M601", Sentence: "A connection lives until its sessionExpirationTime.", Source: userGuide + "Create a Chat Token", Needs: Clock, check: func(p *probe) {
		c := p.session(p.room(), 180)
		p.Advance(180*time.Minute - 30*time.Second)
		c.say(sendsHi)
		c.hears("MESSAGE")
	}},
	{ID: "M602", Sentence: "At its sessionExpirationTime the service ends a connection by itself.", Source: userGuide + "Create a Chat Token", Needs: Clock, check: func(p *probe) {
		c := p.session(p.room(), 180)
		p.Advance(180 * time.Minute)
		c.ends()
	}},
	{ID: "M603", Sentence: "The end of a session is told by ERROR 401.", Source: Decided, Needs: Clock, check: func(p *probe) {
		c := p.session(p.room(), 1)
		p.Advance(time.Minute)
		c.hearsError(401)
	}},
	{ID: "M604", Sentence: "After its session a connection is dropped without a close frame, so that clients come back.", Source: Decided, Needs: Clock, check: func(p *probe) {
		c := p.session(p.room(), 1)
		p.Advance(time.Minute)
		p.same("close code", c.ends(), 0)
	}},
	{ID: "M605", Sentence: "The end of one session is not the end of another.", Source: userGuide + "Create a Chat Token", Needs: Clock, check: func(p *probe) {
		room := p.room()
		p.session(room, 1)
		long := p.session(room, 2)
		p.Advance(time.Minute + time.Second)
		long.hearsNothing(room)
	}},
	{ID: "M606", Sentence: "A connection outlives the tokenExpirationTime.", Source: userGuide + "Create a Chat Token", Needs: Clock, check: func(p *probe) {
		room := p.room()
		c := p.session(room, 120)
		p.Advance(61 * time.Minute)
		c.hearsNothing(room)
	}},
	{ID: "M607", Sentence: "The shortest session, of a minute, ends after a minute of waiting.", Source: userGuide + "Create a Chat Token", Needs: Slow, check: func(p *probe) {
		c := p.session(p.room(), 1)
		for began := time.Now(); time.Since(began) < 2*time.Minute; {
			_ = c.conn.SetReadDeadline(time.Now().Add(2 * time.Minute))
			if _, _, err := c.conn.ReadMessage(); err != nil {
				p.check(time.Since(began) > 30*time.Second, "it ended after %v", time.Since(began))
				return
			}
		}
		p.fatal("it is open after two minutes")
	}},
	{ID: "M608", Sentence: "A client that says nothing for two minutes stays connected.", Source: "browsers cannot ping, and AWS's demos stay connected for hours; inferred", Needs: Slow, check: func(p *probe) {
		room := p.room()
		c, other := p.join(room, "anna"), newProbe(p.ctx, p.Target)
		p.Patience = 3 * time.Minute
		late := time.AfterFunc(2*time.Minute, func() {
			_, _ = other.sdk.SendEvent(p.ctx, &ivschat.SendEventInput{RoomIdentifier: &room, EventName: aws.String("app:late")})
		})
		defer late.Stop()
		p.same("EventName", c.hears("EVENT").has("EventName"), "app:late")
	}},
}
