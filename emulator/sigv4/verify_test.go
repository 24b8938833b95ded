package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// The time, the access key and the region of tests.
var testTime = time.Date(2026, 1, 2, 23, 58, 0, 0, time.UTC)

const (
	testID     = "AKIDEXAMPLE"
	testSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	testRegion = "eu-west-1"
)

// A call is a request before it is signed.
type call struct {
	method, target, body string
	header               http.Header
	token                string // of the session
}

// request returns the request as a server receives it.
func (c call) request() *http.Request {
	r := httptest.NewRequest(c.method, "http://localhost:4700"+c.target, strings.NewReader(c.body))
	for name, values := range c.header {
		for _, value := range values {
			r.Header.Add(name, strings.Trim(value, " ")) // as net/http does
		}
	}
	return r
}

// signed returns the request, signed by the AWS SDK for Go.
func (c call) signed(t testing.TB) *http.Request {
	t.Helper()
	r := c.request()
	keys := aws.Credentials{AccessKeyID: testID, SecretAccessKey: testSecret, SessionToken: c.token}
	if err := v4.NewSigner().SignHTTP(t.Context(), keys, r, sum(c.body), "ivschat", testRegion, testTime); err != nil {
		t.Fatal(err)
	}
	return received(t, r)
}

// presigned returns the request, presigned by the AWS SDK for Go.
func (c call) presigned(t testing.TB) *http.Request {
	t.Helper()
	r := c.request()
	keys := aws.Credentials{AccessKeyID: testID, SecretAccessKey: testSecret, SessionToken: c.token}
	url, header, err := v4.NewSigner().PresignHTTP(t.Context(), keys, r, sum(c.body), "ivschat", testRegion, testTime)
	if err != nil {
		t.Fatal(err)
	}
	r = received(t, httptest.NewRequest(c.method, url, strings.NewReader(c.body)))
	maps.Copy(r.Header, header)
	return r
}

// received returns the request as net/http reads it after it was sent.
func received(t testing.TB, r *http.Request) *http.Request {
	t.Helper()
	got := httptest.NewRequest(r.Method, "http://"+r.Host+r.URL.RequestURI(), r.Body)
	got.Header, got.ContentLength, got.TransferEncoding = r.Header, r.ContentLength, r.TransferEncoding
	return got
}

func sum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// The errors of verify that are not those of a signature.
var (
	errUnsigned   = errors.New("there is no signature")
	errUnknownKey = errors.New("the access key does not exist")
)

// verify reads and verifies a request at the time of tests.
func verify(r *http.Request, secret string) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	signature, err := Read(r)
	switch {
	case err != nil:
		return err
	case signature == nil:
		return errUnsigned
	case signature.AccessKeyID != testID: // which has another secret
		return errUnknownKey
	}
	if err := signature.Check(r, testTime); err != nil {
		return err
	}
	return signature.Verify(r, body, secret)
}

const testARN = "arn%3Aaws%3Aivschat%3Aeu-west-1%3A000000000000%3Aroom%2FRoomNumber01"

// calls are like the vectors of AWS's test suite for signers, for requests that IVS Chat has.
var calls = map[string]call{
	"a body":              {method: "POST", target: "/CreateRoom", body: `{"name":"ä"}`},
	"no body":             {method: "POST", target: "/ListRooms"},
	"a session token":     {method: "POST", target: "/ListRooms", body: "{}", token: "token/of+a=session"},
	"an encoded ARN":      {method: "GET", target: "/tags/" + testARN},
	"an ARN as it is":     {method: "GET", target: "/tags/arn:aws:ivschat:eu-west-1:000000000000:room/RoomNumber01"},
	"unreserved in path":  {method: "GET", target: "/-._~0189azAZ"},
	"odd bytes in path":   {method: "GET", target: "/tags/%20%25%c3%a9!*'();@&=+$,[]"},
	"a trailing slash":    {method: "GET", target: "/tags/"},
	"an empty path":       {method: "GET", target: "/"},
	"a query":             {method: "DELETE", target: "/tags/" + testARN + "?tagKeys=a"},
	"names in order":      {method: "DELETE", target: "/x?Param2=value2&Param1=value1&Param-3=value3&Param=value"},
	"values in order":     {method: "DELETE", target: "/x?tagKeys=z&tagKeys=a&tagKeys=m"},
	"odd values":          {method: "DELETE", target: "/x?tagKeys=a%20b%2Bc%26d%3De%2F%C3%A9&tagKeys=%25&tagKeys=~*'"},
	"values out of order": {method: "DELETE", target: "/x?tagKeys=z&tagKeys=%C3%A9&tagKeys=%7B"},
	"a name alone":        {method: "DELETE", target: "/x?tagKeys"},
	"no value":            {method: "DELETE", target: "/x?tagKeys=&a="},
	"a plus":              {method: "DELETE", target: "/x?tagKeys=a+b"},
	"headers": {method: "POST", target: "/ListRooms", body: "{}", header: http.Header{
		"Content-Type": {"application/json"}, "My-Header1": {"  value4  ", "value1", "a   b   c"},
		"X-Amz-Meta": {`"a   b   c"`}, "Empty": {""},
	}},
	"unsigned headers": {method: "POST", target: "/ListRooms", body: "{}", header: http.Header{
		"User-Agent": {"x"}, "X-Amzn-Trace-Id": {"x"}, "Expect": {"100-continue"},
	}},
	"the hash in a header": {method: "POST", target: "/ListRooms", body: "{}", header: http.Header{
		"X-Amz-Content-Sha256": {sum("{}")},
	}},
}

