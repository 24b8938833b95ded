package emulator_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator"
)

func TestASessionEndsWhenItExpires(t *testing.T) {
	for name, wait := range map[string]func(*network, time.Duration){
		"by the machine's time": func(_ *network, d time.Duration) { time.Sleep(d) },
		"when the clock is advanced": func(n *network, d time.Duration) {
			synctest.Wait()
			n.Clock().Advance(d)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := serveInMemory(t, emulator.Config{})
				room := createRoom(t, n, "")
				c := n.connectWith(t, createToken(t, n, room, "anna", `,"sessionDurationInMinutes":180`))
				wait(n, 180*time.Minute-time.Second)
				c.sendMessage("still connected")
				c.expectMessage("still connected")
				wait(n, time.Second)
				c.expectError(401)
				if code := c.waitClosed(); code != 0 {
					t.Errorf("the connection was closed with %d, which clients take as final", code)
				}
			})
		})
	}
}

func TestAConnectionMaySendTenRequestsASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := serveInMemory(t, emulator.Config{})
		room := createRoom(t, n, `{"maximumMessageRatePerSecond":100}`)
		anna, ben := n.connect(t, room, "anna"), n.connect(t, room, "ben")
		for i := range 9 {
			anna.sendMessage(fmt.Sprint(i))
			anna.expectMessage(fmt.Sprint(i))
		}
		anna.send(`{`) // counts like any other
		anna.expectError(400)
		for range 3 {
			anna.send(`{"Action":"SEND_MESSAGE","Content":"too much","RequestId":"r"}`)
			frame := anna.receive()
			if frame.ErrorCode != 429 || frame.ErrorMessage != "rate limit exceeded" || frame.RequestID != "r" {
				t.Errorf("received %s", frame.Raw)
			}
		}
		time.Sleep(time.Second)
		anna.sendMessage("again")
		anna.expectMessage("again")
		for i := range 9 {
			ben.expectMessage(fmt.Sprint(i))
		}
		ben.expectMessage("again")
	})
}

func TestAnUpdateOfARoomTakesEffectAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := serveInMemory(t, emulator.Config{})
		room := createRoom(t, n, "")
		anna, ben := n.connect(t, room, "anna"), n.connect(t, room, "ben")
		update := func(settings string) {
			post(t, n, "UpdateRoom", fmt.Sprintf(`{"identifier":%q,%s}`, room, settings))
		}

		anna.sendMessage("🙂🙂🙂")
		anna.expectMessage("🙂🙂🙂")
		update(`"maximumMessageLength":2`)
		anna.sendMessage("🙂🙂🙂")
		frame := anna.receive()
		if frame.ErrorCode != 400 || frame.ErrorMessage != "Message exceeds maximum length" {
			t.Errorf("received %s", frame.Raw)
		}
		update(`"maximumMessageRatePerSecond":2`)
		for _, content := range []string{"1", "2"} {
			ben.sendMessage(content)
			anna.expectMessage(content)
		}
		anna.sendMessage("3")
		anna.expectError(429)
		update(`"maximumMessageRatePerSecond":3`)
		time.Sleep(400 * time.Millisecond) // of the bubble's time: a token at 3 a second, none at 2
		anna.sendMessage("3")
		anna.expectMessage("3")

		deleteRoom(t, n, room)
		anna.send(`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl","RequestId":"r"}`)
		anna.expectError(404)
	})
}

func TestTheRatesOfAnAccountCountBothEndpoints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := serveInMemory(t, emulator.Config{
			SendMessageRate: 2, DeleteMessageRate: 2, DisconnectUserRate: 1, SendEventRate: 1,
		})
		rooms := []string{createRoom(t, n, ""), createRoom(t, n, "")}
		a, b := n.connect(t, rooms[0], "anna"), n.connect(t, rooms[1], "anna")
		for _, c := range []*client{a, b} {
			c.sendMessage("x")
			c.expectMessage("x")
		}
		a.sendMessage("x")
		a.expectError(429)

		b.send(`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`)
		b.receive()
		body := fmt.Sprintf(`{"roomIdentifier":%q,"id":"abcdefghijkl"}`, rooms[0])
		post(t, n, "DeleteMessage", body)
		a.receive()
		expectThrottled(t, n, "DeleteMessage", body, 2)
		a.send(`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`)
		a.expectError(429)

		body = fmt.Sprintf(`{"roomIdentifier":%q,"userId":"nobody"}`, rooms[0])
		post(t, n, "DisconnectUser", body)
		a.receive()
		expectThrottled(t, n, "DisconnectUser", body, 1)
		a.send(`{"Action":"DISCONNECT_USER","UserId":"nobody"}`)
		a.expectError(429)

		body = fmt.Sprintf(`{"roomIdentifier":%q,"eventName":"e"}`, rooms[0])
		post(t, n, "SendEvent", body)
		expectThrottled(t, n, "SendEvent", body, 1)
	})
}

