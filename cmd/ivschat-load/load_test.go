package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/review"
	"github.com/ivschat-local/ivschat-local/internal/guides"
)

// start starts an emulator. A review may take long, because the machine may be slow.
func start(t *testing.T) *emulator.Emulator {
	t.Helper()
	e, err := emulator.New(emulator.Config{ReviewTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	return e
}

// post sends a request to an emulator and returns the body of its answer.
func post(t *testing.T, e *emulator.Emulator, path, body string) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	e.ServeHTTP(recorder, httptest.NewRequest("POST", "http://localhost"+path, strings.NewReader(body)))
	if recorder.Code/100 != 2 {
		t.Fatalf("%s: %d %s", path, recorder.Code, recorder.Body)
	}
	return recorder.Body.String()
}

// runLoad runs the program and returns its report and its exit code.
func runLoad(t *testing.T, e *emulator.Emulator, args ...string) (report Report, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), append([]string{"--endpoint", e.URL(), "--format", "json"}, args...), &stdout, &stderr)
	if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
		t.Fatalf("the report is %q (%v), and standard error %q", &stdout, err, &stderr)
	}
	return report, code
}

func TestEveryConnectionReceivesEveryMessage(t *testing.T) {
	r, code := runLoad(t, start(t), "--viewers", "30", "--rate", "50", "--duration", "1s")
	if code != cli.OK || r.Connections.Opened != 55 { // 25 senders send 2 messages per second each
		t.Errorf("%d, with %d connections", code, r.Connections.Opened)
	}
	if m := r.Messages; m.Sent < 10 || m.Accepted != m.Sent || m.ThrottledAtFirstAttempt > m.Sent {
		t.Errorf("messages %+v", m)
	}
	if d := r.Deliveries; d.Count != 55*r.Messages.Sent || d.Lost != 0 || d.Disordered != 0 {
		t.Errorf("messages %+v, deliveries %+v", r.Messages, d)
	}
	if l := r.LatencyMilliseconds; l.P50 <= 0 || l.P50 > l.P99 || l.P99 > l.Max {
		t.Errorf("latencies are %+v", l)
	}
}

func TestEveryConnectionReceivesTheEventsOfTheApplication(t *testing.T) {
	e := start(t)
	r, code := runLoad(t, e, "--viewers", "10", "--rate", "20", "--events", "40", "--duration", "300ms")
	if code != cli.OK || r.Events.Sent < 5 || r.Events.Accepted != r.Events.Sent ||
		r.Deliveries.Count != int64(r.Connections.Opened)*(r.Messages.Sent+r.Events.Sent) {
		t.Errorf("%d, %+v", code, r)
	}
	post(t, e, "/_ivschat/v1/faults", `{"operation":"SendEvent","times":1,"exception":"AccessDeniedException"}`)
	r, code = runLoad(t, e, "--viewers", "1", "--rate", "0", "--events", "40", "--duration", "300ms")
	if code != cli.Failed || r.Events.Errors["SendEvent: AccessDeniedException"] != 1 || r.Deliveries.Lost != 0 {
		t.Errorf("%d, %+v", code, r)
	}
}

func TestOnlyARoomThatWasCreatedIsDeleted(t *testing.T) {
	e := start(t)
	var room struct{ ARN string }
	if err := json.Unmarshal([]byte(post(t, e, "/CreateRoom", "{}")), &room); err != nil {
		t.Fatal(err)
	}
	args := []string{"--viewers", "1", "--rate", "0", "--duration", "1ms"}
	if r, code := runLoad(t, e, args...); code != cli.OK || r.Room == room.ARN {
		t.Errorf("%d, with the room %s", code, r.Room)
	}
	if r, code := runLoad(t, e, append(args, "--room", room.ARN)...); code != cli.OK || r.Room != room.ARN {
		t.Errorf("%d, with the room %s", code, r.Room)
	}
	if left := post(t, e, "/ListRooms", "{}"); strings.Count(left, `"arn"`) != 1 || !strings.Contains(left, room.ARN) {
		t.Errorf("the rooms left are %s", left)
	}
}

