package admin_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// A reply is an HTTP reply.
type reply struct {
	status int
	header http.Header
	body   string
}

// ask asks the emulator's other door.
func ask(t testing.TB, e http.Handler, method, path, body string, header ...string) reply {
	t.Helper()
	request := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	e.ServeHTTP(recorder, request)
	return reply{recorder.Code, recorder.Header(), recorder.Body.String()}
}

// wants asks below the prefix, wants the status and decodes the reply.
func wants(t testing.TB, e http.Handler, status int, method, path, body string) (decoded map[string]any) {
	t.Helper()
	r := ask(t, e, method, admin.Prefix+path, body)
	if r.status != status {
		t.Fatalf("%s %s: %d %s, want %d", method, path, r.status, r.body, status)
	}
	_ = json.Unmarshal([]byte(r.body), &decoded)
	return decoded
}

func TestEveryAnswerIsAsTheDocumentSays(t *testing.T) {
	document, err := openapi3.NewLoader().LoadFromData(admin.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	document.Servers = openapi3.Servers{{URL: "http://localhost/_ivschat/v1"}}
	router, err := gorillamux.NewRouter(document)
	if err != nil {
		t.Fatal(err)
	}
	e := emulatortest.Start(t)
	room := e.Room()
	anna := e.Connect(room, "anna", "SEND_MESSAGE")
	anna.SendMessage("hi")
	anna.Receive()
	wants(t, e, 201, "POST", "faults", `{"operation":"SEND_MESSAGE","times":1,"close":4000}`)
	anna.Send("no JSON")
	anna.SendMessage("hi")
	anna.WaitClosed()
	token := e.Token(room, "ben")
	snapshot, err := e.Snapshot(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	ask(t, e, "GET", "/", "", "Connection", "Upgrade", "Upgrade", "websocket") // a handshake to refuse
	escaped := url.QueryEscape(room)
	for _, test := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "clock", "", 200},
		{"POST", "clock", `{"advance":"1s"}`, 200},
		{"POST", "clock", `{"advance":"-1s"}`, 400},
		{"POST", "faults", `{"operation":"CreateRoom","status":500}`, 201},
		{"POST", "faults", `[{"operation":"CreateRoom","reset":true,"times":3},{"operation":"MESSAGE","frame":"drop"}]`, 201},
		{"POST", "faults", `{"operation":"CreateRoom"}`, 400},
		{"GET", "faults", "", 200},
		{"DELETE", "faults/2", "", 204},
		{"DELETE", "faults/2", "", 404},
		{"DELETE", "faults", "", 204},
		{"GET", "rooms", "", 200},
		{"GET", "rooms/" + escaped, "", 200},
		{"GET", "rooms/arn%3Aaws%3Aivschat%3Aus-east-1%3A123456789012%3Aroom%2Fabsentabsent", "", 404},
		{"GET", "rooms/x", "", 400},
		{"GET", "rooms/" + escaped + "/frames", "", 200},
		{"GET", "rooms/" + escaped + "/frames?after=0&count=2&timeout=1ms&direction=out", "", 200},
		{"GET", "rooms/" + escaped + "/frames?after=x", "", 400},
		{"GET", "calls?count=1", "", 200},
		{"GET", "handshakes", "", 200},
		{"GET", "journal", "", 200},
		{"POST", "tokens/inspect", `{"token":"` + token + `"}`, 200},
		{"POST", "tokens/inspect", `{"token":"no"}`, 400},
		{"GET", "snapshot", "", 200},
		{"PUT", "snapshot", string(snapshot), 204},
		{"PUT", "snapshot", `{"rooms":[{}]}`, 400},
		{"GET", "seed.schema.json", "", 200},
		{"GET", "openapi.json", "", 200},
		{"GET", "health", "", 200},
		{"GET", "metrics", "", 200},
		{"GET", "rooms?account=123456789012", "", 200},
		{"GET", "rooms?account=anna", "", 400},
		{"DELETE", "faults?account=anna", "", 400},
		{"POST", "reset?account=anna", "", 400},
		{"POST", "reset", "", 204},
	} {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			request := httptest.NewRequest(test.method, "http://localhost"+admin.Prefix+test.path, strings.NewReader(test.body))
			if test.body != "" {
				request.Header.Set("Content-Type", "application/json")
			}
			route, parameters, err := router.FindRoute(request)
			if err != nil {
				t.Fatal(err)
			}
			input := &openapi3filter.RequestValidationInput{Request: request, PathParams: parameters, Route: route}
			if test.status < 300 {
				if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
					t.Errorf("the document does not allow the request: %v", err)
				}
			}
			r := ask(t, e, test.method, admin.Prefix+test.path, test.body)
			if r.status != test.status {
				t.Fatalf("%d %s, want %d", r.status, r.body, test.status)
			}
			err = openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
				RequestValidationInput: input, Status: r.status, Header: r.header, Body: io.NopCloser(strings.NewReader(r.body)),
				Options: &openapi3filter.Options{IncludeResponseStatus: true},
			})
			if err != nil {
				t.Errorf("the answer is not what the document says: %v\n%s", err, r.body)
			}
		})
	}
}

