package emulatortest_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/review"
)

// arnIn returns the ARN in an answer.
func arnIn(t *testing.T, answer []byte) string {
	t.Helper()
	var created struct{ ARN string }
	if err := json.Unmarshal(answer, &created); err != nil || created.ARN == "" {
		t.Fatalf("%s: %v", answer, err)
	}
	return created.ARN
}

// operate calls an operation as the account of Room, which must succeed.
func operate(t *testing.T, e *emulatortest.Emulator, operation, body string) []byte {
	t.Helper()
	r := httptest.NewRequest("POST", "/"+operation, strings.NewReader(body))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/ivschat/aws4_request, "+
		"SignedHeaders=host, Signature=00")
	answer := httptest.NewRecorder()
	e.ServeHTTP(answer, r)
	if answer.Code/100 != 2 {
		t.Fatalf("%s: %d %s", operation, answer.Code, answer.Body)
	}
	return answer.Body.Bytes()
}

// loggedRoom creates a room with a logging configuration for each destination, and other members.
func loggedRoom(t *testing.T, e *emulatortest.Emulator, members string, destinations ...string) (room string) {
	t.Helper()
	var arns []string
	for _, destination := range destinations {
		arns = append(arns, arnIn(t, operate(t, e, "CreateLoggingConfiguration",
			`{"destinationConfiguration":`+destination+`}`)))
	}
	list, err := json.Marshal(arns)
	if err != nil {
		t.Fatal(err)
	}
	return arnIn(t, operate(t, e, "CreateRoom", `{"loggingConfigurationIdentifiers":`+string(list)+members+`}`))
}

const (
	bucket   = `{"s3":{"bucketName":"bucket"}}`
	logGroup = `{"cloudWatchLogs":{"logGroupName":"group"}}`
	stream   = `{"firehose":{"deliveryStreamName":"stream"}}`
)

// payloads returns the frames in records.
func payloads(t *testing.T, entries []journal.Entry) (frames []string) {
	t.Helper()
	for _, entry := range entries {
		var record struct{ Payload json.RawMessage }
		if err := json.Unmarshal(entry.Log.Record, &record); err != nil {
			t.Fatal(err)
		}
		frames = append(frames, string(record.Payload))
	}
	return frames
}

func TestTheChatLogHasTheFramesThatClientsReceive(t *testing.T) {
	e := emulatortest.Start(t)
	room := loggedRoom(t, e, "", bucket)
	anna := e.Connect(room, "anna", "SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER")
	var received []string
	receive := func() { received = append(received, anna.Receive().Raw) }
	anna.SendMessageWithAttributes("<b>\u2028 & \"x\"\n", map[string]string{"a": "ü"})
	receive()
	anna.DeleteMessage("abcdefghijkl", "rude")
	receive()
	operate(t, e, "SendEvent", `{"roomIdentifier":"`+room+`","eventName":"start","attributes":{"k":"v"}}`)
	receive()
	operate(t, e, "DeleteMessage", `{"roomIdentifier":"`+room+`","id":"abcdefghijkl"}`)
	receive()
	anna.DisconnectUser("nobody", "")
	receive()
	anna.SendMessage(strings.Repeat("x", 501)) // an ERROR, which is not logged
	anna.Receive()
	operate(t, e, "DisconnectUser", `{"roomIdentifier":"`+room+`","userId":"anna"}`)
	receive()
	entries := e.WaitLogRecords(room, 6)
	if got := payloads(t, entries); !slices.Equal(got, received) {
		t.Errorf("the chat log has\n%s\nbut clients received\n%s", strings.Join(got, "\n"),
			strings.Join(received, "\n"))
	}
	operate(t, e, "SendEvent", `{"roomIdentifier":"`+room+`","eventName":"nobody is there"}`)
	if got := payloads(t, e.WaitLogRecords(room, 7)); !strings.Contains(got[6], "nobody is there") {
		t.Errorf("without a client, the chat log has %s", got[6])
	}
}

func TestTheChatLogHasMessagesAsTheirReviewLeftThem(t *testing.T) {
	e := emulatortest.Start(t)
	room := loggedRoom(t, e, `,"messageReviewHandler":{"uri":"arn:aws:lambda:us-east-1:123456789012:function:review"}`,
		bucket)
	answer := func(a review.ScriptedAnswer) {
		if err := e.Script().Set("", []review.ScriptedAnswer{a}); err != nil {
			t.Fatal(err)
		}
	}
	anna := e.Connect(room, "anna", "SEND_MESSAGE")
	answer(review.ScriptedAnswer{Allow: &review.AllowAnswer{Content: "allowed"}})
	anna.SendMessage("before")
	want := anna.Receive().Raw
	answer(review.ScriptedAnswer{Deny: &review.DenyAnswer{}})
	anna.SendMessage("denied")
	anna.Receive()
	if got := payloads(t, e.WaitLogRecords(room, 1)); len(got) != 1 || got[0] != want {
		t.Errorf("the chat log has %s, want %s", got, want)
	}
}

