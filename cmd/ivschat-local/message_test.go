package main

import (
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
)

// connectTo connects a chat client that may send messages to a new room.
func connectTo(t *testing.T, endpoint string) *chatclient.Client {
	t.Helper()
	plane := chatclient.ControlPlane{Endpoint: endpoint, AccountID: "000000000000", Region: "us-east-1"}
	room, err := plane.CreateRoom(t.Context(), chatclient.CreateRoomInput{})
	if err != nil {
		t.Fatal(err)
	}
	token, err := plane.CreateChatToken(t.Context(), chatclient.CreateChatTokenInput{
		RoomIdentifier: room, UserID: "anna", Capabilities: []string{"SEND_MESSAGE"},
	})
	if err != nil {
		t.Fatal(err)
	}
	client, err := chatclient.Dial(t.Context(), endpoint, token, chatclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Drop)
	return client
}

// errorCodes sends messages with these attributes, and returns the error code of each answer; 0 means
// that the message was sent.
func errorCodes(t *testing.T, client *chatclient.Client, attributes ...map[string]string) (codes []int) {
	t.Helper()
	for _, each := range attributes {
		if _, err := client.SendMessage("hi", each); err != nil {
			t.Fatal(err)
		}
		frame, err := client.Receive(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, frame.ErrorCode)
	}
	return codes
}

func TestTheLimitsOfMessagesAreSettings(t *testing.T) {
	large := map[string]string{"votes": strings.Repeat("v", 1024)} // with its key, more than 1,024 bytes
	for _, c := range []struct {
		flags []string
		want  []int
	}{
		{nil, []int{413, 413, 0}},
		{[]string{"--message-attribute-bytes", "2048"}, []int{0, 0, 0}},
		{[]string{"--message-attribute-bytes", "2048", "--send-message-rate", "1"}, []int{0, 429, 429}},
	} {
		p := launchSelf(t, append([]string{"--data", ":memory:"}, c.flags...)...)
		post(t, p.endpoint+"/_ivschat/v1/clock", `{"freeze":true}`) // so that no token is added to the bucket
		codes := errorCodes(t, connectTo(t, p.endpoint), large, large, nil)
		if !slices.Equal(codes, c.want) {
			t.Errorf("with %v, the answers have the codes %v, want %v", c.flags, codes, c.want)
		}
		p.stop(syscall.SIGTERM)
		named := strings.Count(p.log(), "--message-attribute-bytes changes the emulator's")
		if refused := slices.Contains(codes, 413); refused && named != 1 || !refused && named != 0 {
			t.Errorf("with %v, the log names the setting %d times", c.flags, named)
		}
	}
}
