package claims

import (
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var connectionClaims = []conformance.Claim{
	{
		ID:       "M417",
		Sentence: "No one is notified when a user connects or disconnects.",
		Source:   messagingReference + "Event",
		Check: func(p *conformance.Probe) {
			room := p.Room()
			anna := p.Join(room, "anna")
			ben := p.Join(room, "ben")
			ben.SendClose()
			ben.WaitClosed() // now the target knows that ben has left
			anna.ReceiveNothing(room)
		},
	},
	{
		ID:       "M418",
		Sentence: "Deleting a room does not close its connections.",
		Source:   userGuide + "Troubleshooting",
		Check: func(p *conformance.Probe) {
			room := p.Room()
			c := p.Join(room, "anna")
			deleteRoom(p, room)
			c.Send(`{"Action":"SEND_MESSAGE","Content":"hello?"}`)
			c.Receive("ERROR")
		},
	},
	{
		ID:       "M419",
		Sentence: "A ping is answered with a pong that has the same payload.",
		Source:   "RFC 6455; " + iosClient,
		Check: func(p *conformance.Probe) {
			c := p.Join(p.Room(), "anna")
			pong := ""
			c.Conn.SetPongHandler(func(text string) error { pong = text; return nil })
			deadline := time.Now().Add(p.Timeout)
			err := c.Conn.WriteControl(websocket.PingMessage, []byte("there?"), deadline)
			p.Require(err == nil, "send a ping: %v", err)
			for i := 0; pong == "" && i < 5; i++ { // the pong is read with a message
				c.Send(`{"Action":"SEND_MESSAGE","Content":"x"}`)
				c.Receive("MESSAGE")
			}
			p.RequireEqual("the pong", pong, "there?")
		},
	},
	{
		ID:       "M420",
		Sentence: "A client that sends a close frame receives a close frame.",
		Source:   "RFC 6455",
		Check: func(p *conformance.Probe) {
			c := p.Join(p.Room(), "anna")
			c.SendClose()
			p.RequireEqual("close code", c.WaitClosed(), websocket.CloseNormalClosure)
		},
	},
}
