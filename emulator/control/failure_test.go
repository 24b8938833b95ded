package control

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

var errBroken = errors.New("it broke")

// parts are everything that the control plane calls. A method fails if it has an entry in broken, and keeps
// what it was called with.
type parts struct {
	broken map[string]error
	rooms  []ivschat.Room
	filter ivschat.RoomFilter
	token  ivschat.ChatToken
	call   []any // of Live
}

func (p *parts) CreateRoom(_ context.Context, room ivschat.Room, _ int) error {
	p.rooms = append(p.rooms, room)
	if len(p.rooms) < 3 {
		return ivschat.ErrIDTaken
	}
	return p.broken["CreateRoom"]
}

func (p *parts) Room(_ context.Context, arn ivschat.ARN) (ivschat.Room, error) {
	return ivschat.Room{ARN: arn}, p.broken["Room"]
}

func (p *parts) UpdateRoom(_ context.Context, _ ivschat.ARN, _ func(*ivschat.Room)) (ivschat.Room, error) {
	return ivschat.Room{}, p.broken["UpdateRoom"]
}

func (p *parts) DeleteRoom(context.Context, ivschat.ARN) error { return p.broken["DeleteRoom"] }

func (p *parts) ListRooms(
	_ context.Context, _ ivschat.Owner, filter ivschat.RoomFilter, _ ivschat.Page,
) ([]ivschat.Room, []byte, error) {
	p.filter = filter
	return nil, []byte{}, p.broken["ListRooms"]
}

func (p *parts) CreateLoggingConfiguration(context.Context, ivschat.LoggingConfiguration, int, bool) error {
	return p.broken["CreateLoggingConfiguration"]
}

func (p *parts) LoggingConfiguration(context.Context, ivschat.ARN) (ivschat.LoggingConfiguration, error) {
	return ivschat.LoggingConfiguration{}, p.broken["LoggingConfiguration"]
}

func (p *parts) UpdateLoggingConfiguration(
	context.Context, ivschat.ARN, time.Time, bool, func(*ivschat.LoggingConfiguration),
) (ivschat.LoggingConfiguration, error) {
	return ivschat.LoggingConfiguration{}, p.broken["UpdateLoggingConfiguration"]
}

func (p *parts) DeleteLoggingConfiguration(context.Context, ivschat.ARN, time.Time, bool) error {
	return p.broken["DeleteLoggingConfiguration"]
}

func (p *parts) ListLoggingConfigurations(
	context.Context, ivschat.Owner, ivschat.Page,
) ([]ivschat.LoggingConfiguration, []byte, error) {
	return nil, []byte{}, p.broken["ListLoggingConfigurations"]
}

func (p *parts) Tags(context.Context, ivschat.ARN) (ivschat.Tags, error) {
	return nil, p.broken["Tags"]
}

func (p *parts) ChangeTags(context.Context, ivschat.ARN, func(ivschat.Tags) error) error {
	return p.broken["ChangeTags"]
}

func (p *parts) SealChatToken(_ context.Context, token ivschat.ChatToken) (string, error) {
	p.token = token
	return "sealed", p.broken["SealChatToken"]
}

func (p *parts) SealPageToken(context.Context, string, []byte) (string, error) {
	return "sealed", p.broken["SealPageToken"]
}

func (p *parts) OpenPageToken(context.Context, string, string) ([]byte, error) {
	return nil, p.broken["OpenPageToken"]
}

func (p *parts) SendEvent(
	_ context.Context, room ivschat.ARN, now time.Time, name string, attributes map[string]string,
) (string, error) {
	p.call = []any{room, now, name, attributes}
	return "the ID", p.broken["SendEvent"]
}

func (p *parts) DeleteMessage(
	_ context.Context, room ivschat.ARN, now time.Time, messageID, reason string,
) (string, error) {
	p.call = []any{room, now, messageID, reason}
	return "the ID", p.broken["DeleteMessage"]
}

func (p *parts) DisconnectUser(_ context.Context, room ivschat.ARN, now time.Time, userID, reason string) error {
	p.call = []any{room, now, userID, reason}
	return p.broken["DisconnectUser"]
}

