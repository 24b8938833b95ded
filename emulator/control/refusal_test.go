package control

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/iotest"
)

func TestARefusalOfARequestSaysInAWholeSentenceWhatToDo(t *testing.T) {
	const (
		algorithm = "AWS4-HMAC-SHA256 "
		scope     = "Credential=123456789012/20260101/eu-west-1/ivschat/aws4_request"
		rest      = ", SignedHeaders=host, Signature=0"
		parts     = "Authorization must have a Credential, SignedHeaders and a Signature, and nothing else: " +
			"use an AWS SDK"
		presigned = "/ListRooms?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-SignedHeaders=host&X-Amz-Signature=0"
	)
	for _, test := range []struct {
		path          string
		authorization []string
		exception     string
		want          string
	}{
		{"/ListRooms", []string{algorithm + "Credential=x" + rest}, "IncompleteSignature",
			"Credential must have the form <access key ID>/<yyyymmdd>/<region>/ivschat/aws4_request"},
		{"/ListRooms", []string{algorithm + strings.Replace(scope, "ivschat", "s3", 1) + rest}, "InvalidSignatureException",
			"Credential should be scoped to correct service: 'ivschat'."},
		{"/ListRooms", []string{algorithm + scope + rest, algorithm + scope + rest}, "IncompleteSignature",
			"A request must have one signature, but has several"},
		{presigned, []string{algorithm + scope + rest}, "IncompleteSignature",
			"A request must have one signature, but has several"},
		{"/ListRooms", []string{"Bearer x"}, "IncompleteSignature",
			"Authorization must be a signature that begins with AWS4-HMAC-SHA256: use an AWS SDK"},
		{"/ListRooms", []string{algorithm + scope + rest + ", Signature=0"}, "IncompleteSignature",
			"Authorization must have one Credential, SignedHeaders and Signature, but has several"},
		{"/ListRooms", []string{algorithm + scope}, "IncompleteSignature", parts},
		{"/ListRooms", []string{algorithm + scope + ", Signature=0"}, "IncompleteSignature", parts},
		{"/ListRooms", []string{algorithm + scope + ", SignedHeaders=host"}, "IncompleteSignature", parts},
		{"/ListRooms", []string{algorithm + "SignedHeaders=host, Signature=0"}, "IncompleteSignature", parts},
		{"/ListRooms", []string{algorithm + scope + rest + ", More=1"}, "IncompleteSignature", parts},
		{"/ListRooms?X-Amz-Signature=0", nil, "IncompleteSignature", "X-Amz-Algorithm must be AWS4-HMAC-SHA256"},
		{presigned, nil, "IncompleteSignature", "A presigned request must have X-Amz-Credential"},
		{presigned + "&X-Amz-Credential=x&X-Amz-Credential=y", nil, "IncompleteSignature",
			"A presigned request must have X-Amz-Credential once, but has it several times"},
		{"/ListRooms?%zz", nil, "MalformedHttpRequestException",
			`Request query cannot be parsed: invalid URL escape "%zz": write %25 for % and %3B for ;`},
	} {
		api, _, _ := newTestAPI(nil)
		r := httptest.NewRequest(http.MethodPost, test.path, strings.NewReader("{}"))
		if test.authorization != nil {
			r.Header["Authorization"] = test.authorization
		}
		checkRefusal(t, api, r, test.exception, test.want)
	}
}

// checkRefusal fails the test unless a request is refused with the exception and the message.
func checkRefusal(t *testing.T, api *API, r *http.Request, exception, want string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	api.ServeHTTP(recorder, r)
	var answer map[string]any
	err := json.Unmarshal(recorder.Body.Bytes(), &answer)
	message := answer["message"]
	if message == nil {
		message = answer["Message"]
	}
	if got := recorder.Header().Get("X-Amzn-Errortype"); err != nil || got != exception || message != want {
		t.Errorf("%s %q: %s\ngot  %v\nwant %s: %s",
			r.URL, r.Header["Authorization"], got, recorder.Body, exception, want)
	}
}

func TestABodyThatCannotBeReadIsRefusedWithTheReason(t *testing.T) {
	for _, test := range []struct {
		coding          string
		body            io.Reader
		exception, want string
	}{
		{"gzip", strings.NewReader("{}"), "MalformedHttpRequestException",
			`Request body must be sent without compression, but Content-Encoding is "gzip"`},
		{"", strings.NewReader(strings.Repeat(" ", maximumBody+1)), "RequestEntityTooLargeException",
			"Request body must be at most 1 MiB"},
		{"", iotest.ErrReader(os.ErrDeadlineExceeded), "RequestTimeoutException",
			"Request body did not arrive in time"},
		{"", iotest.ErrReader(errors.New("it broke")), "RequestAbortedException",
			"Request body ended before it was complete"},
	} {
		api, _, _ := newTestAPI(nil)
		r := httptest.NewRequest(http.MethodPost, "/ListRooms", test.body)
		if test.coding != "" {
			r.Header.Set("Content-Encoding", test.coding)
		}
		checkRefusal(t, api, r, test.exception, test.want)
	}
}

func TestTheRefusalOfAPageHasARequestIDAndCannotBeReadByThePage(t *testing.T) {
	api, _, entries := newTestAPI(nil)
	r := httptest.NewRequest(http.MethodPost, "/CreateRoom", strings.NewReader("{}"))
	r.Header.Set("Origin", "https://shop.example")
	recorder := httptest.NewRecorder()
	api.ServeHTTP(recorder, r)
	header := recorder.Header()
	if recorder.Code != http.StatusForbidden || len(header.Get("x-amzn-RequestId")) != 36 ||
		header.Get("x-amzn-ErrorType") != "AccessDeniedException" || header.Get("Content-Type") != "application/json" {
		t.Errorf("the answer is %d %v", recorder.Code, header)
	}
	if header.Get("Access-Control-Allow-Origin") != "" || header.Get("Access-Control-Expose-Headers") != "" {
		t.Errorf("a page can read the answer: %v", header)
	}
	want := `{"message":"a web page of the origin \"https://shop.example\" cannot call the control plane: to allow it, ` +
		`start the emulator with --cors-origin https://shop.example"}` + "\n"
	if body := recorder.Body.String(); body != want {
		t.Errorf("the answer is %s", body)
	}
	if entries.Last() != 0 {
		t.Error("the request is in the journal")
	}
}

func TestAPreflightRequestNamesTheMethodsOfTheControlPlane(t *testing.T) {
	api, _, _ := newTestAPI(nil)
	r := httptest.NewRequest(http.MethodOptions, "/CreateRoom", nil)
	r.Header.Set("Origin", "http://localhost")
	r.Header.Set("Access-Control-Request-Method", "POST")
	recorder := httptest.NewRecorder()
	api.ServeHTTP(recorder, r)
	if methods := recorder.Header().Get("Access-Control-Allow-Methods"); recorder.Code != 204 ||
		methods != "GET, POST, DELETE" {
		t.Errorf("the answer is %d %v", recorder.Code, recorder.Header())
	}
}
