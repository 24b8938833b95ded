package claims

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var tokenUseClaims = []conformance.Claim{
	{
		ID:       "M107",
		Sentence: "A token opens exactly one connection.",
		Source:   userGuide + "Create a Chat Token",
		Check: func(p *conformance.Probe) {
			token := p.Token(p.Room(), "u")
			p.Connect(token)
			c, _ := p.Dial("", nil, token)
			p.Require(c == nil, "the token opened two connections")
		},
	},
	{
		ID:       "M108",
		Sentence: "A used token stays used after its connection is closed.",
		Source:   userGuide + "Create a Chat Token",
		Check: func(p *conformance.Probe) {
			token := p.Token(p.Room(), "u")
			_ = p.Connect(token).Conn.Close()
			c, _ := p.Dial("", nil, token)
			p.Require(c == nil, "the token opened two connections")
		},
	},
	{
		ID:       "M109",
		Sentence: "When many clients connect with one token at the same time, exactly one succeeds.",
		Source:   userGuide + "Create a Chat Token",
		Check: func(p *conformance.Probe) {
			room := p.Room()
			for range 3 { // a race between clients is a matter of luck
				connectOnce(p, 20, p.Token(room, "u"), p.Token(room, "u"), p.Token(room, "u"))
			}
		},
	},
	{
		ID:       "M118",
		Sentence: "Each of two tokens of one user opens a connection.",
		Source:   userGuide + "Create a Chat Token",
		Check: func(p *conformance.Probe) {
			room := p.Room()
			first, second := p.Token(room, "u"), p.Token(room, "u")
			p.Connect(first)
			p.Connect(second)
		},
	},
	{
		ID:       "M119",
		Sentence: "A token can open a connection until its tokenExpirationTime, and not after it.",
		Source:   userGuide + "Create a Chat Token",
		Needs:    conformance.Clock,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			input := ivschat.CreateChatTokenInput{
				RoomIdentifier:           &room,
				UserId:                   aws.String("u"),
				SessionDurationInMinutes: aws.Int32(180),
			}
			first, second := createToken(p, room, input), createToken(p, room, input)
			p.Advance(59 * time.Minute)
			p.Connect(*first.Token)
			p.Advance(time.Minute)
			c, _ := p.Dial("", nil, *second.Token)
			p.Require(c == nil, "an expired token opened a connection")
		},
	},
}

// connectOnce connects n clients with each of the tokens, all at the same time. It requires
// exactly one client of each token to succeed.
func connectOnce(p *conformance.Probe, n int, tokens ...string) {
	var (
		connected = make([]atomic.Int32, len(tokens))
		start     = make(chan struct{})
		clients   sync.WaitGroup
	)
	for range n {
		for i, token := range tokens {
			clients.Go(func() {
				dialer := websocket.Dialer{
					Subprotocols: []string{token}, HandshakeTimeout: p.Timeout,
				}
				<-start
				conn, _, err := dialer.DialContext(p.Context(), p.MessagingURL(), nil)
				if err == nil {
					connected[i].Add(1)
					defer conn.Close()
				}
			})
		}
	}
	close(start)
	clients.Wait()
	for i := range connected {
		p.RequireEqual("the number of connections", connected[i].Load(), int32(1))
	}
}
