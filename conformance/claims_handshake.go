package conformance

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/gorilla/websocket"
)

// refusesHandshake wants a handshake to be refused with the status.
func (p *probe) refusesHandshake(status int, subprotocols ...string) reply {
	c, r := p.dial("", nil, subprotocols...)
	p.check(c == nil, "the client was let in")
	p.same("status", r.status, status)
	return r
}

// oneOf has so many clients connect with each of the tokens, all at once, and
// wants one client of each to get in.
func (p *probe) oneOf(n int, tokens ...string) {
	var (
		in    = make([]atomic.Int32, len(tokens))
		begin = make(chan struct{})
		all   sync.WaitGroup
	)
	for range n {
		for i, token := range tokens {
			all.Go(func() {
				dialer := websocket.Dialer{Subprotocols: []string{token}, HandshakeTimeout: p.Patience}
				<-begin
				if conn, _, err := dialer.DialContext(p.ctx, p.messagingURL(), nil); err == nil {
					in[i].Add(1)
					defer conn.Close()
				}
			})
		}
	}
	close(begin)
	all.Wait()
	for i := range in {
		p.same("those who got in", in[i].Load(), int32(1))
	}
}

var handshakeClaims = []Claim{
	{ID: "M101", Sentence: "A client connects with its token as the WebSocket subprotocol.", Source: msgGuide + "Welcome", check: func(p *probe) {
		p.connect(p.token(p.room(), "u"))
	}},
	{ID: "M102", Sentence: "The token comes back as the chosen subprotocol.", Source: "WHATWG WebSockets: browsers fail the connection otherwise", check: func(p *probe) {
		token := p.token(p.room(), "u")
		p.same("the subprotocol", p.connect(token).conn.Subprotocol(), token)
	}},
	{ID: "M103", Sentence: "A client may connect on the path /.", Source: msgGuide + "Welcome", check: func(p *probe) {
		c, r := p.dial("/", nil, p.token(p.room(), "u"))
		p.check(c != nil, "refused: %d", r.status)
	}},
	{ID: "M104", Sentence: "A client may connect on any path.", Source: Decided, check: func(p *probe) {
		c, r := p.dial("/ws/any", nil, p.token(p.room(), "u"))
		p.check(c != nil, "refused: %d", r.status)
	}},
	{ID: "M105", Sentence: "A client may connect from any Origin.", Source: msgGuide + "no restriction documented", check: func(p *probe) {
		c, r := p.dial("", http.Header{"Origin": {"https://example.com"}}, p.token(p.room(), "u"))
		p.check(c != nil, "refused: %d", r.status)
	}},
	{ID: "M106", Sentence: "After the handshake the service says nothing: success is silence.", Source: msgGuide + "Welcome", check: func(p *probe) {
		room := p.room()
		p.connect(p.token(room, "u")).hearsNothing(room)
	}},
	{ID: "M107", Sentence: "A token opens one connection.", Source: userGuide + "Create a Chat Token", check: func(p *probe) {
		token := p.token(p.room(), "u")
		p.connect(token)
		c, _ := p.dial("", nil, token)
		p.check(c == nil, "it opened two")
	}},
	{ID: "M108", Sentence: "A token stays used when its connection is closed.", Source: userGuide + "Create a Chat Token", check: func(p *probe) {
		token := p.token(p.room(), "u")
		_ = p.connect(token).conn.Close()
		c, _ := p.dial("", nil, token)
		p.check(c == nil, "it opened two")
	}},
	{ID: "M109", Sentence: "Of many who connect with one token at once one gets in.", Source: userGuide + "Create a Chat Token", check: func(p *probe) {
		room := p.room()
		for range 3 { // whether they meet is a matter of luck
			p.oneOf(20, p.token(room, "u"), p.token(room, "u"), p.token(room, "u"))
		}
	}},
	{ID: "M110", Sentence: "A handshake without a token is refused with 401.", Source: Decided, check: func(p *probe) { p.refusesHandshake(401) }},
	{ID: "M111", Sentence: "A handshake with what is no token is refused with 401.", Source: Decided, check: func(p *probe) { p.refusesHandshake(401, "AQICAHnonsense!!#0") }},
	{ID: "M112", Sentence: "A handshake with a token of which one character was changed is refused with 401.", Source: Decided, check: func(p *probe) {
		token := []byte(p.token(p.room(), "u"))
		if middle := len(token) / 2; token[middle] == 'A' {
			token[middle] = 'B'
		} else {
			token[middle] = 'A'
		}
		p.refusesHandshake(401, string(token))
	}},
	{ID: "M113", Sentence: "A handshake with a token that was used is refused with 401.", Source: Decided, check: func(p *probe) {
		token := p.token(p.room(), "u")
		p.connect(token)
		p.refusesHandshake(401, token)
	}},
	{ID: "M114", Sentence: "A handshake into a room that was deleted is refused with 404.", Source: Decided, check: func(p *probe) {
		room := p.room()
		token := p.token(room, "u")
		call(p, p.sdk.DeleteRoom, ivschat.DeleteRoomInput{Identifier: &room})
		p.refusesHandshake(404, token)
	}},
	{ID: "M115", Sentence: "A handshake that is refused is answered before the upgrade, not by a close frame.", Source: iosClient + ": a bad server response", check: func(p *probe) {
		c, r := p.dial("", nil, "nonsense")
		p.check(c == nil && r.status >= 400 && r.status < 500, "the answer is %d", r.status)
	}},
	{ID: "M116", Sentence: "A refusal is JSON with message, and has x-amzn-ErrorType.", Source: Decided, check: func(p *probe) {
		r := p.refusesHandshake(401)
		p.check(r.members(p)["message"] != nil && r.header.Get("x-amzn-ErrorType") != "", "it is %s %s", r.header.Get("x-amzn-ErrorType"), r.body)
	}},
	{ID: "M117", Sentence: "A user may have several connections at once.", Source: jsClient + ": it swaps sockets when it refreshes", check: func(p *probe) {
		room := p.room()
		first, second := p.join(room, "anna"), p.join(room, "anna")
		first.say(`{"Action":"SEND_MESSAGE","Content":"hi"}`)
		first.hears("MESSAGE")
		second.hears("MESSAGE")
	}},
	{ID: "M118", Sentence: "Two tokens of one user are used up one by one.", Source: userGuide + "Create a Chat Token", check: func(p *probe) {
		room := p.room()
		first, second := p.token(room, "u"), p.token(room, "u")
		p.connect(first)
		p.connect(second)
	}},
	{ID: "M119", Sentence: "A token opens a connection until its tokenExpirationTime, and no longer.", Source: userGuide + "Create a Chat Token", Needs: Clock, check: func(p *probe) {
		room := p.room()
		input := ivschat.CreateChatTokenInput{RoomIdentifier: &room, UserId: aws.String("u"), SessionDurationInMinutes: aws.Int32(180)}
		early, late := *call(p, p.sdk.CreateChatToken, input).Token, *call(p, p.sdk.CreateChatToken, input).Token
		p.Advance(59 * time.Minute)
		p.connect(early)
		p.Advance(time.Minute)
		p.refusesHandshake(401, late)
	}},
	{ID: "M120", Sentence: "A new connection hears nothing of what was said before.", Source: "third-party clients", check: func(p *probe) {
		room := p.room()
		anna := p.join(room, "anna")
		anna.say(`{"Action":"SEND_MESSAGE","Content":"before"}`)
		anna.hears("MESSAGE")
		p.join(room, "ben").hearsNothing(room)
	}},
	{ID: "M121", Sentence: "A token is good for its own room and no other.", Source: model, check: func(p *probe) {
		here, there := p.room(), p.room()
		c := p.join(there, "u")
		p.sendEvent(here, "app:here", nil)
		c.hearsNothing(there)
	}},
	{ID: "M122", Sentence: "A handshake that is none is 400 with MalformedHttpRequestException.", Source: Decided, check: func(p *probe) {
		request, err := http.NewRequestWithContext(p.ctx, "GET", strings.Replace(p.messagingURL(), "ws", "http", 1), nil)
		p.check(err == nil, "%v", err)
		request.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Protocol": {p.token(p.room(), "u")}}
		_, err = keeper{p}.Do(request)
		p.check(err == nil, "%v", err)
		p.last.refuses(p, 400, "MalformedHttpRequestException")
	}},
}
