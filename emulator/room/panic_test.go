package room

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// panickingFinder is a Finder that panics.
type panickingFinder struct{}

func (panickingFinder) Room(context.Context, ivschat.ARN) (ivschat.Room, error) { panic("damaged") }

func TestAPanicInARequestIsAnError500ForItsClientAndALineInTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		r := newRooms(func(c *Config) {
			c.Finder, c.Logger = panickingFinder{}, slog.New(slog.NewTextHandler(&log, nil))
		})
		c := &client{}
		s := join(r, c, time.Hour)
		for range 2 {
			s.HandleFrame(t.Context(), []byte(`{"Action":"SEND_MESSAGE","Content":"x"}`), false)
		}
		synctest.Wait()
		if got := c.received(); len(got) != 2 || !strings.Contains(got[1], `"ErrorCode":500`) {
			t.Errorf("the client received %v", got)
		}
		if strings.Count(log.String(), "panic: damaged") != 2 {
			t.Errorf("the log is\n%s", &log)
		}
		s.Leave("left")
	})
}
