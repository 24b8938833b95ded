package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/crypto"
)

func sdk(endpoint string) *ivschat.Client {
	return ivschat.NewFromConfig(aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: &endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "123456789012", SecretAccessKey: "any"}, nil
		}),
	})
}

// A creator creates rooms until a request fails. It has the ARNs of those that the emulator
// acknowledged.
type creator struct {
	mu           sync.Mutex // guards acknowledged
	acknowledged []string
	enough       chan struct{} // closed by the worker that makes acknowledged long enough
}

// work creates rooms. It closes enough when that many are acknowledged.
func (c *creator) work(t *testing.T, chat *ivschat.Client, until int) {
	for {
		room, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{})
		if err != nil {
			return
		}
		c.mu.Lock()
		c.acknowledged = append(c.acknowledged, *room.Arn)
		if len(c.acknowledged) == until {
			close(c.enough)
		}
		c.mu.Unlock()
	}
}

// first returns the ARN of the first room that was acknowledged.
func (c *creator) first() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.acknowledged[0]
}

func TestAcknowledgedWritesSurviveAKill(t *testing.T) {
	dir := t.TempDir()
	created := &creator{}
	var token string
	for round := range 4 {
		p := launchSelf(t, "--data", dir)
		chat := sdk(p.endpoint)
		created.enough = make(chan struct{})
		until := len(created.acknowledged) + 50
		var workers sync.WaitGroup
		for range 4 {
			workers.Go(func() { created.work(t, chat, until) })
		}
		ended := make(chan struct{})
		go func() {
			workers.Wait()
			close(ended)
		}()
		select {
		case <-created.enough:
		case <-ended:
			t.Fatalf("no room can be created: %s", p.log())
		}
		if round == 0 {
			reply, err := chat.CreateChatToken(t.Context(), &ivschat.CreateChatTokenInput{
				RoomIdentifier: aws.String(created.first()), UserId: aws.String("u"),
			})
			if err != nil {
				t.Fatal(err)
			}
			token = *reply.Token
		}
		if err := p.command.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-ended
		_ = p.command.Wait()
	}

	p := launchSelf(t, "--data", dir)
	chat := sdk(p.endpoint)
	listed := map[string]bool{}
	for input := (&ivschat.ListRoomsInput{}); ; {
		page, err := chat.ListRooms(t.Context(), input)
		if err != nil {
			t.Fatal(err)
		}
		for _, room := range page.Rooms {
			listed[*room.Arn] = true
		}
		if input.NextToken = page.NextToken; input.NextToken == nil {
			break
		}
	}
	for _, arn := range created.acknowledged {
		_, err := chat.GetRoom(t.Context(), &ivschat.GetRoomInput{Identifier: &arn})
		if err != nil || !listed[arn] {
			t.Errorf("%s was acknowledged, but: listed %t, %v", arn, listed[arn], err)
		}
	}
	keyring, err := crypto.LoadKeyring(dir, slog.Default())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keyring.OpenChatToken(t.Context(), token); err != nil {
		t.Error(err)
	}
	if files, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(files) != 3 {
		t.Errorf("the directory has %v: %v", files, err)
	}
	info, err := os.Stat(filepath.Join(dir, crypto.KeysetFile))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the file of the keys has mode %v", info.Mode())
	}
}
