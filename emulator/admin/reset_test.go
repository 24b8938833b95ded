package admin_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

func TestAResetRemovesEverything(t *testing.T) {
	e := emulatortest.Start(t)
	anna := e.Connect(e.Room(), "anna")
	e.Advance(10 * time.Minute)
	addFault(t, e, `{"operation":"CreateRoom","status":500}`)
	call(t, e, 204, "POST", "reset", "")
	if code := anna.WaitClosed().Code; code != 1012 {
		t.Errorf("closed with %d", code)
	}
	if resources, err := e.Resources(t.Context(), ""); err != nil || len(resources.Rooms) != 0 {
		t.Errorf("resources: %v, %v", resources, err)
	}
	if rules := e.Faults().Rules(""); len(rules) != 0 {
		t.Errorf("faults: %v", rules)
	}
	if ahead := e.Clock().Ahead(); ahead != 0 {
		t.Errorf("the clock is %v ahead", ahead)
	}
	if frames := e.Journal().After(0, 0, journal.Filter{Kind: journal.Frame}); len(frames) != 0 {
		t.Errorf("frames: %v", frames)
	}
}

func TestTheJournalIsEmptyAfterAReset(t *testing.T) {
	e := emulatortest.Start(t)
	anna := e.Connect(e.Room(), "anna")
	call(t, e, 204, "POST", "reset", "")
	anna.WaitClosed()
	if err := e.Emulator.Close(); err != nil { // which waits for every connection
		t.Error(err)
	}
	if entries := e.Journal().After(0, 0, journal.Filter{}); len(entries) != 0 {
		t.Errorf("the journal has %+v", entries)
	}
}

func TestAResetDoesNotWaitForDelays(t *testing.T) {
	e := emulatortest.Start(t)
	anna := e.Connect(e.Room(), "anna", "SEND_MESSAGE")
	addFault(t, e, `{"operation":"MESSAGE","delay":"10m"}`)
	anna.SendMessage("x")
	waitForFault(t, e)
	call(t, e, 204, "POST", "reset", "")
	if code := anna.WaitClosed().Code; code != 1012 {
		t.Errorf("closed with %d", code)
	}
}

const seed = `{
	"loggingConfigurations": [{"name": "logs", "destinationConfiguration": {"s3": {"bucketName": "chat-logs"}}}],
	"rooms": [
		{"name": "lobby", "loggingConfigurationIdentifiers": ["logs"]},
		{"name": "lobby", "account": "123456789012"}
	]}`

func TestAResetCanGoBackToTheSeed(t *testing.T) {
	e := emulatortest.Start(t)
	for _, document := range []string{seed, `{"rooms": [{"name": "hall"}]}`, seed} {
		if err := e.Seed(t.Context(), []byte(document)); err != nil {
			t.Fatal(err)
		}
	}
	before := snapshot(t, e.Emulator)
	operation(t, e, "/CreateRoom", `{"name":"another"}`)
	room := list(t, e, "rooms?account=000000000000")[2]
	operation(t, e, "/UpdateRoom", text(t, map[string]any{"identifier": member(room, "arn"), "name": "renamed"}))
	anna := e.Connect(e.Room(), "anna")
	e.Advance(10 * time.Minute)
	addFault(t, e, `{"operation":"CreateRoom","status":500}`)
	call(t, e, 204, "POST", "reset", `{"to": "seed"}`)
	if code := anna.WaitClosed().Code; code != 1012 {
		t.Errorf("closed with %d", code)
	}
	if after := snapshot(t, e.Emulator); !bytes.Equal(withoutHeader(before), withoutHeader(after)) {
		t.Errorf("the emulator has\n%s\nwant\n%s", after, before)
	}
	if rules, ahead := e.Faults().Rules(""), e.Clock().Ahead(); len(rules) != 0 || ahead != 0 {
		t.Errorf("faults: %v; the clock is %v ahead", rules, ahead)
	}
	call(t, e, 204, "POST", "reset", `{"to": "empty"}`)
	if rooms := list(t, e, "rooms"); len(rooms) != 0 {
		t.Errorf("the rooms are %v", rooms)
	}
	call(t, e, 204, "POST", "reset", `{"to": "seed"}`) // the seed is still there
	if after := snapshot(t, e.Emulator); !bytes.Equal(withoutHeader(before), withoutHeader(after)) {
		t.Errorf("the emulator has\n%s\nwant\n%s", after, before)
	}
}

func TestAnAccountGoesBackToItsPartOfTheSeed(t *testing.T) {
	e := emulatortest.Start(t)
	if err := e.Seed(t.Context(), []byte(seed)); err != nil {
		t.Fatal(err)
	}
	e.Room()                             // of 123456789012
	operation(t, e, "/CreateRoom", `{}`) // of 000000000000
	addFault(t, e, `{"operation":"GetRoom","status":500,"account":"000000000000"}`)
	call(t, e, 204, "POST", "reset?account=123456789012", `{"to": "seed"}`)
	for account, count := range map[string]int{"123456789012": 1, "000000000000": 2} {
		if rooms := list(t, e, "rooms?account="+account); len(rooms) != count {
			t.Errorf("the rooms of %s are %v", account, rooms)
		}
	}
	if faults := list(t, e, "faults"); len(faults) != 1 {
		t.Errorf("the faults are %v", faults)
	}
}

func TestAResetThatIsNotPossibleChangesNothing(t *testing.T) {
	e := emulatortest.Start(t)
	operation(t, e, "/CreateRoom", `{}`)
	refused := func(body, want string) {
		t.Helper()
		before := list(t, e, "rooms")
		addFault(t, e, `{"operation":"GetRoom","status":500}`)
		if message := errorMessage(t, e, 400, "POST", "reset", body); !strings.Contains(message, want) {
			t.Errorf("%s: %s, want %s", body, message, want)
		}
		if after := list(t, e, "rooms"); !reflect.DeepEqual(before, after) || len(list(t, e, "faults")) == 0 {
			t.Errorf("%s changed the rooms from %v to %v", body, before, after)
		}
	}
	refused(`{"to": "seed"}`, "there is no seed: start the emulator with --seed FILE")
	refused(`{"to": "sed"}`, `to must be one of empty, seed, but is "sed": did you mean seed?`)
	refused(`{"to": ""}`, `to must be one of empty, seed, but is ""`)
	refused(`{"too": "seed"}`, "did you mean to?")
	refused(`seed`, "the body is not valid JSON: invalid character 's' ")
	logging := operation(t, e, "/CreateLoggingConfiguration",
		`{"destinationConfiguration":{"firehose":{"deliveryStreamName":"stream"}}}`)["arn"].(string)
	document := `{"rooms": [{"name": "lobby", "loggingConfigurationIdentifiers": ["` + logging + `"]}]}`
	if err := e.Seed(t.Context(), []byte(document)); err != nil {
		t.Fatal(err)
	}
	refused(`{"to": "seed"}`, "but not its logging configuration "+logging+": add that to the seed")
}
