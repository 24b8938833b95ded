package conformance_test

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// The tests of this file are about the emulator only. Claims are about the service.

// signed returns the Authorization header of an AWS SDK, with a wrong signature.
func signed(accessKey, region string) string {
	return "AWS4-HMAC-SHA256 Credential=" + accessKey + "/20260101/" + region +
		"/ivschat/aws4_request, SignedHeaders=host;x-amz-date, Signature=00"
}

// members returns the members of the JSON object in the body.
func members(t *testing.T, r reply) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(r.body), &m); err != nil {
		t.Fatalf("%d %s: %v", r.status, r.body, err)
	}
	return m
}

// keys returns the names of the members of a resource, in a fixed order.
func keys(m map[string]any) string {
	var found []string
	for _, key := range []string{
		"arn", "id", "name", "createTime", "updateTime",
		"maximumMessageLength", "maximumMessageRatePerSecond", "messageReviewHandler",
		"loggingConfigurationIdentifiers", "tags", "destinationConfiguration", "state",
	} {
		if _, ok := m[key]; ok {
			found = append(found, key)
		}
	}
	return strings.Join(found, " ")
}

func TestCurlNeedsNoSignatureAndNoBody(t *testing.T) {
	e := start(t, emulator.Config{Account: "111122223333", Region: "eu-central-1"})
	room := members(t, send(t, e, "POST", "/CreateRoom", ""))
	const prefix = "arn:aws:ivschat:eu-central-1:111122223333:room/"
	if arn := fmt.Sprint(room["arn"]); !strings.HasPrefix(arn, prefix) {
		t.Errorf("arn %s", arn)
	}
	want := "arn id name createTime updateTime maximumMessageLength maximumMessageRatePerSecond tags"
	if got := keys(room); got != want || len(room) != 8 {
		t.Errorf("members\n got %s (%d)\nwant %s", got, len(room), want)
	}
	list := members(t, send(t, e, "POST", "/ListRooms", "{}"))
	summary := list["rooms"].([]any)[0].(map[string]any)
	want = "arn id name createTime updateTime tags"
	if got := keys(summary); got != want || len(summary) != 6 {
		t.Errorf("members of a summary\n got %s (%d)\nwant %s", got, len(summary), want)
	}
}

