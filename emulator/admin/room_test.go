package admin_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

func TestRoomsFramesCallsTokensAndMetricsCanBeInspected(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	anna := e.Connect(room, "anna", "SEND_MESSAGE")
	anna.SendMessage("hi")
	anna.Receive()
	session := call(t, e, 200, "GET", "rooms/"+room, "")["sessions"].([]any)[0].(map[string]any)
	if session["userId"] != "anna" || session["framesIn"] != 1.0 || session["queued"] != 0.0 ||
		fmt.Sprint(session["capabilities"]) != "[SEND_MESSAGE]" {
		t.Errorf("the session is %v", session)
	}
	frames := list(t, e, "rooms/"+room+"/frames")
	if len(frames) != 2 {
		t.Fatalf("frames: %v", frames)
	}
	in, out := frames[0].(map[string]any), frames[1].(map[string]any)
	if in["direction"] != "in" || in["userId"] != "anna" ||
		out["direction"] != "out" || member(out["frame"], "Content") != "hi" ||
		out["operation"] != "SEND_MESSAGE" || out["recipients"] != 1.0 {
		t.Errorf("frames: %v", frames)
	}
	if calls := list(t, e, "calls"); len(calls) != 2 ||
		member(calls[1], "operation") != "CreateChatToken" || member(calls[1], "status") != 200.0 {
		t.Errorf("calls: %v", calls)
	}
	token := e.Token(room, "ben")
	view := call(t, e, 200, "POST", "tokens/inspect", `{"token":"`+token+`"}`)
	if view["userId"] != "ben" || view["room"] != room || view["used"] != false || view["expired"] != false {
		t.Errorf("the token is %v", view)
	}
	metrics := request(t, e, "GET", admin.Prefix+"metrics", "").body
	for _, line := range []string{
		"ivschat_concurrent_chat_connections 1",
		"ivschat_messaging_requests_total 1",
		`ivschat_deliveries_total{action="SEND_MESSAGE"} 1`,
		`ivschat_operations_total{operation="CreateRoom",status="200"} 1`,
		`ivschat_requests_total{action="CreateChatToken"} 2`,
	} {
		if !strings.Contains(metrics, line+"\n") {
			t.Errorf("the metrics do not have %s:\n%s", line, metrics)
		}
	}
}

func TestAnErrorThatAClientReceivesIsInTheJournal(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	anna := e.Connect(room, "anna", "SEND_MESSAGE")
	e.Connect(room, "ben", "SEND_MESSAGE")
	anna.Send(`{"Action":"VIEW","RequestId":"r"}`)
	anna.Receive()
	frames := list(t, e, "rooms/"+room+"/frames")
	if len(frames) != 2 {
		t.Fatalf("frames: %v", frames)
	}
	out := frames[1].(map[string]any)
	if out["direction"] != "out" || out["userId"] != "anna" || out["recipients"] != nil ||
		member(out["frame"], "Type") != "ERROR" || member(out["frame"], "RequestId") != "r" ||
		member(out["frame"], "ErrorCode") != 400.0 {
		t.Errorf("the entry is %v", out)
	}
}

// deleteRoom deletes a room of the account of emulatortest.
func deleteRoom(t *testing.T, e *emulatortest.Emulator, arn string) {
	t.Helper()
	r := request(t, e, "POST", "/DeleteRoom", `{"identifier":"`+arn+`"}`, "Authorization",
		"AWS4-HMAC-SHA256 Credential=123456789012/20261125/us-east-1/ivschat/aws4_request, SignedHeaders=host, Signature=00")
	if r.status != 204 {
		t.Fatal(r.status, r.body)
	}
}

func TestDeletedRoomsThatHaveSessionsAreListedInOrderAfterTheOthers(t *testing.T) {
	e := emulatortest.Start(t)
	var want []string
	for range 8 {
		room := e.Room()
		e.Connect(room, "anna")
		deleteRoom(t, e, room)
		want = append(want, room)
	}
	slices.Sort(want)
	want = slices.Insert(want, 0, e.Room())
	var got []string
	for _, room := range list(t, e, "rooms") {
		got = append(got, fmt.Sprint(member(room, "arn")))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestADeletedRoomIsShownWhileItHasSessions(t *testing.T) {
	e := emulatortest.Start(t)
	room, empty := e.Room(), e.Room()
	e.Connect(room, "anna")
	for _, arn := range []string{room, empty} {
		deleteRoom(t, e, arn)
	}
	rooms := list(t, e, "rooms")
	if len(rooms) != 1 || member(rooms[0], "arn") != room || member(rooms[0], "deleted") != true {
		t.Errorf("the rooms are %v", rooms)
	}
	view := call(t, e, 200, "GET", "rooms/"+room, "")
	if view["deleted"] != true || len(view["sessions"].([]any)) != 1 {
		t.Errorf("the room is %v", view)
	}
	call(t, e, 404, "GET", "rooms/"+empty, "")
}

func TestARoomHasTheMembersThatGetRoomReturns(t *testing.T) {
	e := emulatortest.Start(t)
	logging := operation(t, e, "/CreateLoggingConfiguration",
		`{"destinationConfiguration":{"firehose":{"deliveryStreamName":"stream"}}}`)
	created := operation(t, e, "/CreateRoom", fmt.Sprintf(`{"name":"everything","tags":{"k":"v"},`+
		`"loggingConfigurationIdentifiers":[%q],"messageReviewHandler":{"uri":"","fallbackResult":"DENY"}}`,
		logging["arn"]))
	arn := created["arn"].(string)
	view := call(t, e, 200, "GET", "rooms/"+arn, "")
	for name, want := range operation(t, e, "/GetRoom", `{"identifier":"`+arn+`"}`) {
		got, ok := view[name]
		if strings.HasSuffix(name, "Time") { // with another precision
			got, want = readTime(t, got), readTime(t, want)
		}
		if !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}

// readTime returns an RFC 3339 time without fractions of milliseconds.
func readTime(t *testing.T, text any) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(text))
	if err != nil {
		t.Fatal(err)
	}
	return at.Truncate(time.Millisecond)
}
