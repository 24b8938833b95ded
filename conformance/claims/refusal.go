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
			p.Require(c == nil && r.Status >= 400, "the status is %d", r.Status)
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
			r := malformedHandshake(p, p.Token(p.Room(), "u"), "Sec-Websocket-Key", "")
			r.RequireException(400, "MalformedHttpRequestException")
		},
	},
	{
		ID:       "M123",
		Sentence: "A malformed handshake does not use up its token.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			token := p.Token(p.Room(), "u")
			for _, header := range [][2]string{
				{"Connection", "keep-alive"}, {"Upgrade", ""},
				{"Sec-Websocket-Version", "8"}, {"Sec-Websocket-Key", ""},
			} {
				r := malformedHandshake(p, token, header[0], header[1])
				p.Require(r.Status >= 400 && r.Status < 500,
					"with %s: %q the status is %d", header[0], header[1], r.Status)
			}
			p.Connect(token)
		},
	},
	{
		ID:       "M124",
		Sentence: "The refusal of an unknown Sec-WebSocket-Version has the version that is supported, 13.",
		Source:   "RFC 6455, section 4.2.2",
		Check: func(p *conformance.Probe) {
			r := malformedHandshake(p, p.Token(p.Room(), "u"), "Sec-Websocket-Version", "8")
			p.RequireEqual("Sec-WebSocket-Version", r.Header.Get("Sec-Websocket-Version"), "13")
		},
	},
	{
		ID:       "M125",
		Sentence: "A handshake that lost its Upgrade header on the way is refused as a malformed handshake.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			r := malformedHandshake(p, p.Token(p.Room(), "u"), "Upgrade", "")
			r.RequireException(400, "MalformedHttpRequestException")
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

// malformedHandshake sends a handshake in which one header has another value, or is missing if the
// value is "".
func malformedHandshake(p *conformance.Probe, token, header, value string) conformance.Reply {
	url := strings.Replace(p.MessagingURL(), "ws", "http", 1)
	request, err := http.NewRequestWithContext(p.Context(), "GET", url, nil)
	p.Require(err == nil, "%v", err)
	request.Header = http.Header{
		"Connection":             {"Upgrade"},
		"Upgrade":                {"websocket"},
		"Sec-Websocket-Version":  {"13"},
		"Sec-Websocket-Key":      {"MDEyMzQ1Njc4OWFiY2RlZg=="},
		"Sec-Websocket-Protocol": {token},
	}
	request.Header.Set(header, value)
	if value == "" {
		request.Header.Del(header)
	}
	return p.Do(request)
}
