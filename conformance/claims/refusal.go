package claims

import (
	"net/http"
	"strings"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var refusalClaims = []conformance.Claim{
	{
		ID:       "M110",
		Sentence: "A handshake without a token is refused with 401.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			refuseHandshake(p, 401)
		},
	},
	{
		ID:       "M111",
		Sentence: "A handshake with an invalid token is refused with 401.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			refuseHandshake(p, 401, "AQICAHnonsense!!#0")
		},
	},
	{
		ID:       "M112",
		Sentence: "A handshake with a token in which one character was changed is refused with 401.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			token := []byte(p.Token(p.Room(), "u"))
			if middle := len(token) / 2; token[middle] == 'A' {
				token[middle] = 'B'
			} else {
				token[middle] = 'A'
			}
			refuseHandshake(p, 401, string(token))
		},
	},
	{
		ID:       "M113",
		Sentence: "A handshake with a used token is refused with 401.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			token := p.Token(p.Room(), "u")
			p.Connect(token)
			refuseHandshake(p, 401, token)
		},
	},
	{
		ID:       "M114",
		Sentence: "A handshake for a deleted room is refused with 404.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			token := p.Token(room, "u")
			deleteRoom(p, room)
			refuseHandshake(p, 404, token)
		},
	},
	{
		ID:       "M115",
		Sentence: "A refused handshake is answered before the upgrade and not with a close frame.",
		Source:   iosClient + ": a bad server response",
		Check: func(p *conformance.Probe) {
			c, r := p.Dial("", nil, "nonsense")
			p.Require(c == nil && r.Status >= 400 && r.Status < 500, "the status is %d", r.Status)
		},
	},
	{
		ID:       "M116",
		Sentence: "The refusal of a handshake is JSON with a message and has x-amzn-ErrorType.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			r := refuseHandshake(p, 401)
			p.Require(r.Members()["message"] != nil && r.Header.Get("x-amzn-ErrorType") != "",
				"the refusal is %s %s", r.Header.Get("x-amzn-ErrorType"), r.Body)
		},
	},
	{
		ID:       "M122",
		Sentence: "A malformed handshake is refused with 400 MalformedHttpRequestException.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			url := strings.Replace(p.MessagingURL(), "ws", "http", 1)
			request, err := http.NewRequestWithContext(p.Context(), "GET", url, nil)
			p.Require(err == nil, "%v", err)
			request.Header = http.Header{
				"Connection":             {"Upgrade"},
				"Upgrade":                {"websocket"},
				"Sec-Websocket-Protocol": {p.Token(p.Room(), "u")},
			}
			p.Do(request).RequireException(400, "MalformedHttpRequestException")
		},
	},
}

// refuseHandshake requires a handshake to be refused with the status.
func refuseHandshake(p *conformance.Probe, status int, subprotocols ...string) conformance.Reply {
	c, r := p.Dial("", nil, subprotocols...)
	p.Require(c == nil, "the handshake succeeded")
	p.RequireEqual("status", r.Status, status)
	return r
}
