package replica

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/cluster"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/internal/natsserver"
)

// joinNATS makes a node a member of the cluster at a NATS server. The function shares its parts.
func joinNATS(t *testing.T, server *natsserver.Server, name string, share func(*cluster.Cluster)) *cluster.Cluster {
	t.Helper()
	return joinURL(t, server.URL, name, share)
}

// joinURL is joinNATS for the URL of a server, or of a relay to it.
func joinURL(t *testing.T, url, name string, share func(*cluster.Cluster)) *cluster.Cluster {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := cluster.Connect(ctx, cluster.Config{
		URLs: []string{url}, Prefix: "test", Name: name, Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	share(c)
	if err := c.Join(ctx); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAllNodesHaveTheSameJournalOverNATS(t *testing.T) {
	server := natsserver.Start(t)
	const count = 3000 // entries of each of the first nodes
	type node struct {
		*cluster.Cluster
		*journal.Journal
		part *Journal
	}
	start := func(name string) (n node) {
		n.Journal = journal.New(journal.DefaultBytes)
		n.Cluster = joinNATS(t, server, name, func(c *cluster.Cluster) {
			n.part = ShareJournal(c, name, n.Journal, slog.New(slog.DiscardHandler))
		})
		return n
	}
	nodes := []node{start("a"), start("b"), start("c")}
	late := make(chan node, 1)
	var adding sync.WaitGroup
	for i, n := range nodes {
		adding.Go(func() {
			for number := 1; number <= count; number++ {
				if i == 0 && number == count/2 {
					adding.Go(func() { late <- start("d") })
				}
				n.Add(journal.Entry{Kind: journal.Call, Account: "123456789012", Rule: number})
			}
		})
	}
	adding.Wait()
	nodes = append(nodes, <-late)
	var want []journal.Entry
	for i, n := range nodes {
		if err := n.Barrier(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := n.After(0, 0, journal.Filter{})
		if i == 0 {
			want = got
		}
		if len(got) != 3*count || n.part.Run() == "" || n.part.Run() != nodes[0].part.Run() {
			t.Errorf("node %d has %d entries of the run %q", i, len(got), n.part.Run())
		}
		last := map[string]int{}
		for k, e := range got {
			if e.ID != want[k].ID || e.Node != want[k].Node || e.Rule != want[k].Rule {
				t.Fatalf("node %d has the entry %v, and another node %v", i, e, want[k])
			}
			if e.Rule != last[e.Node]+1 {
				t.Fatalf("entry %d of node %s comes after entry %d", e.Rule, e.Node, last[e.Node])
			}
			last[e.Node] = e.Rule
		}
	}
}
