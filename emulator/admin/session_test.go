package admin_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

// sessionsOf returns the open sessions of a room by their users.
func sessionsOf(t *testing.T, e *emulatortest.Emulator, room string) map[string]map[string]any {
	t.Helper()
	found := map[string]map[string]any{}
	for _, session := range call(t, e, 200, "GET", "rooms/"+room, "")["sessions"].([]any) {
		found[fmt.Sprint(member(session, "userId"))] = session.(map[string]any)
	}
	return found
}

// sessionPath returns the path of the only session of a user in the room.
func sessionPath(t *testing.T, e *emulatortest.Emulator, room, userID string) string {
	t.Helper()
	session := sessionsOf(t, e, room)[userID]
	if session == nil {
		t.Fatalf("%s has no session in %s", userID, room)
	}
	return fmt.Sprintf("sessions/%.0f", session["id"])
}

func TestOneSessionCanBeEnded(t *testing.T) {
	for body, want := range map[string]struct {
		code   int // 0: the connection ends without a close frame
		reason string
	}{
		`{"close":4000}`:  {4000, "closed by the admin API"},
		`{"close":1001}`:  {1001, "closed by the admin API"},
		`{"reset":true}`:  {0, "reset by the admin API"},
		`{"expire":true}`: {0, "expired"},
	} {
		t.Run(body, func(t *testing.T) {
			e := emulatortest.Start(t)
			room := e.Room()
			anna, ben := e.Connect(room, "anna", "SEND_MESSAGE"), e.Connect(room, "ben", "SEND_MESSAGE")
			path := sessionPath(t, e, room, "anna")
			call(t, e, 204, "POST", path, body)
			if sessions := sessionsOf(t, e, room); len(sessions) != 1 || sessions["ben"] == nil {
				t.Errorf("the sessions are %v", sessions)
			}
			if code := anna.WaitClosed().Code; code != want.code {
				t.Errorf("closed with %d, want %d", code, want.code)
			}
			message := errorMessage(t, e, 404, "POST", path, body)
			if !strings.Contains(message, "there is no open session") {
				t.Error(message)
			}
			ended := list(t, e, "journal?after=0&count=1&kind=disconnect")
			if len(ended) != 1 || member(ended[0], "userId") != "anna" || member(ended[0], "reason") != want.reason {
				t.Errorf("the journal has %v", ended)
			}
			if fired := list(t, e, "journal?kind=fault"); len(fired) > 0 {
				t.Errorf("the journal has the faults %v", fired)
			}
			ben.SendMessage("still here")
			if frame := ben.Receive(); frame.Content != "still here" {
				t.Errorf("the other client received %+v", frame)
			}
		})
	}
}

// The client, the journal and the metrics cannot tell it from a session whose time has passed.
func TestASessionThatExpiresByRequestEndsAsAtItsTime(t *testing.T) {
	var seen [2]string
	for i := range seen {
		synctest.Test(t, func(t *testing.T) {
			e := emulatortest.Start(t)
			room := e.Room()
			anna := e.Connect(room, "anna")
			synctest.Wait() // until the journal has the connection
			if i == 0 {
				e.Advance(time.Hour)
			} else {
				call(t, e, 204, "POST", sessionPath(t, e, room, "anna"), `{"expire":true}`)
			}
			frame := anna.Receive()
			seen[i] = fmt.Sprint(frame.Type, frame.ErrorCode, frame.ErrorMessage, anna.WaitClosed())
			synctest.Wait()
			for _, entry := range list(t, e, "journal?after=0") {
				if member(entry, "kind") != "call" {
					seen[i] += fmt.Sprint(member(entry, "kind"), member(entry, "direction"), member(entry, "reason"))
				}
			}
		})
	}
	if seen[0] != seen[1] || !strings.Contains(seen[0], "401") {
		t.Errorf("at its time:\n%s\nby request:\n%s", seen[0], seen[1])
	}
}

func TestASilencedSessionStaysAndCanThenBeClosedOrReset(t *testing.T) {
	for body, want := range map[string]struct {
		code   int
		reason string
	}{
		`{"close":4000}`: {4000, "closed by the admin API"},
		`{"reset":true}`: {0, "reset by the admin API"},
	} {
		checkSilenced(t, body, want.code, want.reason)
	}
}

