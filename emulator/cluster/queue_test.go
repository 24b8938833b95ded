package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/ivschat-local/ivschat-local/internal/natsserver"
)

// queue returns the queue of the tests.
func (n *node) queue() *Queue { return n.Queue("queue", "a queue of a test", 1<<20) }

// add appends messages, and returns their IDs.
func (q *Queue) add(t *testing.T, messages ...string) (ids []uint64) {
	t.Helper()
	for _, m := range messages {
		id, err := q.Append(t.Context(), []byte(m))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// take takes the queue, and checks which messages are in it.
func (q *Queue) take(t *testing.T, want string) (ids []uint64) {
	t.Helper()
	var got []string
	err := q.Take(t.Context(), func(id uint64, data []byte) {
		ids = append(ids, id)
		got = append(got, string(data))
	})
	if err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(got, " "); all != want {
		t.Errorf("the queue has %q, want %q", all, want)
	}
	return ids
}

func TestANodeThatTakesAQueueHasWhatIsNotRemoved(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	a, b := join(t, server, "a"), join(t, server, "b")
	first, second := a.queue(), b.queue()
	first.take(t, "")
	ids := first.add(t, "1", "2", "3", "4", "5", "6")
	if err := first.Remove(t.Context(), []uint64{ids[1], ids[3]}, 0); err != nil {
		t.Fatal(err)
	}
	ids = second.take(t, "1 3 5 6")
	ids = append(ids, second.add(t, "7")...)
	if err := second.Remove(t.Context(), []uint64{ids[0], ids[3]}, ids[2]); err != nil {
		t.Fatal(err)
	}
	a.queue().take(t, "5 7")
}

func TestANodeWhoseQueueWasTakenCannotAppend(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	far, link := far(t, server, "far")
	near := join(t, server, "near")
	first, second := far.queue(), near.queue()
	first.take(t, "")
	first.add(t, "1")
	link.Hang()
	appended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-far.lost
		cancel()
	}()
	go func() {
		_, err := first.Append(ctx, []byte("late"))
		appended <- err
	}()
	near.record.await(t, "the end of the node", func(all []string) bool { return slices.Contains(all, "left") })
	second.take(t, "1")
	link.Restore()
	if err := <-appended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	second.add(t, "2")
	near.queue().take(t, "1 2")
}

func TestAQueueLosesNothingWhenNATSIsKilled(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	n := join(t, server, "a")
	q := n.queue()
	q.take(t, "")
	progress, stop := make(chan int), make(chan struct{})
	var want []string
	go func() {
		defer close(progress)
		for k := 0; ; k++ {
			want = append(want, fmt.Sprint(k))
			if _, err := q.Append(t.Context(), []byte(want[k])); err != nil {
				t.Error(err)
				return
			}
			select {
			case progress <- k:
			case <-stop:
				return
			}
		}
	}()
	for range 3 {
		for range 100 {
			<-progress
		}
		restarted := make(chan struct{})
		go func() {
			defer close(restarted)
			server.Restart()
		}()
		for running := true; running; {
			select {
			case <-progress:
			case <-restarted:
				running = false
			}
		}
	}
	close(stop)
	for range progress {
	}
	n.queue().take(t, strings.Join(want, " "))
}

func TestANodeGoesOnAfterItsQueueWasDeleted(t *testing.T) {
	t.Parallel()
	n := join(t, natsserver.Start(t), "a")
	q := n.queue()
	q.take(t, "")
	ids := q.add(t, "1")
	if err := n.js.DeleteStream(t.Context(), q.config.Name); err != nil {
		t.Fatal(err)
	}
	q.add(t, "2", "3")
	if err := q.Remove(t.Context(), ids, ids[0]+1); err == nil {
		t.Error("what has the ID of a message in the deleted stream is removed")
	}
	n.queue().take(t, "2 3")
}

func TestAQuestionCanTakeLongButEndsWhenItsNodeIsGone(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	a := join(t, server, "a")
	b, link := far(t, server, "b")
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	link.Hang()
	answers, err := a.Ask(ctx, "node.name", nil)
	if err != nil || len(answers) != 1 || answers[0].Node != a.Self() {
		t.Error(answers, err)
	}
	if waited := time.Since(began); waited > 20*time.Second {
		t.Errorf("the answer came after %v", waited)
	}
	link.Restore()
	<-b.lost
}

func TestANodeThatHearsItselfAfterAPauseAnswersOnlyOnceItHasCaughtUp(t *testing.T) {
	var m members
	m.init()
	m.self, m.joined, m.own = Node{ID: "a"}, true, m.began
	text, _ := json.Marshal(beat{Node: "a", Sent: leaseTime + 1})
	m.hear(&nats.Msg{Data: text})
	if !m.stale {
		t.Error("it answers")
	}
}
