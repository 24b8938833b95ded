package room

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// An ear is a Connection that tells of its end.
type ear struct{ ended func(hub.Reason) }

func (*ear) TryWrite([][]byte) (bool, error) { return true, nil }
func (*ear) Write([][]byte) error            { return nil }
func (*ear) Hurry()                          {}
func (e *ear) End(r hub.Reason)              { e.ended(r) }
func (*ear) Pause(time.Duration)             {}
func (*ear) Break(fault.Rule)                {}

func TestTenThousandSessionsEndInTheOrderOfTheirTimes(t *testing.T) {
	const many = 10_000
	rooms := New(Config{Random: ivschat.NewRandom(1), Clock: new(clock.Clock), Journal: new(journal.Journal), Faults: fault.New(nil, nil, nil), Logger: slog.New(slog.DiscardHandler)})
	began := rooms.Clock.Now()
	var ended []int
	for i := range many {
		minute := (i * 7919) % many // each once, in no order
		s := rooms.Join(ivschat.ChatToken{
			Room: ivschat.ARN{ID: fmt.Sprint(i % 10)}, UserID: "u", SessionExpirationTime: began.Add(time.Duration(1+minute) * time.Minute),
		})
		s.Start(&ear{func(hub.Reason) { ended = append(ended, minute) }})
	}
	rooms.Clock.Advance(many * time.Minute)
	if len(ended) != many || !slices.IsSorted(ended) {
		t.Errorf("%d ended, in order: %v", len(ended), slices.IsSorted(ended))
	}
}
