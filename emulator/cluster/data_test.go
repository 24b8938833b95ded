package cluster

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/ivschat-local/ivschat-local/internal/bytereader"
	"github.com/ivschat-local/ivschat-local/internal/natsserver"
	"github.com/ivschat-local/ivschat-local/internal/relay"
)

// A changes value is data that consists of all changes.
type changes struct {
	mu       sync.Mutex // guards what follows
	revision uint64
	all      []string
	failure  error // what load and apply return
}

func (c *changes) load(revision uint64, content []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = nil
	for r := (bytereader.Reader{Rest: content}); len(r.Rest) > 0; {
		c.all = append(c.all, r.Text())
	}
	c.revision = revision
	return c.failure
}

func (c *changes) apply(revision uint64, change []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failure == nil {
		c.revision, c.all = revision, append(c.all, string(change))
	}
	return c.failure
}

func (c *changes) save() (revision uint64, content []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, change := range c.all {
		content = append(binary.AppendUvarint(content, uint64(len(change))), change...)
	}
	return c.revision, content
}

func (c *changes) now() (revision uint64, all []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.revision, slices.Clone(c.all)
}

// A storingNode is a node with data.
type storingNode struct {
	*node
	changes *changes
}

func joinWithData(t *testing.T, url, name string) storingNode {
	t.Helper()
	s := storingNode{changes: &changes{}}
	s.node = joinAt(t, url, name, func(c *Cluster) {
		if err := c.Data().Follow(t.Context(), s.changes.load, s.changes.apply, s.changes.save); err != nil {
			t.Fatal(err)
		}
	})
	return s
}

func joinThreeWithData(t *testing.T, url string) (nodes []storingNode) {
	t.Helper()
	for _, name := range []string{"a", "b", "c"} {
		nodes = append(nodes, joinWithData(t, url, name))
	}
	return nodes
}

// store appends a change, however often others are faster, and returns how often they were.
func (s storingNode) store(change string) (conflicts int, err error) {
	for ; ; conflicts++ {
		revision, _ := s.changes.now()
		if appended, err := s.Data().Append(revision, []byte(change)); appended || err != nil {
			return conflicts, err
		}
	}
}

func (s storingNode) mustStore(t *testing.T, change string) {
	t.Helper()
	if _, err := s.store(change); err != nil {
		t.Fatal(err)
	}
}

// checkSame fails the test unless all nodes have the same changes, of which there are so many.
func checkSame(t *testing.T, n int, nodes ...storingNode) {
	t.Helper()
	revision, all := nodes[0].changes.now()
	if len(all) != n {
		t.Fatalf("there are %d changes, want %d", len(all), n)
	}
	for _, other := range nodes[1:] {
		if otherRevision, others := other.changes.now(); otherRevision != revision || !slices.Equal(others, all) {
			t.Fatalf("a node has %d changes at revision %d, and another one %d at %d",
				len(all), revision, len(others), otherRevision)
		}
	}
}

// stored returns how many messages a subject of the data has.
func (s storingNode) stored(t *testing.T, subject string) (n uint64) {
	t.Helper()
	stream, err := s.js.Stream(t.Context(), s.dataStream())
	if err != nil {
		t.Fatal(err)
	}
	info, err := stream.Info(t.Context(), jetstream.WithSubjectFilter(s.subject(subject)))
	if err != nil {
		t.Fatal(err)
	}
	for _, count := range info.State.Subjects {
		n += count
	}
	return n
}

func TestAChangeOfTheDataIsAppliedByAllNodesWhenAppendReturns(t *testing.T) {
	nodes := joinThreeWithData(t, natsserver.Start(t).URL)
	const each = 40
	var writing sync.WaitGroup
	for i, n := range nodes {
		writing.Go(func() {
			for k := range each {
				change := fmt.Sprint(i, "-", k)
				if _, err := n.store(change); err != nil {
					t.Error(err)
				}
				for _, other := range nodes {
					if _, all := other.changes.now(); !slices.Contains(all, change) {
						t.Error("a node has not applied the change")
					}
				}
			}
		})
	}
	writing.Wait()
	checkSame(t, len(nodes)*each, nodes...)
}

func TestAChangeThatComesTooLateIsRefusedOnceTheFasterOneIsApplied(t *testing.T) {
	nodes := joinThreeWithData(t, natsserver.Start(t).URL)
	nodes[0].mustStore(t, "first")
	revision, _ := nodes[1].changes.now()
	nodes[0].mustStore(t, "second")
	if appended, err := nodes[1].Data().Append(revision, []byte("late")); appended || err != nil {
		t.Fatal(appended, err)
	}
	checkSame(t, 2, nodes...)
}

