package emulator_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

func TestAFaultThatFiresForAnInvalidRequestDoesNotRecordItsMembers(t *testing.T) {
	var log logBuffer
	e := newEmulator(t, emulator.Config{Logger: log.logger()})
	unavailable := fault.ReturnStatus{Status: 503}
	if _, err := e.Faults().Add(fault.Rule{Operation: "CreateChatToken", Effect: unavailable}); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("secret", 10_000)
	if got := call(e, "CreateChatToken", fmt.Sprintf(`{"roomIdentifier":%q,"userId":%[1]q}`, long)); got.Code != 503 {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	arn := "arn:aws:ivschat:us-east-1:000000000000:room/" + long // no resource has such a long one
	if got := call(e, "CreateChatToken", fmt.Sprintf(`{"roomIdentifier":%q,"userId":"u"}`, arn)); got.Code != 503 {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	entries, err := json.Marshal(e.Journal().After(0, 0, journal.Filter{Kind: journal.Fault}))
	if text := string(entries); err != nil ||
		!strings.Contains(text, "CreateChatToken") || strings.Contains(text, "secret") {
		t.Errorf("the journal has %.300s, and %v", entries, err)
	}
	if text := log.String(); !strings.Contains(text, "a fault fired") || strings.Contains(text, "secret") {
		t.Errorf("the log is %.300s", text)
	}
}
