package admin_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

// startWithAuth starts an emulator that verifies signatures, and returns its default access key.
func startWithAuth(t *testing.T) (e *emulatortest.Emulator, accessKeyID string) {
	t.Helper()
	e = emulatortest.Start(t, emulator.Config{Auth: emulator.AuthSignatures})
	return e, e.Callers().All()[0].AccessKeyID
}

// callSigned asks for the signature of a request to the control plane, and sends the request.
func callSigned(t *testing.T, e *emulatortest.Emulator, accessKeyID, method, target, body string) response {
	t.Helper()
	path, query, _ := strings.Cut(target, "?")
	toSign, err := json.Marshal(map[string]string{"method": method, "path": path, "query": query, "body": body})
	if err != nil {
		t.Fatal(err)
	}
	headers, _ := call(t, e, 200, "POST", "callers/"+accessKeyID+"/sign", string(toSign))["headers"].(map[string]any)
	var list []string
	for name, value := range headers {
		list = append(list, name, fmt.Sprint(value))
	}
	return request(t, e, method, target, body, list...)
}

func TestARequestThatTheAdminAPIHasSignedIsAccepted(t *testing.T) {
	e, key := startWithAuth(t)
	if r := request(t, e, "POST", "/CreateRoom", ""); r.status != 403 {
		t.Fatalf("without a signature: %d %s", r.status, r.body)
	}
	created := callSigned(t, e, key, "POST", "/CreateRoom", `{"name":"lobby","tags":{"a b":"ä"}}`)
	var room struct{ ARN string }
	if err := json.Unmarshal([]byte(created.body), &room); err != nil || created.status != 200 {
		t.Fatalf("%d %s", created.status, created.body)
	}
	encoded := strings.NewReplacer(":", "%3A", "/", "%2F").Replace(room.ARN)
	for _, test := range []struct {
		method, target, body string
		status               int
	}{
		{"GET", "/tags/" + room.ARN, "", 200},
		{"GET", "/tags/" + encoded, "", 200},
		{"POST", "/tags/" + encoded, `{"tags":{"c":"d"}}`, 200},
		{"DELETE", "/tags/" + encoded + "?tagKeys=c&tagKeys=a%20b", "", 200},
		{"DELETE", "/tags/" + room.ARN + "?tagKeys=c", "", 200},
		{"POST", "/GetRoom", `{"identifier":"` + room.ARN + `"}`, 200},
	} {
		if r := callSigned(t, e, key, test.method, test.target, test.body); r.status/100 != 2 {
			t.Errorf("%s %s: %d %s", test.method, test.target, r.status, r.body)
		}
	}
}

func TestASignatureIsForOneRequestOnly(t *testing.T) {
	e, key := startWithAuth(t)
	answer := call(t, e, 200, "POST", "callers/"+key+"/sign",
		`{"method":"POST","path":"/ListRooms","body":"{}","region":"eu-west-1","host":"127.0.0.1:4700"}`)
	headers := member(answer, "headers")
	send := func(host, path, body string) int {
		r := httptest.NewRequest("POST", "http://"+host+path, strings.NewReader(body))
		for _, name := range []string{"Authorization", "X-Amz-Date"} {
			r.Header.Set(name, fmt.Sprint(member(headers, name)))
		}
		recorder := httptest.NewRecorder()
		e.ServeHTTP(recorder, r)
		return recorder.Code
	}
	if status := send("127.0.0.1:4700", "/ListRooms", "{}"); status != 200 {
		t.Errorf("the request is answered with %d", status)
	}
	for _, other := range [][3]string{
		{"localhost:4700", "/ListRooms", "{}"}, {"127.0.0.1:4700", "/CreateRoom", "{}"},
		{"127.0.0.1:4700", "/ListRooms?x=1", "{}"}, {"127.0.0.1:4700", "/ListRooms", "{} "},
	} {
		if status := send(other[0], other[1], other[2]); status != 403 {
			t.Errorf("%v is answered with %d", other, status)
		}
	}
}

func TestWhatCannotBeSignedIsRefused(t *testing.T) {
	e, key := startWithAuth(t)
	for _, test := range []struct{ body, reason string }{
		{`{"method":"PUT","path":"/x"}`, `method must be one of GET, POST, DELETE, but is "PUT"`},
		{`{"method":"post","path":"/x"}`, `method must be one of GET, POST, DELETE, but is "post"`},
		{`{"path":"/x"}`, `but is ""`},
		{`{"method":"GET"}`, `path must begin with / and have no query, as in /CreateRoom, but is ""`},
		{`{"method":"GET","path":"http://localhost/x"}`, "path must begin with /"},
		{`{"method":"GET","path":"/x?y"}`, "path must begin with / and have no query"},
		{`{"method":"GET","path":"/%zz"}`, "path and query must be percent-encoded"},
		{`{"method":"GET","path":"/x","query":"a\nb"}`, "path and query must be percent-encoded"},
		{`{"method":"GET","path":"/x","region":"US"}`, `region must be that of a signature, such as us-east-1, but is "US"`},
		{`{"method":"GET","path":"/x","region":""}`, `but is ""`},
		{`{"method":"GET","path":"/x","host":""}`, "host must be one at which the admin API can be used"},
		{`{"method":"GET","path":"/x","host":"shop.example"}`, `but is "shop.example"`},
		{`{"method":"GET","path":"/x","host":"ivschat.us-east-1.amazonaws.com"}`, "host must be one at which"},
		{`{"method":"GET","path":"/x","Host":"localhost"}`, "did you mean host?"},
		{`{"method":"GET","path":"/x","body":{}}`, "body must be a JSON string, but is an object"},
		{`{"method":"GET","method":"GET","path":"/x"}`, "twice"},
		{``, "the body must be a JSON object, but is empty"},
	} {
		message := errorMessage(t, e, 400, "POST", "callers/"+key+"/sign", test.body)
		if !strings.Contains(message, test.reason) {
			t.Errorf("%s: %s, want %s", test.body, message, test.reason)
		}
	}
	const valid = `{"method":"POST","path":"/ListRooms"}`
	if message := errorMessage(t, e, 404, "POST", "callers/AKIAIOSFODNN7EXAMPLE/sign", valid); message !=
		`the access key "AKIAIOSFODNN7EXAMPLE" does not exist: see /_ivschat/v1/callers` {
		t.Error(message)
	}
	call(t, e, 413, "POST", "callers/"+key+"/sign", `{"body":"`+strings.Repeat("x", 1<<20)+`"}`)
	for _, header := range [][2]string{{"Origin", "https://shop.example"}, {"Sec-Fetch-Site", "cross-site"}} {
		r := request(t, e, "POST", admin.Prefix+"callers/"+key+"/sign", valid, header[0], header[1])
		if r.status != 403 || strings.Contains(r.body, "AWS4") {
			t.Errorf("a page of another origin: %d %s", r.status, r.body)
		}
	}
}

func TestWithoutAuthThereAreNoCallers(t *testing.T) {
	e := emulatortest.Start(t)
	if callers := list(t, e, "callers"); len(callers) != 0 {
		t.Errorf("the callers are %v", callers)
	}
	message := errorMessage(t, e, 404, "POST", "callers/000000000000/sign", `{"method":"POST","path":"/ListRooms"}`)
	if !strings.Contains(message, "start the emulator with --auth signatures or --auth iam") {
		t.Error(message)
	}
}
