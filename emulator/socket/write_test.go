//go:build unix

package socket

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/hub"
)

// expectCounts checks how many frames a connection has counted.
func expectCounts(t *testing.T, c *conn, want int64) {
	t.Helper()
	if session, all := c.session.FramesOut.Load(), c.handler.Delivered(); session != want || all != want {
		t.Errorf("the session has %d frames and the endpoint %d, want %d", session, all, want)
	}
}

func TestFramesThatAreWrittenAreCounted(t *testing.T) {
	client := accept(t, func(c *conn) {
		if all, err := c.TryWrite([]*hub.Frame{{Payload: []byte("a")}, {Payload: []byte("b")}}); !all || err != nil {
			t.Errorf("TryWrite wrote all: %t (%v)", all, err)
		}
		expectCounts(t, c, 2)
		frames := []*hub.Frame{{Payload: []byte("c")}, {Payload: []byte("d")}, {Payload: []byte("e")}}
		if err := c.Write(frames); err != nil {
			t.Error(err)
		}
		expectCounts(t, c, 5)
	})
	expectFrames(t, client, "a", "b", "c", "d", "e")
}

func TestAFrameOfWhichAPartWasWrittenIsCompletedOnce(t *testing.T) {
	text := string(bytes.Repeat([]byte("x"), large))
	client := accept(t, func(c *conn) {
		frames := []*hub.Frame{{Payload: []byte(text)}}
		if all, err := c.TryWrite(frames); all || err != nil {
			t.Errorf("TryWrite wrote all: %t (%v)", all, err)
		}
		for _, frames := range [][]*hub.Frame{frames, {{Payload: []byte("next")}}} {
			if err := c.Write(frames); err != nil {
				t.Error(err)
			}
		}
		expectCounts(t, c, 2)
	})
	expectFrames(t, client, text, "next")
}

func TestAFrameThatCannotBeCompletedIsAnError(t *testing.T) {
	client := accept(t, func(c *conn) {
		c.wire.Conn, c.wire.rest, c.unfinished = brokenConn{c.wire.Conn}, []byte("rest"), true
		if err := c.Write([]*hub.Frame{{Payload: []byte("x")}}); !errors.Is(err, errBroken) {
			t.Errorf("the error is %v", err)
		}
	})
	expectFrames(t, client)
}

func TestManyLongFramesArriveInOrder(t *testing.T) {
	var frames []*hub.Frame
	var want []string
	for i := range 100 {
		text := bytes.Repeat([]byte{'a' + byte(i%26)}, 5000)
		frames, want = append(frames, &hub.Frame{Payload: text}), append(want, string(text))
	}
	client := accept(t, func(c *conn) {
		if err := c.Write(frames); err != nil {
			t.Error(err)
		}
		expectCounts(t, c, 100)
	})
	expectFrames(t, client, want...)
}

func TestAWriteReusesItsMemory(t *testing.T) {
	long := &hub.Frame{Payload: bytes.Repeat([]byte("x"), 5000)}
	client := accept(t, func(c *conn) {
		write := func(frames ...*hub.Frame) {
			if err := c.Write(frames); err != nil {
				t.Error(err)
			}
		}
		for name, test := range map[string]struct {
			write func()
			want  float64
		}{
			"at once": {func() {
				frames := []*hub.Frame{long, long, long}
				if all, err := c.TryWrite(frames); err != nil {
					t.Error(err)
				} else if !all {
					write(frames...)
				}
			}, 0},
			"that may wait": {func() { write(&hub.Frame{Payload: long.Payload[:1000]}) }, 1},
		} {
			fewest := testing.AllocsPerRun(1, test.write)
			for range 200 { // the race detector empties the pools of buffers now and then
				fewest = min(fewest, testing.AllocsPerRun(1, test.write))
			}
			if fewest > test.want {
				t.Errorf("a write %s: %v allocations", name, fewest)
			}
		}
	})
	_, _ = io.Copy(io.Discard, client.NetConn())
}

func TestALargeBufferIsNotKept(t *testing.T) {
	client := accept(t, func(c *conn) {
		frames := []*hub.Frame{{Payload: make([]byte, 200_000)}}
		if all, err := c.TryWrite(frames); err != nil {
			t.Error(err)
		} else if !all {
			_ = c.Write(frames)
		}
		buffer := buffers.Get().(*[]byte)
		defer buffers.Put(buffer)
		if cap(*buffer) > maximumBuffer {
			t.Errorf("a buffer of %d bytes is kept", cap(*buffer))
		}
		r := rawWrites.Get().(*rawWrite)
		defer rawWrites.Put(r)
		if r.text != nil {
			t.Error("the text is kept in memory")
		}
	})
	_, _ = io.Copy(io.Discard, client.NetConn())
}

func TestAPingAfterACloseFrameDoesNotEndReading(t *testing.T) {
	client := accept(t, func(c *conn) {
		c.prepare()
		c.writeClose(closing{websocket.CloseGoingAway, ""}, time.Now().Add(closeTimeout))
		if _, text, err := c.socket.ReadMessage(); string(text) != "late" {
			t.Errorf("read %q, and %v", text, err)
		}
	})
	client.SetCloseHandler(func(int, string) error { return nil })
	if _, _, err := client.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		t.Errorf("the connection ended with %v", err)
	}
	if err := client.WriteControl(websocket.PingMessage, nil, time.Time{}); err != nil {
		t.Error(err)
	}
	if err := client.WriteMessage(websocket.TextMessage, []byte("late")); err != nil {
		t.Error(err)
	}
}

