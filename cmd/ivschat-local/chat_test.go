package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
)

// chatRoom creates a room on an emulator and returns its ARN.
func chatRoom(t *testing.T, p *process, members string) string {
	t.Helper()
	return post(t, p.endpoint+"/CreateRoom", "{"+members+"}").text("arn")
}

// join connects a chat client to a room, for a user with every capability.
func join(t *testing.T, p *process, room, user string) *chatclient.Client {
	t.Helper()
	plane := chatclient.ControlPlane{Endpoint: p.endpoint, AccountID: "000000000000", Region: "us-east-1"}
	token, err := plane.CreateChatToken(t.Context(), chatclient.CreateChatTokenInput{
		RoomIdentifier: room, UserID: user, Capabilities: []string{"SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"},
	})
	if err != nil {
		t.Fatal(err)
	}
	client, err := chatclient.Dial(t.Context(), p.endpoint, token, chatclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Drop)
	return client
}

// write writes lines to the input of a verb.
func (v *runningVerb) write(t *testing.T, lines string) {
	t.Helper()
	if _, err := io.WriteString(v.stdin, lines); err != nil {
		t.Fatal(err)
	}
}

func TestLinesThatAreNoTerminalAreSentAsMessages(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	ben := join(t, p, chatRoom(t, p, `"name":"lobby"`), "ben")
	chat := runVerb(t, p.endpoint, "chat", "lobby", "--as", "anna")
	chat.write(t, "hello\n\n/quit\r\nlast line, without a line break")
	chat.stdin.Close()
	if code := chat.exit(); code != 0 || chat.stderr.String() != "" {
		t.Errorf("exit code %d: %s", code, chat.stderr)
	}
	want := []string{"hello", "/quit", "last line, without a line break"}
	for i, line := range strings.Split(strings.TrimSuffix(chat.stdout.String(), "\n"), "\n") {
		if !strings.HasSuffix(line, " anna: "+want[i]) {
			t.Errorf("line %d is %q", i, line)
		}
	}
	for _, content := range want {
		if frame, err := ben.Receive(t.Context()); err != nil || frame.Content != content || frame.Sender.UserID != "anna" {
			t.Errorf("got %+v, %v, want %s", frame, err, content)
		}
	}
}

func TestALineThatIsRefusedIsAnErrorAndTheOthersAreSent(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	room := chatRoom(t, p, `"name":"lobby","maximumMessageLength":5`)
	for _, c := range []struct{ can, input, stdout, stderr string }{
		{"send", "too long\nshort\n", `^\S+ anna: short\n$`, `^ivschat-local: line 1: refused with ERROR 4\d\d: .*\n$`},
		{"view", "hello\n", `^$`, `^ivschat-local: line 1: refused with ERROR 403: .*\n$`},
	} {
		chat := runVerb(t, p.endpoint, "chat", room, "--as", "anna", "--can", c.can)
		chat.write(t, c.input)
		chat.stdin.Close()
		if code := chat.exit(); code != 1 {
			t.Errorf("%s: exit code %d", c.can, code)
		}
		chat.stdout.wait(t, c.stdout)
		chat.stderr.wait(t, c.stderr)
	}
}

func TestALineThatIsTooManyIsSentAgain(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	room := chatRoom(t, p, "")
	post(t, p.endpoint+"/_ivschat/v1/faults", `{"operation":"SEND_MESSAGE","times":2,"error":429}`)
	chat := runVerb(t, p.endpoint, "chat", room, "--as", "anna")
	chat.write(t, "hello\n")
	chat.stdin.Close()
	if code := chat.exit(); code != 0 || strings.Count(chat.stdout.String(), "hello") != 1 {
		t.Errorf("exit code %d: %s%s", code, chat.stdout, chat.stderr)
	}
}

func TestAsJSONEachFrameIsOneLine(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	room := chatRoom(t, p, "")
	chat := runVerb(t, p.endpoint, "chat", room, "--as", "anna", "--can", "view", "--json")
	chat.write(t, "not allowed\n")
	chat.stdout.wait(t, `^\{.*"ErrorCode":403.*\}\n$`)
	if _, err := join(t, p, room, "ben").SendMessage(hostile, nil); err != nil {
		t.Fatal(err)
	}
	line := chat.stdout.wait(t, `(\{.*"MESSAGE".*\})\n$`)[1]
	var frame chatclient.Frame
	if err := json.Unmarshal([]byte(line), &frame); err != nil || frame.Content != hostile || raw.MatchString(line) {
		t.Errorf("%v: %q", err, line)
	}
	chat.stdin.Close()
	if code := chat.exit(); code != 1 {
		t.Errorf("exit code %d", code)
	}
}

