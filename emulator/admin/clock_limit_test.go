package admin_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/clock"
)

// withClock returns the handler of the admin API with a clock, and what it logs. In a bubble, the machine's
// time is the midnight with which the year 2000 began.
func withClock() (http.Handler, *bytes.Buffer) {
	log := new(bytes.Buffer)
	return admin.Handler(admin.Config{Clock: clock.New(), Logger: slog.New(slog.NewTextHandler(log, nil))}), log
}

func TestTheWarningBeginsWhereATimerOfJavaScriptEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler, log := withClock()
		// A chat token that can be used for an hour is issued then, and expires after 2^31-1 milliseconds.
		longest := (1<<31-1)*time.Millisecond - time.Hour
		moved := call(t, handler, 200, "POST", "clock", fmt.Sprintf(`{"advance":"%v"}`, longest))
		if moved["warning"] != nil || log.Len() != 0 {
			t.Errorf("%v; the log has %s", moved, log)
		}
		moved = call(t, handler, 200, "POST", "clock", `{"advance":"1ns"}`)
		warning := fmt.Sprint(moved["warning"])
		if !strings.HasPrefix(warning, "the clock is 24.8 days ahead of the machine's time: ") ||
			!strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), warning) {
			t.Errorf("%v; the log has %s", moved, log)
		}
	})
}

func TestTheClockCanBeAHundredYearsAheadButNotMore(t *testing.T) {
	const longest = 100*365*24*time.Hour - 24*time.Hour // a day is left for the time until the clock is moved
	synctest.Test(t, func(t *testing.T) {
		body := func(advance time.Duration) string { return fmt.Sprintf(`{"advance":"%v"}`, advance) }
		to := func(ahead time.Duration) string { return time.Now().UTC().Add(ahead).Format(time.RFC3339Nano) }
		for _, account := range []string{"", "?account=123456789012"} {
			handler, _ := withClock()
			post := func(status int, body, want string) {
				t.Helper()
				answer := call(t, handler, status, "POST", "clock"+account, body)
				if status == 400 && answer["message"] != want {
					t.Errorf("%s: got %v, want %s", body, answer["message"], want)
				}
			}
			const tooFar = ", but the clock can be at most a hundred years ahead of the machine's time"
			post(400, body(longest+1), "advance is 875976h0m0.000000001s"+tooFar)
			post(400, `{"to":"`+to(longest+1)+`"}`, "to is "+to(longest+1)+tooFar)
			post(200, body(time.Hour), "")
			post(400, body(longest-time.Hour+1), "advance is 875975h0m0.000000001s"+tooFar)
			post(400, `{"to":"`+to(longest+1)+`"}`, "to is "+to(longest+1)+tooFar)
			post(200, body(longest-time.Hour-time.Minute), "")
			post(200, `{"to":"`+to(longest)+`"}`, "")
			post(200, body(0), "")
			post(400, body(1), "advance is 1ns"+tooFar)
			name := "the clock"
			if account != "" {
				name += " of account 123456789012"
				post(400, `{"to":"2000-01-01T00:00:00Z"}`, "the clock cannot go back: to is 2000-01-01T00:00:00Z, but "+
					name+" is at "+to(longest))
				account = "" // all clocks, of which one cannot be moved further
				post(400, body(1), "advance is 1ns"+tooFar)
				account = "?account=210987654321" // another clock is of no importance
				post(200, body(1), "")
				post(200, `{"to":"2000-01-01T01:00:00Z"}`, "")
			}
		}
	})
}

func TestTheClockCanGoADayASecondButNotFaster(t *testing.T) {
	handler, _ := withClock()
	if scaled := call(t, handler, 200, "POST", "clock", `{"scale":86400}`); scaled["scale"] != 86400.0 {
		t.Errorf("scaled: %v", scaled)
	}
	call(t, handler, 400, "POST", "clock", `{"scale":86400.001}`)
}

func TestTheClockOfAllAccountsNamesNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler, _ := withClock()
		call(t, handler, 200, "POST", "clock", `{"advance":"1h"}`)
		const rest = `"now":"2000-01-01T01:00:00Z","ahead":"1h0m0s","scale":1,"frozen":false`
		for path, want := range map[string]string{
			"clock":                      `{` + rest + `,"accounts":[]}`,
			"clock?account=123456789012": `{"account":"123456789012",` + rest + `}`,
		} {
			if got := request(t, handler, "GET", admin.Prefix+path, "").body; strings.TrimSpace(got) != want {
				t.Errorf("%s: %s, want %s", path, got, want)
			}
		}
	})
}
