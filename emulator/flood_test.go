package emulator_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

const helloFrame = `{"Action":"SEND_MESSAGE","Content":"x","RequestId":"r"}`

func TestFramesFarOverTheRateAreReadSlowlyAndEachIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := serveInMemory(t, emulator.Config{})
		room := createRoom(t, n, "")
		flooder, other := n.connect(t, room, "flooder"), n.connect(t, room, "other")
		began, limited := time.Now(), 0
		const frames = 500
		go func() {
			for range frames {
				flooder.send(helloFrame)
			}
		}()
		for range frames {
			frame := flooder.receive()
			if frame.RequestID != "r" {
				t.Fatalf("received %s", frame.Raw)
			}
			if frame.ErrorCode == 429 {
				limited++
			}
		}
		// 100 frames over the rate are answered at once, and 100 more in each second.
		if took := time.Since(began); took < 3*time.Second || took > 4*time.Second {
			t.Errorf("%d answers took %v, of which %d are ERROR 429", frames, took, limited)
		}
		if limited < frames-60 { // 10 at once, and 10 more in each second
			t.Errorf("%d of %d answers are ERROR 429", limited, frames)
		}
		for range frames - limited {
			other.expectMessage("x")
		}
		time.Sleep(time.Second)
		flooder.sendMessage("still connected")
		flooder.expectMessage("still connected")
		other.expectMessage("still connected")
	})
}

func TestATestThatMovesTheClockCanSendAsMuchAsItLikes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := serveInMemory(t, emulator.Config{})
		c := n.connect(t, createRoom(t, n, ""), "anna")
		began := time.Now()
		for range 100 {
			for range 10 {
				c.send(helloFrame)
				if frame := c.receive(); frame.Type != "MESSAGE" {
					t.Fatalf("received %s", frame.Raw)
				}
			}
			n.Clock().Advance(time.Second)
		}
		if took := time.Since(began); took != 0 { // in the bubble, only waiting takes time
			t.Errorf("1,000 frames within the rate took %v", took)
		}
	})
}

func TestPingsAreReadSlowlyIfThereAreVeryMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := serveInMemory(t, emulator.Config{})
		conn := n.connectWebSocket(t, createRoom(t, n, ""), "anna")
		pongs := make(chan struct{}, 500)
		conn.SetPongHandler(func(string) error {
			pongs <- struct{}{}
			return nil
		})
		go func() { _, _, _ = conn.ReadMessage() }()
		began := time.Now()
		for range cap(pongs) {
			if err := conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(timeout)); err != nil {
				t.Fatal(err)
			}
		}
		for range cap(pongs) {
			<-pongs
		}
		if took := time.Since(began); took < 3*time.Second || took > 5*time.Second {
			t.Errorf("%d pings took %v", cap(pongs), took)
		}
	})
}

// Also of frames that never end, such as a message in many fragments of one byte.
func TestAClientIsReadAtAMegabyteASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := serveInMemory(t, emulator.Config{})
		conn := n.connectWebSocket(t, createRoom(t, n, ""), "anna")
		began := time.Now()
		const size = 4 << 20
		fragments := append(
			[]byte{0x01, 0x80, 0, 0, 0, 0}, // the first fragment, with a mask and no text
			strings.Repeat("\x00\x80\x00\x00\x00\x00", size/6)...,
		)
		if _, err := conn.NetConn().Write(fragments); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 2*time.Second || took > 4*time.Second {
			t.Errorf("%d bytes took %v", len(fragments), took)
		}
	})
}

func TestOfALongFrameOverTheRateTheJournalHasTheSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := serveInMemory(t, emulator.Config{})
		c := n.connect(t, createRoom(t, n, ""), "anna")
		long := `{"Action":"VIEW","RequestId":"long","Content":"` + strings.Repeat("x", 5000) + `"}`
		for range 10 {
			c.send(long)
			c.expectError(400)
		}
		c.send(long)
		if frame := c.receive(); frame.ErrorCode != 429 || frame.RequestID != "" {
			t.Errorf("received %s", frame.Raw)
		}
		c.send(helloFrame)
		if frame := c.receive(); frame.ErrorCode != 429 || frame.RequestID != "r" {
			t.Errorf("received %s", frame.Raw)
		}
		entries := n.Journal().After(0, 0, journal.Filter{Direction: journal.In})
		if len(entries) != 12 {
			t.Fatalf("the journal has %d frames, want 12", len(entries))
		}
		if e := entries[9]; string(e.Frame) != long || e.FrameBytes != 0 {
			t.Errorf("a frame within the rate is %.50s of %d bytes", e.Frame, e.FrameBytes)
		}
		if e := entries[10]; e.Frame != nil || e.Text != "" || e.FrameBytes != len(long) {
			t.Errorf("a long frame over the rate is %.50s%.50s of %d bytes", e.Frame, e.Text, e.FrameBytes)
		}
		if e := entries[11]; string(e.Frame) != helloFrame || e.FrameBytes != 0 {
			t.Errorf("a short frame over the rate is %.50s of %d bytes", e.Frame, e.FrameBytes)
		}
	})
}
