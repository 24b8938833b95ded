package admin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestAHandshakeIsRefusedOrReset(t *testing.T) {
	e := startTCP(t) // because a pipe cannot be reset
	room := operation(t, e, "/CreateRoom", "{}")["arn"]
	reply := operation(t, e, "/CreateChatToken", fmt.Sprintf(`{"roomIdentifier":%q,"userId":"anna"}`, room))
	dial := func() (*websocket.Conn, *http.Response, error) {
		dialer := websocket.Dialer{Subprotocols: []string{fmt.Sprint(reply["token"])}}
		return dialer.Dial(strings.Replace(e.URL(), "http", "ws", 1), nil)
	}
	addFault(t, e, `{"operation":"CONNECT","times":1,"status":503,"body":"busy","userId":"anna"}`)
	if _, r, err := dial(); err == nil || r == nil || r.StatusCode != 503 {
		t.Errorf("got %v %v", r, err)
	}
	addFault(t, e, `{"operation":"CONNECT","times":1,"exception":"AccessDeniedException"}`)
	if _, r, err := dial(); err == nil || r == nil || r.StatusCode != 403 ||
		r.Header.Get("x-amzn-ErrorType") != "AccessDeniedException" {
		t.Errorf("got %v %v", r, err)
	}
	addFault(t, e, `{"operation":"CONNECT","times":1,"reset":true}`)
	if _, r, err := dial(); err == nil || r != nil || !strings.Contains(err.Error(), "reset") {
		t.Errorf("got %v %v", r, err)
	}
	conn, _, err := dial() // the token is not used yet
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if refused := list(t, e, "handshakes"); len(refused) != 3 {
		t.Errorf("handshakes: %v", refused)
	}
}

func TestAnActionFailsAsItsFaultSays(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	ben := e.Connect(room, "ben")
	anna := e.Connect(room, "anna", "SEND_MESSAGE")
	addFault(t, e, `{"operation":"SEND_MESSAGE","times":1,"error":429,"message":"rate limit exceeded",`+
		`"userId":"anna","capability":"SEND_MESSAGE"}`)
	anna.Send(`{"Action":"SEND_MESSAGE","Content":"x","RequestId":"r"}`)
	if frame := anna.Receive(); frame.ErrorCode != 429 || frame.RequestID != "r" ||
		frame.ErrorMessage != "rate limit exceeded" {
		t.Errorf("received %+v", frame)
	}
	addFault(t, e, `{"operation":"SEND_MESSAGE","times":1,"frame":"drop"}`)
	anna.SendMessage("lost")
	anna.SendMessage("not lost")
	if frame := anna.Receive(); frame.Content != "not lost" {
		t.Errorf("received %+v", frame)
	}
	addFault(t, e, `{"operation":"SEND_MESSAGE","times":1,"close":4000}`)
	anna.SendMessage("x")
	if code := anna.WaitClosed().Code; code != 4000 {
		t.Errorf("closed with %d", code)
	}
	anna = e.Connect(room, "anna", "SEND_MESSAGE")
	addFault(t, e, `{"operation":"SEND_MESSAGE","times":1,"reset":true}`)
	anna.SendMessage("x")
	if code := anna.WaitClosed().Code; code != 0 {
		t.Errorf("closed with %d", code)
	}
	if frame := ben.Receive(); frame.Content != "not lost" {
		t.Errorf("the other client received %+v", frame)
	}
}

func TestMessagesToAClientFailAsTheirFaultSays(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	anna, ben := e.Connect(room, "anna", "SEND_MESSAGE"), e.Connect(room, "ben")
	send := func(contents ...string) {
		t.Helper()
		for _, content := range contents {
			anna.SendMessage(content)
			if frame := anna.Receive(); frame.Content != content {
				t.Errorf("anna received %+v", frame)
			}
		}
	}
	receive := func(contents ...string) {
		t.Helper()
		for _, content := range contents {
			if frame := ben.Receive(); frame.Content != content {
				t.Errorf("ben received %+v, want %s", frame, content)
			}
		}
	}
	add := func(effect string) {
		t.Helper()
		addFault(t, e, `{"operation":"MESSAGE","userId":"ben","times":1,`+effect+`}`)
	}
	add(`"frame":"drop"`)
	send("1", "2")
	receive("2")
	e.Clock().Advance(time.Second) // for the rate limit of the room
	add(`"frame":"duplicate"`)
	send("3")
	receive("3", "3")
	add(`"frame":"reorder"`)
	send("4", "5")
	receive("5", "4")
	add(`"frame":"corrupt"`)
	send("6", "7")
	if frame := ben.Receive(); frame.Type != "" {
		t.Errorf("ben could decode %+v", frame)
	}
	receive("7")
	e.Clock().Advance(time.Second)
	add(`"delay":"20ms"`)
	send("8", "9")
	receive("8", "9")
	add(`"silence":true`)
	send("10", "11")
	call(t, e, 200, "POST", "clock", `{"advance":"61m"}`)
	ended := list(t, e, "journal?after=0&count=1&kind=disconnect&timeout=10s")
	if len(ended) != 1 || member(ended[0], "userId") != "anna" {
		t.Errorf("%v ended, but only the connection that is not silent should", ended)
	}
	call(t, e, 204, "POST", "reset", "")
	if code := ben.WaitClosed().Code; code != 1012 { // a reset also closes silent connections
		t.Errorf("closed with %d", code)
	}
}