func TestEachLoggingConfigurationOfARoomHasTheRecord(t *testing.T) {
	e := emulatortest.Start(t)
	room, other := loggedRoom(t, e, "", bucket, logGroup, stream), e.Room()
	for _, room := range []string{other, room} {
		operate(t, e, "SendEvent", `{"roomIdentifier":"`+room+`","eventName":"x"}`)
	}
	var destinations []string
	for _, entry := range e.WaitLogRecords(room, 3) {
		destinations = append(destinations, entry.Log.Destination)
	}
	if got := fmt.Sprint(destinations); got != "[s3:bucket cloudWatchLogs:group firehose:stream]" {
		t.Errorf("the destinations are %s", got)
	}
	if all := e.ChatLogs().Records().After(0, 0, journal.Filter{}); len(all) != 3 {
		t.Errorf("there are %d records", len(all))
	}
}

func TestALoggingConfigurationTakesEffectForTheNextFrame(t *testing.T) {
	e := emulatortest.Start(t)
	room := loggedRoom(t, e, "", bucket)
	say := func(name string) {
		operate(t, e, "SendEvent", `{"roomIdentifier":"`+room+`","eventName":"`+name+`"}`)
	}
	logs := arnIn(t, operate(t, e, "CreateLoggingConfiguration", `{"destinationConfiguration":`+logGroup+`}`))
	say("1")
	operate(t, e, "UpdateRoom", `{"identifier":"`+room+`","loggingConfigurationIdentifiers":["`+logs+`"]}`)
	say("2")
	operate(t, e, "UpdateLoggingConfiguration", `{"identifier":"`+logs+`","destinationConfiguration":`+stream+`}`)
	say("3")
	operate(t, e, "UpdateRoom", `{"identifier":"`+room+`","loggingConfigurationIdentifiers":[]}`)
	say("4")
	operate(t, e, "UpdateRoom", `{"identifier":"`+room+`","loggingConfigurationIdentifiers":["`+logs+`"]}`)
	say("5")
	operate(t, e, "DeleteRoom", `{"identifier":"`+room+`"}`)
	operate(t, e, "DeleteLoggingConfiguration", `{"identifier":"`+logs+`"}`)
	var got []string
	for _, entry := range e.WaitLogRecords(room, 4) {
		_, name, _ := strings.Cut(string(entry.Log.Record), `"EventName":"`)
		got = append(got, name[:1]+" "+entry.Log.Destination)
	}
	want := []string{"1 s3:bucket", "2 cloudWatchLogs:group", "3 firehose:stream", "5 firehose:stream"}
	if !slices.Equal(got, want) {
		t.Errorf("the records are %v, want %v", got, want)
	}
	e.Advance(5 * time.Minute)
	for _, status := range e.ChatLogs().OwnStatus("", ivschat.ARN{}, ivschat.ARN{}) {
		if status.Spooled != 0 || status.Delivered == 0 {
			t.Errorf("of what was accepted before, %+v is left", status)
		}
	}
}

func TestMovingTheClockDeliversWhatFellDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulatortest.Start(t, emulator.Config{ChatLogWindow: time.Minute})
		room := loggedRoom(t, e, "", bucket, stream)
		operate(t, e, "SendEvent", `{"roomIdentifier":"`+room+`","eventName":"x"}`)
		delivered := func() (all []string) {
			for _, status := range e.ChatLogs().OwnStatus("", ivschat.ARN{}, ivschat.ARN{}) {
				if status.Delivered == 1 {
					all = append(all, string(status.Kind))
				}
			}
			return all
		}
		e.Advance(10 * time.Second)
		if got := delivered(); !slices.Equal(got, []string{"firehose"}) {
			t.Errorf("after 10s, %v has the record", got)
		}
		e.Advance(50 * time.Second)
		if got := delivered(); len(got) != 2 {
			t.Errorf("after a minute, %v have the record", got)
		}
	})
}

func TestAResetOfAnAccountForgetsItsChatLog(t *testing.T) {
	e := emulatortest.Start(t)
	room := loggedRoom(t, e, "", bucket)
	operate(t, e, "SendEvent", `{"roomIdentifier":"`+room+`","eventName":"x"}`)
	e.WaitLogRecords(room, 1)
	for _, account := range []string{"210987654321", "123456789012"} {
		if err := e.Reset(t.Context(), account); err != nil {
			t.Fatal(err)
		}
		want := 1
		if account == "123456789012" {
			want = 0
		}
		records := e.ChatLogs().Records().After(0, 0, journal.Filter{})
		status := e.ChatLogs().OwnStatus("", ivschat.ARN{}, ivschat.ARN{})
		if len(records) != want || len(status) != want {
			t.Errorf("after a reset of %s, there are %v and %v", account, records, status)
		}
	}
}

func TestAWaitForRecordsOfARoomWithoutALoggingConfigurationFails(t *testing.T) {
	inBubble(t, func(f *fatalTest, e *emulatortest.Emulator, room string) {
		text := f.expectFailure(func() { e.WaitLogRecords(room, 1) })
		if !strings.Contains(text, "the number of records, without a logging configuration that is ACTIVE, in the "+
			"room "+room+" is 0") {
			t.Errorf("failed with %q", text)
		}
	})
}
