package admin_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/admin"
)

// A response is an HTTP response.
type response struct {
	status int
	header http.Header
	body   string
}

// request sends a request to the emulator and returns the response. The header is a list of names
// and values.
func request(t testing.TB, e http.Handler, method, path, body string, header ...string) response {
	t.Helper()
	r := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	e.ServeHTTP(recorder, r)
	return response{recorder.Code, recorder.Header(), recorder.Body.String()}
}

// call sends a request to the admin API, with a path below the prefix, and returns the decoded
// response. The test fails if the response has another status.
func call(t testing.TB, e http.Handler, status int, method, path, body string) (decoded map[string]any) {
	t.Helper()
	r := request(t, e, method, admin.Prefix+path, body)
	if r.status != status {
		t.Fatalf("%s %s: %d %s, want %d", method, path, r.status, r.body, status)
	}
	_ = json.Unmarshal([]byte(r.body), &decoded)
	return decoded
}

// list is like call for a GET request, and returns the items of the response.
func list(t testing.TB, e http.Handler, path string) []any {
	t.Helper()
	items, ok := call(t, e, 200, "GET", path, "")["items"].([]any)
	if !ok {
		t.Fatalf("%s: the response has no items", path)
	}
	return items
}

// errorMessage is like call, and returns the message of the response.
func errorMessage(t testing.TB, e http.Handler, status int, method, path, body string) string {
	t.Helper()
	return fmt.Sprint(call(t, e, status, method, path, body)["message"])
}

// addFault adds a fault rule, or several.
func addFault(t testing.TB, e http.Handler, rule string) {
	t.Helper()
	call(t, e, 201, "POST", "faults", rule)
}

// waitForFault waits until a fault has fired.
func waitForFault(t testing.TB, e http.Handler) {
	t.Helper()
	call(t, e, 200, "GET", "journal?kind=fault&after=0&count=1&timeout=10s", "")
}

// operation calls an operation of AWS's API and returns the decoded response. The test fails if the
// operation does.
func operation(t testing.TB, e http.Handler, path, body string) (decoded map[string]any) {
	t.Helper()
	r := request(t, e, "POST", path, body)
	if r.status != 200 || json.Unmarshal([]byte(r.body), &decoded) != nil {
		t.Fatalf("%s: %d %s", path, r.status, r.body)
	}
	return decoded
}

// member returns a member of an object in a decoded response.
func member(object any, name string) any {
	members, _ := object.(map[string]any)
	return members[name]
}