// newPartsAPI returns a control plane that calls the parts, its log as text, and its journal.
func newPartsAPI(p *parts) (*API, fmt.Stringer, *journal.Journal) {
	api, log, entries := newTestAPI(p)
	api.LoggingConfigurations, api.Lifecycle, api.Tags, api.Tokens, api.Live = p, p, p, p, p
	api.DefaultOwner = ivschat.Owner{AccountID: "000000000000", Region: "us-east-1"}
	api.TokenTTL = time.Hour
	return api, log, entries
}

const (
	testRoom    = "arn:aws:ivschat:us-east-1:000000000000:room/abcdefghijkl"
	testLogging = "arn:aws:ivschat:us-east-1:000000000000:logging-configuration/abcdefghijkl"

	inTestRoom  = `{"roomIdentifier":"` + testRoom + `"` // the begin of a body
	ofTestRoom  = `{"identifier":"` + testRoom + `"}`
	ofTestLogs  = `{"identifier":"` + testLogging + `"}`
	destination = `{"destinationConfiguration":{"s3":{"bucketName":"abc"}}}`
)

// testRequests has a request of each operation, as method, path and body.
var testRequests = map[string][3]string{
	"CreateChatToken":            {"POST", "/CreateChatToken", inTestRoom + `,"userId":"u"}`},
	"CreateLoggingConfiguration": {"POST", "/CreateLoggingConfiguration", destination},
	"CreateRoom":                 {"POST", "/CreateRoom", `{}`},
	"DeleteLoggingConfiguration": {"POST", "/DeleteLoggingConfiguration", ofTestLogs},
	"DeleteMessage":              {"POST", "/DeleteMessage", inTestRoom + `,"id":"abcdefghijkl","reason":"r"}`},
	"DeleteRoom":                 {"POST", "/DeleteRoom", ofTestRoom},
	"DisconnectUser":             {"POST", "/DisconnectUser", inTestRoom + `,"userId":"u","reason":"r"}`},
	"GetLoggingConfiguration":    {"POST", "/GetLoggingConfiguration", ofTestLogs},
	"GetRoom":                    {"POST", "/GetRoom", ofTestRoom},
	"ListLoggingConfigurations":  {"POST", "/ListLoggingConfigurations", `{"nextToken":"t"}`},
	"ListRooms": {"POST", "/ListRooms",
		`{"nextToken":"t","name":"n","messageReviewHandlerUri":"","loggingConfigurationIdentifier":"` + testLogging + `"}`},
	"ListTagsForResource":        {"GET", "/tags/" + testRoom, ``},
	"SendEvent":                  {"POST", "/SendEvent", inTestRoom + `,"eventName":"e","attributes":{"k":"v"}}`},
	"TagResource":                {"POST", "/tags/" + testRoom, `{"tags":{"k":"v"}}`},
	"UntagResource":              {"DELETE", "/tags/" + testRoom + "?tagKeys=k", ``},
	"UpdateLoggingConfiguration": {"POST", "/UpdateLoggingConfiguration", ofTestLogs},
	"UpdateRoom":                 {"POST", "/UpdateRoom", ofTestRoom},
}

// send sends the request of an operation.
func send(api *API, operation string) *httptest.ResponseRecorder {
	r, recorder := testRequests[operation], httptest.NewRecorder()
	api.ServeHTTP(recorder, httptest.NewRequest(r[0], r[1], strings.NewReader(r[2])))
	return recorder
}

