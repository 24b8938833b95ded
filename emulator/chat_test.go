package emulator_test

import (
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
)

func TestASessionEndsAtItsTime(t *testing.T) {
	for name, wait := range map[string]func(*network, time.Duration){
		"by the machine's time":      func(_ *network, d time.Duration) { time.Sleep(d) },
		"when the clock is advanced": func(n *network, d time.Duration) { synctest.Wait(); n.Clock().Advance(d) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := inMemory(t, emulator.Config{})
				room := n.room(t, "")
				c, _ := n.connect(t, n.token(t, room, "anna", `,"sessionDurationInMinutes":180`))
				wait(n, 180*time.Minute-time.Second)
				c.say(`{"Action":"SEND_MESSAGE","Content":"still here"}`)
				c.hearContent("still here")
				wait(n, time.Second)
				c.hearError(401)
				if code := c.end(); code != 0 {
					t.Errorf("it was closed with %d, which clients take as final", code)
				}
			})
		})
	}
}

func TestAConnectionMayAskTenTimesASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := inMemory(t, emulator.Config{})
		room := n.room(t, `{"maximumMessageRatePerSecond":100}`)
		anna, ben := n.join(t, room, "anna"), n.join(t, room, "ben")
		for i := range 9 {
			anna.say(fmt.Sprintf(`{"Action":"SEND_MESSAGE","Content":"%d"}`, i))
			anna.hearContent(fmt.Sprint(i))
		}
		anna.say(`{`) // counts like any other
		anna.hearError(400)
		for range 3 {
			anna.say(`{"Action":"SEND_MESSAGE","Content":"too much","RequestId":"r"}`)
			if heard := anna.hear(); heard.ErrorCode != 429 || heard.ErrorMessage != "rate limit exceeded" || heard.RequestID != "r" {
				t.Errorf("heard %+v", heard)
			}
		}
		time.Sleep(time.Second)
		anna.say(`{"Action":"SEND_MESSAGE","Content":"again"}`)
		anna.hearContent("again")
		for i := range 9 {
			ben.hearContent(fmt.Sprint(i))
		}
		ben.hearContent("again")
	})
}

func TestARoomIsAsItIsNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := inMemory(t, emulator.Config{})
		room := n.room(t, "")
		anna, ben := n.join(t, room, "anna"), n.join(t, room, "ben")
		update := func(settings string) { post(t, n.Emulator, "/UpdateRoom", `{"identifier":"`+room+`",`+settings+`}`) }

		anna.say(`{"Action":"SEND_MESSAGE","Content":"🙂🙂🙂"}`)
		anna.hearContent("🙂🙂🙂")
		update(`"maximumMessageLength":2`)
		anna.say(`{"Action":"SEND_MESSAGE","Content":"🙂🙂🙂"}`)
		if heard := anna.hear(); heard.ErrorCode != 400 || heard.ErrorMessage != "Message exceeds maximum length" {
			t.Errorf("heard %+v", heard)
		}
		update(`"maximumMessageRatePerSecond":2`)
		for _, content := range []string{"1", "2"} {
			ben.say(`{"Action":"SEND_MESSAGE","Content":"` + content + `"}`)
			anna.hearContent(content)
		}
		anna.say(`{"Action":"SEND_MESSAGE","Content":"3"}`)
		anna.hearError(429)
		update(`"maximumMessageRatePerSecond":3`)
		time.Sleep(400 * time.Millisecond) // of the bubble's time: a token at 3 a second, none at 2
		anna.say(`{"Action":"SEND_MESSAGE","Content":"3"}`)
		anna.hearContent("3")

		deleteRoom(t, n, room)
		anna.say(`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl","RequestId":"r"}`)
		anna.hearError(404)
	})
}

