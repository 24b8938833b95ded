package emulator_test

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
)

func TestARefusedHandshakeSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, other := serveInMemory(t, emulator.Config{}), serveInMemory(t, emulator.Config{})
		room, deleted := createRoom(t, n, ""), createRoom(t, n, "")
		used, orphan := createToken(t, n, room, "anna", ""), createToken(t, n, deleted, "anna", "")
		foreign := createToken(t, other, createRoom(t, other, ""), "anna", "")
		n.connectWith(t, used)
		deleteRoom(t, n, deleted)
		expired := createToken(t, n, room, "anna", `,"sessionDurationInMinutes":1`)
		n.Clock().Advance(time.Minute)
		for name, test := range map[string]struct {
			token  string
			status int
			reason string
		}{
			"no token":           {"", 401, "the request has no chat token"},
			"a forged token":     {"AQICAHg!#0", 401, "not issued by this emulator"},
			"another emulator's": {foreign, 401, "not issued by this emulator"},
			"an expired token": {expired, 401,
				"expired at 2000-01-01T00:01:00Z, and the service's clock is at 2000-01-01T00:01:00Z"},
			"a used token":           {used, 401, "was already used"},
			"one for a deleted room": {orphan, 404, "does not exist"},
		} {
			_, refused := n.dialWebSocket(t, test.token)
			if refused == nil {
				t.Errorf("%s: the handshake was accepted", name)
				continue
			}
			body, _ := io.ReadAll(refused.Body)
			if refused.StatusCode != test.status || refused.Header.Get("x-amzn-ErrorType") == "" ||
				!strings.Contains(string(body), test.reason) || !strings.Contains(string(body), `"message"`) {
				t.Errorf("%s: %s %s", name, refused.Status, body)
			}
		}
	})
}

func TestATokenStaysUsedAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := emulator.Config{DataDir: t.TempDir()}
		n := serveInMemory(t, config)
		token := createToken(t, n, createRoom(t, n, ""), "anna", "")
		n.connectWith(t, token)
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
		expectRefused(t, serveInMemory(t, config), token)
	})
}

// A restart sets back a clock that was moved. Then tokens that had expired may not have expired yet.
func TestATokenStaysUsedWhenARestartSetsTheClockBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := emulator.Config{DataDir: t.TempDir()}
		n := serveInMemory(t, config)
		room := createRoom(t, n, "")
		token := createToken(t, n, room, "anna", "")
		n.connectWith(t, token)
		synctest.Wait()
		n.Clock().Advance(61 * time.Minute)
		n.connect(t, room, "ben") // which removes the uses that are no longer needed
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
		expectRefused(t, serveInMemory(t, config), token)
	})
}

// expectRefused expects that the token does not open a connection.
func expectRefused(t *testing.T, n *network, token string) {
	t.Helper()
	if _, refused := n.dial(t, token); refused == nil || refused.Status != 401 {
		t.Errorf("the handshake should be refused with 401, but the refusal is %v", refused)
	}
}

func TestAHandshakeThatAFaultDelaysIsCheckedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := serveInMemory(t, emulator.Config{})
		token := createToken(t, n, createRoom(t, n, ""), "anna", "")
		rule := fault.Rule{Operation: fault.Handshake, Times: 1, Delay: 2 * time.Second}
		if _, err := n.Faults().Add(rule); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Second, func() {
			if err := n.Reset(t.Context(), ""); err != nil {
				t.Error(err)
			}
		})
		if _, refused := n.dial(t, token); refused == nil || refused.Status != 404 {
			t.Errorf("the handshake should be refused with 404, but the refusal is %v", refused)
		}
	})
}

// The log has the machine's time, so a time of the service means nothing without the service's clock.
func TestALogLineWithATimeOfTheServiceHasTheTimeOfItsClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logBuffer
		n := serveInMemory(t, emulator.Config{Logger: log.logger()})
		room := createRoom(t, n, "")
		n.Clock().Advance(24 * time.Hour)
		n.connect(t, room, "anna")
		synctest.Wait() // until it is logged
		expired := createToken(t, n, room, "anna", "")
		n.Clock().Advance(time.Hour)
		expectRefused(t, n, expired)
		for _, want := range []string{
			`msg="a client connected" room=` + room +
				` session_expiration_time=2000-01-02T01:00:00.000Z service_time=2000-01-02T00:00:00.000Z`,
			"the chat token expired at 2000-01-02T01:00:00Z, and the service's clock is at 2000-01-02T01:00:00Z",
		} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log does not have %s:\n%s", want, log.String())
			}
		}
	})
}