func TestTheClockIsMovedAndTellsWhatCannotBe(t *testing.T) {
	e := emulatortest.Start(t)
	if ahead := wants(t, e, 200, "POST", "clock", `{"advance":"61m"}`)["ahead"]; ahead != "1h1m0s" {
		t.Errorf("it is %v ahead", ahead)
	}
	to := e.Clock().Now().Add(24 * time.Hour).Truncate(time.Second)
	now, err := time.Parse(time.RFC3339Nano, fmt.Sprint(wants(t, e, 200, "POST", "clock", `{"to":"`+to.Format(time.RFC3339)+`"}`)["now"]))
	if err != nil || now.Sub(to) < 0 || now.Sub(to) > time.Minute {
		t.Errorf("it is %v, not %v: %v", now, to, err)
	}
	if clock := wants(t, e, 200, "POST", "clock", `{"freeze":true}`); clock["frozen"] != true || clock["scale"] != 0.0 {
		t.Errorf("frozen: %v", clock)
	}
	if first, second := wants(t, e, 200, "GET", "clock", "")["now"], wants(t, e, 200, "GET", "clock", "")["now"]; first != second {
		t.Errorf("it runs though it is frozen: %v, %v", first, second)
	}
	if clock := wants(t, e, 200, "POST", "clock", `{"scale":60}`); clock["scale"] != 60.0 {
		t.Errorf("scaled: %v", clock)
	}
	for body, why := range map[string]string{
		`{"advance":"-1s"}`:             "never runs backwards",
		`{"to":"2001-01-01T00:00:00Z"}`: "never runs backwards",
		`{"advance":"1000000h"}`:        "hundred years",
		`{"advance":"soon"}`:            "duration",
		`{"scale":-1}`:                  "scale must be",
		`{"scale":1e9}`:                 "scale must be",
		`{}`:                            "say one of",
		`{"advance":"1s","scale":1}`:    "say one of",
		`{"speed":1}`:                   "speed",
		`[`:                             "body",
	} {
		if message := fmt.Sprint(wants(t, e, 400, "POST", "clock", body)["message"]); !strings.Contains(message, why) {
			t.Errorf("%s: %s", body, message)
		}
	}
}

func TestASessionOf180MinutesIsOverWhenTheAnswerComes(t *testing.T) {
	e := emulatortest.Start(t, emulator.Config{SessionDuration: 180 * time.Minute})
	room := e.Room()
	anna := e.Connect(room, "anna")
	wants(t, e, 200, "POST", "clock", `{"advance":"180m"}`)
	if heard := anna.Receive(); heard.ErrorCode != 401 {
		t.Errorf("heard %+v", heard)
	}
	anna.WaitClosed()
}

