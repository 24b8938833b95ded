package conformance_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/conformance"
	"github.com/ivschat-local/ivschat-local/conformance/claims"
	"github.com/ivschat-local/ivschat-local/emulator"
)

func TestClaimsAboutChatLogsHoldWhereverTheyAreDelivered(t *testing.T) {
	for name, config := range map[string]emulator.Config{
		"in memory":   {ReviewTimeout: reviewTimeout},
		"in a folder": {ReviewTimeout: reviewTimeout, ChatLogs: t.TempDir()},
	} {
		target := inProcess(start(t, config))
		target.Destinations = nil
		checked := 0
		for _, claim := range claims.All() {
			if claim.Needs&(conformance.Records|conformance.Deliveries) == 0 || claim.Needs&conformance.Arrivals != 0 {
				continue
			}
			checked++
			result := conformance.Check(t.Context(), target, claim)
			if result.Outcome != conformance.Held && result.Outcome != conformance.AsDecided {
				t.Errorf("%s, %s is %s: %s", name, claim.ID, result.Outcome, result.Detail)
			}
		}
		if checked < 40 {
			t.Errorf("%s, only %d claims were checked", name, checked)
		}
	}
}

// fakeChatLogs are chat logs with the same clock and records for everyone.
type fakeChatLogs struct {
	conformance.ChatLogs
	now     time.Time
	calls   []string
	records []conformance.LogRecord
	err     error
}

func (l *fakeChatLogs) StopClock(context.Context, string) (time.Time, error) {
	l.calls = append(l.calls, "stop")
	return l.now, l.err
}

func (l *fakeChatLogs) MoveClock(_ context.Context, _ string, to time.Time) error {
	l.calls = append(l.calls, "move to "+to.Format(time.TimeOnly))
	return nil
}

func (l *fakeChatLogs) Reset(context.Context, string) error {
	l.calls = append(l.calls, "reset")
	return errors.New("no")
}

func (l *fakeChatLogs) Records(context.Context, string, int, time.Duration) ([]conformance.LogRecord, error) {
	return l.records, l.err
}

func (l *fakeChatLogs) Deliveries(context.Context, string) ([]conformance.LogDelivery, error) {
	return []conformance.LogDelivery{{Destination: "s3:bucket"}}, l.err
}

// checkChatLogs checks a claim in a target with these chat logs, and returns why it fails.
func checkChatLogs(t *testing.T, logs *fakeChatLogs, check func(*conformance.Probe)) string {
	return conformance.Check(t.Context(), conformance.Target{ChatLogs: logs}, claimOf(check)).Detail
}

func TestTheClockOfACheckStandsAtTheBeginningOfAnHourAndRunsAtItsEnd(t *testing.T) {
	logs := &fakeChatLogs{now: time.Date(2026, 1, 31, 22, 59, 59, 1, time.UTC)}
	if problem := checkChatLogs(t, logs, func(p *conformance.Probe) {
		p.RequireEqual("the hour", p.StopClock(), time.Date(2026, 1, 31, 23, 0, 0, 0, time.UTC))
	}); problem != "" {
		t.Error(problem)
	}
	if want := []string{"stop", "move to 23:00:00", "reset"}; !slices.Equal(logs.calls, want) {
		t.Errorf("the calls are %q, want %q", logs.calls, want)
	}
}

func TestTheClockOfACheckRunsAgainAlsoIfTheCheckFails(t *testing.T) {
	logs := &fakeChatLogs{err: errors.New("no")}
	problem := checkChatLogs(t, logs, func(p *conformance.Probe) { p.StopClock() })
	if problem != "stop the clock: no" {
		t.Errorf("the check failed with %q", problem)
	}
	if want := []string{"stop", "reset"}; !slices.Equal(logs.calls, want) {
		t.Errorf("the calls are %q, want %q", logs.calls, want)
	}
}

func TestRecordsThatAreTooManyFailTheCheck(t *testing.T) {
	logs := &fakeChatLogs{records: make([]conformance.LogRecord, 2)}
	check := func(p *conformance.Probe) { p.LogRecords("", 1) }
	if problem := checkChatLogs(t, logs, check); problem == "" {
		t.Error("the check succeeded")
	}
}

func TestADeliveryThatFailedFailsTheCheck(t *testing.T) {
	check := func(p *conformance.Probe) { p.LogDeliveries("") }
	if problem := checkChatLogs(t, new(fakeChatLogs), check); problem != "a delivery to s3:bucket failed" {
		t.Errorf("the check failed with %q", problem)
	}
}

func TestChatLogsThatAreNotDeliveredOrCannotBeReadAreSkipped(t *testing.T) {
	target := conformance.Target{ChatLogs: new(fakeChatLogs)}
	for needs, want := range map[conformance.Need]conformance.Outcome{
		conformance.Records:                           conformance.Held,
		conformance.Deliveries:                        conformance.Skipped,
		conformance.Arrivals:                          conformance.Skipped,
		conformance.Deliveries | conformance.Arrivals: conformance.Skipped,
		conformance.Records | conformance.ManyRooms:   conformance.Held,
	} {
		claim := claimOf(func(*conformance.Probe) {})
		claim.Needs = needs
		if got := conformance.Check(t.Context(), target, claim); got.Outcome != want {
			t.Errorf("with the needs %b it is %s: %s", needs, got.Outcome, got.Detail)
		}
	}
}

// A server with the APIs of destinations may have none of those that the checks use.
func TestWithoutDestinationsOnlyTheRecordsAreChecked(t *testing.T) {
	lost := emulator.Config{FirehoseEndpoint: start(t, emulator.Config{}).URL()} // which is no Firehose
	target := conformance.Target{Endpoint: start(t, lost).URL(), Region: "us-east-1"}
	target = remoteChatLogs(t, target)
	if target.ChatLogs == nil || target.Delivers {
		t.Errorf("the target is %+v", target)
	}
}

func TestATargetWithoutChatLogsStaysAsItIs(t *testing.T) {
	target := conformance.Target{Endpoint: allDestinations().url}
	if got := remoteChatLogs(t, target); got.ChatLogs != nil || got.Delivers {
		t.Errorf("the target is %+v", got)
	}
}
