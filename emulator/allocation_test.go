//go:build !race

package emulator_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// A silentWriter is a response that no one reads.
type silentWriter http.Header

// Header implements http.ResponseWriter.
func (w silentWriter) Header() http.Header { return http.Header(w) }

// Write implements http.ResponseWriter.
func (silentWriter) Write(p []byte) (int, error) { return len(p), nil }

// WriteHeader implements http.ResponseWriter.
func (silentWriter) WriteHeader(int) {}

// caller returns a function that sends the same request again and again, and allocates nothing itself.
func caller(t *testing.T, e *emulator.Emulator, method, path, body string) func() {
	t.Helper()
	text := strings.NewReader(body)
	request, err := http.NewRequest(method, "http://localhost"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Body = io.NopCloser(text)
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 "+
		"Credential=key/20260101/us-east-1/ivschat/aws4_request, SignedHeaders=host, Signature=0")
	w := silentWriter{}
	return func() {
		text.Reset(body)
		e.ServeHTTP(w, request)
	}
}

// A request of the control plane is cheap. With -race, there are more allocations.
func TestAnOperationMakesFewAllocations(t *testing.T) {
	e := newEmulator(t, emulator.Config{RoomQuota: 1 << 20, SendEventRate: 1 << 20})
	room := call(e, "CreateRoom", `{"name":"benchmark"}`).Body.Bytes()
	_, room, _ = bytes.Cut(room, []byte(`"arn":"`))
	room, _, _ = bytes.Cut(room, []byte(`"`))
	arn := string(room)
	for operation, test := range map[string]struct {
		method, path, body string
		maximum            float64
	}{
		"CreateRoom": {"POST", "/CreateRoom", `{"name":"benchmark"}`, 65},
		"GetRoom":    {"POST", "/GetRoom", `{"identifier":"` + arn + `"}`, 20},
		"CreateChatToken": {"POST", "/CreateChatToken", `{"roomIdentifier":"` + arn + `","userId":"u",` +
			`"capabilities":["SEND_MESSAGE"],"attributes":{"k":"v"}}`, 47},
		"SendEvent": {"POST", "/SendEvent", `{"roomIdentifier":"` + arn + `","eventName":"e",` +
			`"attributes":{"k":"v"}}`, 33},
		"ListTagsForResource": {"GET", "/tags/" + url.PathEscape(arn), "", 19},
	} {
		send := caller(t, e, test.method, test.path, test.body)
		allocations := testing.AllocsPerRun(1000, send)
		if allocations > test.maximum {
			t.Errorf("%s makes %.0f allocations, more than %.0f", operation, allocations, test.maximum)
		}
	}
}