func TestSomebodyLooksInside(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	anna := e.Connect(room, "anna", "SEND_MESSAGE")
	anna.SendMessage("hi")
	anna.Receive()
	session := wants(t, e, 200, "GET", "rooms/"+room, "")["sessions"].([]any)[0].(map[string]any)
	if session["userId"] != "anna" || session["framesIn"] != 1.0 || session["queued"] != 0.0 || fmt.Sprint(session["capabilities"]) != "[SEND_MESSAGE]" {
		t.Errorf("the session is %v", session)
	}
	frames := wants(t, e, 200, "GET", "rooms/"+room+"/frames", "")["frames"].([]any)
	if len(frames) != 2 {
		t.Fatalf("frames: %v", frames)
	}
	in, out := frames[0].(map[string]any), frames[1].(map[string]any)
	if in["direction"] != "in" || in["userId"] != "anna" || out["direction"] != "out" || out["frame"].(map[string]any)["Content"] != "hi" || out["operation"] != "SEND_MESSAGE" || out["recipients"] != 1.0 {
		t.Errorf("frames: %v", frames)
	}
	if calls := wants(t, e, 200, "GET", "calls", "")["calls"].([]any); len(calls) != 2 || calls[1].(map[string]any)["operation"] != "CreateChatToken" || calls[1].(map[string]any)["status"] != 200.0 {
		t.Errorf("calls: %v", calls)
	}
	token := e.Token(room, "ben")
	if view := wants(t, e, 200, "POST", "tokens/inspect", `{"token":"`+token+`"}`); view["userId"] != "ben" || view["room"] != room || view["used"] != false || view["expired"] != false {
		t.Errorf("the token is %v", view)
	}
	metrics := ask(t, e, "GET", admin.Prefix+"metrics", "").body
	for _, line := range []string{
		"ivschat_concurrent_chat_connections 1", "ivschat_messaging_requests_total 1", `ivschat_deliveries_total{action="SEND_MESSAGE"} 1`, `ivschat_operations_total{operation="CreateRoom",status="200"} 1`, `ivschat_requests_total{action="CreateChatToken"} 2`,
	} {
		if !strings.Contains(metrics, line+"\n") {
			t.Errorf("the metrics do not have %s:\n%s", line, metrics)
		}
	}
}

func TestWhatIsLeftOfADeletedRoomCanBeSeen(t *testing.T) {
	e := emulatortest.Start(t)
	room, empty := e.Room(), e.Room()
	e.Connect(room, "anna")
	for _, arn := range []string{room, empty} {
		if r := ask(t, e, "POST", "/DeleteRoom", `{"identifier":"`+arn+`"}`, "Authorization", "AWS4-HMAC-SHA256 Credential=123456789012/20261125/us-east-1/ivschat/aws4_request"); r.status != 204 {
			t.Fatal(r.status, r.body)
		}
	}
	rooms := wants(t, e, 200, "GET", "rooms", "")["rooms"].([]any)
	if len(rooms) != 1 || rooms[0].(map[string]any)["arn"] != room || rooms[0].(map[string]any)["deleted"] != true {
		t.Errorf("the rooms are %v", rooms)
	}
	if view := wants(t, e, 200, "GET", "rooms/"+room, ""); view["deleted"] != true || len(view["sessions"].([]any)) != 1 {
		t.Errorf("the room is %v", view)
	}
	wants(t, e, 404, "GET", "rooms/"+empty, "")
}

func TestNothingThatWasBeforeAResetIsToldAfterIt(t *testing.T) {
	e := emulatortest.Start(t)
	anna := e.Connect(e.Room(), "anna")
	wants(t, e, 204, "POST", "reset", "")
	anna.WaitClosed()
	if err := e.Emulator.Close(); err != nil { // waits for all that was connected
		t.Error(err)
	}
	if told := e.Journal().After(0, 0, journal.Filter{}); len(told) != 0 {
		t.Errorf("told is %+v", told)
	}
}

