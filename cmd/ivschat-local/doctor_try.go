package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"time"

	"github.com/ivschat-local/ivschat-local/cmd/internal/remote"
	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// tryTime is how long the attempt to chat may take.
const tryTime = 10 * time.Second

// tryChat creates a room, connects a user, lets it say something, and removes everything. At an emulator that verifies
// nothing, this is in an account of its own, so that a reset of that account also removes what the journal has.
func (x *examination) tryChat(ctx context.Context, info emulatorInfo, faults int) {
	const check = "try"
	if faults > 0 {
		x.note(check, "ivschat-local fault clear", "nothing was tried, because a fault would count as fired")
		return
	}
	attempt, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	account := ""
	if info.Auth == "off" {
		account = fmt.Sprintf("9%011d", rand.Int64N(1e11))
	}
	service, err := remote.New(remote.Config{
		Endpoint: x.base(), Admin: x.admin, Account: account, Region: x.region(), Getenv: os.Getenv,
	})
	if err == nil {
		err = chatOnce(attempt, service, check)
	}
	if service != nil && account != "" {
		removing, cancel := context.WithTimeout(ctx, stepTime)
		defer cancel()
		err = cmp.Or(err, service.Admin(removing, http.MethodPost, "reset?account="+account, nil, nil))
	}
	if err != nil {
		x.problem(check, "ivschat-local tail shows what happens", "a chat does not work: %s",
			awsapi.Short(err.Error()))
		return
	}
	x.ok(check, "a room was created, a user connected and received its own message, and the room was removed")
}

// chatOnce lets a user say something in a room that it creates and deletes.
func chatOnce(ctx context.Context, service *remote.Service, text string) (err error) {
	var room remote.Room
	if err := service.Call(ctx, "CreateRoom", map[string]any{}, &room); err != nil {
		return err
	}
	arn, err := ivschat.ParseARN(room.ARN)
	if err != nil {
		return err
	}
	defer func() {
		removing, cancel := context.WithTimeout(context.WithoutCancel(ctx), stepTime)
		defer cancel()
		deleted := service.CallFor(removing, arn, "DeleteRoom", map[string]any{"identifier": room.ARN}, nil)
		err = cmp.Or(err, deleted)
	}()
	token, err := speaker{As: "doctor", Can: []string{"send"}}.token(ctx, service, arn)
	if err != nil {
		return err
	}
	client, err := service.Dial(ctx, token.Token)
	if err != nil {
		return err
	}
	defer client.Close()
	if _, err := client.SendMessage(text, nil); err != nil {
		return err
	}
	for {
		frame, err := client.Receive(ctx)
		if err != nil {
			return fmt.Errorf("the message did not come back: %w", err)
		}
		if frame.Type == "ERROR" {
			return &frameError{frame.ErrorCode, frame.ErrorMessage}
		}
		if frame.Content == text {
			return nil
		}
	}
}
