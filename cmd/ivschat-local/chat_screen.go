package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/term"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/cmd/internal/remote"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// A screen shows a chat in a terminal. The line at the bottom, in which the user writes, stays there while
// messages arrive above it.
type screen struct {
	chat  *roomChat
	input *os.File
	lines *term.Terminal // may be written to by several goroutines
	text  chatText

	history map[string]bool // IDs of the frames that were shown as history
	last    atomic.Value    // ID of the latest message, a string
}

// newScreen returns a screen for a chat that is not open yet.
func newScreen(chat *roomChat, terminal terminal, input *os.File) *screen {
	both := struct {
		io.Reader
		io.Writer
	}{input, terminal.out}
	s := &screen{
		chat: chat, input: input, history: map[string]bool{},
		lines: term.NewTerminal(both, cli.Printable(chat.speaker.As)+"> "),
		text:  chatText{style: styleOf(terminal.out), me: chat.speaker.As, ids: true},
	}
	s.last.Store("")
	chat.say = s.note
	chat.show = s.show
	return s
}

// print prints a line above that in which the user writes.
func (s *screen) print(line string) { _, _ = fmt.Fprintln(s.lines, line) }

// note prints what is not from the room.
func (s *screen) note(text string) { s.print(s.text.style.dim("- " + cli.Printable(text))) }

// problem prints what went wrong.
func (s *screen) problem(text string) { s.print(s.text.style.red("! " + cli.Printable(text))) }

// show prints a frame, unless it was shown as history, or is an error that request prints.
func (s *screen) show(frame chatclient.Frame) {
	if frame.ID != "" && s.history[frame.ID] || frame.Type == "ERROR" && frame.RequestID != "" {
		return
	}
	if frame.Type == "MESSAGE" {
		s.last.Store(frame.ID)
	}
	s.print(s.text.line(frame))
}

// run chats until the user quits, or the chat ends.
func (s *screen) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := s.chat.open(ctx); err != nil {
		return err
	}
	before, err := term.MakeRaw(int(s.input.Fd()))
	if err != nil {
		return fmt.Errorf("use the terminal: %w", err)
	}
	defer func() { _ = term.Restore(int(s.input.Fd()), before) }()
	defer s.followSize()()
	s.note(fmt.Sprintf("connected to %s; /help lists the commands, /quit or Ctrl-D ends the chat", s.chat.room))
	s.showHistory(ctx)
	ended := make(chan error, 1) // receives why the chat has ended
	go func() { ended <- s.chat.run(ctx) }()
	typed := s.readLines(ctx)
	for {
		select {
		case err := <-ended:
			return err
		case line, more := <-typed:
			if !more || s.do(ctx, line) {
				cancel()
				return ignoreCancelled(<-ended)
			}
		}
	}
}

// readLines returns the lines that the user types. The channel is closed when the user ends the input.
func (s *screen) readLines(ctx context.Context) <-chan string {
	typed := make(chan string)
	go func() { // waits for the user until the program ends
		defer close(typed)
		for {
			line, err := s.lines.ReadLine()
			// Ctrl-C, Ctrl-D, or the terminal is gone. Some terminals also mark what is pasted.
			if err != nil && !errors.Is(err, term.ErrPasteIndicator) {
				return
			}
			select {
			case typed <- line:
			case <-ctx.Done():
				return
			}
		}
	}()
	return typed
}

// followSize gives the lines the size of the terminal, now and whenever it changes, until stop is called.
func (s *screen) followSize() (stop func()) {
	resize := func() {
		if width, height, err := term.GetSize(int(s.input.Fd())); err == nil && width > 0 && height > 0 {
			_ = s.lines.SetSize(width, height) // writes to the terminal
		}
	}
	resize()
	changes := make(chan os.Signal, 1)
	if len(windowChanges) > 0 {
		signal.Notify(changes, windowChanges...)
	}
	go func() { // until the channel is closed
		for range changes {
			resize()
		}
	}()
	return func() {
		signal.Stop(changes)
		close(changes)
	}
}

const (
	// historyFrames is how many frames of a room are read to find the latest messages and events.
	historyFrames = "100"
	// historyLines is how many of them are shown.
	historyLines = 20
)

// showHistory shows the latest messages and events, if there is an admin API that has them.
func (s *screen) showHistory(ctx context.Context) {
	path := "rooms/" + url.PathEscape(s.chat.room.String()) + "/frames?direction=out&count=" + historyFrames
	var list struct{ Items []journal.Entry }
	err := s.chat.service.Admin(ctx, http.MethodGet, path, nil, &list)
	if _, none := errors.AsType[*remote.NoAdminError](err); err != nil && !none {
		s.problem("no history: " + err.Error())
	}
	var frames []chatclient.Frame
	for _, entry := range list.Items {
		frame, err := chatclient.ParseFrame(string(entry.Frame))
		if err == nil && entry.UserID == "" { // it was for everyone
			frames = append(frames, frame)
		}
	}
	for _, frame := range frames[max(0, len(frames)-historyLines):] {
		s.show(frame)
		s.history[frame.ID] = true
	}
}

// do does what a line says, and reports whether that is to quit.
func (s *screen) do(ctx context.Context, line string) (quit bool) {
	line = strings.TrimSpace(line)
	command, isCommand := strings.CutPrefix(line, "/")
	switch {
	case line == "":
	case !isCommand:
		s.send(ctx, line)
	case strings.HasPrefix(command, "/"): // two slashes begin a message with one
		s.send(ctx, command)
	default:
		word, rest, _ := strings.Cut(command, " ")
		return s.command(ctx, word, strings.TrimSpace(rest))
	}
	return false
}

// send sends a message. When it arrives, it is shown as all messages are.
func (s *screen) send(ctx context.Context, text string) {
	s.request(ctx, "the message "+strconv.Quote(beginning(text)), func(client *chatclient.Client) (string, error) {
		return client.SendMessage(text, nil)
	})
}

// beginning returns the first words of a text.
func beginning(text string) string {
	const length = 40 // characters
	if characters := []rune(text); len(characters) > length {
		return string(characters[:length]) + "…"
	}
	return text
}

// request sends a request, and prints the error that answers it if there is one.
func (s *screen) request(ctx context.Context, what string, send func(*chatclient.Client) (string, error)) {
	answer, err := s.chat.request(send)
	if err != nil {
		s.problem(what + ": " + err.Error())
		return
	}
	go func() { // until there is an answer, or the connection ends
		switch frame, answered := <-answer; {
		case !answered && ctx.Err() == nil:
			s.problem(what + ": the connection has ended, and it is not known whether it was done")
		case frame.Type == "ERROR":
			s.problem(fmt.Sprintf("%s was refused with ERROR %d: %s", what, frame.ErrorCode, frame.ErrorMessage))
		}
	}()
}
