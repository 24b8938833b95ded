package emulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
)

// lines returns what was logged, without the times, the IDs of requests, and requests that succeeded.
func (l *logBuffer) lines() (lines []string) {
	hidden := regexp.MustCompile(`^time=\S+ | request_id=\S+`)
	for line := range strings.Lines(l.String()) {
		if line = hidden.ReplaceAllString(strings.TrimSpace(line), ""); !strings.Contains(line, "status=200") {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestTheLogSaysWhatHappensToClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logBuffer
		n := serveInMemory(t, emulator.Config{Logger: log.logger(), SessionDuration: time.Hour, CloseOnShutdown: true})
		room := createRoom(t, n, "")
		token := createToken(t, n, room, "anna", "")
		rule := fault.Rule{Operation: fault.Handshake, Effect: fault.ReturnStatus{Status: 503}, Times: 1}
		if _, err := n.Faults().Add(rule); err != nil {
			t.Fatal(err)
		}
		refuse := func(token string) {
			t.Helper()
			if _, refused := n.dial(t, token); refused == nil {
				t.Error("the handshake was not refused")
			}
		}
		refuse(token) // by the fault
		n.connectWith(t, token).Drop()
		synctest.Wait()
		refuse(token) // because it was used
		refuse("nonsense")
		n.connect(t, room, "ben")
		post(t, n, "DisconnectUser", fmt.Sprintf(`{"roomIdentifier":%q,"userId":"ben"}`, room))
		synctest.Wait()
		n.connect(t, room, "carl")
		synctest.Wait()
		late := createToken(t, n, room, "late", "")
		n.Clock().Advance(time.Hour)
		synctest.Wait()
		refuse(late)
		c := n.connect(t, room, "dora")
		synctest.Wait()
		go n.Close()
		if closed := c.waitClosed(); closed != 1001 {
			t.Errorf("closed with %d", closed)
		}
		synctest.Wait()
		connected := func(hour int) string {
			return fmt.Sprintf(`level=INFO msg="a client connected" room=%s session_expiration_time=2000-01-01T%02d:00:00.000Z `+
				`service_time=2000-01-01T%02d:00:00.000Z`, room, hour+1, hour)
		}
		disconnected := func(reason string) string {
			return fmt.Sprintf(`level=INFO msg="a client disconnected" reason=%s room=%s`, reason, room)
		}
		refused := `level=WARN msg="a WebSocket handshake was refused" status=%d reason=%q room=%s`
		want := []string{
			fmt.Sprintf(`level=INFO msg="a fault fired" rule=1 operation=CONNECT room=%s`, room),
			connected(0), disconnected("left"),
			fmt.Sprintf(refused, 401, "the chat token was already used, and a token opens only one connection: create a new one", room),
			fmt.Sprintf(refused, 401, "the chat token was not issued by this emulator, or it was changed", "unknown"),
			connected(0), disconnected("disconnected"),
			connected(0), disconnected("expired"),
			fmt.Sprintf(refused, 401, "the chat token expired at 2000-01-01T01:00:00Z, and the service's clock is at "+
				"2000-01-01T01:00:00Z: create a new one", room),
			connected(1), disconnected("shutdown"),
		}
		if got := log.lines(); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("the log is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestACloseFrameSaysWhyTheConnectionIsClosed(t *testing.T) {
	for want, end := range map[string]func(t *testing.T, n *network, room string){
		"1000 disconnected": func(t *testing.T, n *network, room string) {
			post(t, n, "DisconnectUser", fmt.Sprintf(`{"roomIdentifier":%q,"userId":"anna"}`, room))
		},
		"1012 reset":         func(t *testing.T, n *network, _ string) { n.Reset(t.Context(), "") },
		"1001 shutting down": func(_ *testing.T, n *network, _ string) { go n.Close() },
	} {
		synctest.Test(t, func(t *testing.T) {
			n := serveInMemory(t, emulator.Config{CloseOnShutdown: true})
			room := createRoom(t, n, "")
			c := n.connect(t, room, "anna")
			end(t, n, room)
			status, err := c.WaitClosed(t.Context())
			if got := fmt.Sprint(status.Code, " ", status.Reason); err != nil || got != want {
				t.Errorf("closed with %s, want %s: %v", got, want, err)
			}
		})
	}
}

func TestAnAccessKeyThatLooksRealIsWarnedOfOnceWithoutTheKey(t *testing.T) {
	for _, begin := range []string{"AKIA", "ASIA"} {
		var log logBuffer
		e := newEmulator(t, emulator.Config{Logger: log.logger()})
		for range 2 {
			r := httptest.NewRequest(http.MethodPost, "/ListRooms", strings.NewReader("{}"))
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+begin+"SECRETSECRET1234/20260131/us-east-1/ivschat/aws4_request, "+
				"SignedHeaders=host, Signature="+strings.Repeat("0", 64))
			e.ServeHTTP(httptest.NewRecorder(), r)
		}
		want := `level=WARN msg="a request was signed with an access key that looks real; the emulator accepts any key, ` +
			`and a key of 12 digits selects the account" access_key_begins=` + begin
		if got := log.lines(); len(got) != 1 || got[0] != want {
			t.Errorf("the log is %q, want %q", got, want)
		}
		if strings.Contains(log.String(), "SECRET") {
			t.Error("the key is in the log")
		}
	}
}
