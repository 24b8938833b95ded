package emulator_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// post sends a request to the handler, without a network, and gives the body
// of a success.
func post(t testing.TB, e *emulator.Emulator, path, body string) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	e.ServeHTTP(recorder, httptest.NewRequest("POST", path, strings.NewReader(body)))
	if recorder.Code != 200 {
		t.Fatalf("%s: %d %s", path, recorder.Code, recorder.Body)
	}
	return recorder.Body.String()
}
