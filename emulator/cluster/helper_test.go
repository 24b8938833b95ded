package cluster

import (
	"context"
	"encoding/binary"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/internal/bytereader"
	"github.com/ivschat-local/ivschat-local/internal/natsserver"
)

// A record is a part that keeps all entries, as "node:text". Its result is how many there are.
type record struct {
	mu      sync.Mutex // guards what follows
	entries []string
	changed chan struct{}
	onLeft  func() // is called when the next node has left, unless it is nil
}

func newRecord() *record { return &record{changed: make(chan struct{})} }

func (r *record) add(text string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries = append(r.entries, text)
	close(r.changed)
	r.changed = make(chan struct{})
	return len(r.entries)
}

// Apply keeps an entry.
func (r *record) Apply(e Entry) any { return r.add(string(e.Data)) }

// Left keeps that a node has left.
func (r *record) Left(Node) {
	r.mu.Lock()
	call := r.onLeft
	r.onLeft = nil
	r.mu.Unlock()
	if call != nil {
		call()
	}
	r.add("left")
}

// Save returns all entries.
func (r *record) Save() func() ([]byte, error) {
	all := r.all()
	return func() (text []byte, _ error) {
		for _, entry := range all {
			text = append(binary.AppendUvarint(text, uint64(len(entry))), entry...)
		}
		return text, nil
	}
}

// Load replaces all entries.
func (r *record) Load(text []byte) error {
	var entries []string
	for from := (bytereader.Reader{Rest: text}); len(from.Rest) > 0; {
		entries = append(entries, from.Text())
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries = entries
	return nil
}

func (r *record) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.entries)
}

// await waits until the entries are as expected.
func (r *record) await(t *testing.T, what string, ok func([]string) bool) []string {
	t.Helper()
	timeout := time.After(30 * time.Second)
	for {
		r.mu.Lock()
		all, changed := slices.Clone(r.entries), r.changed
		r.mu.Unlock()
		if ok(all) {
			return all
		}
		select {
		case <-changed:
		case <-timeout:
			t.Fatalf("%s did not happen: there are %d entries", what, len(all))
		}
	}
}

// A node is a member of a cluster, with a record.
type node struct {
	*Cluster
	record *record
	lost   chan struct{}
}

// join starts a node.
func join(t *testing.T, server *natsserver.Server, name string) *node {
	t.Helper()
	return joinAt(t, server.URL, name)
}

// joinAt starts a node at an address of NATS. before is called before it joins.
func joinAt(t *testing.T, url, name string, before ...func(*Cluster)) *node {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	c, err := Connect(ctx, Config{
		URLs: []string{url}, Prefix: "test", Name: name, Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	n := &node{Cluster: c, record: newRecord(), lost: make(chan struct{}, 10)}
	n.Handle("record", n.record)
	n.Answer("node.name", func(request []byte) ([]byte, error) { return append([]byte(name+" "), request...), nil })
	n.OnLost(func() { n.lost <- struct{}{} })
	for _, call := range before {
		call(c)
	}
	if err := n.Join(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	return n
}

// startWith starts a server with the text of a configuration, and returns the name of its file, too.
func startWith(t *testing.T, configuration string) (server *natsserver.Server, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "nats.conf")
	if err := os.WriteFile(file, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	return natsserver.Start(t, "-c", file), file
}

// joinThree starts three nodes at the same time.
func joinThree(t *testing.T, server *natsserver.Server) []*node {
	t.Helper()
	nodes := make([]*node, 3)
	var joining sync.WaitGroup
	for i, name := range []string{"a", "b", "c"} {
		joining.Go(func() { nodes[i] = join(t, server, name) })
	}
	joining.Wait()
	for _, n := range nodes {
		if n == nil {
			t.FailNow()
		}
	}
	return nodes
}

// do appends an entry, and fails the test if that fails.
func (n *node) do(t *testing.T, text string) int {
	t.Helper()
	result, err := n.Do("record", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return result.(int)
}

// checkOnce fails the test if something was applied twice, or was confirmed and not applied.
func checkOnce(t *testing.T, applied, confirmed []string) {
	t.Helper()
	seen := map[string]bool{}
	for _, text := range applied {
		if seen[text] {
			t.Errorf("%s was applied twice", text)
		}
		seen[text] = true
	}
	for _, text := range confirmed {
		if !seen[text] {
			t.Errorf("%s is lost", text)
		}
	}
}
