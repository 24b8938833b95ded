package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/term"
)

// A chatTerminal is a chat in a terminal, with what the terminal has received.
type chatTerminal struct {
	*transcript
	command *exec.Cmd
	keys    *os.File
}

// chatIn starts a chat in a terminal of 80 columns.
func chatIn(t *testing.T, p *process, environment []string, args ...string) *chatTerminal {
	t.Helper()
	c := &chatTerminal{transcript: newTranscript()}
	c.command = self(t, append(environment, "TERM=xterm-256color", "TZ=UTC"),
		append([]string{"chat", "--endpoint", p.endpoint}, args...)...)
	var err error
	if c.keys, err = pty.StartWithSize(c.command, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.command.Process.Kill()
		_ = c.keys.Close()
	})
	go func() { _, _ = io.Copy(c, c.keys) }() // ends when the program does
	return c
}

// press types keys.
func (c *chatTerminal) press(t *testing.T, keys string) {
	t.Helper()
	if _, err := io.WriteString(c.keys, keys); err != nil {
		t.Fatal(err)
	}
}

// code waits for the end of the chat, and returns its exit code.
func (c *chatTerminal) code() int {
	_ = c.command.Wait()
	return c.command.ProcessState.ExitCode()
}

func TestInATerminalTheLineAtTheBottomStaysWhileMessagesArrive(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	room := chatRoom(t, p, `"name":"lobby"`)
	ben := join(t, p, room, "ben")
	chat := chatIn(t, p, []string{"NO_COLOR=1"}, "lobby", "--as", "anna")
	chat.wait(t, `- connected to arn:\S+; /help lists the commands`)
	chat.press(t, "half a line")
	chat.wait(t, `anna> half a line`)
	if _, err := ben.SendMessage("hello", map[string]string{"mood": "fine"}); err != nil {
		t.Fatal(err)
	}
	chat.wait(t, `\d\d:\d\d:\d\d ben: hello mood=fine \[[a-zA-Z0-9]{12}\]\r\nanna> half a line`)
	chat.press(t, " is sent\r")
	chat.wait(t, `anna: half a line is sent \[[a-zA-Z0-9]{12}\]\r\nanna> `)
	chat.press(t, "\x04")
	if code := chat.code(); code != 0 {
		t.Errorf("exit code %d: %s", code, chat)
	}
}

func TestTheCommandsOfAChat(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	room := chatRoom(t, p, `"name":"lobby"`)
	ben := join(t, p, room, "ben")
	chat := chatIn(t, p, []string{"NO_COLOR=1"}, "lobby", "--as", "anna", "--can", "send,delete,disconnect")
	for _, c := range []struct{ typed, shown string }{
		{"/delete last", `! there is no message to delete yet\r\n`},
		{"//slash", `anna: /slash \[\S+\]\r\n`},
		{"/delete last too rude", `\* message [a-zA-Z0-9]{12} was deleted \(too rude\)\r\n`},
		{"/delete", `! /delete needs the ID of a message, or last`},
		{"/event goal by=ben minute=7", `\* event goal by=ben minute=7\r\n`},
		{"/event goal ben", `! an attribute of an event must be KEY=VALUE, but is "ben"\r\n`},
		{"/event " + strings.Repeat("x", 300), `! SendEvent refused: 400 Bad Request, ValidationException`},
		{"/event", `! /event needs a name`},
		{"/who", `- ben until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d SEND_MESSAGE,DELETE_MESSAGE,DISCONNECT_USER\r\n`},
		{"/kick ben spam", `\* ben was disconnected \(spam\)\r\n`},
		{"/kick", `! /kick needs the ID of a user`},
		{"/dance", `! /dance is not a command: /help lists them`},
		{"/help", `/event NAME \[KEY=VALUE …\] +send an event`},
		{strings.Repeat("x", 501), `! the message "x{40}…" was refused with ERROR 4\d\d: .*\r\n`},
		{"/delete nothing", `! /delete nothing was refused with ERROR 4\d\d: .*\r\n`},
	} {
		chat.press(t, c.typed+"\r")
		chat.wait(t, c.shown)
	}
	if status, err := ben.WaitClosed(t.Context()); err != nil || status.Code != 1000 {
		t.Errorf("ben's connection: %v, %v", status, err)
	}
	chat.press(t, "/quit\r")
	if code := chat.code(); code != 0 {
		t.Errorf("exit code %d: %s", code, chat)
	}
}

func TestWhatIsPastedIsSent(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	chat := chatIn(t, p, []string{"NO_COLOR=1"}, chatRoom(t, p, ""), "--as", "anna")
	chat.wait(t, "connected to")
	chat.press(t, "\x1b[200~one\rtwo\r\x1b[201~three\r")
	for _, text := range []string{"one", "two", "three"} {
		chat.wait(t, `anna: `+text+` \[[a-zA-Z0-9]{12}\]`)
	}
	chat.press(t, "/quit\r")
	if code := chat.code(); code != 0 {
		t.Errorf("exit code %d: %s", code, chat)
	}
}

