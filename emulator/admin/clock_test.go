package admin_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

func TestTheClockIsMovedFrozenAndScaled(t *testing.T) {
	e := emulatortest.Start(t)
	if ahead := call(t, e, 200, "POST", "clock", `{"advance":"61m"}`)["ahead"]; ahead != "1h1m0s" {
		t.Errorf("the clock is %v ahead", ahead)
	}
	to := e.Clock().Now().Add(24 * time.Hour).Truncate(time.Second)
	moved := call(t, e, 200, "POST", "clock", `{"to":"`+to.Format(time.RFC3339)+`"}`)
	now, err := time.Parse(time.RFC3339Nano, fmt.Sprint(moved["now"]))
	if err != nil || now.Sub(to) < 0 || now.Sub(to) > time.Minute {
		t.Errorf("the clock is at %v, want %v: %v", now, to, err)
	}
	clock := call(t, e, 200, "POST", "clock", `{"freeze":true}`)
	if clock["frozen"] != true || clock["scale"] != 0.0 {
		t.Errorf("frozen: %v", clock)
	}
	first, second := call(t, e, 200, "GET", "clock", "")["now"], call(t, e, 200, "GET", "clock", "")["now"]
	if first != second {
		t.Errorf("the clock runs although it is frozen: %v, %v", first, second)
	}
	if clock := call(t, e, 200, "POST", "clock", `{"scale":60}`); clock["scale"] != 60.0 {
		t.Errorf("scaled: %v", clock)
	}
	clock = call(t, e, 200, "POST", "clock", `{"freeze":false}`)
	if clock["frozen"] != false || clock["scale"] != 1.0 {
		t.Errorf("not frozen: %v", clock)
	}
}

func TestAnInvalidChangeOfTheClockIsRefusedWithTheReason(t *testing.T) {
	e := emulatortest.Start(t)
	for body, reason := range map[string]string{
		`{"advance":"-1s"}`:             "cannot go back",
		`{"to":"2001-01-01T00:00:00Z"}`: "cannot go back",
		`{"advance":"1000000h"}`:        "hundred years",
		`{"advance":"soon"}`:            "duration",
		`{"scale":-1}`:                  "scale must be",
		`{"scale":1e9}`:                 "scale must be",
		`{}`:                            "exactly one of advance, to, freeze and scale, but has 0",
		`{"advance":"1s","scale":1}`:    "exactly one of advance, to, freeze and scale, but has 2",
		`{"speed":1}`:                   "speed",
		`[`:                             "body",
	} {
		if message := errorMessage(t, e, 400, "POST", "clock", body); !strings.Contains(message, reason) {
			t.Errorf("%s: %s", body, message)
		}
	}
}

func TestASessionOf180MinutesHasEndedWhenTheAnswerArrives(t *testing.T) {
	e := emulatortest.Start(t, emulator.Config{SessionDuration: 180 * time.Minute})
	anna := e.Connect(e.Room(), "anna")
	call(t, e, 200, "POST", "clock", `{"advance":"180m"}`)
	if frame := anna.Receive(); frame.ErrorCode != 401 {
		t.Errorf("received %+v", frame)
	}
	anna.WaitClosed()
}

func TestAllAccountsShareOneClock(t *testing.T) {
	e := emulatortest.Start(t)
	message := errorMessage(t, e, 400, "POST", "clock?account=123456789012", `{"advance":"1h"}`)
	if !strings.Contains(message, "share one clock") {
		t.Error(message)
	}
	if ahead := e.Clock().Ahead(); ahead != 0 {
		t.Errorf("the clock was moved by %v", ahead)
	}
}

// Several workers that share an emulator may all move the clock to the same time.
func TestConcurrentRequestsForTheSameTimeMoveTheClockOnce(t *testing.T) {
	e, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	call(t, e, 200, "POST", "clock", `{"freeze":true}`)
	for range 1000 { // because the requests must meet
		to := e.Clock().Now().Add(time.Hour)
		body := `{"to":"` + to.Format(time.RFC3339Nano) + `"}`
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { request(t, e, "POST", admin.Prefix+"clock", body) })
		}
		all.Wait()
		if now := e.Clock().Now(); !now.Equal(to) {
			t.Fatalf("the clock is at %v, want %v", now, to)
		}
	}
}
