package room

import (
	"log/slog"
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

func TestThatAttributesAreTooLargeIsInTheLogOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		r := newRooms(func(c *Config) {
			c.MessageAttributeBytes, c.Logger = 5, slog.New(slog.NewTextHandler(&log, nil))
		})
		c := new(client)
		s := join(r, c, time.Hour)
		for range 2 {
			s.HandleFrame(t.Context(), []byte(`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"a":"12345"}}`), false)
		}
		synctest.Wait()
		if got := c.received(); len(got) != 2 || !strings.Contains(got[1], `"ErrorCode":413`) {
			t.Errorf("the client received %v", got)
		}
		_, line, _ := strings.Cut(log.String(), " ")
		const want = `level=WARN msg="a message was refused with ERROR 413, because its Attributes are too large; ` +
			`AWS does not document a limit, and --message-attribute-bytes changes the emulator's" maximum_bytes=5` + "\n"
		if line != want {
			t.Errorf("the log is\n%swant\n%s", line, want)
		}
		s.Leave("left")
		synctest.Wait()
	})
}