func TestAFailureOfAPartIsAnInternalErrorOfEachOperationThatNeedsIt(t *testing.T) {
	needs := map[string][]string{
		"CreateChatToken":            {"Room", "SealChatToken"},
		"CreateLoggingConfiguration": {"CreateLoggingConfiguration"},
		"CreateRoom":                 {"CreateRoom"},
		"DeleteLoggingConfiguration": {"DeleteLoggingConfiguration"},
		"DeleteMessage":              {"Room", "DeleteMessage"},
		"DeleteRoom":                 {"DeleteRoom"},
		"DisconnectUser":             {"Room", "DisconnectUser"},
		"GetLoggingConfiguration":    {"LoggingConfiguration"},
		"GetRoom":                    {"Room"},
		"ListLoggingConfigurations":  {"OpenPageToken", "ListLoggingConfigurations", "SealPageToken"},
		"ListRooms":                  {"LoggingConfiguration", "OpenPageToken", "ListRooms", "SealPageToken"},
		"ListTagsForResource":        {"Tags"},
		"SendEvent":                  {"Room", "SendEvent"},
		"TagResource":                {"ChangeTags"},
		"UntagResource":              {"ChangeTags"},
		"UpdateLoggingConfiguration": {"UpdateLoggingConfiguration"},
		"UpdateRoom":                 {"UpdateRoom"},
	}
	for operation := range testRequests {
		api, log, _ := newPartsAPI(&parts{})
		if recorder := send(api, operation); recorder.Code >= 300 {
			t.Errorf("%s: %d %s\n%s", operation, recorder.Code, recorder.Body, log)
		}
		for _, part := range needs[operation] {
			api, log, _ := newPartsAPI(&parts{broken: map[string]error{part: errBroken}})
			recorder := send(api, operation)
			const want = `{"message":"Internal error of the emulator: its log has the reason, with this request ID"}`
			if recorder.Code != 500 || recorder.Body.String() != want+"\n" {
				t.Errorf("%s without %s: %d %s", operation, part, recorder.Code, recorder.Body)
			}
			if !strings.HasSuffix(log.String(), "exception=InternalServerException error=\"it broke\"\n") {
				t.Errorf("%s without %s: the log has %s", operation, part, log)
			}
		}
	}
	if len(needs) != len(testRequests) || len(implementations) != len(testRequests) {
		t.Errorf("%d and %d of %d operations are tested", len(needs), len(testRequests), len(implementations))
	}
}

func TestNoPartIsAskedAboutAResourceOfAnotherAccount(t *testing.T) {
	requests := maps.Clone(testRequests)
	delete(requests, "CreateLoggingConfiguration")
	delete(requests, "ListLoggingConfigurations")
	const logs = `"loggingConfigurationIdentifiers":["` + testLogging + `"]}`
	own := strings.Replace(testRoom, "000000000000", "123456789012", 1)
	requests["CreateRoom"] = [3]string{"POST", "/CreateRoom", `{` + logs}
	requests["UpdateRoom of the caller"] = [3]string{"POST", "/UpdateRoom", `{"identifier":"` + own + `",` + logs}
	for name, r := range requests {
		api, _, _ := newPartsAPI(&parts{})
		request := httptest.NewRequest(r[0], r[1], strings.NewReader(r[2]))
		request.Header.Set("Authorization", strings.Replace(signedBy("123456789012"), "eu-west-1", "us-east-1", 1))
		recorder := httptest.NewRecorder()
		api.ServeHTTP(recorder, request)
		if recorder.Code != 404 {
			t.Errorf("%s: %d %s", name, recorder.Code, recorder.Body)
		}
	}
}

func TestANodeThatMustNotAnswerRefusesEveryRequestBeforeItLooksAtIt(t *testing.T) {
	const why = "the cluster cannot be reached: this node was cut off"
	requests := maps.Clone(testRequests)
	requests["unknown"] = [3]string{"POST", "/CreateRum", `{}`}
	requests["an invalid one"] = [3]string{"POST", "/CreateRoom", `{"name":`}
	for name, r := range requests {
		api, _, entries := newPartsAPI(&parts{})
		api.Ready = func() error { return errors.New(why) }
		request := httptest.NewRequest(r[0], r[1], strings.NewReader(r[2]))
		request.Header.Set("Authorization", "AWS4-HMAC-SHA256 invalid")
		recorder := httptest.NewRecorder()
		api.ServeHTTP(recorder, request)
		if recorder.Code != 503 || recorder.Header().Get("x-amzn-ErrorType") != "ServiceUnavailable" ||
			recorder.Body.String() != `{"message":"`+why+`"}`+"\n" {
			t.Errorf("%s: %d %v %s", name, recorder.Code, recorder.Header(), recorder.Body)
		}
		calls := entries.After(0, 0, journal.Filter{Kind: journal.Call})
		if len(calls) != 1 || calls[0].Status != 503 || calls[0].Exception != "ServiceUnavailable" {
			t.Errorf("%s: the journal has %v", name, calls)
		}
		api.Ready = func() error { return nil }
		if recorder := send(api, "GetRoom"); recorder.Code != 200 {
			t.Errorf("a node that is ready answers %d %s", recorder.Code, recorder.Body)
		}
	}
}
