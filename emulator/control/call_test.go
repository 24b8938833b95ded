package control

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/random"
)

// signedBy returns an Authorization header with an access key, for eu-west-1.
func signedBy(accessKey string) string {
	return "AWS4-HMAC-SHA256 Credential=" + accessKey + "/20260101/eu-west-1/ivschat/aws4_request, " +
		"SignedHeaders=host, Signature=0"
}

func TestTheJournalAndTheLogHaveEverythingOfACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api, log, entries := newPartsAPI(&parts{broken: map[string]error{
			"DeleteRoom": ivschat.NotFound(ivschat.ARN{ID: "x"}),
		}})
		api.Faults = fault.New(random.New(1), func(fault.Rule, fault.Point) {})
		if _, err := api.Faults.Add(fault.Rule{Operation: "DeleteRoom", Delay: 3 * time.Second}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
		r := testRequests["DeleteRoom"]
		request := httptest.NewRequest(r[0], r[1], strings.NewReader(r[2]))
		request.Header.Set("Authorization", signedBy("123456789012"))
		recorder := httptest.NewRecorder()
		api.Clock.Account("123456789012").Advance(time.Hour)
		api.ServeHTTP(recorder, request)

		got := entries.Latest(1, journal.Filter{})[0]
		want := journal.Entry{
			ID: 1, Time: time.Date(2000, 1, 1, 1, 0, 3, 1e6, time.UTC), Kind: journal.Call,
			Account: "123456789012", Region: "eu-west-1", Operation: "DeleteRoom",
			Status: 404, RequestID: recorder.Header().Get("x-amzn-RequestId"), Duration: 3 * time.Second,
			Exception: "ResourceNotFoundException",
			Request:   journal.Body(r[2]), Response: journal.Body(strings.TrimSpace(recorder.Body.String())),
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("the journal has\n%+v, want\n%+v", got, want)
		}
		if !strings.Contains(log.String(), " status=404 duration=3s ") {
			t.Errorf("the log has %s", log)
		}
	})
}

func TestTheJournalHasTheMembersOfARequestFromItsBodyPathAndQuery(t *testing.T) {
	for _, test := range []struct{ method, path, body, want string }{
		{"POST", "/CreateRoom", "{\"name\" :\"n\"}", "{\"name\" :\"n\"}"},
		{"POST", "/CreateRoom", "", "{}"},
		{"POST", "/CreateRoom", " \n", "{}"},
		{"POST", "/GetRoom", "", "{}"},
		{"POST", "/CreateRoom", `"text"`, `"text"`},
		{"POST", "/Nope", "", ""},
		{"GET", "/tags/" + testRoom, "", `{"resourceArn":"` + testRoom + `"}`},
		{"POST", "/tags/" + testRoom, `{"tags":{"k":"v"}}`, `{"resourceArn":"` + testRoom + `","tags":{"k":"v"}}`},
		{"POST", "/tags/" + testRoom, `"text"`, `"text"`},
		{"DELETE", "/tags/" + testRoom + "?tagKeys=a&tagKeys=b", "", `{"resourceArn":"` + testRoom + `","tagKeys":["a","b"]}`},
		{"DELETE", "/tags/a%20b", "", `{"resourceArn":"a b"}`},
	} {
		api, _, entries := newPartsAPI(&parts{})
		api.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(test.method, test.path, strings.NewReader(test.body)))
		if got := entries.Latest(1, journal.Filter{})[0].Request; string(got) != test.want {
			t.Errorf("%s %s %q: the journal has %s, want %s", test.method, test.path, test.body, got, test.want)
		}
	}
}

