package admin_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/admin"
)

func TestTheHealthIsThatOfTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const full = "the disk is full"
		for problem, want := range map[string]struct {
			status             int
			health, localStack string
		}{
			"": {200, `{"randomSeed":7,"ready":true,"status":"ok","uptimeSeconds":90,"version":"1.2.3"}`,
				`{"services":{"ivschat":"running"},"version":"1.2.3"}`},
			full: {503, `{"randomSeed":7,"ready":false,"reason":"the disk is full","status":"error",` +
				`"uptimeSeconds":90,"version":"1.2.3"}`,
				`{"services":{"ivschat":"error"},"version":"1.2.3"}`},
		} {
			handler := admin.Handler(admin.Config{
				Version: "1.2.3", RandomSeed: 7, Started: time.Now().Add(-90 * time.Second),
				Problem: func() string { return problem },
			})
			for path, body := range map[string]string{
				"/health": want.health, admin.Prefix + "health": want.health, "/_localstack/health": want.localStack,
			} {
				r := request(t, handler, "GET", path, "")
				if r.status != want.status || strings.TrimSpace(r.body) != body {
					t.Errorf("%s with the problem %q: %d %s, want %d %s",
						path, problem, r.status, r.body, want.status, body)
				}
			}
		}
	})
}

func TestAPageOfAnyOriginMayReadTheHealthButNothingElse(t *testing.T) {
	handler := admin.Handler(admin.Config{Problem: func() string { return "" }})
	const origin = "https://example.com"
	for _, path := range []string{"/health", "/_localstack/health"} {
		r := request(t, handler, "GET", path, "", "Origin", origin)
		if r.status != 200 || r.header.Get("Access-Control-Allow-Origin") != origin {
			t.Errorf("%s: %d %v", path, r.status, r.header)
		}
		r = request(t, handler, "OPTIONS", path, "", "Origin", origin,
			"Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "x-trace")
		if r.status != 204 || r.header.Get("Access-Control-Allow-Methods") != "GET, HEAD" ||
			r.header.Get("Access-Control-Allow-Headers") != "x-trace" || r.body != "" {
			t.Errorf("preflight of %s: %d %v %s", path, r.status, r.header, r.body)
		}
		// Without the method, it is not a preflight request.
		if r = request(t, handler, "OPTIONS", path, "", "Origin", origin); r.status != 405 {
			t.Errorf("OPTIONS %s: %d", path, r.status)
		}
	}
}
