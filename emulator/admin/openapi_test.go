package admin_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// loadDocument returns the OpenAPI document. The test fails if it is not valid.
func loadDocument(t *testing.T) *openapi3.T {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromData(admin.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	if err := document.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	document.Servers = openapi3.Servers{{URL: "http://localhost/_ivschat/v1"}}
	return document
}

// prepare makes an emulator with something of every kind to inspect. It returns a room and a chat
// token for it.
func prepare(t *testing.T, e *emulatortest.Emulator) (room, token string) {
	t.Helper()
	logging := operation(t, e, "/CreateLoggingConfiguration",
		`{"destinationConfiguration":{"firehose":{"deliveryStreamName":"stream"}}}`)
	logged := operation(t, e, "/CreateRoom", `{"name":"everything","tags":{"k":"v"},`+
		`"loggingConfigurationIdentifiers":["`+logging["arn"].(string)+`"],`+
		`"messageReviewHandler":{"uri":"","fallbackResult":"DENY"}}`)
	operation(t, e, "/SendEvent", `{"eventName":"logged","roomIdentifier":"`+logged["arn"].(string)+`"}`)
	room = e.Room()
	anna := e.Connect(room, "anna", "SEND_MESSAGE")
	anna.SendMessage("hi")
	anna.Receive()
	addFault(t, e, `{"operation":"SEND_MESSAGE","times":1,"close":4000}`)
	anna.Send("not JSON")
	anna.SendMessage("hi")
	anna.WaitClosed()
	e.Connect(room, "ben", "SEND_MESSAGE")
	request(t, e, "GET", "/", "", "Connection", "Upgrade", "Upgrade", "websocket") // a refused handshake
	return room, e.Token(room, "carl")
}

func TestEveryAnswerMatchesTheOpenAPIDocument(t *testing.T) {
	router, err := gorillamux.NewRouter(loadDocument(t))
	if err != nil {
		t.Fatal(err)
	}
	e := emulatortest.Start(t)
	room, token := prepare(t, e)
	snapshot, err := e.Snapshot(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	escaped := url.QueryEscape(room)
	for _, test := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "clock", "", 200},
		{"POST", "clock", `{"advance":"1s"}`, 200},
		{"POST", "clock", `{"advance":"-1s"}`, 400},
		{"POST", "faults", `{"operation":"CreateRoom","status":500}`, 201},
		{"POST", "faults",
			`[{"operation":"CreateRoom","reset":true,"times":3},{"operation":"MESSAGE","frame":"drop"}]`, 201},
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
		{"GET", "chat-logs", "", 200},
		{"GET", "chat-logs?loggingConfiguration=x", "", 400},
		{"GET", "chat-logs/records", "", 200},
		{"GET", "chat-logs/records?after=0&count=99&timeout=1ms", "", 200},
		{"POST", "chat-logs/flush", "", 200},
		{"GET", "journal?kind=delivery", "", 200},
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
		{"GET", "ca", "", 404},
		{"GET", "rooms?account=123456789012", "", 200},
		{"GET", "rooms?account=anna", "", 400},
		{"DELETE", "faults?account=anna", "", 400},
		{"POST", "reset?account=anna", "", 400},
		{"POST", "reset", "", 204},
	} {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			checkAnswer(t, router, e, test.method, test.path, test.body, test.status)
		})
	}
}

// checkAnswer sends a request to the admin API, and compares it and its answer with the OpenAPI document.
func checkAnswer(
	t *testing.T, router routers.Router, e http.Handler, method, path, body string, status int,
) (answer string) {
	t.Helper()
	input := validationInput(t, router, method, path, body)
	if status < 300 {
		if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
			t.Errorf("the document does not allow the request: %v", err)
		}
	}
	r := request(t, e, method, admin.Prefix+path, body)
	if r.status != status {
		t.Fatalf("%d %s, want %d", r.status, r.body, status)
	}
	err := openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input,
		Status:                 r.status,
		Header:                 r.header,
		Body:                   io.NopCloser(strings.NewReader(r.body)),
		Options:                &openapi3filter.Options{IncludeResponseStatus: true},
	})
	if err != nil {
		t.Errorf("the document does not allow the response: %v\n%s", err, r.body)
	}
	return r.body
}

// validationInput returns a request to the admin API, with a path below the prefix, to be validated.
func validationInput(
	t *testing.T, router routers.Router, method, path, body string,
) *openapi3filter.RequestValidationInput {
	t.Helper()
	r := httptest.NewRequest(method, "http://localhost"+admin.Prefix+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	route, parameters, err := router.FindRoute(r)
	if err != nil {
		t.Fatal(err)
	}
	return &openapi3filter.RequestValidationInput{Request: r, PathParams: parameters, Route: route}
}

func TestTheOpenAPIDocumentListsTheKindsOfTheJournal(t *testing.T) {
	document := loadDocument(t)
	entry := document.Components.Schemas["Entry"].Value.Properties
	checkListed(t, entry["kind"].Value.Enum, journal.Kinds())
	checkListed(t, entry["direction"].Value.Enum, journal.Directions())
	kind := document.Paths.Value("/journal").Get.Parameters.GetByInAndName("query", "kind")
	checkListed(t, kind.Schema.Value.Enum, journal.Kinds())
	var names []string
	for _, kind := range journal.Kinds() {
		names = append(names, string(kind))
	}
	one := "(" + strings.Join(names, "|") + ")"
	some := document.Paths.Value("/events").Get.Parameters.GetByInAndName("query", "kind")
	if got, want := some.Schema.Value.Pattern, "^"+one+"(,"+one+")*$"; got != want {
		t.Errorf("the pattern of kind is %s, want %s", got, want)
	}
}