func TestAnErrorGoesToTheRequesterOnlyAndTheConnectionStaysOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := serveInMemory(t, emulator.Config{})
		room := createRoom(t, n, "")
		anna, ben := n.connect(t, room, "anna"), n.connect(t, room, "ben")
		for _, bad := range []string{
			`[object Object]`, `[]`, `7`, `{}`, "\xff", strings.Repeat("[", 60_000),
		} {
			anna.send(bad)
			anna.expectError(400)
		}
		if err := anna.SendBinary([]byte(`{"Action":"SEND_MESSAGE","Content":"x"}`)); err != nil {
			t.Fatal(err)
		}
		anna.expectError(400)
		viewer := n.connectWith(t, createViewerToken(t, n, room))
		for _, action := range []string{
			`"SEND_MESSAGE","Content":"x"`,
			`"DELETE_MESSAGE","Id":"abcdefghijkl"`,
			`"DISCONNECT_USER","UserId":"anna"`,
		} {
			viewer.send(`{"Action":` + action + `}`)
			viewer.expectError(403)
		}
		anna.sendMessage("fine")
		for _, c := range []*client{anna, ben, viewer} {
			c.expectMessage("fine")
		}
	})
}

func TestOnlyTheFirstOfSeveralErrorsIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := serveInMemory(t, emulator.Config{})
		room := createRoom(t, n, `{"maximumMessageLength":1,"maximumMessageRatePerSecond":1}`)
		anna := n.connect(t, room, "anna")
		viewer := n.connectWith(t, createViewerToken(t, n, room))
		anna.sendMessage("x")
		anna.expectMessage("x")
		viewer.expectMessage("x")
		anna.sendMessage("long") // and one too many for the room
		anna.expectError(400)
		deleteRoom(t, n, room)
		anna.sendMessage("long")
		anna.expectError(404)
		viewer.sendMessage("long")
		viewer.expectError(403)
		viewer.send(`{"Action":"DISCONNECT_USER","UserId":"` + strings.Repeat("u", 129) + `"}`)
		viewer.expectError(413)
		for range 8 {
			viewer.send(`{`)
			viewer.expectError(400)
		}
		viewer.send(`{`)
		viewer.expectError(429)
	})
}

func TestAFrameThatIsTooLongClosesTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := serveInMemory(t, emulator.Config{})
		c := n.connect(t, createRoom(t, n, ""), "anna")
		go func() { _ = c.Send(strings.Repeat("x", 64<<10+1)) }()
		if code := c.waitClosed(); code != websocket.CloseMessageTooBig {
			t.Errorf("the connection was closed with %d", code)
		}
	})
}

func TestPingsAreAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := serveInMemory(t, emulator.Config{})
		conn := n.connectWebSocket(t, createRoom(t, n, ""), "anna")
		answered := make(chan string, 1)
		conn.SetPongHandler(func(text string) error { answered <- text; return nil })
		go readUntilClosed(conn)
		ping := []byte("any text")
		if err := conn.WriteControl(websocket.PingMessage, ping, time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if text := <-answered; text != "any text" {
			t.Errorf("the answer is %q", text)
		}
	})
}

func TestConnectionsAreLoggedWithoutSecrets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logBuffer
		n := serveInMemory(t, emulator.Config{Logger: log.logger()})
		room := createRoom(t, n, "")
		token := createToken(t, n, room, "HushUser", `,"attributes":{"HushKey":"HushValue"}`)
		c := n.connectWith(t, token)
		c.send(`{"Action":"SEND_MESSAGE","Content":"HushContent","Attributes":{"HushKey":"HushValue"},
			"RequestId":"HushRequest"}`)
		c.expectMessage("HushContent")
		c.send(`{"HushMember":`)
		c.expectError(400)
		n.dial(t, token)
		n.dial(t, "HushForged")
		c.send(`{"Action":"DISCONNECT_USER","UserId":"HushUser","Reason":"HushReason"}`)
		c.waitClosed()
		synctest.Wait()
		for _, line := range []string{
			"a client connected", `"a client disconnected" reason=disconnected`,
			`status=401 reason="the chat token was already used, and a token opens only one connection: create a new one" room=` + room,
			`status=401 reason="the chat token was not issued by this emulator, or it was changed" room=unknown`,
		} {
			if strings.Count(log.String(), line) != 1 {
				t.Errorf("the log does not have %q once:\n%s", line, &log)
			}
		}
		for _, secret := range []string{"Hush", token, token[10:40]} {
			if strings.Contains(log.String(), secret) {
				t.Errorf("the log has %q:\n%s", secret, &log)
			}
		}
	})
}