var requestID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func TestRepliesHaveTheirStatusHeadersAndBody(t *testing.T) {
	e := start(t, emulator.Config{})
	arn := fmt.Sprint(members(t, send(t, e, "POST", "/CreateRoom", ""))["arn"])
	logging := fmt.Sprint(members(t, send(t, e, "POST", "/CreateLoggingConfiguration",
		`{"destinationConfiguration":{"s3":{"bucketName":"logs"}}}`))["arn"])
	raw, encoded := "/tags/"+arn, "/tags/"+url.QueryEscape(arn)
	const (
		invalid  = "ValidationException"
		unknown  = "UnknownOperationException"
		twoTypes = `{"destinationConfiguration":` +
			`{"s3":{"bucketName":"abc"},"firehose":{"deliveryStreamName":"a"}}}`
	)
	for _, test := range []struct {
		name, method, path, body string
		status                   int
		exception, reply         string // the reply "" means no body
	}{
		{"disconnect user", "POST", "/DisconnectUser", `{"roomIdentifier":"` + arn + `","userId":"u"}`, 200, "", `^\{\}\n$`},
		{"tag, encoded", "POST", encoded, `{"tags":{"k":"v"}}`, 200, "", `^\{\}\n$`},
		{"list tags, not encoded", "GET", raw, ``, 200, "", `^\{"tags":\{"k":"v"\}\}\n$`},
		{"list tags, encoded", "GET", encoded, ``, 200, "", `^\{"tags":\{"k":"v"\}\}\n$`},
		{"untag", "DELETE", encoded + "?tagKeys=k&tagKeys=absent", ``, 200, "", `^\{\}\n$`},
		{"untag without keys", "DELETE", encoded, ``, 400, invalid, `tagKeys`},
		{"tag something that is not an ARN", "POST", "/tags/room", `{"tags":{}}`, 400, invalid, `resourceArn`},
		{"unknown path", "POST", "/CreateRooms", `{}`, 404, unknown, `"POST /CreateRooms is not an operation`},
		{"no path", "GET", "/", ``, 404, unknown, `message`},
		{"wrong method", "PUT", "/CreateRoom", `{}`, 404, unknown, `whose method for this path is POST`},
		{"wrong method for tags", "PATCH", encoded, `{}`, 404, unknown, `GET or POST or DELETE`},
		{"not JSON", "POST", "/CreateRoom", `{"name":`, 400, invalid, `"reason":"OTHER"`},
		{"an array", "POST", "/CreateRoom", `[]`, 400, invalid, `not an object`},
		{"null", "POST", "/CreateRoom", `null`, 400, invalid, `not an object`},
		{"two objects", "POST", "/CreateRoom", `{}{}`, 400, invalid, `more after`},
		{"invalid UTF-8", "POST", "/CreateRoom", "{\"name\":\"\xff\"}", 400, invalid, `UTF-8`},
		{"deep nesting", "POST", "/CreateRoom", strings.Repeat(`{"a":`, 100_000), 400, invalid, `"reason":"OTHER"`},
		{"over 1 MiB", "POST", "/CreateRoom", `{"name":"` + strings.Repeat("a", 1<<20) + `"}`, 413, "RequestEntityTooLargeException", `1 MiB`},
		{"members in another letter case are no members", "POST", "/CreateRoom", `{"NAME":7}`, 200, "", `"tags":\{\}`},
		{"null is absent", "POST", "/CreateRoom", `{"name":null}`, 200, "", `"tags":\{\}`},
		{"union of two", "POST", "/CreateLoggingConfiguration", twoTypes, 400, invalid, `exactly one`},
		{"union of none", "POST", "/CreateLoggingConfiguration", `{"destinationConfiguration":{}}`, 400, invalid, `exactly one`},
		{"incomplete signature", "POST", "/CreateRoom", ``, 403, "IncompleteSignature", `must have a Credential, SignedHeaders and a Signature`},
		{"delete room", "POST", "/DeleteRoom", `{"identifier":"` + arn + `"}`, 204, "", ``},
		{"delete logging configuration", "POST", "/DeleteLoggingConfiguration", `{"identifier":"` + logging + `"}`, 204, "", ``},
	} {
		t.Run(test.name, func(t *testing.T) {
			authorization := signed("000000000000", "us-east-1")
			if test.exception == "IncompleteSignature" {
				authorization = "AWS4-HMAC-SHA256 Credential=nonsense"
			}
			r := send(t, e, test.method, test.path, test.body, "Authorization", authorization)
			exception := r.header.Get("x-amzn-ErrorType")
			if r.status != test.status || exception != test.exception {
				t.Errorf("got %d %s %s, want %d %s",
					r.status, exception, r.body, test.status, test.exception)
			}
			if !regexp.MustCompile(test.reply).MatchString(r.body) || test.reply == "" && r.body != "" {
				t.Errorf("body %s, want %s", r.body, test.reply)
			}
			if test.status != 204 && r.header.Get("Content-Type") != "application/json" {
				t.Errorf("content type %s", r.header.Get("Content-Type"))
			}
			if id := r.header.Get("x-amzn-RequestId"); !requestID.MatchString(id) {
				t.Errorf("request ID %q", id)
			}
		})
	}
}

func TestAPathThatCannotBeDecodedIsRefused(t *testing.T) {
	e := start(t, emulator.Config{})
	connection, err := net.Dial("tcp", e.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	fmt.Fprint(connection, "GET /tags/%2 HTTP/1.1\r\nHost: localhost\r\n\r\n")
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d", response.StatusCode)
	}
}

