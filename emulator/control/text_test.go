package control

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func TestABodyThatCannotBeParsedIsRefusedWithTheReason(t *testing.T) {
	for body, want := range map[string]string{
		"\xff":                     "it is not UTF-8",
		"[]":                       "it is JSON, but not an object",
		"null":                     "it is JSON, but not an object",
		`{"name":`:                 "unexpected EOF",
		"{} {}":                    "there is more after the first JSON value",
		`{"name":` + deep(10_000):  "it is nested more than 100 levels deep",
		`{"name":"a",,"b":"c"}`:    "invalid character ',' looking for beginning of object key string",
		"{\"name\":\"a\"}\n \x00":  "there is more after the first JSON value",
		`{"tags":{"a":"b"},"x":1`:  "unexpected EOF",
		`{"name":"a"}{"name":"b"}`: "there is more after the first JSON value",
	} {
		api, _, _ := newTestAPI(nil)
		recorder := httptest.NewRecorder()
		api.ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/CreateRoom", strings.NewReader(body)))
		message, _ := json.Marshal("Request body must be one JSON object: " + want)
		answer := `{"message":` + string(message) + `,"reason":"OTHER"}` + "\n"
		if recorder.Code != 400 || recorder.Body.String() != answer {
			t.Errorf("%.30q: %d %s, want %s", body, recorder.Code, recorder.Body, answer)
		}
	}
}

// deep returns lists within lists.
func deep(levels int) string { return strings.Repeat("[", levels) + strings.Repeat("]", levels) + "}" }

func TestAnInvalidRequestIsRefusedWithEveryViolationOnce(t *testing.T) {
	api, _, _ := newTestAPI(nil)
	recorder := httptest.NewRecorder()
	api.ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/CreateRoom",
		strings.NewReader(`{"name":"a b","maximumMessageLength":0,"tags":1}`)))
	const name = `must match the pattern ^(?:[a-zA-Z0-9-_]*)$, but is \"a b\"`
	want := `{"fieldList":[{"name":"name","message":"` + name + `"},` +
		`{"name":"maximumMessageLength","message":"must be between 1 and 500, but is 0"},` +
		`{"name":"tags","message":"must be an object, but is a number"}],` +
		`"message":"Request member: name failed to satisfy the constraints: ` + name + `","reason":"FIELD_VALIDATION_FAILED"}` + "\n"
	if recorder.Body.String() != want {
		t.Errorf("the answer is %s\nwant          %s", recorder.Body, want)
	}
}

func TestTheLogLineOfARequestHasEverythingThatIsKnownOfIt(t *testing.T) {
	const signed = "AWS4-HMAC-SHA256 Credential=123456789012/20260101/eu-west-1/ivschat/aws4_request, " +
		"SignedHeaders=host, Signature=0000000000000000000000000000000000000000000000000000000000000000"
	for path, want := range map[string]string{
		"/Nope": `level=INFO msg=request operation=unknown status=404 duration= request_id= account=123456789012 ` +
			"region=eu-west-1 exception=UnknownOperationException\n",
		"/CreateRoom": `level=ERROR msg=request operation=CreateRoom status=500 duration= request_id= account=123456789012 ` +
			`region=eu-west-1 exception=InternalServerException error="panic: runtime error: invalid memory address or ` +
			`nil pointer dereference\ngoroutine `,
	} {
		api, log, _ := newTestAPI(nil) // without rooms it panics
		r := httptest.NewRequest(http.MethodPost, path, nil)
		r.Header.Set("Authorization", signed)
		api.ServeHTTP(httptest.NewRecorder(), r)
		changing := regexp.MustCompile(`time=\S+ |(duration=|request_id=)\S+`)
		if got := changing.ReplaceAllString(log.String(), "$1"); !strings.HasPrefix(got, want) {
			t.Errorf("the log has %.400s\nwant         %s", got, want)
		}
	}
}

func TestTheMemoryOfALongBodyIsNotKeptForLaterRequests(t *testing.T) {
	for range 10 {
		long := getBuffer()
		long.Grow(maximumBody)
		putBuffer(long)
		if size := getBuffer().Cap(); size > maximumPooled {
			t.Errorf("a later request has a buffer of %d bytes", size)
		}
	}
}
