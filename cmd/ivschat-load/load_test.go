package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/emulator"
)

// start starts an emulator.
func start(t *testing.T) *emulator.Emulator {
	t.Helper()
	e, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	return e
}

// post asks an emulator for something and gives its answer.
func post(t *testing.T, e *emulator.Emulator, path, body string) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	e.ServeHTTP(recorder, httptest.NewRequest("POST", "http://localhost"+path, strings.NewReader(body)))
	if recorder.Code/100 != 2 {
		t.Fatalf("%s: %d %s", path, recorder.Code, recorder.Body)
	}
	return recorder.Body.String()
}

// loaded runs the program and gives its report and its exit code.
func loaded(t *testing.T, e *emulator.Emulator, args ...string) (report Report, code int) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), append([]string{"--endpoint", e.URL(), "--format", "json"}, args...), &out, &err)
	if json.Unmarshal(out.Bytes(), &report) != nil {
		t.Fatalf("the report is %q, and it said %q", &out, &err)
	}
	return report, code
}

func TestEverybodyHearsEverything(t *testing.T) {
	r, code := loaded(t, start(t), "--viewers", "30", "--rate", "50", "--duration", "1s")
	if code != cli.OK || r.Connections.Opened != 55 { // 25 senders say two a second each
		t.Errorf("%d, with %d connections", code, r.Connections.Opened)
	}
	if r.Messages.Sent < 10 || r.Messages.Accepted != r.Messages.Sent || r.Deliveries.Count != 55*r.Messages.Sent || r.Deliveries.Lost != 0 || r.Deliveries.Disordered != 0 {
		t.Errorf("messages %+v, deliveries %+v", r.Messages, r.Deliveries)
	}
	if l := r.LatencyMilliseconds; l.P50 <= 0 || l.P50 > l.P99 || l.P99 > l.Max {
		t.Errorf("latencies are %+v", l)
	}
}

func TestEventsOfTheApplicationAreHeardByAll(t *testing.T) {
	e := start(t)
	r, code := loaded(t, e, "--viewers", "10", "--rate", "20", "--events", "40", "--duration", "300ms")
	if code != cli.OK || r.Events.Sent < 5 || r.Events.Accepted != r.Events.Sent || r.Deliveries.Count != int64(r.Connections.Opened)*(r.Messages.Sent+r.Events.Sent) {
		t.Errorf("%d, %+v", code, r)
	}
	post(t, e, "/_ivschat/v1/faults", `{"operation":"SendEvent","times":1,"exception":"AccessDeniedException"}`)
	if r, code = loaded(t, e, "--viewers", "1", "--rate", "0", "--events", "40", "--duration", "300ms"); code != cli.Failed || r.Events.Errors["SendEvent: AccessDeniedException"] != 1 || r.Deliveries.Lost != 0 {
		t.Errorf("%d, %+v", code, r)
	}
}

func TestTheRoomThatWasMadeIsDeletedAndTheOneThatWasGivenStays(t *testing.T) {
	e := start(t)
	var room struct{ ARN string }
	if err := json.Unmarshal([]byte(post(t, e, "/CreateRoom", "{}")), &room); err != nil {
		t.Fatal(err)
	}
	if r, code := loaded(t, e, "--viewers", "1", "--rate", "0", "--duration", "1ms"); code != cli.OK || r.Room == room.ARN {
		t.Errorf("%d, with the room %s", code, r.Room)
	}
	if r, code := loaded(t, e, "--viewers", "1", "--rate", "0", "--duration", "1ms", "--room", room.ARN); code != cli.OK || r.Room != room.ARN {
		t.Errorf("%d, with the room %s", code, r.Room)
	}
	if left := post(t, e, "/ListRooms", "{}"); strings.Count(left, `"arn"`) != 1 || !strings.Contains(left, room.ARN) {
		t.Errorf("left are %s", left)
	}
}

func TestWhatComesTooFastIsSentAgain(t *testing.T) {
	e := start(t)
	var room struct{ ARN string }
	if err := json.Unmarshal([]byte(post(t, e, "/CreateRoom", `{"maximumMessageRatePerSecond":3}`)), &room); err != nil {
		t.Fatal(err)
	}
	r, code := loaded(t, e, "--room", room.ARN, "--viewers", "1", "--senders", "3", "--rate", "10", "--duration", "700ms")
	if code != cli.OK || r.Messages.Sent < 4 || r.Messages.Accepted != r.Messages.Sent || r.Messages.Errors["429"] == 0 {
		t.Errorf("%d, %+v", code, r.Messages)
	}
}

// Faults show that the report can be a bad one.
func TestWhatGoesWrongIsReported(t *testing.T) {
	for name, test := range map[string]struct {
		fault string
		wrong func(Report) bool
	}{
		"a frame that is lost":      {`{"operation":"MESSAGE","userId":"viewer-1","times":1,"frame":"drop"}`, func(r Report) bool { return r.Deliveries.Lost == 1 }},
		"frames in another order":   {`{"operation":"MESSAGE","userId":"viewer-1","times":1,"frame":"reorder"}`, func(r Report) bool { return r.Deliveries.Disordered == 1 }},
		"a refused handshake":       {`{"operation":"CONNECT","times":2,"exception":"AccessDeniedException"}`, func(r Report) bool { return r.Connections.Failed["handshake: 403 Forbidden"] == 2 }},
		"a refused token":           {`{"operation":"CreateChatToken","times":1,"exception":"AccessDeniedException"}`, func(r Report) bool { return r.Connections.Failed["CreateChatToken: AccessDeniedException"] == 1 }},
		"a connection that is shut": {`{"operation":"MESSAGE","userId":"viewer-1","times":1,"close":1013}`, func(r Report) bool { return r.Connections.Ended["closed with 1013"] == 1 && r.Deliveries.Lost > 0 }},
		"an error":                  {`{"operation":"SEND_MESSAGE","times":1,"error":500}`, func(r Report) bool { return r.Messages.Errors["500"] == 1 && r.Messages.Accepted == r.Messages.Sent-1 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := start(t)
			post(t, e, "/_ivschat/v1/faults", test.fault)
			r, code := loaded(t, e, "--viewers", "5", "--rate", "40", "--duration", "600ms")
			if code != cli.Failed || !test.wrong(r) {
				t.Errorf("%d, %+v", code, r)
			}
		})
	}
}

