package emulator_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

func TestRestoreForAnAccountRestoresOnlyItsResources(t *testing.T) {
	e := newEmulator(t, emulator.Config{})
	createRoom(t, e, "{}") // of another account
	document := `{"version": 1, "loggingConfigurations": [], "rooms": [{"id": "RoomNumber01"}, ` +
		`{"id": "RoomNumber02", "account": "210987654321"}]}`
	if err := e.Restore(t.Context(), "123456789012", []byte(document)); err != nil {
		t.Fatal(err)
	}
	all, err := e.Resources(t.Context(), "")
	if err != nil || len(all.Rooms) != 2 {
		t.Fatalf("the resources are %+v: %v", all, err)
	}
	if arn := all.Rooms[1].ARN.String(); arn != "arn:aws:ivschat:us-east-1:123456789012:room/RoomNumber01" {
		t.Errorf("the restored room is %s", arn)
	}
}

func TestRestoreForAnAccountRestoresOnlyItsLoggingConfigurations(t *testing.T) {
	e := newEmulator(t, emulator.Config{})
	configuration := func(id, account string) string {
		return fmt.Sprintf(`{"id": %q, "account": %q, "destinationConfiguration": {"s3": {"bucketName": "logs"}}}`, id, account)
	}
	document := `{"version": 1, "rooms": [], "loggingConfigurations": [` +
		configuration("LoggingConf1", "123456789012") + "," + configuration("LoggingConf2", "210987654321") + `]}`
	if err := e.Restore(t.Context(), "123456789012", []byte(document)); err != nil {
		t.Fatal(err)
	}
	all, err := e.Resources(t.Context(), "")
	if err != nil || len(all.LoggingConfigurations) != 1 || all.LoggingConfigurations[0].ARN.ID != "LoggingConf1" {
		t.Fatalf("the resources are %+v: %v", all, err)
	}
}

func TestASeedMayReferToExistingResources(t *testing.T) {
	e := newEmulator(t, emulator.Config{})
	const room = `{"rooms": [{"id": "RoomNumber01", "tags": {}, ` +
		`"loggingConfigurationIdentifiers": ["LoggingConf1"]}]}` // in one line, for the error
	const configuration = `{"loggingConfigurations": [
		{"id": "LoggingConf1", "destinationConfiguration": {"s3": {"bucketName": "logs"}}}
	]}`
	want := "line 1: rooms[0].loggingConfigurationIdentifiers: there is no "
	if err := e.Seed(t.Context(), []byte(room)); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("the error is %v", err)
	}
	if err := e.Seed(t.Context(), []byte(configuration)); err != nil {
		t.Fatal(err)
	}
	var updated [2]string
	for i := range updated {
		if err := e.Seed(t.Context(), []byte(room)); err != nil {
			t.Fatal(err)
		}
		all, err := e.Resources(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		updated[i] = all.Rooms[0].UpdateTime.String()
		e.Clock().Advance(1)
	}
	if updated[0] != updated[1] {
		t.Errorf("the second seed changed the room: %v", updated)
	}
}

func TestAResetWithoutClientsWaitsForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEmulator(t, emulator.Config{})
		createRoom(t, e, "{}")
		addFault(t, e)
		e.Clock().Advance(time.Hour)
		began := time.Now()
		if err := e.Reset(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 0 { // in the bubble, only waiting takes time
			t.Errorf("the reset waited for %v", took)
		}
	})
}

// addFault adds a rule that does not fire in these tests.
func addFault(t *testing.T, e *emulator.Emulator) {
	t.Helper()
	rule := fault.Rule{Operation: "CreateRoom", Every: 100, Effect: fault.ReturnStatus{Status: 500}}
	if _, err := e.Faults().Add(rule); err != nil {
		t.Fatal(err)
	}
}

func TestAResetWhoseContextHasEndedChangesNothing(t *testing.T) {
	e := newEmulator(t, emulator.Config{})
	createRoom(t, e, "{}")
	addFault(t, e)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.Reset(ctx, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	all, err := e.Resources(t.Context(), "")
	if err != nil || len(all.Rooms) != 1 || len(e.Faults().Rules("")) != 1 {
		t.Errorf("%d rooms and %d faults are left: %v", len(all.Rooms), len(e.Faults().Rules("")), err)
	}
}

func TestARestoreRecordsTheClientsThatItDisconnects(t *testing.T) {
	n := serveInMemory(t, emulator.Config{})
	client := n.connect(t, createRoom(t, n, ""), "anna")
	document, err := n.Snapshot(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Restore(t.Context(), "", document); err != nil {
		t.Fatal(err)
	}
	if code := client.waitClosed(); code != websocket.CloseServiceRestart {
		t.Errorf("the close code is %d", code)
	}
	entries := n.Journal().Wait(t.Context(), 0, 1, journal.Filter{Kind: journal.Disconnect})
	if len(entries) != 1 || entries[0].Reason != "restored" {
		t.Errorf("the journal has %+v", entries)
	}
}

// BenchmarkSeed compares seeding an empty emulator with seeding it again, which changes nothing.
func BenchmarkSeed(b *testing.B) {
	var rooms []string
	for i := range 5000 {
		rooms = append(rooms, fmt.Sprintf(`{"id": "%012d"}`, i))
	}
	document := []byte(`{"rooms": [` + strings.Join(rooms, ",") + `]}`)
	e := newEmulator(b, emulator.Config{})
	seed := func() {
		if err := e.Seed(b.Context(), document); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			if err := e.Reset(b.Context(), ""); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			seed()
		}
	})
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			seed()
		}
	})
}
