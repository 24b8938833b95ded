package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/term"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
)

type chatCommand struct{ roomSpeaker }

// Help implements kong.HelpProvider.
func (chatCommand) Help() string {
	return "In a terminal, a line is a message, and /help lists the commands. If standard input is not a terminal, " +
		"each of its lines is sent as a message, and the end of the input ends the program. A message that is " +
		"refused is then an error, and the exit code is 1. With --json, each frame that is received is printed as it is."
}

// Run chats in a room.
func (c chatCommand) Run(ctx context.Context, terminal terminal) error {
	service, room, err := c.findRoom(ctx, c.Room)
	if err != nil {
		return err
	}
	chat := &roomChat{service: service, room: room, speaker: c.speaker}
	input, isFile := terminal.in.(*os.File)
	if isFile && term.IsTerminal(int(input.Fd())) && isTerminal(terminal.out) && !c.JSON {
		return exitFor(endedByUser(ctx, newScreen(chat, terminal, input).run(ctx)))
	}
	return exitFor(endedByUser(ctx, c.sendLines(ctx, terminal, chat)))
}

// sendLines sends each line of the input as a message, and prints what arrives meanwhile.
func (c chatCommand) sendLines(ctx context.Context, terminal terminal, chat *roomChat) error {
	text := chatText{style: styleOf(terminal.out), me: c.As}
	chat.patience = linePatience
	chat.say = terminal.messages.Warn
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	chat.show = func(frame chatclient.Frame) {
		var err error
		switch {
		case c.JSON:
			_, err = fmt.Fprintln(terminal.out, jsonLine(frame.Raw))
		case frame.Type != "ERROR": // which is an error of the line
			_, err = fmt.Fprintln(terminal.out, text.line(frame))
		}
		if err != nil {
			cancel(err)
		}
	}
	if err := chat.open(ctx); err != nil {
		return err
	}
	ended := make(chan error, 1) // receives why the chat has ended
	go func() { ended <- chat.run(ctx) }()
	lines := readLines(ctx, terminal.in)
	failed := 0
	for {
		select {
		case err := <-ended:
			if unwritten := ignoreCancelled(context.Cause(ctx)); unwritten != nil {
				return unwritten
			}
			return err
		case line, more := <-lines:
			if !more || line.err != nil {
				cancel(nil)
				return errors.Join(line.err, ignoreCancelled(<-ended), ignoreCancelled(context.Cause(ctx)), failures(failed))
			}
			if line.text == "" {
				continue
			}
			if err := chat.sendAndWait(ctx, line.text); err != nil && ctx.Err() == nil {
				failed++
				terminal.messages.Error(fmt.Errorf("line %d: %w", line.number, err))
			}
		}
	}
}

// failures returns the error for messages that were not sent, which were reported before.
func failures(failed int) error {
	if failed > 0 {
		return cli.Exit(cli.Failed)
	}
	return nil
}

// ignoreCancelled returns an error unless it says that the program ends.
func ignoreCancelled(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