func TestAnInterruptEndsItWithItsReport(t *testing.T) {
	e := start(t)
	ctx, interrupt := context.WithCancel(t.Context())
	var out bytes.Buffer
	done := make(chan int)
	go func() {
		done <- run(ctx, []string{"--endpoint", e.URL(), "--viewers", "3", "--duration", "1h"}, &out, io.Discard)
	}()
	response, err := http.Get(e.URL() + "/_ivschat/v1/journal?after=0&kind=frame&count=4&timeout=10s")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	interrupt()
	if code := <-done; code != cli.OK || !strings.Contains(out.String(), " 0 lost, in one order for all\n") {
		t.Errorf("%d, %s", code, &out)
	}
	if left := post(t, e, "/ListRooms", "{}"); strings.Contains(left, `"arn"`) {
		t.Errorf("left are %s", left)
	}
}

func TestAReportIsToBeRead(t *testing.T) {
	e := start(t)
	var out bytes.Buffer
	if code := run(t.Context(), []string{"--endpoint", e.URL(), "--viewers", "2", "--duration", "100ms"}, &out, io.Discard); code != cli.OK {
		t.Error(code)
	}
	if want := regexp.MustCompile(`^arn:aws:ivschat:us-east-1:000000000000:room/\w{12}
  Connections  7 opened, [\d,]+ a second
  Messages     \d sent, \d accepted, [\d.]+ a second
  Deliveries   \d+, [\d,]+ a second, 0 lost, in one order for all
  Latency      p50 [\d.]+ ms, p99 [\d.]+ ms, maximum [\d.]+ ms
$`); !want.Match(out.Bytes()) {
		t.Errorf("%s", &out)
	}
}

func TestBadOptionsAreAllNamed(t *testing.T) {
	for args, want := range map[string][]string{
		"--endpoint https://ivschat.us-east-1.amazonaws.com":           {"which bills", "--aws"},
		"--endpoint https://ivschat.eu-west-1.api.aws.":                {"--aws"},
		"--messaging wss://edge.ivschat.us-east-1.amazonaws.com":       {"--aws"},
		"--endpoint localhost:4700":                                    {`--endpoint`, `"localhost:4700"`},
		"--rate 40 --senders 3":                                        {"40", "--senders 3", "10 times a second"},
		"--events 101":                                                 {"--events", "101"},
		"--rate NaN":                                                   {"--rate", "NaN"},
		"--rate 101 --viewers=-1 --message-length 9 --connect-rate=-1": {"--rate", "101", "--viewers", "-1", "--message-length", "9", "--connect-rate"},
		"--viewers 0 --rate 0":                                         {"nothing to do"},
		"--duration 3h":                                                {"2h0m0s", "3h0m0s"},
		"--senders=-1 --region Mars":                                   {"--senders", `"Mars"`},
		"--rate much":                                                  {"--rate"},
		"--format yaml":                                                {"text", "json"},
		"more":                                                         {"more"},
		"--messaging http://127.0.0.1:4700 --endpoint http://127.0.0.1:4700/%zz": {"--messaging", "--endpoint"},
	} {
		var said bytes.Buffer
		if code := run(t.Context(), strings.Fields(args), io.Discard, &said); code != cli.Usage {
			t.Errorf("%s: %d", args, code)
		}
		for _, part := range want {
			if !strings.Contains(said.String(), part) || strings.Count(said.String(), "\n") != 2 {
				t.Errorf("%s: it says %q, without %q", args, &said, part)
			}
		}
	}
}

func TestNobodyThereIsSaidInALine(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	var said bytes.Buffer
	code := run(t.Context(), []string{"--endpoint", server.URL}, io.Discard, &said)
	if code != cli.Failed || !strings.Contains(said.String(), "connection refused") || strings.Count(said.String(), "\n") != 1 {
		t.Errorf("%d: %s", code, &said)
	}
}

func TestAWSIsReachedInItsRegionAndNeedsCredentials(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	o := Options{AWS: true, Region: "eu-west-1", Endpoint: "http://127.0.0.1:4700"}.withDefaults()
	if o.Endpoint != "https://ivschat.eu-west-1.amazonaws.com" || o.Messaging != "wss://edge.ivschat.eu-west-1.amazonaws.com" {
		t.Error(o.Endpoint, o.Messaging)
	}
	if _, err := credentials(true); err == nil || !strings.Contains(err.Error(), "AWS_ACCESS_KEY_ID") {
		t.Error(err)
	}
}

func TestHelpNamesEveryOption(t *testing.T) {
	var out bytes.Buffer
	if code := run(t.Context(), []string{"--help"}, &out, io.Discard); code != cli.OK || !strings.Contains(out.String(), "--connect-rate") {
		t.Errorf("%d, %s", code, &out)
	}
}
