package emulator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
)

func TestRestoreForAnAccountRestoresOnlyItsResources(t *testing.T) {
	e := newEmulator(t, emulator.Config{})
	createRoom(t, e, "{}") // of another account
	document := `{"rooms": [{"id": "RoomNumber01"}, {"id": "RoomNumber02", "account": "210987654321"}]}`
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

func TestASmallStateIsResetInLessThanAMillisecond(t *testing.T) {
	e := newEmulator(t, emulator.Config{})
	best := time.Hour // the machine may be busy with something else
	for range 100 {
		for range 3 {
			createRoom(t, e, "{}")
		}
		rule := fault.Rule{Operation: "CreateRoom", Every: 100, Effect: fault.ReturnStatus{Status: 500}}
		if _, err := e.Faults().Add(rule); err != nil {
			t.Fatal(err)
		}
		e.Clock().Advance(time.Hour)
		began := time.Now()
		if err := e.Reset(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		best = min(best, time.Since(began))
	}
	if best > time.Millisecond {
		t.Errorf("the fastest reset took %v", best)
	}
}

func TestALargeSeedThatChangesNothingIsNotSlow(t *testing.T) {
	e := newEmulator(t, emulator.Config{})
	var rooms []string
	for i := range 5000 {
		rooms = append(rooms, fmt.Sprintf(`{"id": "%012d"}`, i))
	}
	document := []byte(`{"rooms": [` + strings.Join(rooms, ",") + `]}`)
	seed := func() time.Duration {
		began := time.Now()
		if err := e.Seed(t.Context(), document); err != nil {
			t.Fatal(err)
		}
		return time.Since(began)
	}
	// The machine may be busy with something else, so the best of three counts.
	if first, again := seed(), min(seed(), seed(), seed()); again > 4*first {
		t.Errorf("the first seed took %v, and the next %v", first, again)
	}
}
