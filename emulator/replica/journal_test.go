package replica

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/cluster"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// A journalNode is a node with a journal.
type journalNode struct {
	*fakeNode
	*journal.Journal
	part *Journal
	logs strings.Builder
}

func newJournalNode(l *fakeLog, maximum int) *journalNode {
	n := &journalNode{fakeNode: l.newNode(), Journal: journal.New(maximum)}
	n.part = ShareJournal(n.fakeNode, n.name, n.Journal, slog.New(slog.NewTextHandler(&n.logs, nil)))
	return n
}

// joinedJournal returns a node that has joined.
func joinedJournal(t *testing.T, l *fakeLog, from *journalNode) *journalNode {
	t.Helper()
	n := newJournalNode(l, journal.MinimumBytes)
	if from == nil {
		n.join(t, nil)
	} else {
		n.join(t, from.fakeNode)
	}
	return n
}

// entriesOf returns what the admin API shows of a journal, once the node has applied everything.
func entriesOf(t *testing.T, n *journalNode) string {
	t.Helper()
	n.apply(len(n.log.entries))
	text, err := json.Marshal(n.After(0, 0, journal.Filter{}))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAllNodesHaveTheSameJournalHoweverTheirEntriesAreInterleaved(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		log := newFakeLog()
		nodes := []*journalNode{joinedJournal(t, log, nil)}
		for len(nodes) < 3 {
			nodes = append(nodes, joinedJournal(t, log, nodes[0]))
		}
		sent := map[string]int{} // by node
		for range 2000 {
			n := nodes[random.IntN(len(nodes))]
			switch action := random.IntN(100); {
			case action < 55:
				sent[n.name]++
				n.Add(journal.Entry{
					Time: time.Unix(random.Int64N(1e9), 0), Kind: journal.Frame, Direction: journal.In,
					Account: fmt.Sprintf("%012d", random.IntN(4)), UserID: n.name, Rule: sent[n.name],
					Text: strings.Repeat("x", random.IntN(3000)),
				})
			case action < 70:
				n.send()
			case action < 98:
				n.apply(random.IntN(20))
			case action < 99:
				if err := n.Forget(fmt.Sprintf("%012d", random.IntN(8))); err != nil {
					t.Fatal(err)
				}
			case len(nodes) < 5:
				nodes = append(nodes, joinedJournal(t, log, n))
			}
		}
		for _, n := range nodes {
			n.send()
		}
		want := entriesOf(t, nodes[0])
		for _, n := range nodes[1:] {
			if got := entriesOf(t, n); got != want || n.Last() != nodes[0].Last() || n.part.Run() != nodes[0].part.Run() {
				t.Fatalf("seed %d: %s has the journal\n%.1000s\nof the run %s, want\n%.1000s\nof the run %s",
					seed, n.name, got, n.part.Run(), want, nodes[0].part.Run())
			}
		}
		if len(want) < 100_000 {
			t.Errorf("seed %d: the journals have only %d bytes", seed, len(want))
		}
		checkOrder(t, nodes[0])
	}
}

// checkOrder checks that the entries of each node are in the order in which it added them.
func checkOrder(t *testing.T, n *journalNode) {
	t.Helper()
	last := map[string]int{}
	for _, e := range n.After(0, 0, journal.Filter{}) {
		if e.Node != e.UserID || e.Rule <= last[e.Node] {
			t.Errorf("entry %d of %s, which is number %d of %s, comes after number %d", e.ID, e.Node, e.Rule, e.UserID, last[e.Node])
		}
		last[e.Node] = e.Rule
	}
}

func TestTheFrameOfAClientComesBeforeWhatIsDoneBecauseOfIt(t *testing.T) {
	log := newFakeLog()
	a := joinedJournal(t, log, nil)
	b := joinedJournal(t, log, a)
	for _, n := range []*journalNode{a, b} {
		n.Handle("room", roomPart{n.Journal})
	}
	a.Add(journal.Entry{Kind: journal.Frame, Direction: journal.In, UserID: "anna"})
	if _, err := a.Do("room", nil); err != nil {
		t.Fatal(err)
	}
	for _, n := range []*journalNode{a, b} {
		n.apply(len(log.entries))
		if got := n.After(0, 0, journal.Filter{}); len(got) != 2 || got[0].Direction != journal.In || got[1].Direction != journal.Out {
			t.Errorf("%s has the entries %v", n.name, got)
		}
	}
}

// A roomPart appends the frame to everyone.
type roomPart struct{ journal *journal.Journal }

func (p roomPart) Apply(cluster.Entry) any {
	p.journal.Append(journal.Entry{Kind: journal.Frame, Direction: journal.Out})
	return nil
}

func (roomPart) Save() func() ([]byte, error) { return nil }

func (roomPart) Load([]byte) error { return nil }

func TestARunOfTheClusterBeginsWithItsFirstNodeAndEndsWithItsLastOne(t *testing.T) {
	log := newFakeLog()
	a := joinedJournal(t, log, nil)
	run := a.part.Run()
	b := joinedJournal(t, log, a)
	if run == "" || b.part.Run() != run {
		t.Errorf("the second node is in the run %q, the first one in %q", b.part.Run(), run)
	}
	b.Add(journal.Entry{Kind: journal.Call})
	b.join(t, a.fakeNode) // again
	if b.part.Run() != run {
		t.Errorf("after the node has joined again, the run is %q, want %q", b.part.Run(), run)
	}
	entriesOf(t, a)
	a.join(t, nil) // after all were gone
	if a.part.Run() == run || a.part.Run() == "" || a.Last() != 0 {
		t.Errorf("the new cluster is in the run %q after %q, and its last entry is %d", a.part.Run(), run, a.Last())
	}
}

func TestEntriesAreLostIfNATSIsTooSlowAndTheLogSaysSo(t *testing.T) {
	n := joinedJournal(t, newFakeLog(), nil)
	n.full = true
	for range 3 {
		n.Add(journal.Entry{Kind: journal.Call})
	}
	n.full = false
	for range 2 {
		n.Add(journal.Entry{Kind: journal.Call})
	}
	n.send()
	n.apply(10)
	if got := strings.Count(n.logs.String(), "\n"); n.Last() != 2 || got != 2 || !strings.Contains(n.logs.String(), "missing=3") {
		t.Errorf("the journal has %d entries, and the log says\n%s", n.Last(), &n.logs)
	}
}

func TestForgettingFailsIfTheClusterCannotBeReached(t *testing.T) {
	n := joinedJournal(t, newFakeLog(), nil)
	n.err = cluster.ErrUnavailable
	expectUnavailable(t, n.Forget(""))
}

func TestAChangeThatIsNotKnownChangesNothingAndIsLogged(t *testing.T) {
	n := joinedJournal(t, newFakeLog(), nil)
	for _, data := range []string{"", "?", "e", "e broken"} {
		n.logs.Reset()
		n.Post(journalPart, []byte(data))
		n.send()
		n.apply(1)
		if n.Last() != 0 || !strings.Contains(n.logs.String(), "level=ERROR") {
			t.Errorf("after %q, there are %d entries, and the log says %q", data, n.Last(), n.logs.String())
		}
	}
	if n.part.Load([]byte("no run")) == nil || n.part.Load([]byte("broken\nrun")) == nil {
		t.Error("a broken state is loaded")
	}
}
