package admin_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A knownToken is what every chat token contains.
type knownToken ivschat.ChatToken

func (token knownToken) OpenChatToken(context.Context, string) (ivschat.ChatToken, error) {
	return ivschat.ChatToken(token), nil
}

func (token knownToken) TokenUsed(_ context.Context, id string, expires time.Time) (bool, error) {
	return id == token.ID && expires.Equal(token.TokenExpirationTime), nil
}

func TestAnInspectedTokenHasEverythingThatTheTokenContains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now().UTC() // midnight
		room := ivschat.ARN{
			Owner:        ivschat.Owner{AccountID: "123456789012", Region: "us-east-1"},
			ResourceType: ivschat.RoomResource, ID: "RoomNumber01",
		}
		const begin = `{"room":"arn:aws:ivschat:us-east-1:123456789012:room/RoomNumber01","userId":"anna",`
		const times = `"issueTime":"2000-01-01T00:00:00Z","tokenExpirationTime":"2000-01-01T00:01:00Z",` +
			`"sessionExpirationTime":"2000-01-01T01:00:00Z","used":true,"expired":`
		token := knownToken{
			ID: "t", Room: room, UserID: "anna", IssueTime: now, TokenExpirationTime: now.Add(time.Minute),
			SessionExpirationTime: now.Add(time.Hour),
		}
		full := token
		full.Capabilities = []ivschat.Capability{"SEND_MESSAGE"}
		full.Attributes = map[string]string{"colour": "red"}
		for _, test := range []struct {
			token knownToken
			want  string
		}{
			{token, `"capabilities":[],"attributes":{},`},
			{full, `"capabilities":["SEND_MESSAGE"],"attributes":{"colour":"red"},`},
		} {
			c := clock.New()
			handler := admin.Handler(admin.Config{Tokens: test.token, Clock: c, Logger: slog.New(slog.DiscardHandler)})
			inspect := func(expired bool) {
				t.Helper()
				r := request(t, handler, "POST", admin.Prefix+"tokens/inspect", `{"token":"x"}`)
				if want := begin + test.want + times + fmt.Sprint(expired) + "}"; strings.TrimSpace(r.body) != want {
					t.Errorf("got  %s\nwant %s", r.body, want)
				}
			}
			c.Account("210987654321").Advance(time.Hour)
			inspect(false)
			c.Account("123456789012").Advance(time.Minute)
			inspect(true)
		}
	})
}

func TestASessionIsShownWithItsTokenItsTimesAndItsFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulatortest.Start(t)
		room := operation(t, e, "/CreateRoom", "{}")["arn"].(string)
		reply := operation(t, e, "/CreateChatToken", fmt.Sprintf(`{"roomIdentifier":%q,"userId":"anna",`+
			`"capabilities":["SEND_MESSAGE"],"attributes":{"colour":"red"},"sessionDurationInMinutes":10}`, room))
		e.Advance(time.Second)
		anna := e.ConnectWithToken(reply["token"].(string))
		e.Connect(room, "ben")
		for range 2 {
			anna.SendMessage("hi")
			anna.Receive()
		}
		anna.Send("{}")
		anna.Receive()
		synctest.Wait()
		const want = `[{"id":1,"userId":"anna","clientIp":"127.0.0.1","capabilities":["SEND_MESSAGE"],` +
			`"attributes":{"colour":"red"},` +
			`"connectTime":"2000-01-01T00:00:01Z","sessionExpirationTime":"2000-01-01T00:10:00Z",` +
			`"framesIn":3,"framesOut":3,"queued":0},` +
			`{"id":2,"userId":"ben","clientIp":"127.0.0.1","capabilities":[],"attributes":{},` +
			`"connectTime":"2000-01-01T00:00:01Z","sessionExpirationTime":"2000-01-01T01:00:01Z",` +
			`"framesIn":0,"framesOut":2,"queued":0}]`
		for _, path := range []string{"rooms/" + room, "rooms"} {
			if got := request(t, e, "GET", admin.Prefix+path, "").body; strings.Count(got, want) != 1 ||
				strings.Count(got, `"messages":2,"sessionCount":2,"sessions":[`) != 1 {
				t.Errorf("%s: got  %s\nwant %s", path, got, want)
			}
		}
	})
}

func TestASessionIsShownWithTheNumberOfFramesThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulatortest.Start(t)
		room := operation(t, e, "/CreateRoom", "{}")["arn"].(string)
		dialer := websocket.Dialer{NetDialContext: e.DialContext, Subprotocols: []string{e.Token(room, "anna")}}
		conn, _, err := dialer.DialContext(t.Context(), "ws://localhost", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		send := func(events int) {
			t.Helper()
			for range events {
				operation(t, e, "/SendEvent", fmt.Sprintf(`{"roomIdentifier":%q,"eventName":"e"}`, room))
			}
			synctest.Wait()
		}
		send(1) // which the client does not read
		send(3)
		session := call(t, e, 200, "GET", "rooms/"+room, "")["sessions"].([]any)[0]
		if member(session, "queued") != 3.0 {
			t.Errorf("the session is %v", session)
		}
	})
}
