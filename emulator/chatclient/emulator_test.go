package chatclient_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
)

// start starts an emulator that listens on a free port.
func start(t *testing.T) *emulator.Emulator {
	t.Helper()
	e, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	return e
}

// join connects a user who has every capability.
func join(t *testing.T, plane chatclient.ControlPlane, room, user string) *chatclient.Client {
	t.Helper()
	token, err := plane.CreateChatToken(t.Context(), chatclient.CreateChatTokenInput{
		RoomIdentifier: room, UserID: user,
		Capabilities: []string{"SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"},
		Attributes:   map[string]string{"name": strings.ToUpper(user)},
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := chatclient.Dial(t.Context(), plane.Endpoint, token, chatclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func next(t *testing.T, c *chatclient.Client) chatclient.Frame {
	t.Helper()
	f, err := c.Receive(timeout(t))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestEveryMemberOfAFrameIsDecoded(t *testing.T) {
	plane := chatclient.ControlPlane{Endpoint: start(t).URL(), AccountID: "123456789012", Region: "eu-west-1"}
	room, err := plane.CreateRoom(t.Context(), chatclient.CreateRoomInput{Name: "lobby", MaximumMessageLength: 5})
	if err != nil || !strings.HasPrefix(room, "arn:aws:ivschat:eu-west-1:123456789012:room/") {
		t.Fatal(room, err)
	}
	anna, ben := join(t, plane, room, "anna"), join(t, plane, room, "ben")

	sent := time.Now()
	requestID, err := anna.SendMessage("hi", map[string]string{"k": "v"})
	if err != nil {
		t.Fatal(err)
	}
	m := next(t, ben)
	if m.Type != "MESSAGE" || m.ID == "" || m.RequestID != requestID || m.Content != "hi" || m.Attributes["k"] != "v" ||
		!reflect.DeepEqual(m.Sender, chatclient.Sender{UserID: "anna", Attributes: map[string]string{"name": "ANNA"}}) ||
		m.SendTime.Sub(sent).Abs() > time.Minute || !strings.HasPrefix(m.Raw, `{"Type":"MESSAGE"`) {
		t.Errorf("received %+v", m)
	}

	if requestID, err = ben.DeleteMessage(m.ID, "rude"); err != nil {
		t.Fatal(err)
	}
	e := next(t, ben)
	if e.Type != "EVENT" || e.ID == "" || e.RequestID != requestID || e.EventName != "aws:DELETE_MESSAGE" ||
		e.Attributes["MessageID"] != m.ID || e.Attributes["Reason"] != "rude" || e.SendTime.IsZero() {
		t.Errorf("received %+v", e)
	}

	if requestID, err = ben.SendMessage("too long", nil); err != nil {
		t.Fatal(err)
	}
	f := next(t, ben)
	if f.Type != "ERROR" || f.ID == "" || f.RequestID != requestID || f.ErrorCode != 400 || f.ErrorMessage == "" {
		t.Errorf("received %+v", f)
	}

	if _, err = ben.DisconnectUser("anna", ""); err != nil {
		t.Fatal(err)
	}
	if status, err := anna.WaitClosed(timeout(t)); err != nil || status.Code != 1000 || status.Reason == "" {
		t.Errorf("anna: %+v, %v", status, err)
	}
}

func TestATokenOpensOneConnection(t *testing.T) {
	plane := chatclient.ControlPlane{Endpoint: start(t).URL(), AccountID: "123456789012", Region: "us-east-1"}
	room, err := plane.CreateRoom(t.Context(), chatclient.CreateRoomInput{})
	if err != nil {
		t.Fatal(err)
	}
	input := chatclient.CreateChatTokenInput{RoomIdentifier: room, UserID: "anna"}
	token, err := plane.CreateChatToken(t.Context(), input)
	if err != nil {
		t.Fatal(err)
	}
	c, err := chatclient.Dial(t.Context(), plane.Endpoint, token, chatclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = chatclient.Dial(t.Context(), plane.Endpoint, token, chatclient.Options{})
	refused, ok := errors.AsType[*chatclient.RefusedError](err)
	if !ok || refused.Status/100 != 4 || refused.ErrorType == "" {
		t.Errorf("got %v", err)
	}
	if strings.Contains(fmt.Sprint(err), token) {
		t.Error("the error contains the token")
	}
}

func TestARefusedOperationIsAValue(t *testing.T) {
	plane := chatclient.ControlPlane{Endpoint: start(t).URL(), AccountID: "123456789012", Region: "us-east-1"}
	room, err := plane.CreateRoom(t.Context(), chatclient.CreateRoomInput{})
	if err != nil {
		t.Fatal(err)
	}
	plane.AccountID = "210987654321" // for which the room does not exist
	_, err = plane.CreateChatToken(t.Context(), chatclient.CreateChatTokenInput{RoomIdentifier: room, UserID: "anna"})
	refused, ok := errors.AsType[*chatclient.RefusedError](err)
	if !ok || refused.Request != "CreateChatToken" || refused.Status/100 != 4 ||
		refused.ErrorType == "" || refused.Message == "" {
		t.Errorf("got %v", err)
	}
}

// The error is what a test prints, so everything that the service says about a mistake is in it.
func TestARefusalNamesEveryMemberThatIsWrong(t *testing.T) {
	plane := chatclient.ControlPlane{Endpoint: start(t).URL() + "/", AccountID: "123456789012", Region: "us-east-1"}
	_, err := plane.CreateRoom(t.Context(), chatclient.CreateRoomInput{Name: "a b", MaximumMessageLength: 501})
	refused, ok := errors.AsType[*chatclient.RefusedError](err)
	if !ok || len(refused.FieldList) != 2 || refused.RequestID == "" {
		t.Fatalf("got %v", err)
	}
	for i, name := range []string{"name", "maximumMessageLength"} {
		if field := refused.FieldList[i]; field.Name != name || field.Message == "" {
			t.Errorf("got %+v, want %s", field, name)
		}
	}
	for _, want := range []string{
		"CreateRoom refused: 400 Bad Request, ValidationException: Request member: name ",
		"(maximumMessageLength: " + refused.FieldList[1].Message,
		"; request ID " + refused.RequestID + ")",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %q, want it to contain %q", err, want)
		}
	}
}

func TestAnAnswerThatIsNotJSONIsAnError(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<html>"))
	}))
	defer server.Close()
	plane := chatclient.ControlPlane{Endpoint: server.URL, HTTPClient: server.Client()}
	_, err := plane.CreateRoom(t.Context(), chatclient.CreateRoomInput{})
	if err == nil || !strings.Contains(err.Error(), "CreateRoom") {
		t.Errorf("got %v", err)
	}
}
