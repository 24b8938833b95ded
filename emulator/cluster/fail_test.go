package cluster

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/internal/natsserver"
	"github.com/ivschat-local/ivschat-local/internal/relay"
)

// awaitReady waits until a node may answer requests, or may not.
func (n *node) awaitReady(t *testing.T, ready bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for (n.Ready() == nil) != ready {
		if time.Now().After(deadline) {
			t.Fatalf("whether the node is ready should be %v: %v", ready, n.Ready())
		}
		time.Sleep(time.Millisecond) // there is no event for it
	}
}

// far starts a node whose connection to the server is a relay.
func far(t *testing.T, server *natsserver.Server, name string) (*node, *relay.Relay) {
	t.Helper()
	link := relay.Start(t, strings.TrimPrefix(server.URL, "nats://"))
	return joinAt(t, "nats://"+link.Address, name), link
}

func TestANodeThatIsCutOffRefusesRequestsBeforeItIsGone(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	near := join(t, server, "near")
	cutOff, link := far(t, server, "far")
	near.record.mu.Lock()
	near.record.onLeft = func() {
		if cutOff.Ready() == nil {
			t.Error("the node was gone before it refused requests")
		}
	}
	near.record.mu.Unlock()
	link.Hang()
	cutOff.awaitReady(t, false)
	near.record.await(t, "the end of the node", func(all []string) bool { return slices.Contains(all, "left") })
	if err := near.Ready(); err != nil {
		t.Error(err)
	}
	began := time.Now()
	if _, err := cutOff.Do("record", []byte("x")); !errors.Is(err, ErrUnavailable) {
		t.Error(err)
	} else if waited := time.Since(began); waited > doTimeout+time.Second {
		t.Errorf("the answer came after %v", waited)
	}
	link.Restore()
	<-cutOff.lost
	cutOff.awaitReady(t, true)
	near.do(t, "y")
	cutOff.do(t, "z")
	if err := near.Barrier(t.Context()); err != nil {
		t.Fatal(err)
	}
	if all := cutOff.record.all(); !slices.Equal(all, near.record.all()) {
		t.Error(all, near.record.all())
	}
}

func TestANodeThatIsCutOffForAShortTimeStaysAMember(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	near := join(t, server, "near")
	cutOff, link := far(t, server, "far")
	for k := range 3 {
		link.Cut()
		var doing sync.WaitGroup
		doing.Go(func() { cutOff.do(t, fmt.Sprint("far", k)) })
		near.do(t, fmt.Sprint("near", k))
		link.Restore()
		doing.Wait()
	}
	if err := cutOff.Barrier(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := near.Barrier(t.Context()); err != nil {
		t.Fatal(err)
	}
	if all := cutOff.record.all(); len(all) != 6 || !slices.Equal(all, near.record.all()) {
		t.Error(all, near.record.all())
	}
	if len(cutOff.lost) > 0 {
		t.Error("the node had to join again")
	}
}

func TestWritersWaitForANodeOnlyUntilItIsGone(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	near := join(t, server, "near")
	_, link := far(t, server, "far")
	link.Hang()
	if _, err := near.DoOnAll("record", []byte("x")); err != nil {
		t.Error(err)
	}
	if members := near.Members(); len(members) != 1 {
		t.Error(members)
	}
	link.Restore()
}

func TestNoNodeDeclaresOthersGoneWhenNATSWasPaused(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	nodes := joinThree(t, server)
	server.Pause()
	for _, n := range nodes {
		n.awaitReady(t, false)
	}
	if _, err := nodes[0].Do("record", []byte("x")); !errors.Is(err, ErrUnavailable) {
		t.Error(err)
	}
	server.Continue()
	for _, n := range nodes {
		n.awaitReady(t, true)
		n.do(t, "y")
	}
	for _, n := range nodes {
		if len(n.lost) > 0 || len(n.Members()) != 3 {
			t.Error("a node was declared gone")
		}
	}
}

func TestNodesBeginANewStateWhenTheStreamIsLost(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	nodes := joinThree(t, server)
	nodes[0].do(t, "before")
	if err := nodes[0].js.DeleteStream(t.Context(), nodes[0].logStream()); err != nil {
		t.Fatal(err)
	}
	for _, n := range nodes {
		<-n.lost
	}
	for i, n := range nodes {
		n.awaitReady(t, true)
		n.do(t, fmt.Sprint("after", i))
	}
	for _, n := range nodes {
		n.record.await(t, "the new entries", func(all []string) bool {
			return len(all) == 3 && !slices.Contains(all, "before")
		})
	}
}