func TestWhoeverWaitsForFramesGetsThemWhenTheyCome(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	anna := e.Connect(room, "anna", "SEND_MESSAGE")
	answered := make(chan map[string]any)
	go func() {
		answered <- wants(t, e, 200, "GET", "rooms/"+room+"/frames?after=0&count=3&timeout=10s&direction=out", "")
	}()
	for range 3 {
		anna.SendMessage("hi")
		anna.Receive()
	}
	if answer := <-answered; len(answer["frames"].([]any)) != 3 || answer["complete"] != true {
		t.Errorf("answered %v", answer)
	}
	if answer := wants(t, e, 200, "GET", "rooms/"+room+"/frames?after=0&count=4&timeout=1ms&direction=out", ""); len(answer["frames"].([]any)) != 3 || answer["complete"] != false {
		t.Errorf("answered %v", answer)
	}
}

func TestEverythingIsStreamed(t *testing.T) {
	e := emulatortest.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "GET", emulatortest.URL+admin.Prefix+"events", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := e.HTTPClient().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	room := e.Room()
	c := e.Connect(room, "anna", "SEND_MESSAGE")
	c.SendMessage("hi")
	lines := bufio.NewScanner(response.Body)
	seen := ""
	for lines.Scan() {
		if kind, isEvent := strings.CutPrefix(lines.Text(), "event: "); isEvent {
			seen += kind + " "
		}
		if strings.Contains(lines.Text(), `"Type":"MESSAGE"`) {
			break
		}
	}
	if want := "call call connect frame frame "; seen != want {
		t.Errorf("streamed %s, want %s", seen, want)
	}
}

func TestAccountsDoNotSeeEachOther(t *testing.T) {
	e := emulatortest.Start(t)
	mine := e.Room()                       // of 123456789012
	ask(t, e, "POST", "/CreateRoom", "{}") // of 000000000000
	for path, member := range map[string]string{"rooms": "rooms", "calls": "calls", "journal": "entries"} {
		if items := wants(t, e, 200, "GET", path+"?account=123456789012", "")[member].([]any); len(items) != 1 {
			t.Errorf("%s: %v", path, items)
		}
	}
	wants(t, e, 404, "GET", "rooms/"+mine+"?account=000000000000", "")
	wants(t, e, 201, "POST", "faults?account=000000000000", `{"operation":"CreateRoom","status":500}`)
	if faults := wants(t, e, 200, "GET", "faults?account=123456789012", "")["faults"].([]any); len(faults) != 0 {
		t.Errorf("faults of another account: %v", faults)
	}
	e.Room() // which does not fail
	if r := ask(t, e, "POST", "/CreateRoom", "{}"); r.status != 500 {
		t.Errorf("the fault did not fire: %d", r.status)
	}
	wants(t, e, 204, "POST", "reset?account=000000000000", "")
	if rooms := wants(t, e, 200, "GET", "rooms", "")["rooms"].([]any); len(rooms) != 2 {
		t.Errorf("another account's rooms were reset: %v", rooms)
	}
}

func TestAResetPutsEverythingBack(t *testing.T) {
	e := emulatortest.Start(t)
	anna := e.Connect(e.Room(), "anna")
	e.Advance(10 * time.Minute)
	wants(t, e, 201, "POST", "faults", `{"operation":"CreateRoom","status":500}`)
	wants(t, e, 204, "POST", "reset", "")
	if code := anna.WaitClosed().Code; code != 1012 {
		t.Errorf("closed with %d", code)
	}
	there, err := e.Resources(t.Context(), "")
	if err != nil || len(there.Rooms) != 0 || len(e.Faults().Rules("")) != 0 || e.Clock().Ahead() != 0 || len(e.Journal().After(0, 0, journal.Filter{Kind: journal.Frame})) != 0 {
		t.Errorf("left: %v, %v, %v, %v", there, e.Faults().Rules(""), e.Clock().Ahead(), err)
	}
}

