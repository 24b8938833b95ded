package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
)

// start starts an emulator in this process, and the back end that uses it. Nothing is started outside, and everything
// ends with the test.
func start(t *testing.T) (*emulatortest.Emulator, http.Handler) {
	e := emulatortest.Start(t)
	return e, newBackend(ivschat.NewFromConfig(e.Config()), e.MessagingURL(), "mia")
}

// post sends a request to the back end, and returns its answer.
func post(t *testing.T, backend http.Handler, path string, body request) *httptest.ResponseRecorder {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	backend.ServeHTTP(answer, httptest.NewRequest("POST", path, bytes.NewReader(text)))
	return answer
}

// join lets a user join, who gets an invitation.
func join(t *testing.T, backend http.Handler, room, user string) (joined invitation) {
	t.Helper()
	answer := post(t, backend, "/join", request{Room: room, User: user})
	if answer.Code != http.StatusOK {
		t.Fatalf("%s cannot join: %d %s", user, answer.Code, answer.Body)
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &joined); err != nil {
		t.Fatal(err)
	}
	return joined
}

func TestOnlyModeratorsDeleteMessages(t *testing.T) {
	e, backend := start(t)
	room := e.Room()
	anna := e.ConnectWithToken(join(t, backend, room, "anna").Token)
	mia := e.ConnectWithToken(join(t, backend, room, "mia").Token)

	anna.SendMessage("hello")
	message := anna.Receive()
	anna.DeleteMessage(message.ID, "I regret it")
	if answer := anna.Receive(); answer.ErrorCode != 403 {
		t.Errorf("anna deletes a message and gets %s, want error 403", answer.Raw)
	}
	mia.DeleteMessage(message.ID, "Off topic")
	anna.ReceiveMatching(func(f chatclient.Frame) bool { return f.EventName == "aws:DELETE_MESSAGE" })
}

func TestTheBackEndAsksForTheCapabilitiesOfAUser(t *testing.T) {
	e, backend := start(t)
	join(t, backend, e.Room(), "mia")
	e.WaitCalls("CreateChatToken", 1, map[string]any{
		"userId": "mia", "capabilities": []string{"SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"},
	})
}

func TestAUserJoinsAgainAfterTheSessionHasExpired(t *testing.T) {
	e, backend := start(t)
	room := e.Room()
	joined := join(t, backend, room, "anna")
	anna := e.ConnectWithToken(joined.Token)

	e.Advance(joined.Expires.Sub(e.Clock().Now())) // takes no time
	if frame := anna.Receive(); frame.ErrorCode != 401 {
		t.Errorf("got %s, want error 401", frame.Raw)
	}
	anna.WaitClosed()

	again := join(t, backend, room, "anna")
	if !again.Expires.After(joined.Expires) {
		t.Errorf("the new session ends at %v, the old one at %v", again.Expires, joined.Expires)
	}
	e.ConnectWithToken(again.Token)
}

func TestTheSDKTriesAgainWhenItIsThrottled(t *testing.T) {
	e, backend := start(t)
	e.Fault(fault.Rule{Operation: "CreateChatToken", Times: 2, Effect: fault.ReturnException{Name: "ThrottlingException"}})
	join(t, backend, e.Room(), "anna")
	if calls := e.WaitCalls("CreateChatToken", 3); calls[2].Status != http.StatusOK {
		t.Errorf("the third call has the status %d, want 200", calls[2].Status)
	}
}

func TestAKickedUserIsDisconnected(t *testing.T) {
	e, backend := start(t)
	room := e.Room()
	anna := e.ConnectWithToken(join(t, backend, room, "anna").Token)
	if answer := post(t, backend, "/kick", request{Room: room, User: "anna"}); answer.Code != http.StatusNoContent {
		t.Fatalf("got %d %s, want status 204", answer.Code, answer.Body)
	}
	anna.WaitClosed()
}

func TestEverybodyReceivesAnAnnouncement(t *testing.T) {
	e, backend := start(t)
	room := e.Room()
	anna := e.ConnectWithToken(join(t, backend, room, "anna").Token)
	post(t, backend, "/announce", request{Room: room, Text: "We close in ten minutes"})
	if event := anna.Receive(); event.EventName != "announcement" || event.Attributes["text"] != "We close in ten minutes" {
		t.Errorf("got %s, want the announcement", event.Raw)
	}
}

func TestARoomThatDoesNotExistIsNotFound(t *testing.T) {
	_, backend := start(t)
	missing := "arn:aws:ivschat:us-east-1:123456789012:room/NoSuchRoom12"
	if answer := post(t, backend, "/join", request{Room: missing, User: "anna"}); answer.Code != http.StatusNotFound {
		t.Errorf("got %d %s, want status 404", answer.Code, answer.Body)
	}
}

func TestWhatIsNotARequestIsRefused(t *testing.T) {
	_, backend := start(t)
	for _, body := range []string{"", "null", "[]", "{}", `{"room": null}`, `{"room": "lobby", "user": 5}`} {
		answer := httptest.NewRecorder()
		backend.ServeHTTP(answer, httptest.NewRequest("POST", "/join", strings.NewReader(body)))
		if answer.Code != http.StatusBadRequest {
			t.Errorf("%s: got %d %s, want status 400", body, answer.Code, answer.Body)
		}
	}
}