func TestTheDataSurvivesTheLastNode(t *testing.T) {
	server := natsserver.Start(t)
	first := joinWithData(t, server.URL, "a")
	long := strings.Repeat("long ", 1<<19)
	first.mustStore(t, "short")
	first.mustStore(t, long)
	first.Close()
	server.Restart()
	second := joinWithData(t, server.URL, "b")
	if _, all := second.changes.now(); !slices.Equal(all, []string{"short", long}) {
		t.Errorf("there are %d changes", len(all))
	}
}

func TestNothingIsSeenOfALongChangeWhoseWriterDies(t *testing.T) {
	server := natsserver.Start(t)
	nodes := joinThreeWithData(t, server.URL)
	long := []byte(strings.Repeat("long ", 1<<18))
	if _, err := nodes[0].data.compose(t.Context(), "dead", 0, long); err != nil { // all but the last message
		t.Fatal(err)
	}
	nodes[1].mustStore(t, "x")
	checkSame(t, 1, append(nodes, joinWithData(t, server.URL, "d"))...)

	stream, err := nodes[1].js.Stream(t.Context(), nodes[1].dataStream())
	if err != nil {
		t.Fatal(err)
	}
	if err := nodes[1].data.purgePieces(t.Context(), stream, "", time.Hour); err != nil {
		t.Fatal(err)
	}
	if n := nodes[1].stored(t, "data.piece.>"); n != 3 {
		t.Errorf("there are %d young pieces", n)
	}
	if err := nodes[1].data.purgePieces(t.Context(), stream, "dead", 0); err != nil {
		t.Fatal(err)
	}
	if n := nodes[1].stored(t, "data.piece.>"); n != 3 {
		t.Errorf("there are %d pieces of the last content", n)
	}
	if err := nodes[1].data.purgePieces(t.Context(), stream, "", 0); err != nil {
		t.Fatal(err)
	}
	if n := nodes[1].stored(t, "data.piece.>"); n != 0 {
		t.Errorf("there are %d orphans", n)
	}
}

