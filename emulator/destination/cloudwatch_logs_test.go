package destination

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// A batch is a request of PutLogEvents.
type batch struct {
	LogGroupName, LogStreamName string
	LogEvents                   []struct {
		Timestamp int64
		Message   string
	}
}

// batchIn returns the batch in a request.
func batchIn(t *testing.T, r request) (b batch) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(r.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&b); err != nil {
		t.Errorf("%s: %v", r.body, err)
	}
	return b
}

// messages returns the messages of a batch.
func (b batch) messages() (messages []string) {
	for _, e := range b.LogEvents {
		messages = append(messages, e.Message)
	}
	return messages
}

// noSuch is how CloudWatch Logs refuses events for a log group or log stream that does not exist.
func noSuch(what string) refusal {
	message := "The specified log " + what + " does not exist."
	return refusal{400, "", `{"__type":"ResourceNotFoundException","message":"` + message + `"}`}
}

// likeCloudWatchLogs answers as CloudWatch Logs with a group and no streams does.
func likeCloudWatchLogs(group string) func(w http.ResponseWriter, r request) {
	streams := map[string]bool{}
	return func(w http.ResponseWriter, r request) {
		var names struct{ LogGroupName, LogStreamName string }
		_ = json.Unmarshal(r.body, &names)
		switch {
		case names.LogGroupName != group:
			noSuch("group").write(w)
		case r.operation() == "CreateLogStream":
			streams[names.LogStreamName] = true
		case !streams[names.LogStreamName]:
			noSuch("stream").write(w)
		default:
			_, _ = io.WriteString(w, `{"nextSequenceToken":"1"}`)
		}
	}
}

func TestRecordsBecomeLogEventsOfTheStreamOfTheirRoomWhichIsCreated(t *testing.T) {
	f := serve(t, likeCloudWatchLogs("/ivs/chat"))
	d := deliveryOf(CloudWatchLogs, "/ivs/chat", `{"a":"<é&\u2028>"}`, `{"b":2}`)
	d.Records[0].Time = window.Add(1_999_999) // 1 ms
	to := at(t, f.URL)
	for range 2 {
		where := deliver(t, to, d)
		if where != "log group /ivs/chat, log stream aws/IVSChatLogs/1.0/room_AbCdEfGhIjKl" {
			t.Errorf("got %s", where)
		}
	}
	got := f.operations()
	if !slices.Equal(got, []string{"PutLogEvents", "CreateLogStream", "PutLogEvents", "PutLogEvents"}) {
		t.Errorf("the server was asked for %q", got)
	}
	for _, i := range []int{0, 2, 3} {
		r := f.received()[i]
		b := batchIn(t, r)
		if b.LogGroupName != "/ivs/chat" || b.LogStreamName != "aws/IVSChatLogs/1.0/room_AbCdEfGhIjKl" ||
			!slices.Equal(b.messages(), []string{`{"a":"<é&\u2028>"}`, `{"b":2}`}) ||
			b.LogEvents[0].Timestamp != window.UnixMilli()+1 || b.LogEvents[1].Timestamp != window.UnixMilli()+1000 ||
			r.Header.Get("X-Amz-Target") != "Logs_20140328.PutLogEvents" ||
			!strings.Contains(r.Header.Get("Authorization"), "/us-west-2/logs/aws4_request") {
			t.Errorf("the request is %v: %s", r.Header, r.body)
		}
	}
	const want = `{"logGroupName":"/ivs/chat","logStreamName":"aws/IVSChatLogs/1.0/room_AbCdEfGhIjKl"}`
	if got := string(f.received()[1].body); got != want {
		t.Errorf("the stream is created with %s", got)
	}
}

func TestALogGroupIsNeverCreated(t *testing.T) {
	f := serve(t, likeCloudWatchLogs("other"))
	refuse(t, at(t, f.URL), deliveryOf(CloudWatchLogs, "chat", `{}`), NotFound, `has no log group "chat"`,
		"The specified log group does not exist.")
	if got := f.operations(); !slices.Equal(got, []string{"PutLogEvents", "CreateLogStream"}) {
		t.Errorf("the server was asked for %q", got)
	}
}

func TestALogStreamThatSomeoneElseCreatesMeanwhileIsFine(t *testing.T) {
	existing := `{"__type":"ResourceAlreadyExistsException"}`
	for create, want := range map[refusal]Reason{
		{400, "", existing}: "", {400, "", `{"__type":"AccessDeniedException"}`}: AccessDenied, {500, "", ""}: Other,
		{200, "", existing}: "",
	} {
		puts := 0
		f := serve(t, func(w http.ResponseWriter, r request) {
			switch {
			case r.operation() == "CreateLogStream":
				create.write(w)
			case puts == 0:
				puts++
				refusal{400, "", `{"__type":"ResourceNotFoundException"}`}.write(w)
			default:
				_, _ = io.WriteString(w, `{}`)
			}
		})
		if want == "" {
			deliver(t, at(t, f.URL), deliveryOf(CloudWatchLogs, "chat", `{}`))
		} else {
			refuse(t, at(t, f.URL), deliveryOf(CloudWatchLogs, "chat", `{}`), want)
		}
	}
}