func TestPagesFromElsewhereAreKeptOut(t *testing.T) {
	e, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, test := range []struct {
		host   string
		header []string
		status int
	}{
		{"localhost:4700", nil, 200},
		{"127.0.0.1:4700", nil, 200},
		{"[::1]:4700", nil, 200},
		{"ivschat:4700", nil, 200}, // a container beside
		{"localhost:4700", []string{"Origin", "http://localhost:4700"}, 200},
		{"localhost:4700", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"localhost:4700", []string{"Origin", "http://localhost:3000"}, 403},
		{"localhost:4700", []string{"Origin", "https://example.com"}, 403},
		{"localhost:4700", []string{"Origin", "null"}, 403},
		{"localhost:4700", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"evil.example.com:4700", nil, 403}, // a name that was made to point here
	} {
		for _, path := range []string{"clock", "snapshot", "health", "nothing"} {
			request := httptest.NewRequest("GET", admin.Prefix+path, nil)
			request.Host = test.host
			for i := 0; i+1 < len(test.header); i += 2 {
				request.Header.Set(test.header[i], test.header[i+1])
			}
			recorder := httptest.NewRecorder()
			e.ServeHTTP(recorder, request)
			status := test.status
			if status == 200 && path == "nothing" {
				status = 404
			}
			if recorder.Code != status || recorder.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s %v %s: %d %s", test.host, test.header, path, recorder.Code, recorder.Body)
			}
		}
	}
}

func TestTheDoorCanHaveAnAddressOfItsOwnOrNone(t *testing.T) {
	for listen, want := range map[string][2]int{"": {200, 200}, "127.0.0.1:0": {404, 200}, emulator.AdminOff: {404, 0}} {
		t.Run(listen, func(t *testing.T) {
			e, err := emulator.New(emulator.Config{AdminListen: listen})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			if err := e.Start(); err != nil {
				t.Fatal(err)
			}
			status := func(base string) int {
				if base == "" {
					return 0
				}
				response, err := http.Get(base + admin.Prefix + "clock")
				if err != nil {
					t.Fatal(err)
				}
				defer response.Body.Close()
				return response.StatusCode
			}
			if got := [2]int{status(e.URL()), status(e.AdminURL())}; got != want {
				t.Errorf("statuses %v, want %v", got, want)
			}
		})
	}
}

func TestASnapshotOfAThousandRoomsComesBackAsItWas(t *testing.T) {
	e := emulatortest.Start(t)
	logging := operate(t, e, "/CreateLoggingConfiguration", `{"name":"logs","destinationConfiguration":{"firehose":{"deliveryStreamName":"stream"}},"tags":{"k":"v"}}`)
	for i := range 1000 {
		operate(t, e, "/CreateRoom", fmt.Sprintf(`{"name":"room-%d","tags":{"n":"%d"},"maximumMessageLength":%d,"loggingConfigurationIdentifiers":[%q],"messageReviewHandler":{"uri":""}}`, i, i, 1+i%500, logging["arn"]))
	}
	before := ask(t, e, "GET", admin.Prefix+"snapshot", "").body
	list := ask(t, e, "POST", "/ListRooms", "{}").body
	wants(t, e, 204, "POST", "reset", "")
	wants(t, e, 204, "PUT", "snapshot", before)
	after := ask(t, e, "GET", admin.Prefix+"snapshot", "").body
	withoutTime := func(text string) string {
		begin, rest, _ := strings.Cut(text, `"time"`)
		_, rest, _ = strings.Cut(rest, "\n")
		return begin + rest
	}
	if withoutTime(before) != withoutTime(after) {
		t.Error("the snapshot is another one")
	}
	var one, other struct{ Rooms []map[string]any }
	_ = json.Unmarshal([]byte(list), &one)
	_ = json.Unmarshal([]byte(ask(t, e, "POST", "/ListRooms", "{}").body), &other)
	if fmt.Sprint(one) != fmt.Sprint(other) || len(one.Rooms) != 50 {
		t.Error("the list has another order")
	}
}

