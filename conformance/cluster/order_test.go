package cluster_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// stopClock stops the clock of all nodes, so that no rate is available again until nextSecond.
func stopClock(t *testing.T, url string) {
	t.Helper()
	admin(t, url, http.MethodPost, "clock", `{"freeze": true}`)
}

func nextSecond(t *testing.T, url string) {
	t.Helper()
	admin(t, url, http.MethodPost, "clock", `{"advance": "1s"}`)
}

// A crowd is clients of one room, on all nodes in turn.
type crowd struct {
	clients []*chatclient.Client

	mu                sync.Mutex           // guards what follows
	frames            [][]chatclient.Frame // that were received, by client
	messages, refused int                  // frames with messages, and with the error for a rate that is too high
	more              chan struct{}        // closed when there are more
}

// gather connects clients to a room.
func gather(t *testing.T, urls []string, room string, clients int) *crowd {
	t.Helper()
	c := &crowd{frames: make([][]chatclient.Frame, clients), more: make(chan struct{})}
	for i := range clients {
		client := connect(t, urls[i%len(urls)], room, fmt.Sprint("user ", i), chatclient.Options{
			OnFrame: func(raw []byte) { c.receive(i, raw) },
		})
		c.clients = append(c.clients, client)
	}
	return c
}

func (c *crowd) receive(client int, raw []byte) {
	frame, _ := chatclient.ParseFrame(string(raw)) // what is not valid has no type
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frames[client] = append(c.frames[client], frame)
	switch {
	case frame.Type == "MESSAGE":
		c.messages++
	case frame.ErrorCode == http.StatusTooManyRequests:
		c.refused++
	}
	close(c.more)
	c.more = make(chan struct{})
}

// send lets some of the clients send messages at the same time.
func (c *crowd) send(t *testing.T, clients []*chatclient.Client, messages int) {
	t.Helper()
	var sending sync.WaitGroup
	for _, client := range clients {
		sending.Go(func() {
			for range messages {
				if _, err := client.SendMessage("hello", nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	sending.Wait()
}

// await waits until everyone has received all accepted messages, and their senders the errors of the refused ones. It
// returns the number of the accepted ones, of this many that were sent in all.
func (c *crowd) await(t *testing.T, sent int) (accepted int) {
	t.Helper()
	timeout := time.After(time.Minute)
	for {
		c.mu.Lock()
		messages, refused, more := c.messages, c.refused, c.more
		c.mu.Unlock()
		accepted = sent - refused
		if messages == accepted*len(c.clients) {
			return accepted
		}
		select {
		case <-more:
		case <-timeout:
			t.Fatalf("%d clients sent %d messages, of which %d were refused, and received %d in all",
				len(c.clients), sent, refused, messages)
		}
	}
}

// urlsOf returns the URLs of the nodes.
func urlsOf(c *program.Cluster) (urls []string) {
	for _, n := range c.Nodes {
		urls = append(urls, n.URL())
	}
	return urls
}

// Readers on all nodes receive what senders on all nodes send at the same time in one order.
func TestAllClientsOfAllNodesSeeOneOrder(t *testing.T) {
	t.Parallel()
	const senders, readers, perSecond, seconds = 50, 200, 100, 10
	c := program.StartCluster(t, 3)
	stopClock(t, c.URL)
	crowd := gather(t, urlsOf(c), createRoom(t, c.URL), senders+readers)
	for second := range seconds {
		crowd.send(t, crowd.clients[:senders], perSecond/senders)
		crowd.await(t, (second+1)*perSecond)
		nextSecond(t, c.URL)
	}
	for i, frames := range crowd.frames {
		if len(frames) != seconds*perSecond {
			t.Errorf("client %d received %d frames, want %d", i, len(frames), seconds*perSecond)
		}
		for k, frame := range frames {
			if first := crowd.frames[0][k]; frame.ID != first.ID || frame.Sender.UserID != first.Sender.UserID {
				t.Fatalf("frame %d of client %d is %s, but that of client 0 is %s", k, i, frame.Raw, first.Raw)
			}
		}
	}
}

// A room accepts as many messages through three nodes as through one emulator.
func TestRatesHoldForAllNodesTogether(t *testing.T) {
	t.Parallel()
	c := program.StartCluster(t, 3)
	alone, together := acceptedBySecond(t, program.Start(t)), acceptedBySecond(t, urlsOf(c)...)
	if !slices.Equal(alone, together) {
		t.Errorf("in each second, %d messages are accepted by three nodes, but %d by one", together, alone)
	}
}

// acceptedBySecond returns how many messages a room has accepted at the end of each of three seconds, through all URLs.
func acceptedBySecond(t *testing.T, urls ...string) (accepted []int) {
	t.Helper()
	stopClock(t, urls[0])
	crowd := gather(t, urls, createRoom(t, urls[0]), 60)
	for second := range 3 {
		crowd.send(t, crowd.clients, 5)
		accepted = append(accepted, crowd.await(t, (second+1)*5*len(crowd.clients)))
		nextSecond(t, urls[len(urls)-1])
	}
	return accepted
}
