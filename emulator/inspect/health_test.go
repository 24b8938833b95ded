package inspect_test

import (
	"net/http/httptest"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/inspect"
)

func TestItServesItsOwnPathsOnly(t *testing.T) {
	handler := inspect.Handler("1.2.3")
	for _, test := range []struct {
		method, path string
		serves       bool
		status       int
		body         string
	}{
		{"GET", "/health", true, 200, `{"status":"ok","version":"1.2.3"}`},
		{"HEAD", "/health", true, 200, `{"status":"ok","version":"1.2.3"}`}, // which a server does not send
		{"GET", "/_ivschat/v1/health", true, 200, `{"status":"ok","version":"1.2.3"}`},
		{"GET", "/_localstack/health", true, 200, `{"services":{"ivschat":"running"},"version":"1.2.3"}`},
		{"POST", "/health", true, 405, ""},
		{"GET", "/_ivschat/v1/nothing", true, 404, "404 page not found\n"},
		{"GET", "/", false, 404, "404 page not found\n"},
		{"POST", "/CreateRoom", false, 404, "404 page not found\n"},
		{"GET", "/tags/health", false, 404, "404 page not found\n"},
	} {
		if got := inspect.Serves(test.path); got != test.serves {
			t.Errorf("%s: serves it: %t", test.path, got)
		}
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequest(test.method, test.path, nil))
		if recorder.Code != test.status || recorder.Body.String() != test.body {
			t.Errorf("%s %s: %d %q", test.method, test.path, recorder.Code, recorder.Body)
		}
	}
}