func TestTheRatesOfAnAccountCountBothEndpoints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := inMemory(t, emulator.Config{SendMessageRate: 2, DeleteMessageRate: 2, DisconnectUserRate: 1, SendEventRate: 1})
		rooms := []string{n.room(t, ""), n.room(t, "")}
		a, b := n.join(t, rooms[0], "anna"), n.join(t, rooms[1], "anna")
		for _, c := range []*chatter{a, b} {
			c.say(`{"Action":"SEND_MESSAGE","Content":"x"}`)
			c.hearContent("x")
		}
		a.say(`{"Action":"SEND_MESSAGE","Content":"x"}`)
		a.hearError(429)

		b.say(`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`)
		b.hear()
		body := `{"roomIdentifier":"` + rooms[0] + `","id":"abcdefghijkl"}`
		post(t, n.Emulator, "/DeleteMessage", body)
		a.hear()
		throttled(t, n, "/DeleteMessage", body, 2)
		a.say(`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`)
		a.hearError(429)

		body = `{"roomIdentifier":"` + rooms[0] + `","userId":"nobody"}`
		post(t, n.Emulator, "/DisconnectUser", body)
		a.hear()
		throttled(t, n, "/DisconnectUser", body, 1)
		a.say(`{"Action":"DISCONNECT_USER","UserId":"nobody"}`)
		a.hearError(429)

		body = `{"roomIdentifier":"` + rooms[0] + `","eventName":"e"}`
		post(t, n.Emulator, "/SendEvent", body)
		throttled(t, n, "/SendEvent", body, 1)
	})
}

func TestAnErrorIsForWhoAskedAndTheConnectionLivesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := inMemory(t, emulator.Config{})
		room := n.room(t, "")
		anna, ben := n.join(t, room, "anna"), n.join(t, room, "ben")
		for _, bad := range []string{`[object Object]`, `[]`, `7`, `{}`, "\xff", strings.Repeat("[", 60_000)} {
			anna.say(bad)
			anna.hearError(400)
		}
		if err := anna.conn.WriteMessage(websocket.BinaryMessage, []byte(`{"Action":"SEND_MESSAGE","Content":"x"}`)); err != nil {
			t.Fatal(err)
		}
		anna.hearError(400)
		viewer, _ := n.connect(t, viewerToken(t, n, room))
		for _, action := range []string{`"SEND_MESSAGE","Content":"x"`, `"DELETE_MESSAGE","Id":"abcdefghijkl"`, `"DISCONNECT_USER","UserId":"anna"`} {
			viewer.say(`{"Action":` + action + `}`)
			viewer.hearError(403)
		}
		anna.say(`{"Action":"SEND_MESSAGE","Content":"fine"}`)
		for _, c := range []*chatter{anna, ben, viewer} {
			c.hearContent("fine")
		}
	})
}

func TestOfSeveralErrorsTheFirstIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := inMemory(t, emulator.Config{})
		room := n.room(t, `{"maximumMessageLength":1,"maximumMessageRatePerSecond":1}`)
		anna := n.join(t, room, "anna")
		viewer, _ := n.connect(t, viewerToken(t, n, room))
		anna.say(`{"Action":"SEND_MESSAGE","Content":"x"}`)
		anna.hearContent("x")
		viewer.hearContent("x")
		anna.say(`{"Action":"SEND_MESSAGE","Content":"long"}`) // and too many, for the room
		anna.hearError(400)
		deleteRoom(t, n, room)
		anna.say(`{"Action":"SEND_MESSAGE","Content":"long"}`)
		anna.hearError(404)
		viewer.say(`{"Action":"SEND_MESSAGE","Content":"long"}`)
		viewer.hearError(403)
		viewer.say(`{"Action":"DISCONNECT_USER","UserId":"` + strings.Repeat("u", 129) + `"}`)
		viewer.hearError(413)
		for range 8 {
			viewer.say(`{`)
			viewer.hearError(400)
		}
		viewer.say(`{`)
		viewer.hearError(429)
	})
}

func TestAFrameThatIsTooLongEndsTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := inMemory(t, emulator.Config{})
		c := n.join(t, n.room(t, ""), "anna")
		go func() { _ = c.conn.WriteMessage(websocket.TextMessage, make([]byte, 64<<10+1)) }()
		if code := c.end(); code != websocket.CloseMessageTooBig {
			t.Errorf("closed with %d", code)
		}
	})
}

func TestPingsAreAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := inMemory(t, emulator.Config{})
		c := n.join(t, n.room(t, ""), "anna")
		answered := make(chan string, 1)
		c.conn.SetPongHandler(func(text string) error { answered <- text; return nil })
		go c.end()
		if err := c.conn.WriteControl(websocket.PingMessage, []byte("are you there"), time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if text := <-answered; text != "are you there" {
			t.Errorf("answered %q", text)
		}
	})
}

func TestAHandshakeIsRefusedWithItsReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, other := inMemory(t, emulator.Config{}), inMemory(t, emulator.Config{})
		room, gone := n.room(t, ""), n.room(t, "")
		used, orphan := n.token(t, room, "anna", ""), n.token(t, gone, "anna", "")
		n.connect(t, used)
		deleteRoom(t, n, gone)
		expired := n.token(t, room, "anna", `,"sessionDurationInMinutes":1`)
		n.Clock().Advance(time.Minute)
		for name, test := range map[string]struct {
			token  string
			status int
			reason string
		}{
			"missing":   {"", 401, "no chat token"},
			"forged":    {"AQICAHg!#0", 401, "not issued by this emulator"},
			"another's": {other.token(t, other.room(t, ""), "anna", ""), 401, "not issued by this emulator"},
			"expired":   {expired, 401, "expired at 2000-01-01T00:01:00Z"},
			"used":      {used, 401, "has been used"},
			"orphan":    {orphan, 404, "does not exist"},
		} {
			_, refused := n.connect(t, test.token)
			if refused == nil {
				t.Errorf("%s: it was let in", name)
				continue
			}
			body, _ := io.ReadAll(refused.Body)
			if refused.StatusCode != test.status || !strings.Contains(string(body), test.reason) || !strings.Contains(string(body), `"message"`) || refused.Header.Get("x-amzn-ErrorType") == "" {
				t.Errorf("%s: %s %s", name, refused.Status, body)
			}
		}
	})
}

func TestATokenStaysUsedAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := emulator.Config{DataDir: t.TempDir()}
		n := inMemory(t, config)
		token := n.token(t, n.room(t, ""), "anna", "")
		if _, refused := n.connect(t, token); refused != nil {
			t.Fatal(refused.Status)
		}
		if err := n.Emulator.Close(); err != nil {
			t.Fatal(err)
		}
		if _, refused := inMemory(t, config).connect(t, token); refused == nil || refused.StatusCode != 401 {
			t.Error("it was let in again")
		}
	})
}

// A restart takes a clock back that was moved, and with it the times of tokens
// that had expired.
func TestATokenStaysUsedWhenARestartTakesTheClockBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := emulator.Config{DataDir: t.TempDir()}
		n := inMemory(t, config)
		room := n.room(t, "")
		token := n.token(t, room, "anna", "")
		n.connect(t, token)
		synctest.Wait()
		n.Clock().Advance(61 * time.Minute)
		n.join(t, room, "ben") // forgets what is not needed any more
		if err := n.Emulator.Close(); err != nil {
			t.Fatal(err)
		}
		if _, refused := inMemory(t, config).connect(t, token); refused == nil || refused.StatusCode != 401 {
			t.Error("it was let in again")
		}
	})
}

func TestTheEndOfTheProgramIsAsItWasSet(t *testing.T) {
	for name, test := range map[string]struct {
		config emulator.Config
		code   int
	}{
		"dropped":     {emulator.Config{}, 0},
		"closed 1001": {emulator.Config{CloseOnShutdown: true}, websocket.CloseGoingAway},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := inMemory(t, test.config)
				c := n.join(t, n.room(t, ""), "anna")
				go n.Emulator.Close()
				if code := c.end(); code != test.code {
					t.Errorf("closed with %d, want %d", code, test.code)
				}
				_ = c.conn.Close()
			})
		})
	}
}

func TestAConnectionThatAFaultHasSilencedDoesNotHoldUpTheEndOfTheProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := inMemory(t, emulator.Config{})
		if _, err := n.Faults().Add(fault.Rule{Operation: "SEND_MESSAGE", Effect: fault.SilenceConnection{}}); err != nil {
			t.Fatal(err)
		}
		anna := n.join(t, n.room(t, ""), "anna")
		anna.say(`{"Action":"SEND_MESSAGE","Content":"x"}`)
		synctest.Wait()
		began := time.Now()
		if err := n.Emulator.Close(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("it took %s", took)
		}
	})
}

