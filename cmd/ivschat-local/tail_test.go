package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

func TestTailPrintsWhatHappensInOneLineEach(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:", "--review-handler", "*=deny:darn")
	tail := runVerb(t, p.endpoint, "tail", "--since", "all")
	post(t, p.endpoint+"/_ivschat/v1/faults", `{"operation":"CreateRoom","times":1,"exception":"PendingVerification"}`)
	post(t, p.endpoint+"/CreateRoom", "{}")
	client := connectTo(t, p.endpoint)
	if _, err := client.SendMessage("hello", map[string]string{"mood": "fine"}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.DeleteMessage("abcdefghijkl", ""); err != nil {
		t.Fatal(err)
	}
	post(t, p.endpoint+"/GetRoom", `{"identifier":"arn:aws:ivschat:us-east-1:000000000000:room/absentabsent"}`)
	tail.stdout.wait(t, `ERROR 403`)
	client.Close()
	for _, line := range []string{
		`fault +fault 1 fired at CreateRoom`,
		`call +CreateRoom 403 PendingVerification \S+ \{.*\}`,
		`call +CreateChatToken 200 \S+ \{.*"userId":"anna".*\}`,
		`connect +[a-zA-Z0-9]{12} anna`,
		`frame +[a-zA-Z0-9]{12} <- anna SEND_MESSAGE hello`,
		`frame +[a-zA-Z0-9]{12} -> MESSAGE anna: hello mood=fine to 1`,
		`frame +[a-zA-Z0-9]{12} <- anna DELETE_MESSAGE abcdefghijkl`,
		`frame +[a-zA-Z0-9]{12} -> anna ERROR 403 .*`,
		`call +GetRoom 404 ResourceNotFoundException .*`,
		`disconnect +[a-zA-Z0-9]{12} anna left`,
	} {
		tail.stdout.wait(t, `(?m)^\d\d:\d\d:\d\d\.\d{3} `+line+`$`)
	}
	if text := tail.stdout.String(); strings.ContainsAny(text, "\x1b\r") {
		t.Errorf("it has escape sequences: %q", text)
	}
	if code := tail.end(); code != 0 || tail.stderr.String() != "" {
		t.Errorf("it ended with exit code %d: %s", code, tail.stderr)
	}
}

func TestTailSelectsRoomsAndKinds(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	post(t, p.endpoint+"/CreateRoom", `{"name":"other"}`)
	room := post(t, p.endpoint+"/CreateRoom", `{"name":"lobby"}`).text("arn")
	for _, name := range []string{"first", "second"} {
		post(t, p.endpoint+"/SendEvent", `{"roomIdentifier":"`+room+`","eventName":"`+name+`"}`)
	}
	one := runVerb(t, p.endpoint, "tail", "lobby", "--since", "all")
	one.stdout.wait(t, `(?s)^\S+ frame +-> EVENT first\n\S+ frame +-> EVENT second\n$`)
	kinds := runVerb(t, p.endpoint, "tail", "--since=all", "--kind", "call,connect", "--json")
	kinds.stdout.wait(t, `(?s)"other".*"lobby".*"first".*"second"`)
	for line := range strings.Lines(kinds.stdout.String()) {
		var entry journal.Entry
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Kind != journal.Call {
			t.Errorf("%s: %v", line, err)
		}
	}
	if got := runSelf(t, nil, "tail", "nowhere", "--endpoint", p.endpoint); got.code != absent {
		t.Errorf("a room that does not exist: %+v", got)
	}
}

func TestTailBeginsWithWhatHappensNext(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	post(t, p.endpoint+"/CreateRoom", `{"name":"before"}`)
	tail := runVerb(t, p.endpoint, "tail")
	for end := time.Now().Add(*transcriptWait); tail.stdout.String() == "" && time.Now().Before(end); {
		// It may not be connected yet.
		post(t, p.endpoint+"/CreateRoom", `{"name":"after"}`)
	}
	if tail.stdout.wait(t, `\n`); strings.Contains(tail.stdout.String(), "before") {
		t.Errorf("it printed\n%s", tail.stdout)
	}
}

func TestTailGoesOnAfterARestart(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	address := strings.TrimPrefix(p.endpoint, "http://")
	tail := runVerb(t, p.endpoint, "tail", "--since", "all")
	post(t, p.endpoint+"/CreateRoom", `{"name":"before"}`)
	tail.stdout.wait(t, `"before"`)
	p.stop(signals["TERM"])
	tail.stderr.wait(t, `^ivschat-local: warning: the connection is lost: connecting again\n$`)
	launchSelf(t, "--data", ":memory:", "--listen", address)
	post(t, p.endpoint+"/CreateRoom", `{"name":"after"}`)
	tail.stdout.wait(t, `"after"`)
	tail.stderr.wait(t, `connecting again\nivschat-local: warning: connected again\n$`)
	if n := strings.Count(tail.stdout.String(), `"before"`); n != 1 {
		t.Errorf("what was printed before is printed %d times:\n%s", n, tail.stdout)
	}
}

// hostile has what a terminal would interpret: escape sequences in 7 and 8 bits, a carriage return, a bell, and
// characters that change the direction of writing.
const hostile = "\x1b]0;title\x07\x1b[2J\u009b31m\rfake\u202edesrever\u2066\u2028\x00\x7f"

// raw matches characters that must not reach a terminal.
var raw = regexp.MustCompile("[\x00-\x09\x0b-\x1f\x7f\u0080-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

func TestNothingInAnEntryReachesTheTerminalRaw(t *testing.T) {
	text, _ := json.Marshal(hostile) // strings in Go always can be JSON
	frames := []string{
		`{"Type":"MESSAGE","Content":` + string(text) + `,"Attributes":{` + string(text) + `:` + string(text) + `}}`,
		`{"Type":"EVENT","EventName":` + string(text) + `}`, `{"Type":"ERROR","ErrorMessage":` + string(text) + `}`,
		`{"Action":"SEND_MESSAGE","Content":` + string(text) + `}`, `{"Action":` + string(text) + `}`,
		`[` + string(text) + `]`,
		`{"Type":"` + "\u009b31m\u202e" + `"}`,
	}
	entries := []journal.Entry{{Kind: journal.Frame, Text: hostile}}
	for _, frame := range frames {
		entries = append(entries, journal.Entry{Kind: journal.Frame, Frame: json.RawMessage(frame)})
	}
	for _, kind := range append(journal.Kinds(), journal.Kind(hostile)) {
		entries = append(entries, journal.Entry{
			Kind: kind, Request: journal.Body("\"\u009b31m\u202e\""),
			Review: &journal.ReviewEntry{Verdict: hostile, Failure: journal.Failure(hostile)},
			Log:    &journal.LogEntry{Destination: hostile, Where: hostile},
		})
	}
	for _, entry := range entries {
		entry.UserID, entry.Operation, entry.Reason, entry.Exception = hostile, hostile, hostile, hostile
		entry.Node = hostile
		entry.Room, entry.Direction = "arn:aws:ivschat:us-east-1:1:room/"+hostile, journal.In
		if line := new(tailing).line(&entry); raw.MatchString(line) || strings.Contains(line, "\n") {
			t.Errorf("%+v: %q", entry, line)
		}
	}
}
