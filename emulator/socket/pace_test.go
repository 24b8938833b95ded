package socket

import (
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestAReaderWaitsOnceTheCostsAreASecondAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pace
		for _, when := range []string{"at first", "after a pause"} {
			start := time.Now()
			for _, test := range []struct{ cost, waited time.Duration }{
				{time.Second, 0},
				{99 * time.Millisecond, 0},
				{time.Millisecond, 100 * time.Millisecond},
				{99 * time.Millisecond, 100 * time.Millisecond},
				{51 * time.Millisecond, 250 * time.Millisecond},
			} {
				p.add(test.cost)
				if waited := time.Since(start); waited != test.waited {
					t.Errorf("%s: after a cost of %v, it has waited %v, want %v", when, test.cost, waited, test.waited)
				}
			}
			time.Sleep(time.Minute)
		}
	})
}

// An endlessConn is a connection from which as much can be read as is wanted.
type endlessConn struct{ net.Conn }

func (endlessConn) Read(buffer []byte) (int, error) { return len(buffer), nil }

func TestAMiBOfAClientIsReadInASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, start := newWire(endlessConn{}), time.Now()
		if _, err := io.CopyN(io.Discard, w, 101<<20); err != nil {
			t.Error(err)
		}
		if waited := time.Since(start).Round(time.Second); waited != 100*time.Second {
			t.Errorf("101 MiB were read in %v, want 100s, because the first MiB need not wait", waited)
		}
	})
}

// drain reads from a client's side until the connection ends.
func drain(client *websocket.Conn) {
	for {
		if _, _, err := client.ReadMessage(); err != nil {
			return
		}
	}
}

func TestAHundredPingsOfAClientAreReadInASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := acceptInMemory(t, func(c *conn) {
			c.prepare()
			start := time.Now()
			_, _, err := c.socket.ReadMessage()
			if waited := time.Since(start); waited < 28900*time.Millisecond || waited > 29100*time.Millisecond {
				t.Errorf("3000 pings were read in %v (%v), want 29s, because the first 100 need not wait", waited, err)
			}
		})
		go drain(client)
		for range 3000 {
			if err := client.WriteControl(websocket.PingMessage, nil, time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		if err := client.WriteMessage(websocket.TextMessage, nil); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAHundredRequestsOverTheRateAreReadInASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHandler(t)
		client := acceptInMemory(t, func(c *conn) {
			c.handler, c.session = h, joined(t, h, ivschat.ChatToken{SessionExpirationTime: time.Now().Add(time.Hour)})
			c.session.Start(c)
			start := time.Now()
			c.serve(t.Context())
			// Ten in a second are within the rate, and do not wait.
			if waited := time.Since(start); waited < 26*time.Second || waited > 27*time.Second {
				t.Errorf("3000 requests were read in %v, want about 26.5s", waited)
			}
			if read := c.session.FramesIn.Load(); read != 3000 {
				t.Errorf("%d requests were read", read)
			}
			c.session.Leave("")
		})
		go drain(client)
		for range 3000 {
			if err := client.WriteMessage(websocket.TextMessage, []byte("{}")); err != nil {
				t.Fatal(err)
			}
		}
		_ = client.Close()
		synctest.Wait()
	})
}

func TestARequestOnASilencedConnectionIsIgnored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHandler(t)
		client := acceptInMemory(t, func(c *conn) {
			c.handler, c.session = h, joined(t, h, ivschat.ChatToken{SessionExpirationTime: time.Now().Add(time.Hour)})
			c.session.Start(c)
			c.silent.Store(true)
			c.serve(t.Context())
			if read := c.session.FramesIn.Load(); read != 0 {
				t.Errorf("%d requests were handled", read)
			}
			c.session.Leave("")
		})
		if err := client.WriteMessage(websocket.TextMessage, []byte("{}")); err != nil {
			t.Fatal(err)
		}
		_ = client.Close()
		synctest.Wait()
	})
}
