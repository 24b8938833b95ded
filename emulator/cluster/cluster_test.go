package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/internal/natsserver"
)

func TestAllNodesApplyTheSameEntriesInTheSameOrder(t *testing.T) {
	nodes := joinThree(t, natsserver.Start(t))
	const senders, each = 5, 40
	var sending sync.WaitGroup
	for i, n := range nodes {
		for s := range senders {
			sending.Go(func() {
				for k := range each {
					n.do(t, fmt.Sprint(i, s, k))
				}
			})
		}
	}
	sending.Wait()
	all := func(entries []string) bool { return len(entries) == len(nodes)*senders*each }
	first := nodes[0].record.await(t, "every entry", all)
	for _, n := range nodes[1:] {
		if other := n.record.await(t, "every entry", all); !slices.Equal(first, other) {
			t.Fatal("two nodes have different orders")
		}
	}
}

func TestDoReturnsWhatApplyingHasReturned(t *testing.T) {
	n := join(t, natsserver.Start(t), "a")
	if first, second := n.do(t, "x"), n.do(t, "y"); first != 1 || second != 2 {
		t.Error(first, second)
	}
}

func TestDoOnAllReturnsWhenEveryNodeHasAppliedIt(t *testing.T) {
	nodes := joinThree(t, natsserver.Start(t))
	for k := range 50 {
		text := fmt.Sprint(k)
		if _, err := nodes[k%3].DoOnAll("record", []byte(text)); err != nil {
			t.Fatal(err)
		}
		for _, n := range nodes {
			if !slices.Contains(n.record.all(), text) {
				t.Fatal("a node has not applied the entry")
			}
		}
	}
}

func TestPostKeepsTheOrderOfANode(t *testing.T) {
	nodes := joinThree(t, natsserver.Start(t))
	nodes[0].Post("record", []byte("1"))
	nodes[0].Post("record", []byte("2"))
	nodes[0].do(t, "3")
	nodes[0].Post("record", []byte("4"))
	for _, n := range nodes {
		n.record.await(t, "1 to 4 in order", func(all []string) bool { return strings.Join(all, "") == "1234" })
	}
}

func TestABarrierBringsWhatOtherNodesHavePosted(t *testing.T) {
	nodes := joinThree(t, natsserver.Start(t))
	for k := range 20 {
		nodes[1].Post("record", fmt.Append(nil, "b", k))
		nodes[2].Post("record", fmt.Append(nil, "c", k))
		if err := nodes[0].Barrier(t.Context()); err != nil {
			t.Fatal(err)
		}
		if all := nodes[0].record.all(); len(all) != 2*k+2 {
			t.Fatalf("%d entries after %d rounds", len(all), k+1)
		}
	}
}

func TestALongEntryArrivesWholeAtEveryNode(t *testing.T) {
	nodes := joinThree(t, natsserver.Start(t))
	long := strings.Repeat("long ", 1<<20)
	nodes[0].Post("record", []byte("before"))
	nodes[0].do(t, long)
	nodes[0].do(t, "after")
	for _, n := range nodes {
		n.record.await(t, "the long entry", func(all []string) bool {
			return slices.Equal(all, []string{"before", long, "after"})
		})
	}
}

func TestANewNodeGetsTheStateAndMissesNothingAfterIt(t *testing.T) {
	server := natsserver.Start(t)
	first := join(t, server, "a")
	first.do(t, strings.Repeat("large ", 1<<18))
	stop := make(chan struct{})
	var sending sync.WaitGroup
	sending.Go(func() {
		for k := 0; ; k++ {
			select {
			case <-stop:
				return
			default:
				first.do(t, fmt.Sprint(k))
			}
		}
	})
	for range 3 {
		second := join(t, server, "b")
		second.do(t, "mark")
		all := second.record.all()
		first.record.await(t, "the same entries", func(entries []string) bool {
			return len(entries) >= len(all) && slices.Equal(entries[:len(all)], all)
		})
	}
	close(stop)
	sending.Wait()
}

func TestAskGetsTheAnswersOfAllNodesTheOwnFirst(t *testing.T) {
	nodes := joinThree(t, natsserver.Start(t))
	request := bytes.Repeat([]byte("x"), maximumPiece-10)
	answers, err := nodes[1].Ask(t.Context(), "node.name", request)
	if err != nil || len(answers) != 3 || answers[0].Node != nodes[1].Self() {
		t.Fatal(err, len(answers))
	}
	for _, answer := range answers {
		if !bytes.Equal(answer.Data, append([]byte(answer.Node.Name+" "), request...)) {
			t.Errorf("the answer of %s has %d bytes", answer.Node.Name, len(answer.Data))
		}
	}
}

func TestANodeThatLeavesIsRemovedAtOnce(t *testing.T) {
	server := natsserver.Start(t)
	a, b := join(t, server, "a"), join(t, server, "b")
	b.Close()
	a.record.await(t, "the leaving", func(all []string) bool { return slices.Contains(all, "left") })
	if members := a.Members(); len(members) != 1 || members[0] != a.Self() {
		t.Error(members)
	}
	if _, err := a.DoOnAll("record", []byte("x")); err != nil {
		t.Error(err)
	}
	if _, err := b.Do("record", []byte("x")); !errors.Is(err, ErrUnavailable) {
		t.Error(err)
	}
}

func TestTheStateEndsWithTheLastNode(t *testing.T) {
	server := natsserver.Start(t)
	a := join(t, server, "a")
	a.do(t, "x")
	a.Close()
	began := time.Now()
	if b := join(t, server, "b"); len(b.record.all()) > 0 {
		t.Error(b.record.all())
	} else if waited := time.Since(began); waited >= aloneAfter {
		t.Errorf("the next node has waited for %v", waited)
	}
}

func TestNothingIsLostOrDoubledWhenNATSIsKilled(t *testing.T) {
	server := natsserver.Start(t)
	nodes := joinThree(t, server)
	stop := make(chan struct{})
	var mu sync.Mutex
	var confirmed []string
	var sending sync.WaitGroup
	for i, n := range nodes {
		for s := range 4 {
			sending.Go(func() {
				for k := 0; ; k++ {
					select {
					case <-stop:
						return
					default:
					}
					text := fmt.Sprint(i, s, k)
					if _, err := n.Do("record", []byte(text)); err == nil {
						mu.Lock()
						confirmed = append(confirmed, text)
						mu.Unlock()
					}
				}
			})
		}
	}
	for range 3 {
		before := len(nodes[0].record.all())
		nodes[0].record.await(t, "progress", func(all []string) bool { return len(all) > before+500 })
		server.Restart()
	}
	before := len(nodes[0].record.all())
	nodes[0].record.await(t, "progress", func(all []string) bool { return len(all) > before+500 })
	close(stop)
	sending.Wait()
	for _, n := range nodes {
		if err := n.Barrier(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	all := nodes[0].record.all()
	checkOnce(t, all, confirmed)
	for _, n := range nodes[1:] {
		if !slices.Equal(all, n.record.all()) {
			t.Error("two nodes have different entries")
		}
	}
	for _, n := range nodes {
		if len(n.lost) > 0 {
			t.Error("a node had to join again")
		}
	}
}