func TestAFaultCanEndAConnectionAtEveryPoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulatortest.Start(t)
		for point, action := range map[string]string{
			"SEND_MESSAGE":    `{"Action":"SEND_MESSAGE","Content":"x"}`,
			"DELETE_MESSAGE":  `{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`,
			"DISCONNECT_USER": `{"Action":"DISCONNECT_USER","UserId":"zoe"}`,
			"MESSAGE":         `{"Action":"SEND_MESSAGE","Content":"x"}`,
			"EVENT":           `{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`,
			"ERROR":           `{}`,
		} {
			checkConnectionEnds(t, e, point, action)
			checkConnectionIsSilenced(t, e, point, action)
		}
	})
}

// checkConnectionEnds checks the faults that end a connection, at the point that the action reaches.
func checkConnectionEnds(t *testing.T, e *emulatortest.Emulator, point, action string) {
	t.Helper()
	room := e.Room()
	for effect, code := range map[string]int{
		`"close":1000`: 1000, `"close":4999`: 4999, `"reset":true`: 0,
	} {
		addFault(t, e, `{"operation":"`+point+`","times":1,`+effect+`}`)
		anna := e.Connect(room, "anna", "SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER")
		anna.Send(action)
		if got := anna.WaitClosed().Code; got != code {
			t.Errorf("%s %s: closed with %d", point, effect, got)
		}
	}
}

// checkConnectionIsSilenced checks that nothing is read or written after the fault, and that a reset
// closes the connection.
func checkConnectionIsSilenced(t *testing.T, e *emulatortest.Emulator, point, action string) {
	t.Helper()
	room := e.Room()
	addFault(t, e, `{"operation":"`+point+`","times":1,"silence":true}`)
	anna := e.Connect(room, "anna", "SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER")
	for range 2 {
		anna.Send(action) // the second one is not read
		synctest.Wait()
	}
	session := call(t, e, 200, "GET", "rooms/"+room, "")["sessions"].([]any)[0]
	if member(session, "framesIn") != 1.0 || member(session, "framesOut") != 0.0 {
		t.Errorf("%s: %v", point, session)
	}
	call(t, e, 204, "POST", "reset", "")
	if code := anna.WaitClosed().Code; code != 1012 {
		t.Errorf("%s: closed with %d", point, code)
	}
}

func TestEventsAndErrorsFailAsMessagesDo(t *testing.T) {
	e := emulatortest.Start(t)
	for point, action := range map[string]string{
		"EVENT": `{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl","RequestId":"%s"}`,
		"ERROR": `{"Action":"DISCONNECT_USER","UserId":"zoe","RequestId":"%s"}`,
	} {
		for effect, want := range map[string]string{
			`"frame":"drop"`: "2", `"frame":"duplicate"`: "112", `"frame":"reorder"`: "21",
			`"frame":"corrupt"`: "2", `"delay":"1ms"`: "12",
		} {
			anna := e.Connect(e.Room(), "anna", "DELETE_MESSAGE")
			addFault(t, e, `{"operation":"`+point+`","times":1,`+effect+`}`)
			anna.Send(fmt.Sprintf(action, "1"))
			anna.Send(fmt.Sprintf(action, "2"))
			received := ""
			for len(received) < len(want) {
				received += anna.Receive().RequestID
			}
			if received != want {
				t.Errorf("%s %s: received %s, want %s", point, effect, received, want)
			}
		}
	}
}

// A client that receives invalid UTF-8 closes the connection before it tries to decode the frame.
func TestACorruptFrameIsStillUTF8(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	anna, ben := e.Connect(room, "anna", "SEND_MESSAGE"), e.Connect(room, "ben")
	for i := range 8 { // some of these lengths would cut a character in two
		addFault(t, e, `{"operation":"MESSAGE","userId":"ben","times":1,"frame":"corrupt"}`)
		anna.SendMessage(strings.Repeat("x", i) + strings.Repeat("🙂", 100))
		anna.Receive()
		if frame := ben.Receive(); frame.Type != "" || !utf8.ValidString(frame.Raw) {
			t.Errorf("ben received %q", frame.Raw)
		}
	}
}

func TestAFaultDoesNotFireOnABrokenConnection(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	anna := e.Connect(room, "anna", "SEND_MESSAGE")
	addFault(t, e, `{"operation":"SEND_MESSAGE","times":1,"silence":true}`)
	anna.SendMessage("x")
	waitForFault(t, e)
	if !e.Sessions("", ivschat.ARN{})[0].Broken() { // a test that waits for the fault relies on this
		t.Error("the fault was reported before the connection was broken")
	}
	ben := e.Connect(room, "ben", "SEND_MESSAGE")
	for range 8 { // because frames could reach anna's connection first
		addFault(t, e, `{"operation":"MESSAGE","times":1,"frame":"drop"}`)
		ben.SendMessage("lost")
		ben.SendMessage("not lost")
		if frame := ben.Receive(); frame.Content != "not lost" {
			t.Errorf("received %+v", frame)
		}
		e.Clock().Advance(time.Second) // for the rate limit of the room
	}
}

func TestNothingIsReadFromAClientThatAFaultClosed(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	anna, ben := e.Connect(room, "anna", "SEND_MESSAGE"), e.Connect(room, "ben", "SEND_MESSAGE")
	addFault(t, e, `{"operation":"SEND_MESSAGE","times":1,"userId":"anna","delay":"20ms","close":4000}`)
	anna.SendMessage("closed")
	_, _ = anna.Client.SendMessage("too late", nil) // on a busy machine, the connection may be closed by now
	if code := anna.WaitClosed().Code; code != 4000 {
		t.Errorf("closed with %d", code)
	}
	ben.SendMessage("last")
	if frame := ben.Receive(); frame.Content != "last" {
		t.Errorf("received %+v", frame)
	}
}