func TestANodeDoesNotStartWithoutAPartOfTheContent(t *testing.T) {
	server := natsserver.Start(t)
	first := joinWithData(t, server.URL, "a")
	first.mustStore(t, strings.Repeat("long ", 1<<18))
	stream, err := first.js.Stream(t.Context(), first.dataStream())
	if err == nil {
		err = first.data.writeContent(t.Context())
	}
	if err == nil {
		err = stream.Purge(t.Context(), jetstream.WithPurgeSubject(first.subject("data.piece.>")))
	}
	if err != nil {
		t.Fatal(err)
	}
	second, err := Connect(t.Context(), Config{
		URLs: []string{server.URL}, Prefix: "test", Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	var c changes
	if err := second.Data().Follow(t.Context(), c.load, c.apply, c.save); !errors.Is(err, jetstream.ErrMsgNotFound) {
		t.Errorf("the error is %v", err)
	}
}

func TestTheStreamOfTheDataStaysShort(t *testing.T) {
	server := natsserver.Start(t)
	nodes := []storingNode{joinWithData(t, server.URL, "a"), joinWithData(t, server.URL, "b")}
	stop := make(chan struct{})
	var joining sync.WaitGroup
	joining.Go(func() { // while content is written and changes are removed
		for {
			select {
			case <-stop:
				return
			default:
				joinWithData(t, server.URL, "c").Close()
			}
		}
	})
	text := strings.Repeat("x", 50_000)
	const count = 60
	for k := range count {
		nodes[k%2].mustStore(t, fmt.Sprint(k, text))
	}
	close(stop)
	joining.Wait()
	checkSame(t, count, append(nodes, joinWithData(t, server.URL, "d"))...)
	if n := nodes[0].stored(t, "data.content"); n != 1 {
		t.Errorf("there are %d contents", n)
	}
	if n := nodes[0].stored(t, "data.change"); n >= count {
		t.Errorf("there are %d changes", n)
	}
}

func TestAWriterOfLongChangesGetsItsTurn(t *testing.T) {
	nodes := joinThreeWithData(t, natsserver.Start(t).URL)
	stop := make(chan struct{})
	var writing sync.WaitGroup
	for _, n := range nodes[1:] {
		writing.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := n.store("short"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	long := strings.Repeat("x", 3*maximumPiece)
	for range 3 {
		if conflicts, err := nodes[0].store(long); err != nil || conflicts > 3*patience {
			t.Errorf("a long change was too late %d times, and the error is %v", conflicts, err)
		}
	}
	close(stop)
	writing.Wait()
}

func TestNoChangeIsLostOrDoubledWhenNATSIsKilled(t *testing.T) {
	server := natsserver.Start(t)
	nodes := joinThreeWithData(t, server.URL)
	stop := make(chan struct{})
	var mu sync.Mutex
	var stored []string
	var writing sync.WaitGroup
	for i, n := range nodes {
		writing.Go(func() {
			for k := 0; ; k++ {
				select {
				case <-stop:
					return
				default:
				}
				change := fmt.Sprint(i, "-", k)
				if _, err := n.store(change); err == nil {
					mu.Lock()
					stored = append(stored, change)
					mu.Unlock()
				} else if !errors.Is(err, ErrUnavailable) {
					t.Error(err)
				}
			}
		})
	}
	progress := func() {
		_, before := nodes[0].changes.now()
		await(t, "progress", func() bool {
			_, all := nodes[0].changes.now()
			return len(all) > len(before)+100
		})
	}
	for range 3 {
		progress()
		server.Restart()
	}
	progress()
	close(stop)
	writing.Wait()
	nodes[0].mustStore(t, "last")
	_, all := nodes[0].changes.now()
	checkSame(t, len(all), nodes...)
	checkOnce(t, all, stored)
}

func TestNodesBeginWithNewDataWhenTheStreamWasDeleted(t *testing.T) {
	for name, remove := range map[string]func(context.Context, *node) error{
		"deleted and made again": func(ctx context.Context, n *node) error {
			return errors.Join(n.js.DeleteStream(ctx, n.dataStream()), n.open(ctx))
		},
		"emptied": func(ctx context.Context, n *node) error {
			stream, err := n.js.Stream(ctx, n.dataStream())
			if err != nil {
				return err
			}
			return stream.Purge(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nodes := joinThreeWithData(t, natsserver.Start(t).URL)
			nodes[0].mustStore(t, "before")
			if err := remove(t.Context(), nodes[0].node); err != nil {
				t.Fatal(err)
			}
			nodes[1].mustStore(t, "after")
			for _, n := range nodes {
				await(t, "the new data", func() bool { _, all := n.changes.now(); return slices.Equal(all, []string{"after"}) })
			}
		})
	}
}

func TestANodeThatCannotReadTheDataIsNoMember(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	good, bad := joinWithData(t, server.URL, "good"), joinWithData(t, server.URL, "bad")
	good.mustStore(t, "first")
	bad.changes.mu.Lock()
	bad.changes.failure = errors.New("on purpose")
	bad.changes.mu.Unlock()
	good.mustStore(t, "second") // when the bad one is gone
	if err := bad.Data().Check(); err == nil || err.Error() != "on purpose" {
		t.Errorf("the check returns %v", err)
	}
	if members := good.Members(); len(members) != 1 {
		t.Error(members)
	}
	bad.changes.mu.Lock()
	bad.changes.failure = nil
	bad.changes.mu.Unlock()
	bad.awaitReady(t, true)
	checkSame(t, 2, good, bad)
	if err := bad.Data().Check(); err != nil {
		t.Error(err)
	}
}

func TestANodeThatWasCutOffHasTheDataBeforeItIsReady(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	near := joinWithData(t, server.URL, "near")
	link := relay.Start(t, strings.TrimPrefix(server.URL, "nats://"))
	far := joinWithData(t, "nats://"+link.Address, "far")
	link.Hang()
	near.mustStore(t, "meanwhile") // when the other node is gone
	if _, err := far.store("not now"); !errors.Is(err, ErrUnavailable) {
		t.Error(err)
	}
	if err := far.Data().Check(); !errors.Is(err, ErrUnavailable) {
		t.Error(err)
	}
	link.Restore()
	<-far.lost
	far.awaitReady(t, true)
	if _, all := far.changes.now(); !slices.Contains(all, "meanwhile") {
		t.Error("the node is ready without the change")
	}
	far.mustStore(t, "after")
	_, all := near.changes.now()
	checkSame(t, len(all), near, far)
}

// await waits until the condition is met.
func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !condition(); {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not happen", what)
		}
		time.Sleep(time.Millisecond) // there is no event for it
	}
}

func TestAStreamThatWasMadeAgainIsAnotherOneAlsoIfItIsAsLong(t *testing.T) {
	n := joinWithData(t, natsserver.Start(t).URL, "a")
	n.mustStore(t, "x")
	stream, err := n.js.Stream(t.Context(), n.dataStream())
	if err != nil {
		t.Fatal(err)
	}
	revision, _ := n.changes.now()
	for age, want := range map[time.Duration]bool{0: false, time.Millisecond: true} {
		d := &Data{c: n.Cluster, applied: revision, created: stream.CachedInfo().Created.Add(-age)}
		if isOther, last, err := d.compare(t.Context(), stream); isOther != want || last != revision || err != nil {
			t.Error(age, isOther, last, err)
		}
	}
}
