package admin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

const (
	loggedAccount = "000000000000"
	otherAccount  = "210987654321"
)

// loggedRoom creates a room with a logging configuration for a bucket, and returns their ARNs.
func loggedRoom(t *testing.T, e *emulatortest.Emulator, bucket string) (room, configuration string) {
	t.Helper()
	configuration = member(operation(t, e, "/CreateLoggingConfiguration",
		`{"destinationConfiguration":{"s3":{"bucketName":"`+bucket+`"}}}`), "arn").(string)
	reply := operation(t, e, "/CreateRoom", `{"loggingConfigurationIdentifiers":["`+configuration+`"]}`)
	room = member(reply, "arn").(string)
	return room, configuration
}

// say sends an event.
func say(t *testing.T, e *emulatortest.Emulator, room, name string) {
	t.Helper()
	operation(t, e, "/SendEvent", `{"roomIdentifier":"`+room+`","eventName":"`+name+`"}`)
}

func TestTheRecordsOfARoomAndOfALoggingConfigurationAreListed(t *testing.T) {
	e := emulatortest.Start(t)
	room1, configuration1 := loggedRoom(t, e, "bucket1")
	room2, _ := loggedRoom(t, e, "bucket2")
	say(t, e, room1, "one")
	say(t, e, room2, "two")
	say(t, e, room1, "three")
	for query, want := range map[string]string{
		"":               "one two three",
		"?room=" + room1: "one three",
		"?room=" + room2: "two",
		"?loggingConfiguration=" + configuration1:                    "one three",
		"?loggingConfiguration=" + configuration1 + "&room=" + room2: "",
		"?account=" + loggedAccount:                                  "one two three",
		"?account=" + otherAccount:                                   "",
		"?after=1&count=1":                                           "two",
		"?room=" + room1 + "&after=1&count=1":                        "three",
	} {
		var got []string
		for _, item := range list(t, e, "chat-logs/records"+query) {
			got = append(got, member(member(member(member(item, "log"), "record"), "payload"), "EventName").(string))
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s: %s, want %s", query, text, want)
		}
	}
}

func TestAClientWaitsForARecord(t *testing.T) {
	e := emulatortest.Start(t)
	room, configuration := loggedRoom(t, e, "bucket")
	done := make(chan string)
	go func() {
		done <- request(t, e, "GET", "/_ivschat/v1/chat-logs/records?after=0&count=2&timeout=10m&loggingConfiguration="+
			configuration, "").body
	}()
	say(t, e, room, "one")
	say(t, e, room, "two")
	if got := <-done; !strings.Contains(got, `"complete":true`) || !strings.Contains(got, `"two"`) {
		t.Errorf("the answer is %s", got)
	}
}

func TestAWaitForARecordSaysThatTheRoomHasNoLoggingConfiguration(t *testing.T) {
	e := emulatortest.Start(t)
	logged, _ := loggedRoom(t, e, "bucket")
	const hint = "the room has no logging configuration that is ACTIVE"
	for room, want := range map[string]bool{logged: false, e.Room(): true} {
		answer := call(t, e, 200, "GET", "chat-logs/records?after=0&count=1&timeout=1ms&room="+room, "")
		if message := answer["message"].(string); strings.Contains(message, hint) != want {
			t.Errorf("the message is %q", message)
		}
	}
}

func TestTheStatusOfChatLogsCountsRecordsAndAFlushDeliversThem(t *testing.T) {
	e := emulatortest.Start(t)
	call(t, e, 200, "POST", "clock", `{"freeze":true}`) // or the window could end meanwhile
	room, configuration := loggedRoom(t, e, "bucket")
	say(t, e, room, "one")
	counts := func(items []any) string {
		if len(items) != 1 {
			return fmt.Sprint(items)
		}
		return fmt.Sprint(member(items[0], "spooled"), member(items[0], "delivered"), member(items[0], "rooms"))
	}
	got, want := counts(list(t, e, "chat-logs")), "1 0 [map[delivered:0 dropped:0 room:"+room+" spooled:1]]"
	if got != want {
		t.Errorf("before: %s, want %s", got, want)
	}
	call(t, e, 200, "POST", "chat-logs/flush?account="+otherAccount, "")
	if got := counts(list(t, e, "chat-logs")); !strings.HasPrefix(got, "1 0") {
		t.Errorf("after a flush of another account: %s", got)
	}
	answer := call(t, e, 200, "POST", "chat-logs/flush", "")["items"].([]any)
	if got := counts(answer); !strings.HasPrefix(got, "0 1") {
		t.Errorf("after a flush: %s", got)
	}
	where := fmt.Sprint(member(member(answer[0], "lastDelivery"), "where"))
	if !strings.Contains(where, "s3://bucket/AWSLogs/000000000000/IVSChatLogs/1.0/us-east-1/room_") {
		t.Errorf("the records are at %s", where)
	}
	for query, want := range map[string]int{
		"?room=" + room: 1, "?loggingConfiguration=" + configuration: 1, "?account=" + otherAccount: 0,
	} {
		if got := list(t, e, "chat-logs"+query); len(got) != want {
			t.Errorf("%s: %v, want %d items", query, got, want)
		}
	}
}

func TestTheRecordsOfADeletedRoomCanBeReadUntilAReset(t *testing.T) {
	e := emulatortest.Start(t)
	room, _ := loggedRoom(t, e, "bucket")
	say(t, e, room, "one")
	request(t, e, "POST", "/DeleteRoom", `{"identifier":"`+room+`"}`)
	e.Journal().Forget("")
	if got := list(t, e, "chat-logs/records?room="+room); len(got) != 1 {
		t.Errorf("the records are %v", got)
	}
	call(t, e, 204, "POST", "reset", "")
	if got := errorMessage(t, e, 404, "GET", "chat-logs/records?room="+room, ""); !strings.Contains(got, room) {
		t.Errorf("after a reset: %s", got)
	}
}

func TestARequestForAChatLogSaysWhatIsWrong(t *testing.T) {
	e := emulatortest.Start(t)
	room, configuration := loggedRoom(t, e, "bucket")
	for _, test := range []struct {
		status               int
		method, path, reason string
	}{
		{400, "GET", "chat-logs?loggingConfiguration=x",
			`loggingConfiguration must be the ARN of a logging configuration, but is "x"`},
		{400, "GET", "chat-logs?loggingConfiguration=" + room,
			"loggingConfiguration must be the ARN of a logging configuration, but is"},
		{400, "GET", "chat-logs/records?room=x", `"x" is not an ARN`},
		{400, "GET", "chat-logs?room=" + configuration + "&rooms=1", "rooms"},
		{404, "GET", "chat-logs?room=" + strings.ReplaceAll(room, room[len(room)-12:], "absentabsent"), "absentabsent"},
		{404, "GET", "chat-logs?account=" + otherAccount + "&room=" + room, "does not have the room"},
		{400, "POST", "chat-logs/flush?room=" + room, "room"},
		{404, "GET", "chat-logs?account=" + otherAccount + "&loggingConfiguration=" + configuration,
			"does not have the logging configuration"},
		{405, "GET", "chat-logs/flush", "does not support GET"},
	} {
		if got := errorMessage(t, e, test.status, test.method, test.path, ""); !strings.Contains(got, test.reason) {
			t.Errorf("%s: %s, want %s", test.path, got, test.reason)
		}
	}
}
