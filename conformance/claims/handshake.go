package claims

import (
	"net/http"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var handshakeClaims = []conformance.Claim{
	{
		ID:       "M101",
		Sentence: "A client connects with its token as the WebSocket subprotocol.",
		Source:   messagingReference + "Welcome",
		Check: func(p *conformance.Probe) {
			p.Connect(p.Token(p.Room(), "u"))
		},
	},
	{
		ID:       "M102",
		Sentence: "The service confirms the token as the chosen subprotocol.",
		Source:   "WHATWG WebSockets: browsers fail the connection otherwise",
		Check: func(p *conformance.Probe) {
			token := p.Token(p.Room(), "u")
			p.RequireEqual("the subprotocol", p.Connect(token).Conn.Subprotocol(), token)
		},
	},
	{
		ID:       "M103",
		Sentence: "A client may connect to the path /.",
		Source:   messagingReference + "Welcome",
		Check: func(p *conformance.Probe) {
			c, r := p.Dial("/", nil, p.Token(p.Room(), "u"))
			p.Require(c != nil, "the handshake was refused with %d", r.Status)
		},
	},
	{
		ID:       "M104",
		Sentence: "A client may connect to any path.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			c, r := p.Dial("/ws/any", nil, p.Token(p.Room(), "u"))
			p.Require(c != nil, "the handshake was refused with %d", r.Status)
		},
	},
	{
		ID:       "M105",
		Sentence: "A client may connect from any Origin.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			origin := http.Header{"Origin": {"https://example.com"}}
			c, r := p.Dial("", origin, p.Token(p.Room(), "u"))
			p.Require(c != nil, "the handshake was refused with %d", r.Status)
		},
	},
	{
		ID:       "M106",
		Sentence: "The service sends nothing after a successful handshake.",
		Source:   messagingReference + "Welcome",
		Check: func(p *conformance.Probe) {
			room := p.Room()
			p.Connect(p.Token(room, "u")).ReceiveNothing(room)
		},
	},
	{
		ID:       "M117",
		Sentence: "A user may have several connections at the same time.",
		Source:   jsClient + ": it swaps sockets when it refreshes; " + messagingReference + "DisconnectUser",
		Check: func(p *conformance.Probe) {
			room := p.Room()
			first, second := p.Join(room, "anna"), p.Join(room, "anna")
			first.Send(`{"Action":"SEND_MESSAGE","Content":"hi"}`)
			first.Receive("MESSAGE")
			second.Receive("MESSAGE")
		},
	},
	{
		ID:       "M120",
		Sentence: "A new connection receives nothing that was sent before it was opened.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			anna := p.Join(room, "anna")
			anna.Send(`{"Action":"SEND_MESSAGE","Content":"before"}`)
			anna.Receive("MESSAGE")
			p.Join(room, "ben").ReceiveNothing(room)
		},
	},
	{
		ID:       "M121",
		Sentence: "A token is valid only for its own room.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room, otherRoom := p.Room(), p.Room()
			c := p.Join(otherRoom, "u")
			sendEvent(p, room, "app:here", nil)
			c.ReceiveNothing(otherRoom)
		},
	},
}