func operate(t testing.TB, e http.Handler, path, body string) (decoded map[string]any) {
	t.Helper()
	r := ask(t, e, "POST", path, body)
	if r.status != 200 || json.Unmarshal([]byte(r.body), &decoded) != nil {
		t.Fatalf("%s: %d %s", path, r.status, r.body)
	}
	return decoded
}

// FuzzDocuments holds the door against a law: whatever it is given, it takes
// all of it or, with a reason, nothing.
func FuzzDocuments(f *testing.F) {
	for _, seed := range []string{
		`{"operation":"CreateRoom","times":1,"exception":"PendingVerification"}`, `[{"operation":"MESSAGE","frame":"drop"},{"operation":"x"}]`,
		`{"version":1,"rooms":[{"id":"abcdefghijkl","tags":{"a":"b"}}]}`, `{"rooms":[{"id":"abcdefghijkl"},{"id":"abcdefghijkl"}]}`,
		`{"loggingConfigurations":[{"id":"abcdefghijkl","destinationConfiguration":{"s3":{"bucketName":"abc"}}}],"rooms":[{"id":"abcdefghijkl","loggingConfigurationIdentifiers":["abcdefghijkl"]}]}`,
		`{"advance":"1h"}`, `{"scale":0.5}`, `[[[`, `{"rooms":[{"id":"abcdefghijkl","name":7}]}`, "{\"\xff\":1}",
	} {
		f.Add(seed)
	}
	e, err := emulator.New(emulator.Config{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = e.Close() })
	f.Fuzz(func(t *testing.T, document string) {
		for _, call := range []struct{ method, path string }{{"POST", "faults"}, {"PUT", "snapshot"}, {"POST", "clock"}, {"POST", "tokens/inspect"}} {
			before, err := e.Snapshot(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			rules := len(e.Faults().Rules(""))
			r := ask(t, e, call.method, admin.Prefix+call.path, document)
			if r.status >= 500 || r.status >= 400 && !strings.Contains(r.body, `"message":"`) {
				t.Errorf("%s: %d %s", call.path, r.status, r.body)
			}
			if r.status < 400 && call.path == "snapshot" {
				comesBackAsItIs(t, e)
			}
			if r.status < 400 {
				_ = e.Reset(t.Context(), "")
				continue
			}
			after, err := e.Snapshot(t.Context(), "")
			if err != nil || rules != len(e.Faults().Rules("")) || !bytes.Equal(rooms(before), rooms(after)) {
				t.Errorf("%s was refused, but changed something: %v", call.path, err)
			}
		}
		switch err := e.Seed(t.Context(), []byte(document)); {
		case err == nil:
			comesBackAsItIs(t, e)
		case !strings.HasPrefix(err.Error(), "line "):
			t.Errorf("the seed was refused without its line: %v", err)
		default:
			if there, err := e.Resources(t.Context(), ""); err != nil || len(there.Rooms)+len(there.LoggingConfigurations) != 0 {
				t.Errorf("the seed was refused, but there is %+v: %v", there, err)
			}
		}
		_ = e.Reset(t.Context(), "")
	})
}

// comesBackAsItIs takes a snapshot and puts it back, which changes nothing.
func comesBackAsItIs(t *testing.T, e *emulator.Emulator) {
	t.Helper()
	before, err := e.Snapshot(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Restore(t.Context(), "", before); err != nil {
		t.Errorf("%v\n%s", err, before)
	}
	if after, err := e.Snapshot(t.Context(), ""); err != nil || !bytes.Equal(rooms(before), rooms(after)) {
		t.Errorf("it was\n%s\nand is\n%s: %v", before, after, err)
	}
}

func rooms(snapshot []byte) []byte {
	_, rest, _ := bytes.Cut(snapshot, []byte("loggingConfigurations"))
	return rest
}
