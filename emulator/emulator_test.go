package emulator_test

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
)

func TestTheZeroValueRunsInMemoryOnAFreePort(t *testing.T) {
	e, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if e.URL() != "" || e.Addr() != nil {
		t.Errorf("it has an address before Start: %s %v", e.URL(), e.Addr())
	}
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	if err := e.Start(); err == nil {
		t.Error("it starts twice")
	}
	response, err := http.Get(e.URL() + "/health")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	<-e.Done()
	if err := e.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	if err := e.Start(); err == nil {
		t.Error("it starts after Close")
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(e.URL(), "http://")); err == nil {
		t.Error("it still listens")
	}
}

func TestAnEmulatorThatWasNeverStartedCloses(t *testing.T) {
	e, err := emulator.New(emulator.Config{DataDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

func TestAnInvalidConfigIsRefusedWithAllThatIsWrong(t *testing.T) {
	_, err := emulator.New(emulator.Config{Account: "1", Region: "US East", TokenTTL: time.Millisecond, SessionDuration: -1, RoomQuota: -1, LoggingConfigurationQuota: -1})
	if err == nil {
		t.Fatal("it is accepted")
	}
	for _, want := range []string{`account must be twelve digits, but is "1"`, `but is "US East"`, "token TTL", "session duration", "room quota", "logging configuration quota"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
}

func TestRefusedDirectoriesStayUnlocked(t *testing.T) {
	dir := t.TempDir()
	first, err := emulator.New(emulator.Config{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := emulator.New(emulator.Config{DataDir: dir}); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("a second one on the same directory: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := emulator.New(emulator.Config{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	second.Close()
}

func TestEndpointURLsCanBeReached(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:4700": "http://127.0.0.1:4700",
		"0.0.0.0:4700":   "http://127.0.0.1:4700",
		"[::]:4700":      "http://127.0.0.1:4700",
		":4700":          "http://127.0.0.1:4700",
		"[::1]:4700":     "http://[::1]:4700",
		"localhost:4700": "http://localhost:4700",
	} {
		if got := emulator.EndpointURL(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}

// Time inside the bubble stands still but for what is slept, so the times in
// replies can be foretold.
func TestTokenAndSessionDurationsCanBeSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			config         emulator.Config
			body           string
			token, session string
		}{
			{emulator.Config{}, `"sessionDurationInMinutes":180`, "01:00:00", "03:00:00"},
			{emulator.Config{TokenTTL: 90 * time.Second}, `"sessionDurationInMinutes":180`, "00:01:30", "03:00:00"},
			{emulator.Config{TokenTTL: 2 * time.Hour}, `"sessionDurationInMinutes":1`, "00:01:00", "00:01:00"},
			{emulator.Config{SessionDuration: 5 * time.Second}, `"sessionDurationInMinutes":180`, "00:00:05", "00:00:05"},
			{emulator.Config{TokenTTL: time.Second, SessionDuration: 5 * time.Second}, `"userId":"u"`, "00:00:01", "00:00:05"},
		} {
			e, err := emulator.New(test.config)
			if err != nil {
				t.Fatal(err)
			}
			arn := strings.Split(post(t, e, "/CreateRoom", ""), `"`)[3]
			got := post(t, e, "/CreateChatToken", `{"roomIdentifier":"`+arn+`","userId":"u",`+test.body+`}`)
			want := `"tokenExpirationTime":"2000-01-01T` + test.token + `Z","sessionExpirationTime":"2000-01-01T` + test.session + `Z"`
			if !strings.Contains(got, want) {
				t.Errorf("%s: got %s, want %s", test.body, got, want)
			}
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestTheClockDatesWhatTheServiceDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, err := emulator.New(emulator.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		e.Clock().Advance(36*time.Hour + 5*time.Millisecond + 999*time.Microsecond)
		if got, want := post(t, e, "/CreateRoom", ""), `"createTime":"2000-01-02T12:00:00.005Z","updateTime":"2000-01-02T12:00:00.005Z"`; !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