func TestAChatTokenHasWhatTheRequestAndTheConfigSay(t *testing.T) {
	begin := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		members         string
		sessionDuration time.Duration
		ttl             time.Duration
		token, session  time.Duration
	}{
		{"", 0, time.Minute, time.Minute, time.Hour},
		{`,"sessionDurationInMinutes":1`, 0, time.Hour, time.Minute, time.Minute},
		{`,"sessionDurationInMinutes":2`, 0, time.Minute, time.Minute, 2 * time.Minute},
		{`,"sessionDurationInMinutes":180`, 0, 3 * time.Hour, 3 * time.Hour, 3 * time.Hour},
		{`,"sessionDurationInMinutes":180`, time.Second, time.Hour, time.Second, time.Second},
		{"", 2 * time.Hour, time.Hour, time.Hour, 2 * time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(999 * time.Millisecond) // the answer has whole seconds
			p := &parts{}
			api, _, _ := newPartsAPI(p)
			api.SessionDuration, api.TokenTTL = test.sessionDuration, test.ttl
			recorder := httptest.NewRecorder()
			api.ServeHTTP(recorder, httptest.NewRequest("POST", "/CreateChatToken", strings.NewReader(
				`{"roomIdentifier":"`+testRoom+`","userId":"u","capabilities":["SEND_MESSAGE"],"attributes":{"k":"v"}`+
					test.members+`}`)))

			room, _ := ivschat.ParseARN(testRoom)
			want := ivschat.ChatToken{
				ID: p.token.ID, Room: room, UserID: "u", Capabilities: []ivschat.Capability{"SEND_MESSAGE"},
				Attributes: map[string]string{"k": "v"}, IssueTime: begin,
				TokenExpirationTime: begin.Add(test.token), SessionExpirationTime: begin.Add(test.session),
			}
			if !ivschat.IsID(p.token.ID) || !reflect.DeepEqual(p.token, want) {
				t.Errorf("%+v: the token is\n%+v, want\n%+v", test, p.token, want)
			}
			answer := `{"token":"sealed","tokenExpirationTime":"` + begin.Add(test.token).Format(time.RFC3339) +
				`","sessionExpirationTime":"` + begin.Add(test.session).Format(time.RFC3339) + `"}` + "\n"
			if recorder.Body.String() != answer {
				t.Errorf("the answer is %s, want %s", recorder.Body, answer)
			}
		})
	}
}

func TestAnIDThatIsTakenIsNotUsed(t *testing.T) {
	p := &parts{}
	api, _, _ := newPartsAPI(p)
	recorder := send(api, "CreateRoom")
	var answer struct{ ID string }
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil || len(p.rooms) != 3 {
		t.Fatalf("%d rooms: %s (%v)", len(p.rooms), recorder.Body, err)
	}
	first, second, third := p.rooms[0].ARN.ID, p.rooms[1].ARN.ID, p.rooms[2].ARN.ID
	if first == second || second == third || first == third || answer.ID != third {
		t.Errorf("the IDs are %s, %s and %s; the answer has %s", first, second, third, answer.ID)
	}
}

func TestClientsGetWhatTheRequestSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		room, _ := ivschat.ParseARN(testRoom)
		now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
		for operation, want := range map[string][]any{
			"SendEvent":      {room, now, "e", map[string]string{"k": "v"}},
			"DeleteMessage":  {room, now, "abcdefghijkl", "r"},
			"DisconnectUser": {room, now, "u", "r"},
		} {
			p := &parts{}
			api, _, _ := newPartsAPI(p)
			recorder := send(api, operation)
			if !reflect.DeepEqual(p.call, want) {
				t.Errorf("%s: the room has %v, want %v", operation, p.call, want)
			}
			answer := `{"id":"the ID"}` + "\n"
			if operation == "DisconnectUser" {
				answer = "{}\n"
			}
			if recorder.Body.String() != answer {
				t.Errorf("%s: the answer is %s, want %s", operation, recorder.Body, answer)
			}
		}
	})
}

func TestAnAnswerHasTheHeadersOfItsContent(t *testing.T) {
	for operation, want := range map[string][3]string{
		"ListTagsForResource": {"application/json", "12", `{"tags":{}}` + "\n"},
		"DeleteRoom":          {"", "", ""},
	} {
		api, _, entries := newPartsAPI(&parts{})
		recorder := send(api, operation)
		header := recorder.Header()
		if got := [3]string{header.Get("Content-Type"), header.Get("Content-Length"), recorder.Body.String()}; got != want {
			t.Errorf("%s: got %q, want %q", operation, got, want)
		}
		call := entries.Latest(1, journal.Filter{})[0]
		if string(call.Response) != strings.TrimSpace(want[2]) || header.Get("x-amzn-ErrorType") != "" {
			t.Errorf("%s: the journal has %s, and the headers are %v", operation, call.Response, header)
		}
		if id := header["X-Amzn-Requestid"]; !slices.Equal(id, []string{call.RequestID}) {
			t.Errorf("%s: the request ID is %q, in the journal %q", operation, id, call.RequestID)
		}
	}
}

func TestAPageOfThisMachineCanReadAnAnswer(t *testing.T) {
	api, _, _ := newPartsAPI(&parts{})
	recorder := httptest.NewRecorder()
	api.ServeHTTP(recorder, fromPage("/ListRooms"))
	if got := recorder.Header().Get("Access-Control-Allow-Origin"); got != "http://app.localhost" && got != "*" {
		t.Errorf("the headers are %v", recorder.Header())
	}
}

// panicking is a body that panics when it is read.
type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("no body") }