func TestWhatUsersWriteDoesNotReachTheTerminalRaw(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	room := chatRoom(t, p, "")
	chat := runVerb(t, p.endpoint, "chat", room, "--as", "anna")
	chat.write(t, "ready\n")
	chat.stdout.wait(t, "ready")
	ben := join(t, p, room, hostile)
	if _, err := ben.SendMessage(hostile, map[string]string{hostile: hostile}); err != nil {
		t.Fatal(err)
	}
	text, _ := json.Marshal(hostile)
	post(t, p.endpoint+"/SendEvent", fmt.Sprintf(
		`{"roomIdentifier":%q,"eventName":%s,"attributes":{%[2]s:%[2]s}}`, room, text))
	if _, err := ben.DisconnectUser(hostile, hostile); err != nil {
		t.Fatal(err)
	}
	chat.stdout.wait(t, `was disconnected \(.*\)\n$`)
	if text := chat.stdout.String(); raw.MatchString(text) || strings.Count(text, "\n") != 4 {
		t.Errorf("%q", text)
	}
}

func TestTheChatGoesOnAfterARestartAndAfterTheEndOfTheSession(t *testing.T) {
	dir := t.TempDir()
	p := launchSelf(t, "--data", dir)
	address := strings.TrimPrefix(p.endpoint, "http://")
	room := chatRoom(t, p, "")
	chat := runVerb(t, p.endpoint, "chat", room, "--as", "anna", "--session-duration", "2m")
	chat.write(t, "one\n")
	chat.stdout.wait(t, "anna: one")

	post(t, p.endpoint+"/_ivschat/v1/clock", `{"advance":"3m"}`)
	chat.stderr.wait(t, `connecting again\n.*connected again\n$`)
	chat.write(t, "two\n")
	chat.stdout.wait(t, "anna: two")

	p.stop(signals["TERM"])
	chat.stderr.wait(t, `connected again\n.*: connecting again\n$`)
	p = launchSelf(t, "--data", dir, "--listen", address)
	chat.write(t, "three\n")
	chat.stdout.wait(t, "anna: three")

	// After the room was deleted and its sessions were ended, there is nowhere to go.
	if got := runSelf(t, nil, "room", "delete", room, "--endpoint", p.endpoint); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	post(t, p.endpoint+"/_ivschat/v1/clock", `{"advance":"3m"}`)
	if code := chat.exit(); code != absent {
		t.Errorf("exit code %d: %s", code, chat.stderr)
	}
	chat.stderr.wait(t, `(?m)^ivschat-local: CreateChatToken refused: 404 Not Found, ResourceNotFoundException`)
	if strings.Contains(chat.stderr.String(), "warning: CreateChatToken") {
		t.Errorf("it has tried again: %s", chat.stderr)
	}
}

func TestAUserWhoIsDisconnectedByAModeratorStaysSo(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	room := chatRoom(t, p, "")
	chat := runVerb(t, p.endpoint, "chat", room, "--as", "anna")
	chat.write(t, "hello\n")
	chat.stdout.wait(t, "hello")
	post(t, p.endpoint+"/DisconnectUser", `{"roomIdentifier":"`+room+`","userId":"anna","reason":"spam"}`)
	if code := chat.exit(); code != 1 {
		t.Errorf("exit code %d", code)
	}
	chat.stderr.wait(t, `^ivschat-local: anna was disconnected from the room by a moderator: spam\n$`)
}

func TestCtrlCEndsTheChatWithoutAnError(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	chat := runVerb(t, p.endpoint, "chat", chatRoom(t, p, ""), "--as", "anna")
	chat.write(t, "hello\n")
	chat.stdout.wait(t, "hello")
	if code := chat.end(); code != 0 || chat.stderr.String() != "" {
		t.Errorf("exit code %d: %s", code, chat.stderr)
	}
}

func TestTheClockIsMovedToTheEndOfTheNextSession(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	client := join(t, p, chatRoom(t, p, ""), "anna")
	due := runSelf(t, nil, "clock", "due", "--endpoint", p.endpoint, "--kind", "sessionExpiration", "--json")
	if !strings.Contains(due.stdout, `"session": `) || !strings.Contains(due.stdout, `"userId": "anna"`) {
		t.Errorf("%+v", due)
	}
	if got := runSelf(t, nil, "clock", "advance-to", "next-session-end", "--endpoint", p.endpoint); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	if frame, err := client.Receive(t.Context()); err != nil || frame.ErrorCode != 401 {
		t.Errorf("%+v, %v", frame, err)
	}
	if _, err := client.WaitClosed(t.Context()); err != nil {
		t.Error(err)
	}
}
