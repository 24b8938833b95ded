package awsapi

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

const account = "123456789012"

// clientOf returns a client of an endpoint, whose connections the end of the test closes.
func clientOf(t *testing.T, endpoint, service string) *Client {
	t.Helper()
	parsed, err := ParseEndpoint(endpoint, "an API")
	if err != nil {
		t.Fatal(err)
	}
	client := NewHTTPClient(0)
	t.Cleanup(client.CloseIdleConnections)
	return NewClient(client, parsed, service)
}

// authorization matches the header of a signed request.
var authorization = regexp.MustCompile(`^AWS4-HMAC-SHA256 ` +
	`Credential=([^/]+)/(\d{8})/([a-z0-9-]+)/([a-z0-9]+)/aws4_request, ` +
	`SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$`)

// verify checks the signature of a request as AWS does (IAM User Guide: Create a signed AWS API request). It
// returns the access key.
func verify(r *http.Request, body []byte, secret string) (key string, err error) {
	match := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	if match == nil {
		return "", fmt.Errorf("the header is %q", r.Header.Get("Authorization"))
	}
	key, date, region, service := match[1], match[2], match[3], match[4]
	path := r.URL.EscapedPath()
	if service != "s3" { // all other services encode the path once more
		path = strings.ReplaceAll(path, "%", "%25")
	}
	headers := ""
	for name := range strings.SplitSeq(match[5], ";") {
		value := r.Header.Get(name)
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = fmt.Sprint(r.ContentLength)
		}
		headers += name + ":" + value + "\n"
	}
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return hex.EncodeToString(sum[:])
	}
	canonical := strings.Join([]string{r.Method, path, "", headers, match[5], hash(string(body))}, "\n")
	scope := strings.Join([]string{date, region, service, "aws4_request"}, "/")
	toSign := strings.Join([]string{"AWS4-HMAC-SHA256", r.Header.Get("X-Amz-Date"), scope, hash(canonical)}, "\n")
	signature := []byte("AWS4" + secret)
	for _, part := range []string{date, region, service, "aws4_request", toSign} {
		mac := hmac.New(sha256.New, signature)
		_, _ = io.WriteString(mac, part)
		signature = mac.Sum(nil)
	}
	if hex.EncodeToString(signature) != match[6] {
		return key, fmt.Errorf("the signature is not that of\n%s", canonical)
	}
	return key, nil
}

func TestRequestsAreSignedForTheServiceWithTheKeyOfTheEndpointOrTheAccount(t *testing.T) {
	for _, test := range []struct{ user, key, secret, service string }{
		{"", account, "local", "lambda"},
		{"", account, "local", "s3"},
		{"AKIA:wJalr+x@", "AKIA", "wJalr+x", "logs"},
		{"AK%3AIA%25:a%2Fb%3F%23%40:%20%C3%A9@", "AK:IA%", "a/b?#@: é", "s3"},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			key, err := verify(r, body, test.secret)
			if err != nil || key != test.key {
				t.Errorf("%s as %s: the key is %s: %v", test.service, test.user, key, err)
			}
			if got := r.Header.Get("X-Amz-Content-Sha256"); (got != "") != (test.service == "s3") {
				t.Errorf("%s: the hash in the header is %q", test.service, got)
			}
			if _, _, found := r.BasicAuth(); found || strings.Contains(fmt.Sprint(r.Header), test.secret+" ") {
				t.Errorf("the request has the secret: %v", r.Header)
			}
			if want := "/base/a%3Ab%2Fc/%C3%A9-._~"; r.URL.EscapedPath() != want || r.Method != http.MethodPut {
				t.Errorf("the request is %s %s", r.Method, r.URL.EscapedPath())
			}
			w.Header().Set("X-Answer", "1")
			w.WriteHeader(http.StatusTeapot)
			_, _ = io.WriteString(w, "hello")
		}))
		client := clientOf(t, strings.Replace(s.URL, "//", "//"+test.user, 1)+"/base/", test.service)
		reply, err := client.Do(t.Context(), Request{
			Account: account, Region: "eu-west-1", Method: http.MethodPut,
			Path: "/" + Segment("a:b/c") + "/" + Segment("é-._~"), Body: []byte("body"),
			Header: http.Header{"X-Amz-Something": {"x"}},
		})
		if err != nil || reply.Status != http.StatusTeapot || reply.OK() || string(reply.Body) != "hello" ||
			reply.Header.Get("X-Answer") != "1" {
			t.Errorf("got %+v, %v", reply, err)
		}
		if got := fmt.Sprintf("%v %+v %s", client.endpoint, client.endpoint, client); got !=
			s.URL+"/base "+s.URL+"/base "+s.URL+"/base" {
			t.Errorf("the client prints as %s", got)
		}
		s.Close()
	}
}

func TestASegmentIsEncodedAsTheSDKsDo(t *testing.T) {
	for text, want := range map[string]string{
		"a-B_9.~":           "a-B_9.~",
		"a/b c":             "a%2Fb%20c",
		"!*'();:@&=+$,?#[]": "%21%2A%27%28%29%3B%3A%40%26%3D%2B%24%2C%3F%23%5B%5D",
		"100%":              "100%25",
		"é":                 "%C3%A9",
	} {
		if got := Segment(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestAnOperationOfTheJSONProtocolIsCalled(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if _, err := verify(r, body, "local"); err != nil {
			t.Error(err)
		}
		if r.Method != http.MethodPost || r.URL.Path != "/" ||
			r.Header.Get("X-Amz-Target") != "Logs_20140328.PutLogEvents" ||
			r.Header.Get("Content-Type") != "application/x-amz-json-1.1" || string(body) != `{"a":1}` {
			t.Errorf("the request is %s %s with %v: %s", r.Method, r.URL, r.Header, body)
		}
	}))
	defer s.Close()
	reply, err := clientOf(t, s.URL, "logs").Call(t.Context(), account, "eu-west-1", "Logs_20140328.PutLogEvents",
		[]byte(`{"a":1}`))
	if err != nil || !reply.OK() {
		t.Errorf("got %+v, %v", reply, err)
	}
}

func TestARegionOrAMethodThatCannotBeSentIsAnError(t *testing.T) {
	client := clientOf(t, "http://localhost:1", "logs")
	_, err := client.Do(context.Background(), Request{Method: "GET", Region: "a\n", Account: account, Path: "/"})
	if err == nil {
		t.Error("a region with a line feed is sent")
	}
	if _, err := client.Do(context.Background(), Request{Method: "G T", Path: "/"}); err == nil {
		t.Error("a method with a space is sent")
	}
}
