package control

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/cors"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/model"
	"github.com/ivschat-local/ivschat-local/emulator/random"
)

// newTestAPI returns a control plane with the given rooms, its log and its journal.
func newTestAPI(rooms Rooms) (*API, *bytes.Buffer, *journal.Journal) {
	log, entries := new(bytes.Buffer), new(journal.Journal)
	logger := slog.New(slog.NewTextHandler(log, nil))
	return New(Config{
		Rooms:   rooms,
		Clock:   clock.New(),
		Random:  random.New(1),
		Journal: entries,
		Faults:  fault.New(random.New(1), nil),
		Pages:   cors.NewPolicy(nil, cors.Hosts{}, logger),
		Logger:  logger,
	}), log, entries
}

func TestAnInternalErrorIsLoggedButNotSentToTheClient(t *testing.T) {
	api, log, _ := newTestAPI(nil) // without rooms it panics
	recorder := httptest.NewRecorder()
	api.ServeHTTP(recorder, httptest.NewRequest("POST", "/CreateRoom", nil))

	exception := recorder.Header().Get("x-amzn-ErrorType")
	if recorder.Code != 500 || exception != "InternalServerException" {
		t.Errorf("got %d %v", recorder.Code, recorder.Header())
	}
	body := recorder.Body.String()
	if strings.Contains(body, "goroutine") || strings.Contains(body, "nil pointer") {
		t.Errorf("the client gets %s", body)
	}
	line, requestID := log.String(), recorder.Header().Get("x-amzn-RequestId")
	if strings.Count(line, "\n") != 1 || !strings.Contains(line, requestID) ||
		!strings.Contains(line, "nil pointer") || !strings.Contains(line, "level=ERROR") {
		t.Errorf("the log has %s", line)
	}
}

// disconnectingClient stands for rooms whose client disconnects while a room is created.
type disconnectingClient struct {
	Rooms
	disconnect context.CancelFunc
}

func (c disconnectingClient) CreateRoom(ctx context.Context, _ ivschat.Room, _ int) error {
	c.disconnect()
	return fmt.Errorf("create the room: %w", ctx.Err())
}

func TestAClientThatDisconnectsDuringARequestIsNotAnError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	api, log, entries := newTestAPI(disconnectingClient{disconnect: cancel})
	recorder := httptest.NewRecorder()
	api.ServeHTTP(recorder, httptest.NewRequestWithContext(ctx, "POST", "/CreateRoom", nil))

	exception := recorder.Header().Get("x-amzn-ErrorType")
	body := recorder.Body.String()
	if recorder.Code != 400 || exception != "RequestAbortedException" ||
		body != `{"message":"The request was cancelled"}`+"\n" {
		t.Errorf("got %d %v %s", recorder.Code, recorder.Header(), body)
	}
	line := log.String()
	if strings.Count(line, "\n") != 1 || !strings.Contains(line, "level=INFO") ||
		!strings.Contains(line, "exception=RequestAbortedException") || strings.Contains(line, "error=") {
		t.Errorf("the log has %s", line)
	}
	calls := entries.After(0, 0, journal.Filter{Kind: journal.Call})
	if len(calls) != 1 || calls[0].Status != 400 || calls[0].Exception != "RequestAbortedException" {
		t.Errorf("the journal has %+v", calls)
	}
}

func TestOnlyTheBodyOfAnOperationIsRead(t *testing.T) {
	huge := strings.Repeat("x", maximumBody+1)
	signed := "AWS4-HMAC-SHA256 Credential=123456789012/20260101/eu-west-1/ivschat/aws4_request, " +
		"SignedHeaders=host, Signature=none"
	for _, test := range []struct {
		method, path, authorization string
		status                      int
		exception                   string
	}{
		{"POST", "/CreateRoom", signed, 413, "RequestEntityTooLargeException"},
		{"POST", "/CreateRoom", "AWS4-HMAC-SHA256 Credential=bad", 403, "IncompleteSignature"},
		{"POST", "/Nope", signed, 404, "UnknownOperationException"},
		{"DELETE", "/CreateRoom", signed, 404, "UnknownOperationException"},
		{"GET", "/tags/x", signed, 400, "ValidationException"},
	} {
		t.Run(test.method+" "+test.path+" "+test.exception, func(t *testing.T) {
			api, _, entries := newTestAPI(nil)
			request := httptest.NewRequest(test.method, test.path, strings.NewReader(huge))
			request.Header.Set("Authorization", test.authorization)
			recorder := httptest.NewRecorder()
			api.ServeHTTP(recorder, request)
			if got := recorder.Header().Get("x-amzn-ErrorType"); recorder.Code != test.status || got != test.exception {
				t.Errorf("got %d %s, want %d %s", recorder.Code, got, test.status, test.exception)
			}
			account := entries.Latest(1, journal.Filter{})[0].Account
			if test.authorization == signed && account != "123456789012" {
				t.Errorf("the journal has the call of account %q", account)
			}
		})
	}
}