func TestWhatTheSDKForGoSignsIsVerified(t *testing.T) {
	for name, call := range calls {
		for kind, r := range map[string]*http.Request{"signed": call.signed(t), "presigned": call.presigned(t)} {
			if name == "the hash in a header" && kind == "presigned" {
				continue // the SDK moves the header to the query, where it has no meaning
			}
			if err := verify(r, testSecret); err != nil {
				t.Errorf("%s, %s: %v", name, kind, err)
			}
		}
	}
}

func TestTheQueryIsSignedInTheOrderOfNamesAndThenOfValuesAsTheyAreSent(t *testing.T) {
	r := call{method: "DELETE", target: "/x?a=%C3%A9&a=z&a-b=2&a=%7B&b&a=&%C3%A9=1"}.signed(t)
	const sorted = "%C3%A9=1&a=&a=%7B&a=%C3%A9&a=z&a-b=2&b="
	if r.URL.RawQuery != sorted {
		t.Errorf("the SDK signs %s, want %s", r.URL.RawQuery, sorted)
	}
	for _, sent := range []string{sorted, "b&a-b=2&a=z&a=%C3%A9&a=%7B&a=&%C3%A9=1", "b=&a-b=2&a&a=z&a=%7B&a=%C3%A9&%C3%A9=1"} {
		r.URL.RawQuery = sent
		if err := verify(r, testSecret); err != nil {
			t.Errorf("%s: %v", sent, err)
		}
	}
}

// An exception is what a test expects of an error.
type exception struct {
	name, message string
	status        int
}

func exceptionOf(t *testing.T, err error) exception {
	t.Helper()
	e, ok := errors.AsType[*ivschat.Exception](err)
	if !ok {
		t.Fatalf("%v is not an exception", err)
	}
	return exception{e.Type.Name, e.Message, e.Type.Status}
}

var mismatch = exception{"InvalidSignatureException", "The request signature we calculated does not match the " +
	"signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation " +
	"for details.", 403}

