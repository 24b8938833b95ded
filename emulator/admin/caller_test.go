package admin_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

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
		{`{"method":"GET","path":"/x","host":"localhost\nx"}`, `but is "localhost\nx"`},
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

// credentials are of two callers: anna, and ben of another account, whose key is temporary and has a policy that allows
// little.
const credentials = `
- accessKeyId: AKIAANNA
  secretAccessKey: secret-of-anna
  account: "111122223333"
  principalArn: arn:aws:iam::111122223333:user/anna
  policies: [IVSFullAccess]
- accessKeyId: ASIABEN
  secretAccessKey: secret-of-ben
  sessionToken: session-of-ben
  account: "444455556666"
  principalArn: arn:aws:sts::444455556666:assumed-role/app/ben
  expiration: "2099-01-02T03:04:05Z"
  policies:
    - PolicyName: little
      PolicyDocument: {Statement: {Effect: Allow, Action: "ivschat:ListRooms", Resource: "*"}}
`

func TestTheCallersAreListedWithTheNamesOfTheirPolicies(t *testing.T) {
	e := emulatortest.Start(t, emulator.Config{Auth: emulator.AuthIAM, Credentials: credentials})
	want := `{"items":[{"accessKeyId":"AKIAANNA","account":"111122223333",` +
		`"principalArn":"arn:aws:iam::111122223333:user/anna","policies":["IVSFullAccess"]},` +
		`{"accessKeyId":"ASIABEN","account":"444455556666",` +
		`"principalArn":"arn:aws:sts::444455556666:assumed-role/app/ben","expiration":"2099-01-02T03:04:05Z",` +
		`"policies":["little"]}]}`
	if r := request(t, e, "GET", admin.Prefix+"callers", ""); strings.TrimSpace(r.body) != want {
		t.Errorf("got  %s\nwant %s", r.body, want)
	}
	if auth := call(t, e, 200, "GET", "info", "")["auth"]; auth != "iam" {
		t.Errorf("auth is %v", auth)
	}
}

// TestNoSecretLeavesTheEmulator makes calls of each kind, and looks for the secrets in everything that can be read.
func TestNoSecretLeavesTheEmulator(t *testing.T) {
	var log bytes.Buffer
	e := emulatortest.Start(t, emulator.Config{
		Auth: emulator.AuthIAM, Credentials: credentials,
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	read := map[string]string{}
	keep := func(what string, r response, status int) {
		t.Helper()
		if r.status != status {
			t.Errorf("%s: %d %s", what, r.status, r.body)
		}
		read[what] = r.body + fmt.Sprint(r.header)
	}
	keep("success", callSigned(t, e, "ASIABEN", "POST", "/ListRooms", "{}"), 200)
	keep("denied", callSigned(t, e, "ASIABEN", "POST", "/CreateRoom", "{}"), 403)
	for name, headers := range map[string][]string{
		"wrong signature":     {"Authorization", signatureOf("AKIAANNA", "host;x-amz-date")},
		"wrong session token": {"Authorization", signatureOf("ASIABEN", "host;x-amz-date"), "X-Amz-Security-Token", "session-of-be"},
		"no session token":    {"Authorization", signatureOf("ASIABEN", "host;x-amz-date")},
		"token not signed": {"Authorization", signatureOf("ASIABEN", "host;x-amz-date"),
			"X-Amz-Security-Token", "session-of-ben"},
		"token signed": {"Authorization", signatureOf("ASIABEN", "host;x-amz-date;x-amz-security-token"),
			"X-Amz-Security-Token", "session-of-ben"},
	} {
		headers = append(headers, "X-Amz-Date", time.Now().UTC().Format("20060102T150405Z"))
		keep(name, request(t, e, "POST", "/ListRooms", "{}", headers...), 403)
	}
	keep("presigned", request(t, e, "GET", "/tags/x?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-SignedHeaders=host"+
		"&X-Amz-Credential=ASIABEN%2F"+time.Now().UTC().Format("20060102")+"%2Fus-east-1%2Fivschat%2Faws4_request"+
		"&X-Amz-Date="+time.Now().UTC().Format("20060102T150405Z")+"&X-Amz-Security-Token=session-of-ben&X-Amz-Signature=00",
		""), 403)
	signed := request(t, e, "POST", admin.Prefix+"callers/ASIABEN/sign", `{"method":"POST","path":"/ListRooms"}`)
	if !strings.Contains(signed.body, `"X-Amz-Security-Token":"session-of-ben"`) {
		t.Errorf("the session token, which a request needs, is not in %s", signed.body)
	}
	keep("sign", response{200, nil, strings.Replace(signed.body, "session-of-ben", "", 1)}, 200)
	for _, path := range []string{
		"callers", "info", "health", "calls", "journal", "handshakes", "rooms", "faults", "metrics", "snapshot", "clock",
		"openapi.json", "reviews", "chat-logs",
	} {
		keep(path, request(t, e, "GET", admin.Prefix+path, ""), 200)
	}
	if !strings.Contains(read["calls"], "AKIAANNA") && !strings.Contains(read["calls"], "ASIABEN") {
		t.Errorf("the calls do not have the callers: %s", read["calls"])
	}
	read["log"] = log.String()
	if !strings.Contains(read["log"], "string_to_sign") {
		t.Errorf("the log does not have what should have been signed: %s", &log)
	}
	for what, text := range read {
		for _, secret := range []string{"secret-of-", "session-of-ben"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s has a secret: %s", what, text)
			}
		}
	}
}

// signatureOf returns an Authorization header with a signature that is wrong.
func signatureOf(accessKeyID, signedHeaders string) string {
	return fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s/us-east-1/ivschat/aws4_request, SignedHeaders=%s, Signature=%064d",
		accessKeyID, time.Now().UTC().Format("20060102"), signedHeaders, 0)
}
