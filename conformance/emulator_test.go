package conformance_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// start runs an emulator on a loopback port until the test ends.
func start(t testing.TB, config emulator.Config) *emulator.Emulator {
	t.Helper()
	e, err := emulator.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	return e
}

// A reply is an HTTP reply, unchanged.
type reply struct {
	status int
	header http.Header
	body   string
}

// send sends a request without an SDK. header has pairs of a name and a value.
func send(
	t testing.TB, e *emulator.Emulator, method, path, body string, header ...string,
) reply {
	t.Helper()
	url := e.URL() + path
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, string(text)}
}