func TestALogStreamThatCannotBeFoundAfterItsCreationIsAnError(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, r request) {
		if r.operation() == "PutLogEvents" {
			refusal{400, "", `{"__type":"ResourceNotFoundException"}`}.write(w)
		}
	})
	refuse(t, at(t, f.URL), deliveryOf(CloudWatchLogs, "chat", `{}`), NotFound)
	if len(f.received()) != 3 {
		t.Errorf("the server was asked for %q", f.operations())
	}
}

func TestAServerThatEndsBeforeTheStreamIsCreatedIsNotReached(t *testing.T) {
	for failing, want := range map[string]int{"CreateLogStream": 2, "PutLogEvents": 3} {
		puts := 0
		f := serve(t, func(w http.ResponseWriter, r request) {
			if r.operation() == failing && (failing != "PutLogEvents" || puts > 0) {
				panic(http.ErrAbortHandler)
			}
			if r.operation() == "PutLogEvents" {
				puts++
				refusal{400, "", `{"__type":"ResourceNotFoundException"}`}.write(w)
			}
		})
		refuse(t, at(t, f.URL), deliveryOf(CloudWatchLogs, "chat", `{}`), Other, "cannot be reached")
		if len(f.received()) != want {
			t.Errorf("the server was asked for %q", f.operations())
		}
	}
}

func TestLogEventsAreInTheOrderOfTheirTimes(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, _ request) { _, _ = io.WriteString(w, `{}`) })
	d := deliveryOf(CloudWatchLogs, "chat", `{"n":0}`, `{"n":1}`, `{"n":2}`, `{"n":3}`, `{"n":4}`)
	d.Records[0].Time = window.Add(3 * time.Second)                      // with 3, which comes later
	d.Records[1].Time = window.Add(2*time.Second + 999*time.Microsecond) // in the same millisecond as 2
	deliver(t, at(t, f.URL), d)
	got := batchIn(t, f.received()[0]).messages()
	if !slices.Equal(got, []string{`{"n":1}`, `{"n":2}`, `{"n":0}`, `{"n":3}`, `{"n":4}`}) {
		t.Errorf("got %q", got)
	}
}

func TestLogEventsOfTheSameTimeKeepTheirOrder(t *testing.T) {
	d := deliveryOf(CloudWatchLogs, "chat")
	for i := range 1000 {
		d.Records = append(d.Records, Record{room, window.Add(-time.Duration(i/500) * time.Second), fmt.Append(nil, i)})
	}
	for i, e := range eventsOf(d.Records) {
		if want := (i + 500) % 1000; e.record != want || e.Message != fmt.Sprint(want) {
			t.Fatalf("event %d is %+v", i, e)
		}
	}
}

func TestAnEventBefore1970HasTheEarliestTimeThatIsAllowed(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, _ request) { _, _ = io.WriteString(w, `{}`) })
	d := deliveryOf(CloudWatchLogs, "chat", `{}`)
	d.Records[0].Time = time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC)
	deliver(t, at(t, f.URL), d)
	if b := batchIn(t, f.received()[0]); b.LogEvents[0].Timestamp != 0 {
		t.Errorf("got %+v", b)
	}
}

// rejecting answers the first request with indexes of rejected events, and the others with others.
func rejecting(first, then string) func(w http.ResponseWriter, r request) {
	return func(w http.ResponseWriter, _ request) {
		_, _ = io.WriteString(w, `{"rejectedLogEventsInfo":`+first+`}`)
		first = then
	}
}

