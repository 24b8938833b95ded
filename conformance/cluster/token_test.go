package cluster_test

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// Clients on three nodes race with one token.
func TestATokenOpensOneConnectionOnAllNodes(t *testing.T) {
	t.Parallel()
	c := program.StartCluster(t, 3)
	room := createRoom(t, c.URL)
	for round := range roundsOr(10) {
		token, err := createToken(t.Context(), c.URL, room, "u")
		if err != nil {
			t.Fatal(err)
		}
		var (
			mu       sync.Mutex // guards what follows
			accepted []*chatclient.Client
			begin    = make(chan struct{})
			clients  sync.WaitGroup
		)
		for i := range 200 {
			clients.Go(func() {
				<-begin
				client, err := chatclient.Dial(t.Context(), c.Nodes[i%3].URL(), token, chatclient.Options{})
				refused, isRefused := errors.AsType[*chatclient.RefusedError](err)
				switch {
				case err == nil:
					mu.Lock()
					defer mu.Unlock()
					accepted = append(accepted, client)
				case !isRefused || refused.Status != http.StatusUnauthorized:
					t.Errorf("a client is refused with %v", err)
				}
			})
		}
		close(begin)
		clients.Wait()
		for _, client := range accepted {
			client.Drop()
		}
		if len(accepted) != 1 {
			t.Errorf("in round %d, the token opened %d connections", round, len(accepted))
		}
		if t.Failed() {
			return
		}
	}
}

// A room can be used through every node as soon as one has created it.
func TestAnyNodeAnswersForANewRoom(t *testing.T) {
	t.Parallel()
	c := program.StartCluster(t, 3)
	for i := range 200 {
		room := createRoom(t, c.URL)
		user := fmt.Sprint("user ", i)
		client := connect(t, c.URL, room, user, chatclient.Options{})
		if _, err := client.SendMessage("hello", nil); err != nil {
			t.Fatal(err)
		}
		if frame, err := client.Receive(t.Context()); err != nil || frame.Content != "hello" || frame.Sender.UserID != user {
			t.Fatalf("after %d rooms, the first frame is %+v, %v", i, frame, err)
		}
		client.Close()
	}
}
