package admin_test

import (
	"net/http/httptest"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/admin"
)

func TestPagesOfOtherOriginsAreRefused(t *testing.T) {
	e, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, test := range []struct {
		host   string
		header []string
		status int
	}{
		{"localhost:4700", nil, 200},
		{"127.0.0.1:4700", nil, 200},
		{"[::1]:4700", nil, 200},
		{"ivschat:4700", nil, 200}, // the name of a container
		{"localhost:4700", []string{"Origin", "http://localhost:4700"}, 200},
		{"localhost:4700", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"localhost:4700", []string{"Origin", "http://localhost:3000"}, 403},
		{"localhost:4700", []string{"Origin", "https://example.com"}, 403},
		{"localhost:4700", []string{"Origin", "null"}, 403},
		{"localhost:4700", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"evil.example.com:4700", nil, 403}, // DNS rebinding
	} {
		for _, path := range []string{"clock", "snapshot", "health", "nothing"} {
			r := httptest.NewRequest("GET", admin.Prefix+path, nil)
			r.Host = test.host
			for i := 0; i+1 < len(test.header); i += 2 {
				r.Header.Set(test.header[i], test.header[i+1])
			}
			recorder := httptest.NewRecorder()
			e.ServeHTTP(recorder, r)
			status := test.status
			if status == 200 && path == "nothing" {
				status = 404
			}
			if recorder.Code != status || recorder.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s %v %s: %d %s", test.host, test.header, path, recorder.Code, recorder.Body)
			}
		}
	}
}
