package claims

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var sessionClaims = []conformance.Claim{
	{
		ID:       "M601",
		Sentence: "A connection stays open until its sessionExpirationTime.",
		Source:   userGuide + "Create a Chat Token",
		Needs:    conformance.Clock,
		Check: func(p *conformance.Probe) {
			c := joinFor(p, p.Room(), 180)
			p.Advance(180*time.Minute - 30*time.Second)
			c.Send(helloFrame)
			c.Receive("MESSAGE")
		},
	},
	{
		ID:       "M602",
		Sentence: "The service ends a connection at its sessionExpirationTime.",
		Source:   userGuide + "Create a Chat Token",
		Needs:    conformance.Clock,
		Check: func(p *conformance.Probe) {
			c := joinFor(p, p.Room(), 180)
			p.Advance(180 * time.Minute)
			c.WaitClosed()
		},
	},
	{
		ID: "M341",
		Sentence: "A session ends at its sessionExpirationTime, also when its connection was opened long after " +
			"the token was created.",
		Source: conformance.Decided,
		Needs:  conformance.Clock,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			token := createToken(p, room, ivschat.CreateChatTokenInput{
				UserId: aws.String("anna"), SessionDurationInMinutes: aws.Int32(180),
			})
			p.Advance(30 * time.Minute)
			c := p.Connect(*token.Token)
			p.Advance(149 * time.Minute)
			c.ReceiveNothing(room)
			p.Advance(time.Minute)
			c.WaitClosed()
		},
	},
	{
		ID:       "M603",
		Sentence: "The service announces the end of a session with ERROR 401.",
		Source:   conformance.Decided,
		Needs:    conformance.Clock,
		Check: func(p *conformance.Probe) {
			c := joinFor(p, p.Room(), 1)
			p.Advance(time.Minute)
			c.ReceiveError(401)
		},
	},
	{
		ID: "M604",
		Sentence: "The service ends a connection after its session without a close frame, so that " +
			"clients reconnect.",
		Source: conformance.Decided,
		Needs:  conformance.Clock,
		Check: func(p *conformance.Probe) {
			c := joinFor(p, p.Room(), 1)
			p.Advance(time.Minute)
			p.RequireEqual("close code", c.WaitClosed(), 0)
		},
	},
	{
		ID:       "M605",
		Sentence: "The end of one session does not end another session.",
		Source:   userGuide + "Create a Chat Token",
		Needs:    conformance.Clock,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			joinFor(p, room, 1)
			long := joinFor(p, room, 2)
			p.Advance(time.Minute + time.Second)
			long.ReceiveNothing(room)
		},
	},
	{
		ID:       "M606",
		Sentence: "A connection stays open after its tokenExpirationTime.",
		Source:   userGuide + "Create a Chat Token",
		Needs:    conformance.Clock,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			c := joinFor(p, room, 120)
			p.Advance(61 * time.Minute)
			c.ReceiveNothing(room)
		},
	},
	{
		ID:       "M607",
		Sentence: "A session of one minute, the shortest, ends after one minute of real time.",
		Source:   userGuide + "Create a Chat Token",
		Needs:    conformance.Slow,
		Check: func(p *conformance.Probe) {
			c := joinFor(p, p.Room(), 1)
			for began := time.Now(); time.Since(began) < 2*time.Minute; {
				_ = c.Conn.SetReadDeadline(time.Now().Add(2 * time.Minute))
				if _, _, err := c.Conn.ReadMessage(); err != nil {
					lasted := time.Since(began)
					p.Require(lasted > 30*time.Second, "the connection ended after %v", lasted)
					return
				}
			}
			p.Fatalf("the connection is still open after two minutes")
		},
	},
	{
		ID:       "M608",
		Sentence: "A client that sends nothing for two minutes stays connected.",
		Source:   conformance.Decided,
		Needs:    conformance.Slow,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			c, sender := p.Join(room, "anna"), p.Fork()
			p.Timeout = 3 * time.Minute
			late := time.AfterFunc(2*time.Minute, func() {
				_, _ = sender.SDK.SendEvent(p.Context(), &ivschat.SendEventInput{
					RoomIdentifier: &room, EventName: aws.String("app:late"),
				})
			})
			defer late.Stop()
			p.RequireEqual("EventName", c.Receive("EVENT").Text("EventName"), "app:late")
		},
	},
}

// joinFor connects a user for so many minutes.
func joinFor(p *conformance.Probe, room string, minutes int32) *conformance.ChatClient {
	return p.Connect(*createToken(p, room, ivschat.CreateChatTokenInput{
		UserId:                   aws.String("anna"),
		SessionDurationInMinutes: &minutes,
		Capabilities:             conformance.AllCapabilities(),
	}).Token)
}
