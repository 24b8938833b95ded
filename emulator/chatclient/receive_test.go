package chatclient_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
)

func TestFramesAreReceivedInTheirOrderEvenAfterTheEnd(t *testing.T) {
	c := connect(t, serve(t, func(conn *websocket.Conn) {
		send(conn, `{"Content":"1"}`, `{"Content":"2"}`)
		sendClose(conn, 1000, "")
	}), chatclient.Options{})
	if _, err := c.WaitClosed(timeout(t)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1", "2"} {
		if f, err := c.Receive(timeout(t)); err != nil || f.Content != want {
			t.Errorf("received %+v, %v, want %s", f, err, want)
		}
	}
	_, err := c.Receive(timeout(t))
	if closed, ok := errors.AsType[*chatclient.ClosedError](err); !ok || closed.Status.Code != 1000 {
		t.Errorf("got %v", err)
	}
	if want := "the connection has ended: closed with code 1000"; err.Error() != want {
		t.Errorf("the error is %q, want %q", err, want)
	}
}

func TestAFrameThatCannotBeDecodedKeepsItsText(t *testing.T) {
	c := connect(t, serve(t, func(conn *websocket.Conn) {
		send(conn, `{"Type":"MESS`)
		_ = conn.WriteMessage(websocket.BinaryMessage, []byte{1, 2})
		_ = readAll(conn)
	}), chatclient.Options{})
	for _, want := range []chatclient.Frame{{Raw: `{"Type":"MESS`}, {Raw: "\x01\x02", Binary: true}} {
		f, err := c.Receive(timeout(t))
		if err != nil || f.Type != want.Type || f.Raw != want.Raw || f.Binary != want.Binary {
			t.Errorf("received %+v, %v, want %+v", f, err, want)
		}
	}
}

func TestReceiveEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, serve(t, func(conn *websocket.Conn) { _ = readAll(conn) }), chatclient.Options{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if _, err := c.Receive(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestSeveralReceiversGetOneFrameEach(t *testing.T) {
	const receivers = 20
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, serve(t, func(conn *websocket.Conn) {
			time.Sleep(time.Second) // until all receivers wait
			var frames []byte       // unfragmented text frames (RFC 6455, section 5.2), which arrive together
			for i := range receivers {
				frames = fmt.Appendf(append(frames, 0x81, 16), `{"ErrorCode":%2d}`, i)
			}
			_, _ = conn.NetConn().Write(frames)
			_ = readAll(conn)
		}), chatclient.Options{})
		codes := make(chan int, receivers)
		for range receivers {
			go func() {
				f, err := c.Receive(t.Context())
				if err != nil {
					t.Error(err)
				}
				codes <- f.ErrorCode
			}()
		}
		seen := map[int]bool{}
		for range receivers {
			seen[<-codes] = true
		}
		if len(seen) != receivers {
			t.Errorf("received %v", seen)
		}
	})
}

func TestReceiveNothingSucceedsOnlyInSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, serve(t, func(conn *websocket.Conn) {
			time.Sleep(90 * time.Minute)
			send(conn, `{"Type":"MESSAGE","Id":"i","Content":"x","Attributes":{"key":"secret"}}`)
			sendClose(conn, 1000, "")
		}), chatclient.Options{})
		if err := c.ReceiveNothing(t.Context(), time.Hour); err != nil {
			t.Errorf("in silence: %v", err)
		}
		err := c.ReceiveNothing(t.Context(), time.Hour)
		unexpected, ok := errors.AsType[*chatclient.UnexpectedFrameError](err)
		if !ok || unexpected.Frame.Content != "x" || strings.Contains(err.Error(), "secret") {
			t.Errorf("with a frame: %v", err)
		}
		err = c.ReceiveNothing(t.Context(), time.Hour)
		if _, ok := errors.AsType[*chatclient.ClosedError](err); !ok {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestReceiveNothingEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, serve(t, func(conn *websocket.Conn) { _ = readAll(conn) }), chatclient.Options{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := c.ReceiveNothing(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAFullQueueEndsTheConnection(t *testing.T) {
	frame := `{"Content":"` + strings.Repeat("x", 300) + `"}`
	c := connect(t, serve(t, func(conn *websocket.Conn) {
		send(conn, frame, frame, frame)
		_ = readAll(conn)
	}), chatclient.Options{MaxQueueBytes: 1000})
	status, err := c.WaitClosed(timeout(t))
	if err != nil || status.Code != 0 || !errors.Is(status.Err, chatclient.ErrQueueFull) {
		t.Errorf("got %+v, %v", status, err)
	}
	for range 2 {
		if f, err := c.Receive(timeout(t)); err != nil || f.Raw != frame {
			t.Errorf("received %+v, %v", f, err)
		}
	}
	if _, err := c.Receive(timeout(t)); !errors.Is(err, chatclient.ErrQueueFull) {
		t.Errorf("got %v", err)
	}
}

func TestFramesThatAreReceivedMakeRoomInTheQueue(t *testing.T) {
	frame := strings.Repeat("x", 300)
	next := make(chan struct{})
	c := connect(t, serve(t, func(conn *websocket.Conn) {
		for range next {
			send(conn, frame)
		}
		_ = readAll(conn)
	}), chatclient.Options{MaxQueueBytes: 1000})
	defer close(next)
	for range 10 {
		next <- struct{}{}
		if _, err := c.Receive(timeout(t)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFrameHandlerGetsEveryFrameAndThenTheEnd(t *testing.T) {
	var got []string // written by the reader only
	connected := make(chan *chatclient.Client, 1)
	c := connect(t, serve(t, func(conn *websocket.Conn) {
		send(conn, "first frame", "2nd")
		sendClose(conn, 4000, "")
	}), chatclient.Options{
		OnFrame: func(frame []byte) { got = append(got, string(frame)) },
		OnClose: func(status chatclient.CloseStatus) {
			got = append(got, fmt.Sprint(status.Code))
			select {
			case <-(<-connected).Done():
				t.Error("the connection is done before OnClose returns")
			default:
			}
		},
	})
	connected <- c
	if _, err := c.WaitClosed(timeout(t)); err != nil {
		t.Fatal(err)
	}
	if want := "first frame,2nd,4000"; strings.Join(got, ",") != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := c.Receive(timeout(t)); err == nil || !strings.Contains(err.Error(), "Options.OnFrame") {
		t.Errorf("got %v", err)
	}
}

// gorilla/websocket allocates a reader for each frame. The client adds nothing.
func TestAFrameForAHandlerCostsNoAllocation(t *testing.T) {
	const frames = 20_000
	begin, all := make(chan struct{}), make(chan struct{})
	l := serve(t, func(conn *websocket.Conn) {
		frame := append([]byte{0x81, 100}, make([]byte, 100)...) // one text frame (RFC 6455, section 5.2)
		<-begin
		for range frames {
			if _, err := conn.NetConn().Write(frame); err != nil {
				t.Error(err)
				return
			}
		}
		_ = readAll(conn)
	})
	count := 0
	connect(t, l, chatclient.Options{OnFrame: func([]byte) {
		if count++; count == frames {
			close(all)
		}
	}})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	close(begin)
	<-all
	runtime.ReadMemStats(&after)
	if each := float64(after.Mallocs-before.Mallocs) / frames; each > 1.5 {
		t.Errorf("%.2f allocations for each frame", each)
	}
}

func TestAFrameOfMoreThan64MiBIsNotRead(t *testing.T) {
	c := connect(t, serve(t, func(conn *websocket.Conn) {
		header := []byte{0x81, 127, 0, 0, 0, 0, 4, 0, 0, 1} // of a text frame of 64 MiB and 1 byte
		_, _ = conn.NetConn().Write(header)
		_ = readAll(conn)
	}), chatclient.Options{})
	status, err := c.WaitClosed(timeout(t))
	if err != nil || status.Code != 0 || !errors.Is(status.Err, websocket.ErrReadLimit) {
		t.Errorf("got %+v, %v", status, err)
	}
}
