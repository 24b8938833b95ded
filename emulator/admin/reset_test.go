package admin_test

import (
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
