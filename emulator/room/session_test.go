package room

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
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

// A mouth is a Connection that remembers what it was told.
type mouth struct {
	ear
	told []string
}

func (m *mouth) TryWrite([][]byte) (bool, error) { return false, nil }
func (m *mouth) Write(frames [][]byte) error {
	for _, frame := range frames {
		m.told = append(m.told, string(frame))
	}
	return nil
}

// Alarms ring one after another, and each may take its time. Whoever asks for
// something meanwhile gets an answer, which bears the RequestId.
func TestARequestAfterTheEndOfASessionIsToldSo(t *testing.T) {
	rooms := New(Config{Random: ivschat.NewRandom(1), Clock: new(clock.Clock), Journal: new(journal.Journal), Faults: fault.New(nil, nil, nil), Logger: slog.New(slog.DiscardHandler)})
	began := rooms.Clock.Now()
	s := rooms.Join(ivschat.ChatToken{UserID: "u", SessionExpirationTime: began.Add(2 * time.Minute)})
	var ended []hub.Reason
	m := &mouth{ear: ear{func(r hub.Reason) { ended = append(ended, r) }}}
	s.Start(m)
	rooms.Clock.At(began.Add(time.Minute), func() {
		s.Do([]byte(`{"Action":"SEND_MESSAGE","Content":"x","RequestId":"r"}`), false)
		s.Do([]byte(`{"Action":"SEND_MESSAGE","Content":"x","RequestId":"again"}`), false)
	})
	rooms.Clock.Advance(2 * time.Minute)
	if len(m.told) != 1 || !strings.Contains(m.told[0], `"RequestId":"r","ErrorCode":401,`) {
		t.Errorf("it was told %s", m.told)
	}
	if !slices.Equal(ended, []hub.Reason{hub.Expired}) {
		t.Errorf("it ended with %q", ended)
	}
}

// within is how long ten thousand sessions may take to end.
var within = time.Second

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
	moved := time.Now()
	rooms.Clock.Advance(many * time.Minute)
	if took := time.Since(moved); took > within {
		t.Errorf("it took %v", took)
	}
	if len(ended) != many || !slices.IsSorted(ended) {
		t.Errorf("%d ended, in order: %v", len(ended), slices.IsSorted(ended))
	}
}

// A wall is a Connection whose end never comes about, as with a client that
// reads nothing.
type wall struct {
	ear
	forever chan struct{}
}

func (w *wall) TryWrite([][]byte) (bool, error) { return false, nil }
func (w *wall) Write([][]byte) error            { <-w.forever; return nil }

func TestAResetWaitsOnceForAllWhoDoNotListen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rooms := New(Config{Random: ivschat.NewRandom(1), Clock: new(clock.Clock), Journal: new(journal.Journal), Faults: fault.New(nil, nil, nil), Logger: slog.New(slog.DiscardHandler)})
		forever := make(chan struct{})
		defer close(forever)
		room := ivschat.ARN{ID: "r"}
		for range 50 {
			rooms.Join(ivschat.ChatToken{Room: room, SessionExpirationTime: time.Now().Add(time.Hour)}).Start(&wall{ear{func(hub.Reason) {}}, forever})
		}
		if _, err := rooms.SendEvent(room, time.Now(), "e", nil); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		rooms.Reset("")
		if took := time.Since(began); took > endTimeout {
			t.Errorf("it took %v", took)
		}
	})
}
