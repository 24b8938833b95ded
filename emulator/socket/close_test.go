package socket

import (
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestTheReasonDecidesHowAConnectionIsClosed(t *testing.T) {
	dropped := websocket.CloseError{Code: websocket.CloseAbnormalClosure, Text: "unexpected EOF"}
	for _, test := range []struct {
		reason          hub.Reason
		closeOnShutdown bool
		want            websocket.CloseError
	}{
		{hub.Disconnected, false, websocket.CloseError{Code: 1000, Text: "disconnected"}},
		{hub.Reset, false, websocket.CloseError{Code: 1012, Text: "reset"}},
		{hub.Restored, false, websocket.CloseError{Code: 1012, Text: "reset"}},
		{hub.TooSlow, false, websocket.CloseError{Code: 1013, Text: "too slow"}},
		{hub.Shutdown, true, websocket.CloseError{Code: 1001, Text: "shutting down"}},
		{hub.Shutdown, false, dropped},
		{hub.Expired, false, dropped},
		{hub.Expired, true, dropped},
	} {
		synctest.Test(t, func(t *testing.T) {
			client := acceptInMemory(t, func(c *conn) {
				c.handler.CloseOnShutdown = test.closeOnShutdown
				c.Close(test.reason)
				_, _, _ = c.socket.ReadMessage()
			})
			_, _, err := client.ReadMessage()
			if got, ok := errors.AsType[*websocket.CloseError](err); !ok || *got != test.want {
				t.Errorf("%q: the connection ends with %v, want %v", test.reason, err, &test.want)
			}
		})
	}
}

func TestASilencedConnectionIsClosedOnlyWhenTheEmulatorEndsOrStartsAgain(t *testing.T) {
	for reason, want := range map[hub.Reason]bool{
		hub.Disconnected: false, hub.TooSlow: false, hub.Expired: false,
		hub.Shutdown: true, hub.Reset: true, hub.Restored: true,
	} {
		synctest.Test(t, func(t *testing.T) {
			client := acceptInMemory(t, func(c *conn) {
				c.silent.Store(true)
				c.Close(reason)
				if closed := c.dropped.Load() || c.wire.closed; closed != want {
					t.Errorf("%q: the connection is closed: %t, want %t", reason, closed, want)
				}
			})
			_, _, _ = client.ReadMessage()
		})
	}
}

func TestAClientHasASecondToAnswerACloseFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := acceptInMemory(t, func(c *conn) {
			start := time.Now()
			c.Close(hub.Disconnected)
			_, _, err := c.socket.ReadMessage()
			if waited := time.Since(start); waited != time.Second {
				t.Errorf("reading ended after %v with %v", waited, err)
			}
		})
		client.SetCloseHandler(func(int, string) error { return nil })
		_, _, _ = client.ReadMessage()
		synctest.Wait()
		time.Sleep(2 * time.Second)
	})
}

func TestASlowWriteIsCutOffAfterASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := acceptInMemory(t, func(c *conn) {
			start := time.Now()
			c.AbortSlowWrite()
			_, _, err := c.socket.ReadMessage()
			if waited := time.Since(start); waited != time.Second {
				t.Errorf("reading ended after %v with %v", waited, err)
			}
		})
		_, _, _ = client.ReadMessage()
	})
}

func TestAClientThatDoesNotReadForTenSecondsIsDisconnected(t *testing.T) {
	const line = "level=WARN msg=\"a client was disconnected because it read too slowly\" room=" + theARN + "\n"
	synctest.Test(t, func(t *testing.T) {
		acceptInMemory(t, func(c *conn) {
			log, lines := newLog()
			c.handler.Logger = log
			c.session.Token.Room, _ = ivschat.ParseARN(theARN)
			start := time.Now()
			err := c.Write([]*hub.Frame{{Payload: []byte("x")}})
			timeout, ok := errors.AsType[net.Error](err)
			if waited := time.Since(start); waited != 10*time.Second || !ok || !timeout.Timeout() {
				t.Errorf("the write ended after %v with %v", waited, err)
			}
			if lines.String() != line {
				t.Errorf("the log is\n%swant\n%s", lines, line)
			}
			if _, _, err := c.socket.ReadMessage(); err == nil {
				t.Error("the connection is open")
			}
		})
		time.Sleep(time.Minute)
	})
}