// The router is mux's. Most requests are served without it.
func TestEveryPathHasTheHandlerThatTheRouterFinds(t *testing.T) {
	paths := []string{
		"", "/", "//", "//CreateRoom", "/Create%52oom", "/CreateRoom/", "/createroom", "/CreateRoom%2F", "/CreateRoom/x",
		"/tags", "/tags/", "/tags//", "/tags/x/y", "/tags/x%2Fy%0A%20+", "/t%61gs/x", "/tags%2Fx", "/tags/%7B", "/tags/{x}",
	}
	for _, op := range model.Operations() {
		paths = append(paths, op.Path, "/"+url.PathEscape(op.Path[1:]), (&url.URL{Path: op.Path}).EscapedPath())
	}
	for _, path := range paths {
		for _, method := range []string{"GET", "POST", "DELETE", "PUT"} {
			api, _, entries := newTestAPI(nil)
			for _, handler := range []http.Handler{api, api.router} {
				r := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader("{}"))
				handler.ServeHTTP(httptest.NewRecorder(), r)
			}
			got := entries.Latest(2, journal.Filter{})
			if got[0].Operation != got[1].Operation || string(got[0].Response) != string(got[1].Response) ||
				string(got[0].Request) != string(got[1].Request) {
				t.Errorf("%s %s: got %s %s and %s %s", method, path,
					got[0].Operation, got[0].Response, got[1].Operation, got[1].Response)
			}
		}
	}
}

func TestARefusalOfAnUnknownPathNamesTheOperationThatWasProbablyMeant(t *testing.T) {
	for path, want := range map[string]string{
		"/createRoom":        "POST /createRoom is not an operation of Amazon IVS Chat: did you mean /CreateRoom?",
		"/ListRoom":          "POST /ListRoom is not an operation of Amazon IVS Chat: did you mean /ListRooms?",
		"/ivschat/ListRooms": "POST /ivschat/ListRooms is not an operation of Amazon IVS Chat: did you mean /ListRooms?",
		"/CreateRoom/":       "POST /CreateRoom/ is not an operation of Amazon IVS Chat: did you mean /CreateRoom?",
		"/colour":            "POST /colour is not an operation of Amazon IVS Chat",
	} {
		api, _, _ := newTestAPI(nil)
		recorder := httptest.NewRecorder()
		api.ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, path, strings.NewReader("{}")))
		var answer struct{ Message string }
		if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil || answer.Message != want {
			t.Errorf("%s is answered with %q and %v, want %q", path, answer.Message, err, want)
		}
	}
}

func TestARequestThatHasTwoCallersOrAQueryWithAMistakeIsRefused(t *testing.T) {
	const (
		anna = "Credential=111111111111/20260101/us-east-1/ivschat/aws4_request"
		ben  = "Credential=222222222222/20260101/us-east-1/ivschat/aws4_request"
		rest = ", SignedHeaders=host, Signature=00"
	)
	presigned := "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-SignedHeaders=host&X-Amz-Signature=00&X-Amz-" + anna
	for _, test := range []struct{ query, authorization, exception string }{
		{"", "AWS4-HMAC-SHA256 " + anna + rest, ""},
		{presigned, "", ""},
		{"", "AWS4-HMAC-SHA256 " + anna + ", " + ben + rest, "IncompleteSignature"},
		{"", "AWS4-HMAC-SHA256 " + anna + rest + ", AWS4-HMAC-SHA256 " + ben + rest, "IncompleteSignature"},
		{"", "AWS4-HMAC-SHA256 " + anna + rest + ", AWS4-HMAC-SHA256 " + ben, "IncompleteSignature"},
		{presigned + "&X-Amz-" + ben, "", "IncompleteSignature"},
		{presigned + "&X-Amz-Algorithm=AWS4-HMAC-SHA256", "", "IncompleteSignature"},
		{presigned, "AWS4-HMAC-SHA256 " + ben + rest, "IncompleteSignature"},
		{"X-Amz-Credential=a%", "", "MalformedHttpRequestException"},
		{"X-Amz-" + anna + ";X-Amz-Signature=00", "", "MalformedHttpRequestException"},
	} {
		api, _, _ := newTestAPI(nil)
		request := httptest.NewRequest("POST", "/Nope?"+test.query, strings.NewReader("{}"))
		if test.authorization != "" {
			request.Header.Set("Authorization", test.authorization)
		}
		recorder := httptest.NewRecorder()
		api.ServeHTTP(recorder, request)
		want := cmp.Or(test.exception, "UnknownOperationException") // the answer to every other caller
		if got := recorder.Header().Get("x-amzn-ErrorType"); got != want {
			t.Errorf("%s %s: got %s, want %s", test.query, test.authorization, got, want)
		}
	}
}