func TestARoomThatIsCreatedHasTheRateAsItsLimit(t *testing.T) {
	for rate, want := range map[float64]int{0: 1, 0.5: 1, 49.2: 50, 100: 100} {
		e := start(t)
		s, err := newService(Options{Endpoint: e.URL(), Region: "us-east-1"})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.createRoom(t.Context(), rate); err != nil {
			t.Fatal(err)
		}
		var room struct{ MaximumMessageRatePerSecond int }
		text := post(t, e, "/GetRoom", `{"identifier":"`+s.room+`"}`)
		if err := json.Unmarshal([]byte(text), &room); err != nil || room.MaximumMessageRatePerSecond != want {
			t.Errorf("for %v per second the room is %s", rate, text)
		}
		if err := s.deleteRoom(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestMessagesThatAreRefusedWith429AreSentAgain(t *testing.T) {
	e := start(t)
	var room struct{ ARN string }
	if err := json.Unmarshal([]byte(post(t, e, "/CreateRoom", `{"maximumMessageRatePerSecond":3}`)), &room); err != nil {
		t.Fatal(err)
	}
	r, code := runLoad(t, e, "--room", room.ARN, "--viewers", "1", "--senders", "3", "--rate", "10", "--duration", "700ms")
	m := r.Messages
	if code != cli.OK || m.Sent < 4 || m.Accepted != m.Sent || m.Errors["429"] == 0 {
		t.Errorf("%d, %+v", code, m)
	}
	first, all := m.ThrottledAtFirstAttempt, m.Errors["429"]
	if first < 1 || first > m.Sent || first > int64(all) {
		t.Errorf("%+v", m)
	}
	want := fmt.Sprintf("; %d refused with 429 at the first attempt; errors: %d× 429\n", first, all)
	if !strings.Contains(r.text(), want) {
		t.Errorf("the report is %s, without %q", r.text(), want)
	}
}

// runReviewedLoad runs the program with a room whose messages the function reviews. It gets the number of
// each message, from 1 on, in the order of the reviews.
func runReviewedLoad(t *testing.T, answer func(number int64) review.Answer) (report Report, code int) {
	t.Helper()
	e := start(t)
	var numbers atomic.Int64
	e.SetReviewer(review.Func(func(context.Context, review.Event) (review.Answer, error) {
		return answer(numbers.Add(1)), nil
	}))
	var room struct{ ARN string }
	text := post(t, e, "/CreateRoom", `{"maximumMessageRatePerSecond":100,"messageReviewHandler":`+
		`{"uri":"arn:aws:lambda:us-east-1:123456789012:function:review","fallbackResult":"ALLOW"}}`)
	if err := json.Unmarshal([]byte(text), &room); err != nil {
		t.Fatal(err)
	}
	return runLoad(t, e, "--room", room.ARN, "--viewers", "3", "--rate", "100", "--duration", "500ms")
}

func TestMessagesThatAReviewDeniesAreCountedAndAreNotLost(t *testing.T) {
	r, code := runReviewedLoad(t, func(number int64) review.Answer {
		if number%20 == 1 {
			return review.Answer{ReviewResult: review.Deny}
		}
		return review.Answer{ReviewResult: review.Allow, Content: "allowed"}
	})
	m, want := r.Messages, (r.Messages.Sent+19)/20
	if code != cli.OK || m.Denied != want || m.Accepted != m.Sent-want || m.Errors["406"] != int(want) {
		t.Errorf("%d, %+v, and not %d denied", code, m, want)
	}
	if d := r.Deliveries; d.Lost != 0 || d.Count != m.Accepted*int64(r.Connections.Opened) {
		t.Errorf("messages %+v, deliveries %+v", m, d)
	}
	text := fmt.Sprintf("; %d denied in the review; errors: %d× 406\n", want, want)
	if !strings.Contains(r.text(), text) {
		t.Errorf("the report is %s, without %q", r.text(), text)
	}
}

func TestMessagesThatAReviewChangesAreNotLost(t *testing.T) {
	r, code := runReviewedLoad(t, func(int64) review.Answer {
		return review.Answer{
			ReviewResult: review.Allow, Content: "load-changed", Attributes: map[string]string{"k": "ERROR"},
		}
	})
	m, d := r.Messages, r.Deliveries
	if code != cli.OK || m.Sent == 0 || m.Accepted != m.Sent || len(m.Errors) != 0 ||
		d.Lost != 0 || d.Count != m.Sent*int64(r.Connections.Opened) {
		t.Errorf("%d, messages %+v, deliveries %+v", code, m, d)
	}
}

func TestALoadOfWhichEveryMessageIsDeniedFails(t *testing.T) {
	r, code := runReviewedLoad(t, func(int64) review.Answer { return review.Answer{ReviewResult: review.Deny} })
	if m := r.Messages; code != cli.Failed || m.Denied != m.Sent || m.Sent == 0 || r.Deliveries.Lost != 0 {
		t.Errorf("%d, %+v", code, r)
	}
}

func TestFailuresAreReported(t *testing.T) {
	for name, test := range map[string]struct {
		fault    string
		reported func(Report) bool
	}{
		"a lost frame": {
			`{"operation":"MESSAGE","userId":"viewer-1","times":1,"frame":"drop"}`,
			func(r Report) bool { return r.Deliveries.Lost == 1 },
		},
		"frames in another order": {
			`{"operation":"MESSAGE","userId":"viewer-1","times":1,"frame":"reorder"}`,
			func(r Report) bool { return r.Deliveries.Disordered == 1 },
		},
		"a refused handshake": {
			`{"operation":"CONNECT","times":2,"exception":"AccessDeniedException"}`,
			func(r Report) bool { return r.Connections.Failed["handshake: 403 Forbidden"] == 2 },
		},
		"a refused token": {
			`{"operation":"CreateChatToken","times":1,"exception":"AccessDeniedException"}`,
			func(r Report) bool { return r.Connections.Failed["CreateChatToken: AccessDeniedException"] == 1 },
		},
		"a closed connection": {
			`{"operation":"MESSAGE","userId":"viewer-1","times":1,"close":1013}`,
			func(r Report) bool { return r.Connections.Ended["closed with code 1013"] == 1 && r.Deliveries.Lost > 0 },
		},
		"an error": {
			`{"operation":"SEND_MESSAGE","times":1,"error":500}`,
			func(r Report) bool {
				return r.Messages.Errors["500"] == 1 && r.Messages.Accepted == r.Messages.Sent-1
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := start(t)
			post(t, e, "/_ivschat/v1/faults", test.fault)
			r, code := runLoad(t, e, "--viewers", "5", "--rate", "40", "--duration", "600ms")
			if code != cli.Failed || !test.reported(r) {
				t.Errorf("%d, %+v", code, r)
			}
		})
	}
}

func TestAnInterruptedLoadWritesItsReport(t *testing.T) {
	e := start(t)
	ctx, interrupt := context.WithCancel(t.Context())
	var stdout bytes.Buffer
	done := make(chan int)
	go func() {
		done <- run(ctx, []string{"--endpoint", e.URL(), "--viewers", "3", "--duration", "1h"}, &stdout, io.Discard)
	}()
	response, err := http.Get(e.URL() + "/_ivschat/v1/journal?after=0&kind=frame&count=4&timeout=10s")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	interrupt()
	const delivered = " 0 lost, in the same order on every connection\n"
	if code := <-done; code != cli.OK || !strings.Contains(stdout.String(), delivered) {
		t.Errorf("%d, %s", code, &stdout)
	}
	if left := post(t, e, "/ListRooms", "{}"); strings.Contains(left, `"arn"`) {
		t.Errorf("the rooms left are %s", left)
	}
}

func TestTheTextReportHasFiveLines(t *testing.T) {
	e := start(t)
	var stdout bytes.Buffer
	args := []string{"--endpoint", e.URL(), "--viewers", "2", "--duration", "100ms"}
	if code := run(t.Context(), args, &stdout, io.Discard); code != cli.OK {
		t.Error(code)
	}
	if want := regexp.MustCompile(`^arn:aws:ivschat:us-east-1:000000000000:room/\w{12}
  Connections  7 opened, [\d,]+ per second
  Messages     \d sent, \d accepted, [\d.]+ per second
  Deliveries   \d+, [\d,]+ per second, 0 lost, in the same order on every connection
  Latency      p50 [\d.]+ ms, p99 [\d.]+ ms, maximum [\d.]+ ms
$`); !want.Match(stdout.Bytes()) {
		t.Errorf("%s", &stdout)
	}
}

// TestTheCommandOfTheGuideWorks runs it with fewer viewers, for a shorter time.
func TestTheCommandOfTheGuideWorks(t *testing.T) {
	guide := guides.Open(t, "docs/rehearse.md", "sh")
	command, _, _ := strings.Cut(guide.Block("sh", "ivschat-load "), " #")
	args := strings.Fields(strings.NewReplacer("5000", "5", "30s", "100ms").Replace(command))
	if r, code := runLoad(t, start(t), args[1:]...); code != cli.OK || r.Connections.Opened < 5 {
		t.Errorf("exit code %d, %+v", code, r)
	}
}

func TestEveryOptionThatIsNotValidIsNamed(t *testing.T) {
	for args, want := range map[string][]string{
		"--endpoint https://ivschat.us-east-1.amazonaws.com":           {"which charges", "--aws"},
		"--endpoint https://ivschat.eu-west-1.api.aws.":                {"--aws"},
		"--messaging wss://edge.ivschat.us-east-1.amazonaws.com":       {"--aws"},
		"--endpoint localhost:4700":                                    {`--endpoint`, `"localhost:4700"`},
		"--rate 40 --senders 3":                                        {"40", "--senders 3", "10 messages per second"},
		"--events 101":                                                 {"--events", "101"},
		"--rate NaN":                                                   {"--rate", "NaN"},
		"--rate 101 --viewers=-1 --message-length 9 --connect-rate=-1": {"--rate", "101", "--viewers", "-1", "--message-length", "9", "--connect-rate"},
		"--viewers 0 --rate 0":                                         {"must be more than 0, but both are 0"},
		"--duration 3h":                                                {"2h0m0s", "3h0m0s"},
		"--senders=-1 --region Mars":                                   {"--senders", `"Mars"`},
		"--rate much":                                                  {"--rate"},
		"--format yaml":                                                {"text", "json"},
		"more":                                                         {"more"},
		"--messaging http://127.0.0.1:4700 --endpoint http://127.0.0.1:4700/%zz": {"--messaging", "--endpoint"},
	} {
		var stderr bytes.Buffer
		if code := run(t.Context(), strings.Fields(args), io.Discard, &stderr); code != cli.Usage {
			t.Errorf("%s: %d", args, code)
		}
		for _, part := range want {
			if !strings.Contains(stderr.String(), part) || strings.Count(stderr.String(), "\n") != 2 {
				t.Errorf("%s: it writes %q, without %q", args, &stderr, part)
			}
		}
	}
}

func TestAVariableThatIsNotValidIsNamed(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL_IVSCHAT", "localhost:4700")
	t.Setenv("IVSCHAT_LOAD_RATE", "many")
	var stderr bytes.Buffer
	code := run(t.Context(), []string{"--viewers", "-1"}, io.Discard, &stderr)
	want := `ivschat-load: IVSCHAT_LOAD_RATE must be a number, but is "many"; ` +
		`AWS_ENDPOINT_URL_IVSCHAT must be a URL such as http://127.0.0.1:4700, but is "localhost:4700"; ` +
		`--viewers must be 0 or more, but is -1` + "\nTry ivschat-load --help.\n"
	if code != cli.Usage || stderr.String() != want {
		t.Errorf("%d: it writes %q, want %q", code, &stderr, want)
	}
}

func TestInJSONFormatAFailureIsJSON(t *testing.T) {
	var stderr bytes.Buffer
	code := run(t.Context(), []string{"--format=json", "--vewers", "7"}, io.Discard, &stderr)
	var line struct{ Level, Msg string }
	if err := json.Unmarshal(stderr.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if code != cli.Usage || line.Level != "ERROR" || line.Msg != "--vewers is not a flag: did you mean --viewers 7?" {
		t.Errorf("%d: it writes %s", code, &stderr)
	}
}

func TestTheVersionIsPrinted(t *testing.T) {
	var stdout bytes.Buffer
	code := run(t.Context(), []string{"--version"}, &stdout, io.Discard)
	if code != cli.OK || !strings.HasPrefix(stdout.String(), "ivschat-load ") {
		t.Errorf("%d: %s", code, &stdout)
	}
}

func TestAnEndpointWithoutAServerIsReportedInOneLine(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	var stderr bytes.Buffer
	code := run(t.Context(), []string{"--endpoint", server.URL}, io.Discard, &stderr)
	want := "ivschat-load: create a room: no server listens at " + server.URL +
		": start the emulator, or give its URL with --endpoint\n"
	if code != cli.Failed || stderr.String() != want {
		t.Errorf("%d: %s, want %s", code, &stderr, want)
	}
}

func TestAWSIsReachedInItsRegionAndRequiresCredentials(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	o := Options{AWS: true, Region: "eu-west-1", Endpoint: "http://127.0.0.1:4700"}.withDefaults()
	if o.Endpoint != "https://ivschat.eu-west-1.amazonaws.com" ||
		o.Messaging != "wss://edge.ivschat.eu-west-1.amazonaws.com" {
		t.Error(o.Endpoint, o.Messaging)
	}
	if _, err := o.credentials(); err == nil || !strings.Contains(err.Error(), "AWS_ACCESS_KEY_ID") {
		t.Error(err)
	}
}

func TestRealCredentialsAreForServersWithTLSAndForThisMachine(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	for endpoint, want := range map[string]string{
		"http://127.0.0.1:4700":    "AKIDEXAMPLE",
		"http://localhost:4700":    "AKIDEXAMPLE",
		"https://chat.example.com": "AKIDEXAMPLE",
		"http://chat.example.com":  "local",
		"http://192.168.1.5:4700":  "local",
	} {
		got, err := Options{Endpoint: endpoint}.credentials()
		if err != nil || got.AccessKeyID != want {
			t.Errorf("%s gets the access key %s, want %s: %v", endpoint, got.AccessKeyID, want, err)
		}
	}
}

func TestHelpNamesEveryOption(t *testing.T) {
	var stdout bytes.Buffer
	code := run(t.Context(), []string{"--help"}, &stdout, io.Discard)
	if code != cli.OK || !strings.Contains(stdout.String(), "--connect-rate") {
		t.Errorf("%d, %s", code, &stdout)
	}
}