func TestAChangedRequestIsNotVerified(t *testing.T) {
	call := call{
		method: "DELETE", target: "/tags/" + testARN + "?tagKeys=a%20b", body: `{"a":1}`, token: "token",
		header: http.Header{"X-Other": {"a b"}},
	}
	for name, change := range map[string]func(r *http.Request){
		"method":          func(r *http.Request) { r.Method = "POST" },
		"path":            func(r *http.Request) { r.URL.RawPath += "a" },
		"case of escapes": func(r *http.Request) { r.URL.RawPath = strings.ToLower(r.URL.RawPath) },
		"query":           func(r *http.Request) { r.URL.RawQuery = "tagKeys=a%20c" },
		"another key":     func(r *http.Request) { r.URL.RawQuery += "&tagKeys=c" },
		"no query":        func(r *http.Request) { r.URL.RawQuery = "" },
		"host":            func(r *http.Request) { r.Host = "localhost:4701" },
		"signed header":   func(r *http.Request) { r.Header.Set("X-Other", "a c") },
		"second value":    func(r *http.Request) { r.Header.Add("X-Other", "c") },
		"no header":       func(r *http.Request) { r.Header.Del("X-Other") },
		"length":          func(r *http.Request) { r.ContentLength++ },
		"no length":       func(r *http.Request) { r.ContentLength = -1 },
		"token":           func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "tokem") },
		"body":            func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"a":2}`)) },
		"time":            func(r *http.Request) { r.Header.Set("X-Amz-Date", "20260102T235801Z") },
		"region":          inAuthorization("/eu-west-1/", "/eu-west-2/"),
		"first digit":     inAuthorization("Signature=", "Signature=0"),
		"signed headers":  inAuthorization("content-length;host;", "host;content-length;"),
		"case of headers": inAuthorization(";host;", ";Host;"),
		"twice":           inAuthorization(";host;", ";host;host;"),
		"fewer headers":   inAuthorization(";x-other,", ","),
	} {
		r := call.signed(t)
		change(r)
		if got := exceptionOf(t, verify(r, testSecret)); got != mismatch {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := exceptionOf(t, verify(call.signed(t), testSecret+"a")); got != mismatch {
		t.Errorf("secret: %+v", got)
	}
}

func inAuthorization(old, new string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, new, 1))
	}
}

func TestASignatureThatCannotBeValidIsRefusedWithTheReason(t *testing.T) {
	invalid := func(message string) exception { return exception{"InvalidSignatureException", message, 403} }
	incomplete := func(message string) exception { return exception{"IncompleteSignature", message, 403} }
	isNotISO := func(date string) exception {
		return incomplete("Date must be in ISO-8601 'basic format'. Got '" + date +
			"'. See http://en.wikipedia.org/wiki/ISO_8601")
	}
	setDate := func(text string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("X-Amz-Date", text) }
	}
	for name, test := range map[string]struct {
		change func(r *http.Request)
		want   exception
	}{
		"unsigned host": {inAuthorization(";host;", ";"),
			invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")},
		"unsigned header of AWS": {func(r *http.Request) {
			maps.Copy(r.Header, http.Header{"X-Amz-B": {""}, "X-Amz-A": {""}, "X-Amz-C": {""}})
		}, invalid("'X-Amz-A' must be a 'SignedHeader' in the AWS Authorization.")},
		"no date": {func(r *http.Request) { r.Header.Del("X-Amz-Date") },
			incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")},
		"a date of HTTP": {setDate("Fri, 02 Jan 2026 23:58:00 GMT"), isNotISO("Fri, 02 Jan 2026 23:58:00 GMT")},
		"a fraction":     {setDate("20260102T235800.1Z"), isNotISO("20260102T235800.1Z")},
		"no such day":    {setDate("20260132T235800Z"), isNotISO("20260132T235800Z")},
		"a long date":    {setDate(strings.Repeat("1", 50)), isNotISO(strings.Repeat("1", 40))},
		"another day": {setDate("20260103T000000Z"), invalid("Date in Credential scope does not match YYYYMMDD from " +
			"ISO-8601 version of date from HTTP: '20260102' != '20260103', from '20260103T000000Z'.")},
		"another region": {func(r *http.Request) { r.Host = "ivschat.us-east-1.amazonaws.com" },
			invalid("Credential should be scoped to a valid region, not 'eu-west-1'.")},
	} {
		r := call{method: "POST", target: "/ListRooms", body: "{}", token: "token"}.signed(t)
		test.change(r)
		if got := exceptionOf(t, verify(r, testSecret)); got != test.want {
			t.Errorf("%s:\ngot  %+v\nwant %+v", name, got, test.want)
		}
	}
}

func TestAWrongHashOfTheBodyIsRefusedThoughItIsSigned(t *testing.T) {
	for _, declared := range []string{sum("other"), "UNSIGNED-PAYLOAD"} {
		header := http.Header{"X-Amz-Content-Sha256": {declared}}
		r := call{method: "POST", target: "/ListRooms", body: "{}", header: header}.signed(t)
		got := exceptionOf(t, verify(r, testSecret))
		const message = "The provided 'x-amz-content-sha256' header does not match what was computed."
		if want := (exception{"InvalidSignatureException", message, 403}); got != want {
			t.Errorf("%s: %+v", declared, got)
		}
	}
}

func TestTheDateHeaderIsTheTimeIfThereIsNoOther(t *testing.T) {
	r := call{method: "POST", target: "/ListRooms", body: "{}"}.request()
	signature := &Signature{AccessKeyID: testID, Region: testRegion, date: "20260102", signedHeaders: "date;host"}
	r.Header.Set("Date", "20260102T235800Z")
	signature.signature = signatureOf(signature.signingKey(testSecret), signature.stringToSign(r, sum("{}")))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+testID+"/"+signature.scope()+
		", SignedHeaders=date;host, Signature="+signature.signature)
	if err := verify(r, testSecret); err != nil {
		t.Error(err)
	}
	r.Header.Set("X-Amz-Date", "20260102T235801Z")
	if got := exceptionOf(t, verify(r, testSecret)); !strings.HasPrefix(got.message, "'X-Amz-Date' must be") {
		t.Errorf("with two times: %+v", got)
	}
}

func TestAMismatchHasWhatShouldHaveBeenSignedForTheLogWithoutSecrets(t *testing.T) {
	r := call{
		method: "DELETE", target: "/tags/x?tagKeys=z&tagKeys=a&other=seekrit", body: "{}", token: "seekrit",
		header: http.Header{"Cookie": {"seekrit"}, "Content-Type": {"application/json"}},
	}.signed(t)
	mismatch, ok := errors.AsType[*Mismatch](verify(r, "wrong"))
	if !ok {
		t.Fatal("there is no mismatch")
	}
	want := strings.Join([]string{
		"DELETE", "/tags/x", "other=(hidden)&tagKeys=a&tagKeys=z",
		"content-length:2", "content-type:application/json", "cookie:(hidden)", "host:localhost:4700",
		"x-amz-date:20260102T235800Z", "x-amz-security-token:(hidden)", "",
		"content-length;content-type;cookie;host;x-amz-date;x-amz-security-token", sum("{}"),
	}, "\n")
	if mismatch.CanonicalRequest != want {
		t.Errorf("the canonical request is\n%s\nwant\n%s", mismatch.CanonicalRequest, want)
	}
	lines := strings.Split(mismatch.StringToSign, "\n")
	begin := []string{"AWS4-HMAC-SHA256", "20260102T235800Z", "20260102/eu-west-1/ivschat/aws4_request"}
	if len(lines) != 4 || !slices.Equal(lines[:3], begin) || len(lines[3]) != 64 {
		t.Errorf("the string to sign is %q", lines)
	}

	r = call{method: "POST", target: "/x", body: "{}"}.request()
	r.Header.Set("X-Amz-Date", "20260102T235800Z")
	signature := &Signature{date: "20260102", signedHeaders: strings.Join(shownHeaders, ";")}
	for _, name := range shownHeaders {
		if name != "host" && name != "x-amz-date" && name != "content-length" {
			r.Header.Set(name, "shown")
		}
	}
	mismatch, _ = errors.AsType[*Mismatch](signature.Verify(r, nil, "wrong"))
	if text := mismatch.CanonicalRequest; strings.Contains(text, hidden) || strings.Count(text, ":shown\n") != 9 ||
		!strings.Contains(text, "\nuser-agent:shown\n") || !strings.Contains(text, "\nx-amz-user-agent:shown\n") {
		t.Errorf("the canonical request is\n%s", text)
	}

	r = call{method: "GET", target: "/x", token: "seekrit"}.presigned(t)
	mismatch, _ = errors.AsType[*Mismatch](verify(r, "wrong"))
	if text := mismatch.CanonicalRequest; strings.Contains(text, "seekrit") ||
		!strings.Contains(text, "X-Amz-Security-Token=(hidden)&X-Amz-SignedHeaders=host\n") {
		t.Errorf("the canonical request is\n%s", text)
	}

	r = call{method: "GET", target: "/" + strings.Repeat("a", 100_000)}.signed(t)
	mismatch, _ = errors.AsType[*Mismatch](verify(r, "wrong"))
	if n := len(mismatch.CanonicalRequest); n > maximumLogged+100 {
		t.Errorf("the canonical request has %d bytes", n)
	}
}

// Anyone can send such a request: it is refused before a secret is needed.
func TestManySignedHeadersAreCheckedInLittleTime(t *testing.T) {
	const n = 300_000 // comparing each header with each signed header would take minutes
	r := httptest.NewRequest(http.MethodPost, "http://localhost:4700/CreateRoom", nil)
	for i := range n {
		r.Header["X-Amz-"+strconv.Itoa(i)] = []string{""}
	}
	signature := &Signature{signedHeaders: "host;" + strings.Repeat("a;", n) + "b"}
	result := make(chan error)
	go func() { result <- signature.Check(r, testTime) }()
	select {
	case err := <-result:
		if err == nil || !strings.Contains(err.Error(), "'X-Amz-0' must be a 'SignedHeader'") {
			t.Errorf("got %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("the check takes too long")
	}
}
