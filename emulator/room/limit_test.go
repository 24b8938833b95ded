package room

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

func TestAFrameOverTheRateIsKeptUpTo4KiB(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRooms()
		s := join(r, new(client), time.Hour)
		for s.HandleFrame(t.Context(), []byte("{}"), false) { // until it is over the rate
		}
		for _, size := range []int{4096, 4097} {
			s.HandleFrame(t.Context(), []byte(strings.Repeat("x", size)), false)
			entries := r.Journal.Latest(9, journal.Filter{Kind: journal.Frame, Direction: journal.In})
			last := entries[len(entries)-1]
			if size == 4096 && len(last.Text) != size || size == 4097 && (last.Text != "" || last.FrameBytes != size) {
				t.Errorf("of a frame of %d bytes, %d and the size %d are kept", size, len(last.Text), last.FrameBytes)
			}
		}
		s.Leave("left")
		synctest.Wait()
	})
}