func TestAClientThatDoesNotKeepUpIsLetGoAndNobodyNotices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logged
		n := inMemory(t, emulator.Config{Logger: log.logger()})
		room := n.room(t, "")
		slow, anna := n.join(t, room, "slow"), n.join(t, room, "anna")
		const events = 600
		heard := make(chan int)
		go func() {
			count := 0
			for range events {
				if anna.hear().Type == "EVENT" {
					count++
				}
			}
			heard <- count
		}()
		for range events {
			post(t, n.Emulator, "/SendEvent", `{"roomIdentifier":"`+room+`","eventName":"e"}`)
			synctest.Wait()
		}
		if count := <-heard; count != events {
			t.Errorf("the other one heard %d of %d", count, events)
		}
		if slow.hear().Type != "EVENT" {
			t.Error("what was on its way is lost")
		}
		if code := slow.end(); code != websocket.CloseTryAgainLater {
			t.Errorf("closed with %d", code)
		}
		if lines := strings.Count(log.String(), "read too slowly"); lines != 1 {
			t.Errorf("%d lines about it in the log:\n%s", lines, log.String())
		}
	})
}

func TestAClientThatStandsStillIsLetGoEvenInAQuietRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logged
		n := inMemory(t, emulator.Config{Logger: log.logger()})
		room := n.room(t, "")
		n.join(t, room, "still")
		post(t, n.Emulator, "/SendEvent", `{"roomIdentifier":"`+room+`","eventName":"e"}`)
		time.Sleep(time.Minute)
		if !strings.Contains(log.String(), "read too slowly") {
			t.Errorf("the log says nothing of it:\n%s", log.String())
		}
	})
}

func TestAHandshakeThatIsNoneIsRefusedAsJSON(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := inMemory(t, emulator.Config{})
		request := httptest.NewRequest("GET", "/", nil)
		request.Header.Set("Connection", "Upgrade")
		request.Header.Set("Upgrade", "websocket")
		request.Header.Set("Sec-WebSocket-Protocol", n.token(t, n.room(t, ""), "anna", "")) // but no key and no version
		recorder := httptest.NewRecorder()
		n.ServeHTTP(recorder, request)
		if kind := recorder.Header().Get("x-amzn-ErrorType"); recorder.Code != 400 || kind != "MalformedHttpRequestException" || !strings.Contains(recorder.Body.String(), `{"message":"`) {
			t.Errorf("%d %s %s", recorder.Code, kind, recorder.Body)
		}
	})
}

func TestTheLogTellsOfConnectionsAndKeepsTheirSecrets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logged
		n := inMemory(t, emulator.Config{Logger: log.logger()})
		room := n.room(t, "")
		token := n.token(t, room, "HushUser", `,"attributes":{"HushKey":"HushValue"}`)
		c, _ := n.connect(t, token)
		c.say(`{"Action":"SEND_MESSAGE","Content":"HushContent","Attributes":{"HushKey":"HushValue"},"RequestId":"HushRequest"}`)
		c.hearContent("HushContent")
		c.say(`{"HushMember":`)
		c.hearError(400)
		n.connect(t, token)
		n.connect(t, "HushForged")
		c.say(`{"Action":"DISCONNECT_USER","UserId":"HushUser","Reason":"HushReason"}`)
		c.end()
		_ = c.conn.Close()
		synctest.Wait()
		for _, line := range []string{
			"a client connected", `"a client disconnected" reason=disconnected`,
			`status=401 reason="the chat token has been used: a token opens one connection" room=` + room,
			`status=401 reason="the chat token was not issued by this emulator, or it was changed" room=unknown`,
		} {
			if strings.Count(log.String(), line) != 1 {
				t.Errorf("the log does not have %q once:\n%s", line, log.String())
			}
		}
		for _, secret := range []string{"Hush", token, token[10:40]} {
			if strings.Contains(log.String(), secret) {
				t.Errorf("the log has %q:\n%s", secret, log.String())
			}
		}
	})
}

func viewerToken(t *testing.T, n *network, room string) string {
	t.Helper()
	return strings.Split(post(t, n.Emulator, "/CreateChatToken", `{"roomIdentifier":"`+room+`","userId":"viewer"}`), `"`)[3]
}
