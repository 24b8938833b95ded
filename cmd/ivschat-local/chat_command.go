package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
)

// chatHelp lists the commands of a chat.
const chatHelp = `/delete ID|last [REASON]   delete a message, whose ID is behind it; needs --can delete
/kick USER [REASON]        disconnect a user; needs --can disconnect
/event NAME [KEY=VALUE …]  send an event to the room, as a back end does
/who                       show who is in the room
/help                      show this list
/quit                      end the chat
//text                     send a message that begins with a slash`

// command does what a command says, and reports whether that is to quit.
func (s *screen) command(ctx context.Context, word, rest string) (quit bool) {
	first, more, _ := strings.Cut(rest, " ")
	more = strings.TrimSpace(more)
	switch word {
	case "quit", "exit":
		return true
	case "help":
		for line := range strings.SplitSeq(chatHelp, "\n") {
			s.print(s.text.style.dim("- " + line))
		}
	case "delete":
		s.delete(ctx, first, more)
	case "kick":
		if first == "" {
			s.problem("/kick needs the ID of a user: /kick USER [REASON]")
			return false
		}
		s.request(ctx, "/kick "+first, func(client *chatclient.Client) (string, error) {
			return client.DisconnectUser(first, more)
		})
	case "event":
		s.event(ctx, first, more)
	case "who":
		s.who(ctx)
	default:
		s.problem(fmt.Sprintf("/%s is not a command: /help lists them, and // begins a message with a slash", word))
	}
	return false
}

// delete deletes a message.
func (s *screen) delete(ctx context.Context, id, reason string) {
	if id == "last" {
		id, _ = s.last.Load().(string)
		if id == "" {
			s.problem("there is no message to delete yet")
			return
		}
	}
	if id == "" {
		s.problem("/delete needs the ID of a message, or last: /delete ID [REASON]")
		return
	}
	s.request(ctx, "/delete "+id, func(client *chatclient.Client) (string, error) {
		return client.DeleteMessage(id, reason)
	})
}

// event sends an event as a back end does.
func (s *screen) event(ctx context.Context, name, rest string) {
	if name == "" {
		s.problem("/event needs a name: /event NAME [KEY=VALUE …]")
		return
	}
	input := map[string]any{"roomIdentifier": s.chat.room.String(), "eventName": name}
	attributes := map[string]string{}
	for _, pair := range strings.Fields(rest) {
		key, value, isPair := strings.Cut(pair, "=")
		if !isPair {
			s.problem(fmt.Sprintf("an attribute of an event must be KEY=VALUE, but is %q", pair))
			return
		}
		attributes[key] = value
	}
	if len(attributes) > 0 {
		input["attributes"] = attributes
	}
	ctx, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	if err := s.chat.service.CallFor(ctx, s.chat.room, "SendEvent", input, nil); err != nil {
		s.problem(err.Error())
	}
}

// who shows who is in the room.
func (s *screen) who(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	sessions, known, err := sessionsOf(ctx, s.chat.service, s.chat.room)
	switch {
	case err != nil:
		s.problem(err.Error())
	case !known:
		s.problem("who is in the room is not known, because this IVS Chat has no admin API")
	}
	for _, session := range sessions {
		s.print("- " + s.text.style.name(cli.Printable(session.UserID)) + " " + s.text.style.dim(fmt.Sprintf(
			"until %s %s", session.SessionExpirationTime.Local().Format(time.DateTime),
			cli.Printable(strings.Join(session.Capabilities, ",")))))
	}
}