func TestTheLogSaysThatAClientReadTooSlowlyOnlyIfItDid(t *testing.T) {
	for name, test := range map[string]struct {
		end    func(*conn)
		logged bool
	}{
		"its queue was full":     {func(c *conn) { c.Close(hub.TooSlow) }, true},
		"its user was removed":   {func(c *conn) { c.Close(hub.Disconnected) }, false},
		"its connection is gone": {func(c *conn) { _ = c.wire.Conn.Close(); _ = c.send([]byte("x")) }, false},
		"it received a frame":    {func(c *conn) { _ = c.send(appendFrame(nil, []byte("x"))) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			client := accept(t, func(c *conn) {
				log, lines := newLog()
				c.handler.Logger = log
				test.end(c)
				if logged := lines.Len() > 0; logged != test.logged {
					t.Errorf("the log is %q", lines)
				}
			})
			_, _, _ = client.ReadMessage()
		})
	}
}

func TestOnlyAClientThatViolatedTheProtocolIsStillReadFrom(t *testing.T) {
	for name, test := range map[string]struct {
		client  func(*websocket.Conn)
		server  func(*conn)
		dropped bool
		code    int
	}{
		"closed by the client": {
			client: func(client *websocket.Conn) {
				_ = client.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""), time.Time{})
			},
			code: 1000,
		},
		"broken": {
			server: func(c *conn) { _ = c.socket.SetReadDeadline(time.Now()) },
			code:   websocket.CloseAbnormalClosure,
		},
		"with an unknown opcode": {
			client:  func(client *websocket.Conn) { _, _ = client.NetConn().Write([]byte{0x83, 0x80, 0, 0, 0, 0}) },
			dropped: true,
			code:    websocket.CloseProtocolError,
		},
		"with a frame that is too long": {
			client: func(client *websocket.Conn) {
				_, _ = client.NetConn().Write([]byte{0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0})
			},
			dropped: true,
			code:    websocket.CloseMessageTooBig,
		},
		"with a length that is not valid": {
			client: func(client *websocket.Conn) {
				_, _ = client.NetConn().Write([]byte{0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0})
			},
			dropped: true,
			code:    websocket.CloseMessageTooBig,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				done := make(chan struct{})
				client := acceptInMemory(t, func(c *conn) {
					defer close(done)
					c.prepare()
					if test.server != nil {
						test.server(c)
					}
					c.serve(t.Context())
					if c.dropped.Load() != test.dropped {
						t.Errorf("dropped: %t", !test.dropped)
					}
					if !c.ended.Load() {
						t.Error("the reader has not ended")
					}
				})
				if test.client != nil {
					go test.client(client)
				}
				_, _, err := client.ReadMessage()
				got, ok := errors.AsType[*websocket.CloseError](err)
				if !ok || got.Code != test.code || got.Code == websocket.CloseMessageTooBig && got.Text != "" {
					t.Errorf("the connection ends with %v, want code %d", err, test.code)
				}
				<-done
			})
		})
	}
}

func TestAFrameOf64KiBIsReadAndALongerOneIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := acceptInMemory(t, func(c *conn) {
			c.prepare()
			if _, frame, err := c.socket.ReadMessage(); len(frame) != 65_536 || err != nil {
				t.Errorf("%d bytes were read, and %v", len(frame), err)
			}
			if _, _, err := c.socket.ReadMessage(); !errors.Is(err, websocket.ErrReadLimit) {
				t.Errorf("reading the longer frame ended with %v", err)
			}
		})
		go func() {
			_ = client.WriteMessage(websocket.TextMessage, make([]byte, 65_536))
			_ = client.WriteMessage(websocket.TextMessage, make([]byte, 65_537))
		}()
		if _, _, err := client.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseMessageTooBig) {
			t.Errorf("the connection ends with %v", err)
		}
	})
}
