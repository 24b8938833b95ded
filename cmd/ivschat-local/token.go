package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/cmd/internal/remote"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A speaker says who connects to a room, and what that user may do.
type speaker struct {
	As              string            `required:"" env:"-" help:"User ID." placeholder:"USER"`
	Can             []string          `env:"-" default:"send" complete:"can" help:"What the user may do: send, delete, disconnect, or only view. By default, send." placeholder:"send,delete"`
	Attribute       map[string]string `env:"-" mapsep:"none" help:"Attribute of the user, which everyone sees. Can be given several times." placeholder:"KEY=VALUE"`
	SessionDuration time.Duration     `env:"-" default:"0s" help:"How long the connection may last, in whole minutes, such as 90m. By default, 60m, as on AWS." placeholder:"DURATION"`
}

// capabilities are the words for capabilities. The word view stands for none.
var capabilities = map[string]ivschat.Capability{
	"send":       ivschat.CapabilitySendMessage,
	"delete":     ivschat.CapabilityDeleteMessage,
	"disconnect": ivschat.CapabilityDisconnectUser,
	"view":       "",
}

// capability returns the capability that a word means, which can also be AWS's name.
func capability(word string) (ivschat.Capability, bool) {
	for short, capability := range capabilities {
		if strings.EqualFold(word, short) || capability != "" && strings.EqualFold(word, string(capability)) {
			return capability, true
		}
	}
	return "", false
}

func (s speaker) check() error {
	var wrong []error
	for _, word := range s.Can {
		if _, ok := capability(word); !ok {
			wrong = append(wrong, cli.Wrongf("can", "must be send, delete, disconnect or view, separated by commas, "+
				"but is %q", word))
		}
	}
	if d := s.SessionDuration; d%time.Minute != 0 || d < 0 || d > ivschat.MaximumSessionDuration {
		wrong = append(wrong, cli.Wrongf("session-duration", "must be whole minutes, from 1m to %s, but is %s",
			ivschat.MaximumSessionDuration, d))
	}
	return errors.Join(wrong...)
}

// A chatToken is the answer of CreateChatToken.
type chatToken struct {
	Token                 string    `json:"token"`
	SessionExpirationTime time.Time `json:"sessionExpirationTime"`
	TokenExpirationTime   time.Time `json:"tokenExpirationTime"`
}

// token creates a chat token for a room.
func (s speaker) token(ctx context.Context, service *remote.Service, room ivschat.ARN) (token chatToken, err error) {
	input := map[string]any{"roomIdentifier": room.String(), "userId": s.As}
	var may []ivschat.Capability
	for _, word := range s.Can {
		if capability, _ := capability(word); capability != "" && !slices.Contains(may, capability) {
			may = append(may, capability)
		}
	}
	if len(may) > 0 {
		input["capabilities"] = may
	}
	if len(s.Attribute) > 0 {
		input["attributes"] = s.Attribute
	}
	set(input, "sessionDurationInMinutes", int(s.SessionDuration/time.Minute))
	err = service.CallFor(ctx, room, "CreateChatToken", input, &token)
	if err == nil && token.Token == "" {
		err = errors.New("CreateChatToken: the answer has no token")
	}
	return token, err
}

// A roomSpeaker is what a verb needs that lets a user speak in a room.
type roomSpeaker struct {
	roomArgument
	speaker
	callerTarget
}

func (s roomSpeaker) check() error {
	return errors.Join(s.roomArgument.check(), s.speaker.check(), s.callerTarget.check())
}

type tokenCommand struct{ roomSpeaker }

// Run prints a chat token.
func (c tokenCommand) Run(ctx context.Context, terminal terminal) error {
	service, room, err := c.findRoom(ctx, c.Room)
	if err != nil {
		return err
	}
	token, err := c.token(ctx, service, room)
	if err != nil {
		return exitFor(err)
	}
	return report(terminal, c.JSON, token, "%s", cli.Printable(token.Token))
}