func TestReadingEndsWhenAPingCannotBeAnswered(t *testing.T) {
	client := accept(t, func(c *conn) {
		c.prepare()
		c.wire.Conn = brokenConn{c.wire.Conn}
		if _, _, err := c.socket.ReadMessage(); !errors.Is(err, errBroken) {
			t.Errorf("reading ended with %v", err)
		}
	})
	if err := client.WriteControl(websocket.PingMessage, nil, time.Time{}); err != nil {
		t.Error(err)
	}
	if err := client.WriteMessage(websocket.TextMessage, []byte("late")); err != nil {
		t.Error(err)
	}
	_, _, _ = client.ReadMessage()
}

func TestAFrameThatArrivesWithTheHandshakeIsRead(t *testing.T) {
	read := make(chan string, 1)
	server := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		upgrade(t, w, r, func(c *conn) {
			_, text, err := c.socket.ReadMessage()
			if err != nil {
				t.Error(err)
			}
			read <- string(text)
		})
	}))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	client := clientSide(conn)
	defer client.Close()
	var handshake bytes.Buffer
	if err := newHandshake().Write(&handshake); err != nil {
		t.Fatal(err)
	}
	handshake.Write([]byte{0x81, 0x82, 0, 0, 0, 0, 'h', 'i'}) // a frame with a mask of zeros
	if _, err := client.Write(handshake.Bytes()); err != nil {
		t.Fatal(err)
	}
	if text := <-read; text != "hi" {
		t.Errorf("read %q", text)
	}
}

// A countingConn counts its writes.
type countingConn struct {
	net.Conn
	writes int
}

func (c *countingConn) Write(text []byte) (int, error) {
	c.writes++
	return c.Conn.Write(text)
}

func TestAFrameIsOneWriteAndTheRestOfAnotherIsOneMore(t *testing.T) {
	w, client := connect(t)
	plainOnly(t) // with TLS, the rest is in the carrier
	counting := &countingConn{Conn: w.Conn}
	w.Conn = counting
	for _, test := range []struct {
		rest string
		want int
	}{{"", 1}, {"rest", 2}, {"", 1}} {
		w.rest, counting.writes = []byte(test.rest), 0
		if n, err := w.Write([]byte("frame")); n != 5 || err != nil {
			t.Errorf("%d bytes were written (%v)", n, err)
		}
		if counting.writes != test.want {
			t.Errorf("with the rest %q: %d writes, want %d", test.rest, counting.writes, test.want)
		}
	}
	w.rest = []byte("rest")
	for range 2 {
		if err := w.write(nil); err != nil {
			t.Error(err)
		}
	}
	_ = w.Close()
	if got, err := io.ReadAll(client); string(got) != "frame"+"restframe"+"frame"+"rest" {
		t.Errorf("received %q (%v)", got, err)
	}
}

// A timelessConn has no deadlines.
type timelessConn struct{ *countingConn }

func (timelessConn) SetWriteDeadline(time.Time) error { return errBroken }

func TestAWriteWithoutADeadlineIsNotBegun(t *testing.T) {
	w, _ := connect(t)
	counting := &countingConn{Conn: w.Conn}
	w.Conn = timelessConn{counting}
	if n, err := w.Write([]byte("frame")); n != 0 || !errors.Is(err, errBroken) || counting.writes != 0 {
		t.Errorf("%d bytes in %d writes (%v)", n, counting.writes, err)
	}
	if err := w.write([]byte("frame")); !errors.Is(err, errClosed) {
		t.Errorf("a later write: %v", err)
	}
}

func TestAWriteAtOnceThatIsNotPossibleWritesNothing(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(*wire)
		want    error
	}{
		"the system has no such writes": {withoutRaw, nil},
		"the other writer is at work":   {func(w *wire) { w.mu.Lock() }, nil},
		"the rest must come first":      {func(w *wire) { w.rest = []byte("rest") }, nil},
		"a close frame was sent":        {func(w *wire) { w.closed = true }, errClosed},
		"the connection is broken":      {breakWrites, errBroken},
	} {
		w, client := connect(t)
		test.prepare(w)
		if accepted, all, err := w.tryWrite([]byte("x")); accepted || all || !errors.Is(err, test.want) {
			t.Errorf("%s: accepted: %t, all of it: %t, error: %v", name, accepted, all, err)
		}
		_ = w.Close()
		if got, _ := io.ReadAll(client); len(got) > 0 {
			t.Errorf("%s: the client received %q", name, got)
		}
	}
}

func TestAWriteAtOnceSaysWhatItWrote(t *testing.T) {
	w, _ := connect(t)
	for range 2 {
		if accepted, all, err := w.tryWrite([]byte("x")); !accepted || !all || err != nil {
			t.Errorf("accepted: %t, all of it: %t, error: %v", accepted, all, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if accepted, all, err := w.tryWrite([]byte("x")); accepted || all || err == nil {
		t.Errorf("once it is closed: accepted: %t, all of it: %t, error: %v", accepted, all, err)
	}
}

// A rawlessConn is a connection whose socket the system does not give.
type rawlessConn struct{ *net.TCPConn }

func (c rawlessConn) SyscallConn() (raw syscall.RawConn, err error) {
	raw, _ = c.TCPConn.SyscallConn()
	return raw, errBroken
}

func TestASocketThatTheSystemDoesNotGiveIsWrittenInTheUsualWay(t *testing.T) {
	plainOnly(t)
	w, _ := connect(t)
	if raw := rawConn(rawlessConn{w.Conn.(*net.TCPConn)}); raw != nil {
		t.Errorf("the socket is %v", raw)
	}
}
