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

func TestAnAccountThatIsNoneIsRefusedAndNothingHappens(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	for _, account := range []string{"", "123", "12345678901x", "1234567890123"} {
		for _, call := range []string{"POST reset", "GET rooms", "GET rooms/" + room, "GET snapshot", "PUT snapshot", "DELETE faults", "POST faults", "GET journal", "POST clock"} {
			method, path, _ := strings.Cut(call, " ")
			if message := fmt.Sprint(wants(t, e, 400, method, path+"?account="+account, "{}")["message"]); !strings.Contains(message, fmt.Sprintf("twelve digits, but is %q", account)) {
				t.Errorf("%s: %s", call, message)
			}
		}
	}
	wants(t, e, 200, "GET", "rooms/"+room, "")
}

func TestTheClockIsEverybodys(t *testing.T) {
	e := emulatortest.Start(t)
	if message := fmt.Sprint(wants(t, e, 400, "POST", "clock?account=123456789012", `{"advance":"1h"}`)["message"]); !strings.Contains(message, "everybody's") {
		t.Error(message)
	}
	if ahead := e.Clock().Ahead(); ahead != 0 {
		t.Errorf("it was moved by %v", ahead)
	}
}

// Workers that share an emulator may all want to be past the same moment.
func TestManyWhoWantTheSameTimeGetIt(t *testing.T) {
	e, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	wants(t, e, 200, "POST", "clock", `{"freeze":true}`)
	for range 1000 { // since they have to meet
		to := e.Clock().Now().Add(time.Hour)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { ask(t, e, "POST", admin.Prefix+"clock", `{"to":"`+to.Format(time.RFC3339Nano)+`"}`) })
		}
		all.Wait()
		if now := e.Clock().Now(); !now.Equal(to) {
			t.Fatalf("it is %v, not %v", now, to)
		}
	}
}

func TestAFaultOfAnotherAccountIsNotRemoved(t *testing.T) {
	e := emulatortest.Start(t)
	wants(t, e, 201, "POST", "faults?account=123456789012", `{"operation":"GetRoom","status":500}`)
	wants(t, e, 201, "POST", "faults", `{"operation":"GetRoom","status":500}`)
	wants(t, e, 404, "DELETE", "faults/1?account=210987654321", "")
	wants(t, e, 404, "DELETE", "faults/2?account=123456789012", "") // everybody's
	wants(t, e, 204, "DELETE", "faults/1?account=123456789012", "")
	wants(t, e, 204, "DELETE", "faults/2", "")
}

func TestAPathThatIsThereWithAnotherMethodSaysSo(t *testing.T) {
	e := emulatortest.Start(t)
	for _, call := range []string{"PUT clock", "DELETE clock", "PUT faults", "POST calls", "PUT calls", "POST snapshot", "GET reset", "DELETE reset", "GET tokens/inspect", "PUT events", "POST metrics", "PATCH rooms", "PUT faults/1"} {
		method, path, _ := strings.Cut(call, " ")
		if message := fmt.Sprint(wants(t, e, 405, method, path, "")["message"]); !strings.Contains(message, "has no "+method) {
			t.Errorf("%s: %s", call, message)
		}
	}
}

func TestWhatIsWrongIsSaidInTheWordsOfJSON(t *testing.T) {
	e := emulatortest.Start(t)
	for _, test := range []struct{ method, path, body, says string }{
		{"POST", "clock", `{"advance":61}`, "advance must be a JSON string, but is number"},
		{"POST", "clock", `{"freeze":"yes"}`, "freeze must be a JSON boolean, but is string"},
		{"POST", "clock", `[]`, "the body must be a JSON object, but is array"},
		{"POST", "clock", ``, "the body must be a JSON object, but is empty"},
		{"POST", "clock", `{"colour":1}`, `unknown field "colour"`},
		{"POST", "clock", `{"to":"tomorrow"}`, `to must be a time such as 2026-01-31T12:00:00Z, but is "tomorrow"`},
		{"POST", "clock", `{"to":"0001-01-01T00:00:00Z"}`, "to is 0001-01-01T00:00:00Z, but the clock is at 2"},
		{"POST", "clock", `{"to":"9999-01-01T00:00:00Z"}`, "a hundred years"},
		{"POST", "clock", `{"advance":"-5m"}`, "but is -5m0s"},
		{"POST", "faults", `{"operation":"GetRoom","status":"500"}`, "status must be a JSON whole number, but is string"},
		{"POST", "faults", `{"operation":"GetRoom","probability":"x"}`, "probability must be a JSON number, but is string"},
		{"GET", "journal?kind=gossip", "", `kind must be one of call, frame, handshake, connect, disconnect, fault, but is "gossip"`},
		{"GET", "rooms/" + e.Room() + "/frames?direction=up", "", `direction must be one of in, out, but is "up"`},
	} {
		message := fmt.Sprint(wants(t, e, 400, test.method, test.path, test.body)["message"])
		if !strings.Contains(message, test.says) || strings.Contains(message, "Go ") {
			t.Errorf("%s: %s, want %s", test.body, message, test.says)
		}
	}
}