func TestACallThatPanicsBeforeItsCallerIsKnownBelongsToTheDefaultAccount(t *testing.T) {
	api, log, entries := newPartsAPI(&parts{})
	recorder := httptest.NewRecorder()
	api.ServeHTTP(recorder, httptest.NewRequest("POST", "/ListRooms", panicking{}))
	call := entries.Latest(1, journal.Filter{})[0]
	if recorder.Code != 500 || call.Account != "000000000000" || call.Region != "us-east-1" {
		t.Errorf("the answer is %d, and the journal has %+v", recorder.Code, call)
	}
	if !strings.Contains(log.String(), `error="panic: no body\ngoroutine `) {
		t.Errorf("the log has %s", log)
	}
}

func TestTheSizeOfABodyIsLimitedToOneMebibyte(t *testing.T) {
	for size, want := range map[int]int{1 << 20: 200, 1<<20 + 1: 413} {
		api, _, _ := newPartsAPI(&parts{})
		recorder := httptest.NewRecorder()
		body := io.MultiReader(strings.NewReader("{}"), strings.NewReader(strings.Repeat(" ", size-2)))
		api.ServeHTTP(recorder, httptest.NewRequest("POST", "/ListRooms", iotest.DataErrReader(body)))
		if recorder.Code != want {
			t.Errorf("%d bytes: %d %s", size, recorder.Code, recorder.Body)
		}
	}
}

func TestOnlyTheContentEncodingIdentityIsAccepted(t *testing.T) {
	for _, test := range []struct {
		codings []string
		refused string
	}{
		{[]string{"identity"}, ""},
		{[]string{"IDENTITY"}, ""},
		{[]string{""}, ""},
		{[]string{"gzip", "identity"}, "gzip, identity"},
	} {
		api, _, _ := newPartsAPI(&parts{})
		recorder := httptest.NewRecorder()
		r := httptest.NewRequest("POST", "/ListRooms", strings.NewReader("{}"))
		r.Header["Content-Encoding"] = test.codings
		api.ServeHTTP(recorder, r)
		if test.refused == "" && recorder.Code != 200 ||
			test.refused != "" && !strings.Contains(recorder.Body.String(), `but Content-Encoding is \"`+test.refused+`\""`) {
			t.Errorf("%q: %d %s", test.codings, recorder.Code, recorder.Body)
		}
	}
}

func TestTheCallerIsTheAccountAndTheRegionOfTheSignature(t *testing.T) {
	for _, test := range []struct{ authorization, account, region string }{
		{signedBy("123456789012"), "123456789012", "eu-west-1"},
		{signedBy("test"), "000000000000", "eu-west-1"},
		{"", "000000000000", "us-east-1"},
	} {
		api, log, entries := newPartsAPI(&parts{})
		r := httptest.NewRequest("POST", "/ListRooms", nil)
		r.Header.Set("Authorization", test.authorization) // an empty header counts as none
		recorder := httptest.NewRecorder()
		api.ServeHTTP(recorder, r)
		call := entries.Latest(1, journal.Filter{})[0]
		if recorder.Code != 200 || call.Account != test.account || call.Region != test.region {
			t.Errorf("%s: %d, and the journal has %+v", test.authorization, recorder.Code, call)
		}
		if strings.Count(log.String(), "\n") != 1 {
			t.Errorf("%s: the log has %s", test.authorization, log)
		}
	}
}

func TestAnAccessKeyThatLooksRealIsLoggedOnceWithItsFirstCharacters(t *testing.T) {
	for _, kind := range []string{"AKIA", "ASIA"} {
		api, log, _ := newPartsAPI(&parts{})
		for range 2 {
			r := httptest.NewRequest("POST", "/ListRooms", nil)
			r.Header.Set("Authorization", signedBy(kind+"IOSFODNN7EXAMPLE"))
			api.ServeHTTP(httptest.NewRecorder(), r)
		}
		warning := ` level=WARN msg="a request was signed with an access key that looks real; the emulator accepts any key, ` +
			`and a key of 12 digits selects the account" access_key_begins=` + kind + "\n"
		if strings.Count(log.String(), warning) != 1 || strings.Count(log.String(), "\n") != 3 {
			t.Errorf("the log has %s", log)
		}
	}
}

