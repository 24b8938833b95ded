package emulator_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// fromPage sends a request that creates a room, as a page does that sends it without a preflight request.
// header has pairs of a name and a value.
func fromPage(e *emulator.Emulator, host string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/CreateRoom", strings.NewReader("{}"))
	r.Host = host
	r.Header.Set("Content-Type", "text/plain")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	e.ServeHTTP(recorder, r)
	return recorder
}

// numberOfRooms returns how many rooms the emulator has.
func numberOfRooms(t *testing.T, e *emulator.Emulator) int {
	t.Helper()
	resources, err := e.Resources(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return len(resources.Rooms)
}

func TestOnlyPagesThatAreAllowedHaveAnEffect(t *testing.T) {
	for _, test := range []struct {
		host, origin string
		config       emulator.Config
		allowed      bool
	}{
		{host: "127.0.0.1:4700", origin: "http://localhost:3000", allowed: true},
		{host: "127.0.0.1:4700", origin: "HTTP://LOCALHOST:3000", allowed: true},
		{host: "127.0.0.1:4700", origin: "https://localhost", allowed: true},
		{host: "127.0.0.1:4700", origin: "http://127.9.9.9:3000", allowed: true},
		{host: "127.0.0.1:4700", origin: "http://[::1]:3000", allowed: true},
		{host: "127.0.0.1:4700", origin: "http://0.0.0.0:8000", allowed: true},
		{host: "127.0.0.1:4700", origin: "http://app.localhost:3000", allowed: true},
		{host: "127.0.0.1:4700", origin: "capacitor://localhost", allowed: true},

		// The host that the request was sent to, if no one else can point it at this machine.
		{host: "192.168.1.5:4700", origin: "http://192.168.1.5:3000", allowed: true},
		{host: "[fd00::5]:4700", origin: "http://[fd00::5]:3000", allowed: true},
		{host: "ivschat:4700", origin: "http://ivschat:3000", allowed: true},
		{host: "192.168.1.5:4700", origin: "http://192.168.1.6:3000"},
		{host: "evil.example:4700", origin: "http://evil.example:4700"}, // DNS rebinding
		{
			host: "chat.example", origin: "https://chat.example",
			config: emulator.Config{AllowHost: []string{"chat.example"}}, allowed: true,
		},

		{host: "127.0.0.1:4700", origin: "https://example.com"},
		{host: "127.0.0.1:4700", origin: "null"},
		{host: "127.0.0.1:4700", origin: "http://localhost.example.com"},
		{host: "127.0.0.1:4700", origin: "http://localhost@example.com"},
		{host: "127.0.0.1:4700", origin: "http://127.0.0.1.example.com"},
		{host: "127.0.0.1:4700", origin: "http://example.com/http://localhost"},
		{host: "127.0.0.1:4700", origin: "localhost"},
		{host: "127.0.0.1:4700", origin: "chrome-extension://abcdefgh"},

		{host: "127.0.0.1:4700", origin: "https://example.com", config: allowing("*"), allowed: true},
		{host: "127.0.0.1:4700", origin: "null", config: allowing("*"), allowed: true},
		{host: "127.0.0.1:4700", origin: "null", config: allowing("null"), allowed: true},
		{host: "127.0.0.1:4700", origin: "file://"},
		{host: "127.0.0.1:4700", origin: "file://", config: allowing("null"), allowed: true}, // as WebViews send it
		{host: "127.0.0.1:4700", origin: "https://example.com", config: allowing("null")},
		{host: "127.0.0.1:4700", origin: "chrome-extension://abcdefgh", config: allowing("chrome-extension://abcdefgh"), allowed: true},
		{host: "127.0.0.1:4700", origin: "https://app.example.com", config: allowing("null", "https://App.example.com:443"), allowed: true},
		{host: "127.0.0.1:4700", origin: "http://app.example.com", config: allowing("https://app.example.com")},
		{host: "127.0.0.1:4700", origin: "https://app.example.com:8443", config: allowing("https://app.example.com")},
		{host: "127.0.0.1:4700", origin: "https://a.app.example.com", config: allowing("https://app.example.com")},
		{host: "127.0.0.1:4700", origin: "https://a.b.example.com:8443", config: allowing("https://*.example.com:8443"), allowed: true},
		{host: "127.0.0.1:4700", origin: "https://example.com", config: allowing("https://*.example.com")},
		{host: "127.0.0.1:4700", origin: "https://evil-example.com", config: allowing("https://*.example.com")},
	} {
		t.Run(fmt.Sprint(test.origin, " ", test.host, " ", test.config.CORSOrigin), func(t *testing.T) {
			e := newEmulator(t, test.config)
			answer := fromPage(e, test.host, "Origin", test.origin)
			status, rooms, origin, exception := 403, 0, "", "AccessDeniedException"
			if test.allowed {
				status, rooms, origin, exception = 200, 1, test.origin, ""
			}
			if got := numberOfRooms(t, e); answer.Code != status || got != rooms {
				t.Errorf("status %d and %d rooms, want %d and %d: %s", answer.Code, got, status, rooms, answer.Body)
			}
			if got := answer.Header().Get("Access-Control-Allow-Origin"); got != origin {
				t.Errorf("Access-Control-Allow-Origin is %q", got)
			}
			if got := answer.Header().Get("x-amzn-ErrorType"); got != exception {
				t.Errorf("x-amzn-ErrorType is %q", got)
			}
		})
	}
}

func allowing(origins ...string) emulator.Config { return emulator.Config{CORSOrigin: origins} }

func TestARequestOfAnotherSiteWithoutAnOriginIsRefused(t *testing.T) {
	e := newEmulator(t, emulator.Config{})
	for site, status := range map[string]int{"cross-site": 403, "same-site": 200, "same-origin": 200, "none": 200} {
		if got := fromPage(e, "127.0.0.1:4700", "Sec-Fetch-Site", site); got.Code != status {
			t.Errorf("%s: %d %s", site, got.Code, got.Body)
		}
	}
	// From localhost, 127.0.0.1 is another site. With an Origin, the page is known.
	got := fromPage(e, "127.0.0.1:4700", "Sec-Fetch-Site", "cross-site", "Origin", "http://localhost:3000")
	if got.Code != 200 {
		t.Errorf("with an Origin: %d %s", got.Code, got.Body)
	}
	if got := fromPage(newEmulator(t, allowing("*")), "127.0.0.1:4700", "Sec-Fetch-Site", "cross-site"); got.Code != 200 {
		t.Errorf("if all pages are allowed: %d %s", got.Code, got.Body)
	}
}

func TestARefusedOriginIsLoggedOnceWithTheFlagThatAllowsIt(t *testing.T) {
	var log bytes.Buffer
	e := newEmulator(t, emulator.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	for range 3 {
		fromPage(e, "127.0.0.1:4700", "Origin", "https://app.example.com")
		fromPage(e, "127.0.0.1:4700", "Origin", "null")
		fromPage(e, "127.0.0.1:4700", "Origin", "\"nonsense\" "+strings.Repeat("x", 5000))
	}
	for _, want := range []string{
		`cannot call the control plane: to allow it, start the emulator with --cors-origin https://app.example.com"`,
		"start the emulator with --cors-origin null. A page that was opened as a file has this origin",
		`of the origin \"\\\"nonsense\\\" xxx`,
	} {
		if strings.Count(log.String(), want) != 1 {
			t.Errorf("%s is not in the log once:\n%s", want, &log)
		}
	}
	fromPage(e, "127.0.0.1:4700", "Origin", "file://")
	if !strings.Contains(log.String(), `of the origin \"file://\" cannot call the control plane: to allow it, `+
		"start the emulator with --cors-origin null.") {
		t.Errorf("the log does not name the flag for file://:\n%s", &log)
	}
	if log.Len() > 2000 {
		t.Errorf("the log has %d bytes:\n%.3000s", log.Len(), &log)
	}
	log.Reset()
	for i := range 1000 {
		fromPage(e, "127.0.0.1:4700", "Origin", fmt.Sprintf("https://host%d.example", i))
	}
	if lines := strings.Count(log.String(), "\n"); lines != 96 {
		t.Errorf("the log has %d more lines, want 96, which makes 100", lines)
	}
	if last := e.Journal().Last(); last != 0 {
		t.Errorf("the journal has %d entries", last)
	}
}
