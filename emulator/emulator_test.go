package emulator_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
)

func TestTheZeroConfigServesFromMemoryOnAFreePort(t *testing.T) {
	e, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if e.URL() != "" || e.Addr() != nil {
		t.Errorf("the emulator has an address before Start: %s %v", e.URL(), e.Addr())
	}
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	if err := e.Start(); err == nil {
		t.Error("a second Start succeeds")
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
		t.Errorf("a second Close: %v", err)
	}
	if err := e.Start(); err == nil {
		t.Error("Start succeeds after Close")
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(e.URL(), "http://")); err == nil {
		t.Error("the emulator still listens after Close")
	}
}

func TestAnEmulatorThatWasNeverStartedCanBeClosed(t *testing.T) {
	e, err := emulator.New(emulator.Config{DataDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

func TestAnInvalidConfigIsRefusedWithEverythingThatIsWrong(t *testing.T) {
	_, err := emulator.New(emulator.Config{
		Account: "1", Region: "US East", TokenTTL: time.Second - 1, SessionDuration: time.Second - 1,
		RoomQuota: -1, LoggingConfigurationQuota: -2, MessageAttributeBytes: -3, PingInterval: time.Millisecond,
		AllowHost:      []string{"http://a", "*", "a.*", "a:1", "", "::1", "b.example", "*.b.example"},
		CORSOrigin:     []string{"a.example", "http://a/", "http://*", "http://u@a", "http://a.*", "https://b", "*", "null"},
		ReviewHandler:  []string{"*=alow"},
		LambdaEndpoint: "localhost:4566", LambdaPermission: "maybe",
		SendMessageRate: -1, DeleteMessageRate: -2, DisconnectUserRate: -3, SendEventRate: -4,
	})
	if err == nil {
		t.Fatal("the config is accepted")
	}
	const host = "AllowHost must be a host name without a port, such as ivschat.internal, " +
		"or a pattern such as *.svc.cluster.local, but is "
	const origin = "CORSOrigin must be *, null, an origin without a path, such as https://app.example.com, " +
		"or a pattern such as https://*.example.com, but is "
	want := []string{
		`Account must be 12 digits, but is "1"`,
		`Region must be a name such as us-east-1, but is "US East"`,
		"TokenTTL must be at least 1s, but is 999.999999ms",
		"SessionDuration must be 0 or at least 1s, but is 999.999999ms",
		"PingInterval must be 0 or at least 1s, but is 1ms",
		"ReviewHandler must have http://…, https://…, command:PROGRAM, deny:WORD,WORD or allow after =, " +
			`but has "alow": did you mean allow?`,
		"LambdaEndpoint must be the URL of a server with Lambda's API, such as http://localhost:4566, " +
			`but is "localhost:4566": it does not begin with http:// or https://`,
		`LambdaPermission must be check or ignore, but is "maybe"`,
		host + `"http://a"`, host + `"*"`, host + `"a.*"`, host + `"a:1"`, host + `""`,
		origin + `"a.example"`, origin + `"http://a/"`, origin + `"http://*"`, origin + `"http://u@a"`, origin + `"http://a.*"`,
		"RoomQuota must be at least 1, but is -1",
		"LoggingConfigurationQuota must be at least 1, but is -2",
		"MessageAttributeBytes must be at least 1, but is -3",
		"SendMessageRate must be 0 or more, but is -1",
		"DeleteMessageRate must be 0 or more, but is -2",
		"DisconnectUserRate must be 0 or more, but is -3",
		"SendEventRate must be 0 or more, but is -4",
	}
	if got := strings.Split(err.Error(), "\n"); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestTheLimitsOfAConfigAreAccepted(t *testing.T) {
	config := emulator.Config{
		TokenTTL: time.Second, SessionDuration: time.Second, PingInterval: time.Second,
		RoomQuota: 1, LoggingConfigurationQuota: 1, MessageAttributeBytes: 1,
	}
	if err := config.Validate(); err != nil {
		t.Error(err)
	}
}

func TestADataDirectoryHasOneEmulatorAtATime(t *testing.T) {
	config := emulator.Config{DataDir: t.TempDir()}
	first, err := emulator.New(config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := emulator.New(config); err == nil || !strings.Contains(err.Error(), config.DataDir) {
		t.Errorf("a second emulator in the same directory: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	newEmulator(t, config) // the refused one did not lock the directory
}

func TestEndpointURLsCanBeReachedFromTheSameMachine(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:4700": "http://127.0.0.1:4700",
		"0.0.0.0:4700":   "http://127.0.0.1:4700",
		"[::]:4700":      "http://127.0.0.1:4700",
		":4700":          "http://127.0.0.1:4700",
		"[::1]:4700":     "http://[::1]:4700",
		"localhost:4700": "http://127.0.0.1:4700",
	} {
		if got := emulator.EndpointURL(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}

// The bubble's time begins at 2000-01-01 and passes only while a test sleeps, so the times in answers
// are known.
func TestTokenAndSessionDurationsCanBeConfigured(t *testing.T) {
	minutes := func(n int) string { return fmt.Sprintf(`,"sessionDurationInMinutes":%d`, n) }
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			config         emulator.Config
			settings       string // of CreateChatToken
			token, session string // durations
		}{
			{emulator.Config{}, minutes(180), "01:00:00", "03:00:00"},
			{emulator.Config{TokenTTL: 90 * time.Second}, minutes(180), "00:01:30", "03:00:00"},
			{emulator.Config{TokenTTL: 2 * time.Hour}, minutes(1), "00:01:00", "00:01:00"},
			{emulator.Config{SessionDuration: 5 * time.Second}, minutes(180), "00:00:05", "00:00:05"},
			{
				emulator.Config{TokenTTL: time.Second, SessionDuration: 5 * time.Second}, "",
				"00:00:01", "00:00:05",
			},
		} {
			e := newEmulator(t, test.config)
			body := fmt.Sprintf(`{"roomIdentifier":%q,"userId":"u"%s}`, createRoom(t, e, ""), test.settings)
			got := post(t, e, "CreateChatToken", body)
			want := `"tokenExpirationTime":"2000-01-01T` + test.token + `Z",` +
				`"sessionExpirationTime":"2000-01-01T` + test.session + `Z"`
			if !strings.Contains(got, want) {
				t.Errorf("%s: got %s, want %s", test.settings, got, want)
			}
		}
	})
}

func TestTimesInAnswersFollowTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEmulator(t, emulator.Config{})
		e.Clock().Advance(36*time.Hour + 5*time.Millisecond + 999*time.Microsecond)
		got := post(t, e, "CreateRoom", "")
		want := `"createTime":"2000-01-02T12:00:00.005Z","updateTime":"2000-01-02T12:00:00.005Z"`
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// A test may call the handler with a request of http.NewRequest, whose Body is nil if it has none.
func TestARequestThatNoServerReceivedMayHaveNoBody(t *testing.T) {
	e, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for path, want := range map[string]int{
		"/ListRooms": http.StatusOK, "/_ivschat/v1/reset": http.StatusNoContent,
		"/_ivschat/v1/clock": http.StatusBadRequest,
	} {
		r, err := http.NewRequest(http.MethodPost, "http://localhost"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		if e.ServeHTTP(w, r); w.Code != want {
			t.Errorf("%s: status %d, want %d: %s", path, w.Code, want, w.Body)
		}
	}
}