func TestARefusedCredentialHasNotTheFormOfOne(t *testing.T) {
	const want = "Credential must have the form <access key ID>/<yyyymmdd>/<region>/ivschat/aws4_request"
	for _, credential := range []string{
		"/20260101/eu-west-1/ivschat/aws4_request",
		"key//eu-west-1/ivschat/aws4_request",
		"key/2026010/eu-west-1/ivschat/aws4_request",
		"key/202601011/eu-west-1/ivschat/aws4_request",
		"key/2026010a/eu-west-1/ivschat/aws4_request",
		"key/20260101//ivschat/aws4_request",
		"key/20260101/EU WEST/ivschat/aws4_request",
		"key/20260101/eu-west-1//aws4_request",
		"key/20260101/eu-west-1/ivschat/aws3_request",
		"key/20260101/eu-west-1/ivschat",
		"key/20260101/eu-west-1/ivschat/aws4_request/more",
	} {
		api, _, _ := newPartsAPI(&parts{})
		r := httptest.NewRequest("POST", "/ListRooms", nil)
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+credential+", SignedHeaders=host, Signature=0")
		checkRefusal(t, api, r, "IncompleteSignature", want)
	}
}

func TestAPresignedRequestHasEachPartOfItsSignatureOnce(t *testing.T) {
	valid := []string{
		"X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Credential=key/20260101/eu-west-1/ivschat/aws4_request",
		"X-Amz-SignedHeaders=host", "X-Amz-Signature=0",
	}
	for i, part := range valid {
		name, _, _ := strings.Cut(part, "=")
		missing := "A presigned request must have " + name
		twice := missing + " once, but has it several times"
		if i == 0 {
			missing = "X-Amz-Algorithm must be AWS4-HMAC-SHA256"
		}
		for query, want := range map[string]string{
			strings.Join(slices.Delete(slices.Clone(valid), i, i+1), "&"):  missing,
			strings.Join(slices.Insert(slices.Clone(valid), i, part), "&"): twice,
			valid[0] + "&X-Amz-Credential=":                                "A presigned request must have X-Amz-Credential",
			valid[1]:                                                       "X-Amz-Algorithm must be AWS4-HMAC-SHA256",
			valid[3]:                                                       "X-Amz-Algorithm must be AWS4-HMAC-SHA256",
			valid[0]:                                                       "A presigned request must have X-Amz-Credential",
		} {
			api, _, _ := newPartsAPI(&parts{})
			r := httptest.NewRequest("POST", "/ListRooms?"+query, nil)
			checkRefusal(t, api, r, "IncompleteSignature", want)
		}
	}
}

func TestARefusalOfAnUnknownMethodNamesTheMethodsOfThePath(t *testing.T) {
	for call, want := range map[string]string{
		"GET /CreateRoom": "GET /CreateRoom is not an operation of Amazon IVS Chat, whose method for this path is POST",
		"PUT /tags/" + testRoom: "PUT /tags/" + testRoom + " is not an operation of Amazon IVS Chat, " +
			"whose method for this path is GET or POST or DELETE",
		"POST /TagResource": "POST /TagResource is not an operation of Amazon IVS Chat",
		"POST //CreateRoom": "POST //CreateRoom is not an operation of Amazon IVS Chat: did you mean /CreateRoom?",
	} {
		api, _, _ := newPartsAPI(&parts{})
		method, path, _ := strings.Cut(call, " ")
		r := httptest.NewRequest(method, "/", strings.NewReader("{}"))
		r.URL.Path = path
		checkRefusal(t, api, r, "UnknownOperationException", want)
	}
}

func TestAnInvalidValueIsQuotedAsItIs(t *testing.T) {
	api, _, _ := newPartsAPI(&parts{})
	recorder := httptest.NewRecorder()
	api.ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/CreateRoom", strings.NewReader(`{"name":"<a&b>"}`)))
	if !strings.Contains(recorder.Body.String(), `but is \"<a&b>\"`) {
		t.Errorf("the answer is %s", recorder.Body)
	}
}

func TestAFaultOfACallIsAboutItsRoomOrItsAccount(t *testing.T) {
	for operation, want := range map[string]string{"CreateRoom": "000000000000", "GetRoom": "abcdefghijkl"} {
		for _, faulty := range []string{operation, "DeleteRoom"} {
			api, _, _ := newPartsAPI(&parts{})
			api.Faults = fault.New(random.New(1), func(fault.Rule, fault.Point) {})
			if _, err := api.Faults.Add(fault.Rule{
				Operation: faulty, Effect: fault.ReturnException{Name: "ThrottlingException"},
			}); err != nil {
				t.Fatal(err)
			}
			recorder := send(api, operation)
			pattern := `^\{"limit":\d+,"message":"[^"]+","resourceId":"` + want + `","resourceType":"ROOM"\}\n$`
			if matched := regexp.MustCompile(pattern).MatchString(recorder.Body.String()); matched != (faulty == operation) ||
				(recorder.Code == 200) == matched {
				t.Errorf("%s with a fault of %s: %d %s", operation, faulty, recorder.Code, recorder.Body)
			}
		}
	}
}