// checkSilenced silences a session and then ends it with the body.
func checkSilenced(t *testing.T, body string, code int, reason string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := emulatortest.Start(t)
		room := e.Room()
		anna, ben := e.Connect(room, "anna", "SEND_MESSAGE"), e.Connect(room, "ben", "SEND_MESSAGE")
		path := sessionPath(t, e, room, "anna")
		call(t, e, 204, "POST", path, `{"silence":true}`)
		anna.SendMessage("nobody reads this")
		ben.SendMessage("anna does not receive this")
		ben.Receive()
		synctest.Wait()
		anna.ReceiveNothing(time.Minute)
		session := sessionsOf(t, e, room)["anna"]
		if session == nil || session["framesIn"] != 0.0 || session["framesOut"] != 0.0 {
			t.Errorf("the session is %v", session)
		}
		call(t, e, 204, "POST", path, body)
		if got := anna.WaitClosed().Code; got != code {
			t.Errorf("%s: closed with %d", body, got)
		}
		ended := list(t, e, "journal?after=0&count=1&kind=disconnect")
		if len(ended) != 1 || member(ended[0], "reason") != reason {
			t.Errorf("%s: the journal has %v", body, ended)
		}
	})
}

func TestAClientNoticesThatItsTCPConnectionIsReset(t *testing.T) {
	e := startTCP(t) // because a pipe cannot be reset
	room := operation(t, e, "/CreateRoom", "{}")["arn"]
	reply := operation(t, e, "/CreateChatToken", fmt.Sprintf(`{"roomIdentifier":%q,"userId":"anna"}`, room))
	dialer := websocket.Dialer{Subprotocols: []string{fmt.Sprint(reply["token"])}}
	conn, _, err := dialer.Dial(strings.Replace(e.URL(), "http", "ws", 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	call(t, e, 200, "GET", "journal?kind=connect&after=0&count=1", "")
	sessions := call(t, e, 200, "GET", "rooms/"+fmt.Sprint(room), "")["sessions"].([]any)
	if len(sessions) != 1 || member(sessions[0], "clientIp") != "127.0.0.1" {
		t.Fatalf("the sessions are %v", sessions)
	}
	call(t, e, 204, "POST", fmt.Sprintf("sessions/%.0f", member(sessions[0], "id")), `{"reset":true}`)
	if _, _, err := conn.ReadMessage(); err == nil || !strings.Contains(err.Error(), "reset") {
		t.Errorf("the connection ended with %v", err)
	}
}

func TestEverySessionHasAnotherID(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	seen := map[string]bool{}
	for range 3 {
		anna := e.Connect(room, "anna")
		path := sessionPath(t, e, room, "anna")
		if seen[path] {
			t.Errorf("%s is another session", path)
		}
		seen[path] = true
		call(t, e, 204, "POST", path, `{"reset":true}`)
		anna.WaitClosed()
	}
}

func TestAnEndOfASessionThatIsNotPossibleIsRefusedAndNothingHappens(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	anna := e.Connect(room, "anna", "SEND_MESSAGE")
	path := sessionPath(t, e, room, "anna")
	for _, test := range []struct {
		path, body string
		status     int
		reason     string
	}{
		{path, `{}`, 400, "must have exactly one of expire, close, reset and silence, but has 0"},
		{path, `{"expire":true,"close":4000}`, 400, "but has 2"},
		{path, `{"expire":false}`, 400, "expire must be true, but is false"},
		{path, `{"reset":false}`, 400, "reset must be true, but is false"},
		{path, `{"silence":false}`, 400, "silence must be true, but is false"},
		{path, `{"close":1006}`, 400, "close must be a close code that can be sent, for instance 1001 or 4000, but is 1006"},
		{path, `{"close":0}`, 400, "but is 0"},
		{path, `{"close":"4000"}`, 400, "close must be a JSON integer, but is a string"},
		{path, `{"drop":true}`, 400, `"drop"`},
		{path + "?account=000000000000", `{"reset":true}`, 404, "there is no open session"},
		{"sessions/0", `{"reset":true}`, 404, `there is no open session "0"`},
		{"sessions/99", `{"reset":true}`, 404, "GET rooms lists those that are open"},
		{"sessions/anna", `{"reset":true}`, 404, `there is no open session "anna"`},
		{"sessions/18446744073709551617", `{"reset":true}`, 404, "there is no open session"},
	} {
		message := errorMessage(t, e, test.status, "POST", test.path, test.body)
		if !strings.Contains(message, test.reason) {
			t.Errorf("%s %s: %s, want %s", test.path, test.body, message, test.reason)
		}
	}
	anna.SendMessage("still here")
	if frame := anna.Receive(); frame.Content != "still here" {
		t.Errorf("received %+v", frame)
	}
}