func TestRejectedEventsAreSentAgainWithTheTimeOfTheMachine(t *testing.T) {
	now := time.Now().Truncate(time.Millisecond)
	for name, test := range map[string]struct {
		first string
		times []time.Duration // of the records, from now
		want  []string        // the messages that are sent again
	}{
		"none": {`{}`, []time.Duration{0, time.Hour}, nil},
		"null": {`null`, []time.Duration{0, time.Hour}, nil},
		"too new": {`{"tooNewLogEventStartIndex":1}`,
			[]time.Duration{0, 3 * time.Hour, 4 * time.Hour}, []string{"1", "2"}},
		"too new, all": {`{"tooNewLogEventStartIndex":0}`, []time.Duration{3 * time.Hour}, []string{"0"}},
		"too old": {`{"tooOldLogEventEndIndex":2}`,
			[]time.Duration{-400 * time.Hour, -390 * time.Hour, -time.Hour}, []string{"0", "1"}},
		"expired": {`{"expiredLogEventEndIndex":1}`,
			[]time.Duration{-30 * time.Hour, -time.Hour}, []string{"0"}},
		"expired and too old": {`{"tooOldLogEventEndIndex":1,"expiredLogEventEndIndex":2}`,
			[]time.Duration{-400 * time.Hour, -300 * time.Hour, 0}, []string{"0", "1"}},
		"too old and expired": {`{"tooOldLogEventEndIndex":2,"expiredLogEventEndIndex":1}`,
			[]time.Duration{-30 * time.Hour, -29 * time.Hour, 0}, []string{"0", "1"}},
		"moto, too new": {`{"tooNewLogEventStartIndex":2}`,
			[]time.Duration{0, 3 * time.Hour, 4 * time.Hour}, []string{"1", "2"}},
		"moto, too old": {`{"tooOldLogEventEndIndex":1}`,
			[]time.Duration{-400 * time.Hour, -390 * time.Hour, 0}, []string{"0", "1"}},
		"moto, one too old": {`{"tooOldLogEventEndIndex":0}`, []time.Duration{-400 * time.Hour}, []string{"0"}},
		"in doubt": {`{"tooNewLogEventStartIndex":2}`,
			[]time.Duration{-336*time.Hour + 30*time.Second, 119*time.Minute + 30*time.Second, 3 * time.Hour},
			[]string{"0", "1", "2"}},
		"not in doubt": {`{"tooNewLogEventStartIndex":2}`,
			[]time.Duration{-335 * time.Hour, 118 * time.Minute, 3 * time.Hour}, []string{"2"}},
		"strange indexes": {`{"tooNewLogEventStartIndex":-5,"tooOldLogEventEndIndex":99}`,
			[]time.Duration{0, 1}, []string{"0", "1"}},
		"no index in it": {`{"tooNewLogEventStartIndex":99}`, []time.Duration{0, 1}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := serve(t, rejecting(test.first, `{}`))
			d := deliveryOf(CloudWatchLogs, "chat")
			for i, at := range test.times {
				d.Records = append(d.Records, Record{room, now.Add(at), fmt.Append(nil, i)})
			}
			deliver(t, at(t, f.URL), d)
			var again batch
			if len(f.received()) > 1 {
				again = batchIn(t, f.received()[1])
			}
			if got := again.messages(); !slices.Equal(got, test.want) || len(f.received()) > 2 {
				t.Errorf("%q were sent again, want %q", got, test.want)
			}
			for _, e := range again.LogEvents {
				if at := time.UnixMilli(e.Timestamp); at.Before(now) || at.After(time.Now()) {
					t.Errorf("the time is %v", at)
				}
			}
		})
	}
}

func TestAnotherTimeOfEventsIsLoggedOnce(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, r request) {
		rejected := `{}`
		if bytes.Contains(r.body, []byte(`"timestamp":4`)) { // of the year 2100
			rejected = `{"tooNewLogEventStartIndex":0}`
		}
		_, _ = io.WriteString(w, `{"rejectedLogEventsInfo":`+rejected+`}`)
	})
	var log bytes.Buffer
	to := deliverer(t, Config{CloudWatchLogsEndpoint: f.URL, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	d := deliveryOf(CloudWatchLogs, "chat", `{}`)
	deliver(t, to, d)
	if log.Len() > 0 {
		t.Errorf("the log has %s", &log)
	}
	d.Records[0].Time = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	for range 3 {
		deliver(t, to, d)
	}
	n := strings.Count(log.String(), "get the time of this machine")
	if n != 1 || strings.Count(log.String(), "\n") != 1 {
		t.Errorf("the log has %s", &log)
	}
}

func TestOnlyRejectedEventsFailIfTheyCannotBeSentAgain(t *testing.T) {
	for name, test := range map[string]struct {
		then string
		want []int
		said string
	}{
		"rejected again": {`{"tooNewLogEventStartIndex":1}`, []int{0}, "correct the clock of the server"},
		"refused":        {`"x"}`, []int{0, 2}, "did not answer as CloudWatch Logs does"},
	} {
		t.Run(name, func(t *testing.T) {
			f := serve(t, rejecting(`{"tooNewLogEventStartIndex":1}`, test.then))
			d := deliveryOf(CloudWatchLogs, "chat", `{"n":0}`, `{"n":1}`, `{"n":2}`)
			now := time.Now()
			for i, at := range []time.Duration{4 * time.Hour, 0, 3 * time.Hour} {
				d.Records[i].Time = now.Add(at)
			}
			e := refuse(t, at(t, f.URL), d, Other, test.said, "CloudWatch Logs endpoint "+f.URL)
			if !slices.Equal(e.Failed, test.want) {
				t.Errorf("got %v, want %v", e.Failed, test.want)
			}
			if got := batchIn(t, f.received()[1]).messages(); !slices.Equal(got, []string{`{"n":2}`, `{"n":0}`}) {
				t.Errorf("%q were sent again", got)
			}
		})
	}
}

func TestAnAnswerThatIsNoObjectIsNotFromCloudWatchLogs(t *testing.T) {
	for _, body := range []string{"", "null", "[]", `"x"`, "1", "<html>", `{"rejectedLogEventsInfo":1}`} {
		f := serve(t, func(w http.ResponseWriter, _ request) { _, _ = io.WriteString(w, body) })
		refuse(t, at(t, f.URL), deliveryOf(CloudWatchLogs, "chat", `{}`), Other,
			"did not answer as CloudWatch Logs does (status 200)")
	}
}