func TestAChatBeginsWithWhatWasSaidBefore(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	room := chatRoom(t, p, `"maximumMessageRatePerSecond":100`)
	before := runVerb(t, p.endpoint, "chat", room, "--as", "ben")
	for i := range 25 {
		before.write(t, fmt.Sprintf("message %02d\n", i))
	}
	before.stdout.wait(t, "message 24")
	chat := chatIn(t, p, []string{"NO_COLOR=1"}, room, "--as", "anna")
	chat.wait(t, `(?s)connected to.*ben: message 05.*ben: message 24 `)
	chat.press(t, "hello\r")
	chat.wait(t, `anna: hello`)
	text := chat.String()
	if strings.Contains(text, "message 04") || strings.Count(text, "message 24") != 1 {
		t.Errorf("the history is\n%s", text)
	}
}

func TestAChatNeedsNoAdminAPI(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:", "--admin-listen", "off")
	chat := chatIn(t, p, []string{"NO_COLOR=1"}, chatRoom(t, p, ""), "--as", "anna")
	chat.press(t, "hello\r")
	chat.wait(t, "anna: hello")
	chat.press(t, "/who\r")
	chat.wait(t, "! who is in the room is not known, because this IVS Chat has no admin API")
	if strings.Contains(chat.String(), "history") {
		t.Errorf("%s", chat)
	}
}

func TestInATerminalTheChatGoesOnAfterARestart(t *testing.T) {
	dir := t.TempDir()
	p := launchSelf(t, "--data", dir)
	chat := chatIn(t, p, []string{"NO_COLOR=1"}, chatRoom(t, p, ""), "--as", "anna")
	chat.press(t, "one\r")
	chat.wait(t, "anna: one")
	p.stop(signals["TERM"])
	chat.wait(t, "- the connection has ended: .*: connecting again")
	chat.press(t, "lost\r")
	chat.wait(t, `! the message "lost": not sent, because there is no connection at the moment`)
	launchSelf(t, "--data", dir, "--listen", strings.TrimPrefix(p.endpoint, "http://"))
	chat.wait(t, "- connected again")
	chat.press(t, "two\r")
	chat.wait(t, "anna: two")
}

func TestInATerminalNamesAreColoured(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	room := chatRoom(t, p, "")
	for _, c := range []struct {
		environment []string
		want        string
	}{
		{nil, `\x1b\[[0-9;]+manna\x1b\[0m: hello`}, {[]string{"NO_COLOR=1"}, ` anna: hello`},
	} {
		chat := chatIn(t, p, c.environment, room, "--as", "anna")
		chat.press(t, "hello\r")
		chat.wait(t, c.want)
	}
}

// sequences are the escape sequences that the line at the bottom needs, and no others.
var sequences = regexp.MustCompile(`\x1b\[(?:[0-9]*[ABCDK]|m)`)

func TestInATerminalWhatUsersWriteIsNotInterpreted(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	room := chatRoom(t, p, "")
	user := strings.ReplaceAll(hostile, "\x00", "") // which no argument can have
	chat := chatIn(t, p, []string{"NO_COLOR=1"}, room, "--as", user)
	chat.wait(t, "connected to")
	chat.press(t, "ready\r")
	chat.wait(t, `: ready \[`)
	if _, err := join(t, p, room, hostile+"2").SendMessage(hostile, map[string]string{hostile: hostile}); err != nil {
		t.Fatal(err)
	}
	chat.wait(t, `\\x1b\[2J.*\[[a-zA-Z0-9]{12}\]\r\n`)
	chat.press(t, "/who\r")
	chat.wait(t, `(?s)- .*until.*- .*until`)
	rest := strings.ReplaceAll(sequences.ReplaceAllString(chat.String(), ""), "\r\n", "\n")
	if raw.MatchString(strings.ReplaceAll(rest, "\r", "")) {
		t.Errorf("%q", rest)
	}
}

func TestTheTerminalIsAsBeforeAfterASignal(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	keys, terminal, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	defer terminal.Close()
	before, err := term.GetState(int(terminal.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	command := self(t, []string{"TERM=xterm"}, "chat", "--endpoint", p.endpoint, chatRoom(t, p, ""), "--as", "anna")
	command.Stdin, command.Stdout, command.Stderr = terminal, terminal, terminal
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	shown := newTranscript()
	go func() { _, _ = io.Copy(shown, keys) }() // ends when the terminal is closed
	shown.wait(t, "anna> ")
	if during, err := term.GetState(int(terminal.Fd())); err != nil || reflect.DeepEqual(during, before) {
		t.Errorf("the chat reads lines, not keys: %v", err)
	}
	_ = command.Process.Signal(syscall.SIGTERM)
	if err := command.Wait(); err != nil {
		t.Errorf("%v: %s", err, shown)
	}
	if after, err := term.GetState(int(terminal.Fd())); err != nil || !reflect.DeepEqual(after, before) {
		t.Errorf("the terminal is %+v, was %+v: %v", after, before, err)
	}
}
