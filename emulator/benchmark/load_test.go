//go:build unix

package benchmark_test

import (
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// BenchmarkRoom runs ivschat-load, which fills a room and sends at a constant rate.
func BenchmarkRoom(b *testing.B) {
	path, _ := build(b, "ivschat-load")
	both, emulatorOnly := []string{emulatorInMemory, writePumpPeer}, []string{emulatorInMemory}
	for _, room := range []struct {
		measure  string
		options  string
		duration time.Duration
		kinds    []string
	}{
		{
			"1000 viewers, 10 messages a second",
			"--viewers 1000 --rate 10", 10 * time.Second, both,
		},
		{
			"5000 viewers, 100 messages a second",
			"--viewers 5000 --rate 100", 20 * time.Second, emulatorOnly,
		},
		{
			"5000 viewers, 100 events a second",
			"--viewers 5000 --rate 0 --events 100", 20 * time.Second, emulatorOnly,
		},
	} {
		for _, kind := range room.kinds {
			b.Run(strings.ReplaceAll(room.measure+"/"+kind, " ", "_"), func(b *testing.B) {
				for b.Loop() {
					p := startPeer(b, kind)
					report := runLoad(b, path, append(strings.Fields(room.options),
						"--endpoint", p.url, "--duration", orShort(room.duration).String(), "--format", "json"))
					report.record(b, room.measure, kind)
				}
			})
		}
	}
}

// A loadReport has those members of the report of ivschat-load that go into the table.
type loadReport struct {
	Messages struct {
		Sent, ThrottledAtFirstAttempt int64
		PerSecond                     float64 // accepted
	}
	Events     struct{ PerSecond float64 } // accepted
	Deliveries struct {
		PerSecond float64
		Lost      int64
	}
	LatencyMilliseconds struct{ P50, P99, Max float64 }
}

func runLoad(b testing.TB, path string, options []string) (report loadReport) {
	b.Helper()
	output, err := exec.Command(path, options...).Output()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		b.Fatal(err)
	}
	// It exits with 1 when something was lost, which the table shows. It has printed a report then.
	if failure := json.Unmarshal(output, &report); failure != nil {
		b.Fatalf("%v: %s, and %v", failure, output, err)
	}
	return report
}

// record records the report.
func (r *loadReport) record(b *testing.B, measure, server string) {
	b.Helper()
	record(b, measure, server, "accepted/s", moreIsBetter, r.Messages.PerSecond+r.Events.PerSecond)
	if accepted, ok := r.acceptedAtFirstAttempt(); ok {
		record(b, measure, server, "% accepted at the first attempt", moreIsBetter, accepted)
	}
	record(b, measure, server, "deliveries/s", moreIsBetter, r.Deliveries.PerSecond)
	record(b, measure, server, "lost", lessIsBetter, float64(r.Deliveries.Lost))
	record(b, measure, server, "ms p50", lessIsBetter, r.LatencyMilliseconds.P50)
	record(b, measure, server, "ms p99", lessIsBetter, r.LatencyMilliseconds.P99)
	record(b, measure, server, "ms maximum", lessIsBetter, r.LatencyMilliseconds.Max)
}

// acceptedAtFirstAttempt returns how many percent of the messages the room did not refuse with 429 when
// they were sent for the first time. It rounds down to a tenth, so that 100 means all. If no messages
// were sent, ok is false.
func (r *loadReport) acceptedAtFirstAttempt() (percent float64, ok bool) {
	sent := r.Messages.Sent
	if sent == 0 {
		return 0, false
	}
	return float64(1000*(sent-r.Messages.ThrottledAtFirstAttempt)/sent) / 10, true
}

func TestTheShareOfMessagesAcceptedAtTheFirstAttempt(t *testing.T) {
	for text, want := range map[string]float64{
		`{"messages":{"sent":200,"accepted":200,"perSecond":100,"throttledAtFirstAttempt":0}}`: 100,
		`{"messages":{"sent":200,"accepted":200,"perSecond":100,"throttledAtFirstAttempt":3}}`: 98.5,
		`{"messages":{"sent":3000,"accepted":3000,"throttledAtFirstAttempt":1}}`:               99.9,
		`{"messages":{"sent":0,"throttledAtFirstAttempt":0},"events":{"sent":200}}`:            -1,
	} {
		var report loadReport
		if err := json.Unmarshal([]byte(text), &report); err != nil {
			t.Fatal(err)
		}
		got, ok := report.acceptedAtFirstAttempt()
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%s: %v, %v, want %v", text, got, ok, want)
		}
	}
}