func TestABodyThatEndsEarlyIsRefusedAsAborted(t *testing.T) {
	e := start(t, emulator.Config{})
	connection, err := net.Dial("tcp", e.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	fmt.Fprint(connection,
		"POST /CreateRoom HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
	if err := connection.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	exception := response.Header.Get("x-amzn-ErrorType")
	if response.StatusCode != 400 || exception != "RequestAbortedException" {
		t.Errorf("got %d %s", response.StatusCode, exception)
	}
}

func TestTheCallerIsTheAccountAndRegionOfTheCredentialScope(t *testing.T) {
	e := start(t, emulator.Config{})
	const presigned = "/CreateRoom?X-Amz-Algorithm=AWS4-HMAC-SHA256" +
		"&X-Amz-Credential=210987654321%2F20260101%2Feu-west-1%2Fivschat%2Faws4_request" +
		"&X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00"
	for name, test := range map[string]struct{ path, authorization, owner string }{
		"12 digits": {
			"/CreateRoom", signed("210987654321", "ap-south-1"), "ap-south-1:210987654321",
		},
		"another key": {"/CreateRoom", signed("test", "eu-west-1"), "eu-west-1:000000000000"},
		"a key that looks real": {
			"/CreateRoom", signed("AKIAIOSFODNN7EXAMPLE", "us-west-2"), "us-west-2:000000000000",
		},
		"unsigned":  {"/CreateRoom", "", "us-east-1:000000000000"},
		"presigned": {presigned, "", "eu-west-1:210987654321"},
	} {
		t.Run(name, func(t *testing.T) {
			var header []string
			if test.authorization != "" {
				header = []string{"Authorization", test.authorization}
			}
			room := members(t, send(t, e, "POST", test.path, "", header...))
			prefix := "arn:aws:ivschat:" + test.owner + ":room/"
			if arn := fmt.Sprint(room["arn"]); !strings.HasPrefix(arn, prefix) {
				t.Errorf("arn %s, want %s", arn, test.owner)
			}
		})
	}
}

func TestASignatureThatIsNoneIsRefused(t *testing.T) {
	e := start(t, emulator.Config{})
	const (
		algorithm  = "AWS4-HMAC-SHA256 "
		rest       = ", SignedHeaders=host, Signature=00"
		scope      = "123456789012/20260101/us-east-1/ivschat/aws4_request"
		presigned  = "/CreateRoom?X-Amz-SignedHeaders=host&X-Amz-Signature=00"
		incomplete = "IncompleteSignature"
	)
	valid := []string{"Authorization", algorithm + "Credential=" + scope + rest}
	for name, test := range map[string]struct {
		path      string
		header    []string
		exception string
	}{
		"a Credential alone":       {"", []string{"Authorization", algorithm + "Credential=" + scope}, incomplete},
		"no Signature":             {"", []string{"Authorization", algorithm + "Credential=" + scope + ", SignedHeaders=host"}, incomplete},
		"no SignedHeaders":         {"", []string{"Authorization", algorithm + "Credential=" + scope + ", Signature=00"}, incomplete},
		"an empty Signature":       {"", []string{"Authorization", algorithm + "Credential=" + scope + ", SignedHeaders=host, Signature="}, incomplete},
		"a malformed Credential":   {"", []string{"Authorization", algorithm + "Credential=nonsense" + rest}, incomplete},
		"a date that is none":      {"", []string{"Authorization", algorithm + "Credential=" + strings.Replace(scope, "20260101", "today", 1) + rest}, incomplete},
		"another service":          {"", []string{"Authorization", algorithm + "Credential=" + strings.Replace(scope, "ivschat", "ivs", 1) + rest}, "InvalidSignatureException"},
		"SigV4a":                   {"", []string{"Authorization", "AWS4-ECDSA-P256-SHA256 Credential=123456789012/20260101/ivschat/aws4_request" + rest}, incomplete},
		"SigV2":                    {"", []string{"Authorization", "AWS 123456789012:00"}, incomplete},
		"the algorithm alone":      {"", []string{"Authorization", "AWS4-HMAC-SHA256"}, incomplete},
		"no space":                 {"", []string{"Authorization", "AWS4-HMAC-SHA256Credential=" + scope + rest}, incomplete},
		"Bearer":                   {"", []string{"Authorization", "Bearer 123"}, incomplete},
		"Basic":                    {"", []string{"Authorization", "Basic YTpi"}, incomplete},
		"presigned with SigV4a":    {presigned + "&X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256&X-Amz-Credential=" + scope, nil, incomplete},
		"a presigned Credential":   {"/CreateRoom?X-Amz-Credential=" + scope, nil, incomplete},
		"presigned for another":    {presigned + "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" + strings.Replace(scope, "ivschat", "ivs", 1), nil, "InvalidSignatureException"},
		"presigned, no Credential": {presigned + "&X-Amz-Algorithm=AWS4-HMAC-SHA256", nil, incomplete},
		"signed twice":             {presigned + "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" + scope, valid, incomplete},
	} {
		path := cmp.Or(test.path, "/CreateRoom")
		r := send(t, e, "POST", path, "", test.header...)
		if got := r.header.Get("x-amzn-ErrorType"); r.status != 403 || got != test.exception {
			t.Errorf("%s: got %d %s %s, want 403 %s", name, r.status, got, r.body, test.exception)
		}
	}
	if resources, err := e.Resources(t.Context(), ""); err != nil || len(resources.Rooms) > 0 {
		t.Errorf("there are %d rooms: %v", len(resources.Rooms), err)
	}
	for name, header := range map[string][]string{"unsigned": nil, "an empty header": {"Authorization", ""}, "signed": valid} {
		if r := send(t, e, "POST", "/CreateRoom", "", header...); r.status != 200 {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
}

func TestACompressedBodyIsRefused(t *testing.T) {
	e := start(t, emulator.Config{})
	var compressed bytes.Buffer
	writer := gzip.NewWriter(&compressed)
	_, _ = writer.Write([]byte("{}"))
	_ = writer.Close()
	for _, test := range []struct{ coding, body, exception string }{
		{"gzip", compressed.String(), "MalformedHttpRequestException"},
		{"GZIP", "{}", "MalformedHttpRequestException"},
		{"br", "{}", "MalformedHttpRequestException"},
		{"deflate", "{}", "MalformedHttpRequestException"},
		{"identity, br", "{}", "MalformedHttpRequestException"},
		{"nonsense", "", "MalformedHttpRequestException"},
		{"identity", "{}", ""},
		{"Identity", "{}", ""},
		{"", "{}", ""},
	} {
		status := 200
		if test.exception != "" {
			status = 400
		}
		r := send(t, e, "POST", "/CreateRoom", test.body, "Content-Encoding", test.coding)
		if got := r.header.Get("x-amzn-ErrorType"); r.status != status || got != test.exception {
			t.Errorf("%q: got %d %s %s, want %d %s", test.coding, r.status, got, r.body, status, test.exception)
		}
	}
	for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"} {
		if r := send(t, e, "POST", "/CreateRoom", "{}", "Content-Type", contentType); r.status != 200 {
			t.Errorf("%q: %d %s", contentType, r.status, r.body)
		}
	}
	if r := send(t, e, "POST", "/CreateRoom", "\ufeff{}"); r.status != 400 || r.header.Get("x-amzn-ErrorType") != "ValidationException" {
		t.Errorf("with a byte order mark: %d %s", r.status, r.body)
	}
}

func TestAPageOfThisMachineMayCallTheControlPlane(t *testing.T) {
	e := start(t, emulator.Config{})
	const origin = "http://localhost:3000"
	preflight := send(t, e, "OPTIONS", "/tags/arn%3Aaws", "", "Origin", origin,
		"Access-Control-Request-Method", "DELETE", "Access-Control-Request-Headers", "authorization,content-type")
	if preflight.status != 204 || !allowsCredentials(preflight.header, origin) ||
		!strings.Contains(preflight.header.Get("Access-Control-Allow-Methods"), "DELETE") ||
		!strings.Contains(preflight.header.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("preflight: %d %v", preflight.status, preflight.header)
	}
	for path, status := range map[string]int{"/CreateRoom": 200, "/GetRoom": 400, "/Nothing": 404} {
		r := send(t, e, "POST", path, "", "Origin", origin)
		exposed := strings.Contains(r.header.Get("Access-Control-Expose-Headers"), "x-amzn-RequestId")
		if r.status != status || !allowsCredentials(r.header, origin) || !exposed {
			t.Errorf("%s: %d %v", path, r.status, r.header)
		}
	}
	if r := send(t, e, "POST", "/CreateRoom", ""); r.header.Get("Access-Control-Allow-Origin") != "*" ||
		r.header.Get("Access-Control-Allow-Credentials") != "" || r.header.Get("Vary") != "Origin" {
		t.Errorf("without an Origin: %v", r.header)
	}
}

// allowsCredentials reports whether a page of the origin may read a response to a request with
// credentials.
func allowsCredentials(header http.Header, origin string) bool {
	return header.Get("Access-Control-Allow-Origin") == origin &&
		header.Get("Access-Control-Allow-Credentials") == "true" && strings.Contains(header.Get("Vary"), "Origin")
}

func TestAPageOfAnyOriginMayAskForTheHealth(t *testing.T) {
	e := start(t, emulator.Config{})
	const origin = "https://example.com"
	for _, path := range []string{"/health", "/_localstack/health"} {
		if r := send(t, e, "GET", path, "", "Origin", origin); r.status != 200 || !allowsCredentials(r.header, origin) {
			t.Errorf("%s: %d %v", path, r.status, r.header)
		}
		preflight := send(t, e, "OPTIONS", path, "", "Origin", origin,
			"Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "x-trace")
		if preflight.status != 204 || !allowsCredentials(preflight.header, origin) {
			t.Errorf("preflight of %s: %d %v", path, preflight.status, preflight.header)
		}
	}
	r := send(t, e, "GET", "/_ivschat/v1/health", "", "Origin", origin)
	if r.status != 403 || r.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("a page of any origin may call the admin API: %d %v", r.status, r.header)
	}
}

func TestHealthIsServedOnThePathsThatToolsUse(t *testing.T) {
	e := start(t, emulator.Config{})
	for path, want := range map[string]string{
		"/health":             `"status":"ok"`,
		"/_ivschat/v1/health": `"status":"ok"`,
		"/_localstack/health": `"services":{"ivschat":"running"}`,
	} {
		if r := send(t, e, "GET", path, ""); r.status != 200 || !strings.Contains(r.body, want) {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
}

func TestAFullQuotaIsReportedWithItsLimit(t *testing.T) {
	e := start(t, emulator.Config{RoomQuota: 2})
	first := members(t, send(t, e, "POST", "/CreateRoom", ""))
	send(t, e, "POST", "/CreateRoom", "")
	full := send(t, e, "POST", "/CreateRoom", "")
	exception := full.header.Get("x-amzn-ErrorType")
	if full.status != 402 || exception != "ServiceQuotaExceededException" {
		t.Errorf("got %d %s", full.status, exception)
	}
	if m := members(t, full); m["limit"] != 2.0 || m["resourceId"] != "000000000000" {
		t.Errorf("got %s", full.body)
	}
	send(t, e, "POST", "/DeleteRoom", fmt.Sprintf(`{"identifier":%q}`, first["arn"]))
	if r := send(t, e, "POST", "/CreateRoom", ""); r.status != 200 {
		t.Errorf("after a deletion no room can be created: %d %s", r.status, r.body)
	}
}
