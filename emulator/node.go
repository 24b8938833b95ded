package emulator

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/ivschat-local/ivschat-local/crypto"
	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/cluster"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/replica"
	"github.com/ivschat-local/ivschat-local/emulator/room"
	"github.com/ivschat-local/ivschat-local/store"
)

// startTimeout is how long New waits for NATS and for the other nodes of the cluster.
const startTimeout = 30 * time.Second

// A node is what an emulator has of its cluster.
type node struct {
	*cluster.Cluster
	journal *replica.Journal
	rooms   *replica.Rooms
}

// usedTokens remembers which chat tokens were used.
type usedTokens interface {
	UseToken(ctx context.Context, id string, now, expires time.Time) (first bool, err error)
	TokenUsed(ctx context.Context, id string, expires time.Time) (used bool, err error)
}

// sharedTokens are the tokens that were used on any node of a cluster. Its errors are a ServiceUnavailable: whether a
// token was used is unknown while NATS cannot be reached.
type sharedTokens struct{ *cluster.UsedTokens }

// UseToken implements usedTokens.
func (s sharedTokens) UseToken(ctx context.Context, id string, now, expires time.Time) (first bool, err error) {
	if first, err = s.UsedTokens.UseToken(ctx, id, now, expires); err != nil {
		return false, &ivschat.Exception{Type: ivschat.ServiceUnavailable, Message: err.Error()}
	}
	return first, nil
}

// connectCluster connects to the cluster, opens what it stores, and returns its keys. The emulator is no member yet.
func (e *Emulator) connectCluster() (keyring *crypto.Keyring, err error) {
	c := e.config
	if c.DataDir != "" {
		if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
			return nil, fmt.Errorf("create the data directory: %w", err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	e.node = new(node)
	if e.node.Cluster, err = cluster.Connect(ctx, c.ClusterConfig()); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			e.node.Close()
		}
	}()
	used, err := e.node.UsedTokens(ctx, e.clock.Earliest)
	if err != nil {
		return nil, err
	}
	e.used = sharedTokens{used}
	if keyring, err = crypto.OpenSharedKeyring(ctx, e.node.Keys(), c.NATSPrefix, c.ClusterSecret, c.Logger); err != nil {
		return nil, err
	}
	if e.store, err = store.OpenShared(ctx, e.node.Data()); err != nil {
		return nil, err
	}
	e.metrics.AddCluster(e.node.Stats)
	e.node.journal = replica.ShareJournal(e.node, c.Node, e.journal, c.Logger)
	replica.ShareClock(e.node, e.clock, c.Logger)
	replica.ShareFaults(e.node, e.faults, c.Logger)
	return keyring, nil
}

// shareRooms makes the sessions and the rate limits those of the cluster.
func (e *Emulator) shareRooms() {
	replica.ShareLimiter(e.node, e.limiter, e.config.Logger)
	e.node.rooms = replica.ShareRooms(e.node, replica.RoomsConfig{
		Finder: e.store, Limiter: e.limiter, Journal: e.journal, Logger: e.config.Logger,
		Now: func(account string) time.Time { return e.clock.Account(account).Now() },
	})
}

// fanout returns what delivers frames to the sessions of all processes, and who knows these.
func (e *Emulator) fanout() (room.Fanout, room.Nodes) {
	if e.node == nil {
		return room.NewLocal(e.store, e.limiter), nil
	}
	e.shareRooms()
	return e.node.rooms, e.node.rooms
}

// shareLifecycle makes this node of a cluster end the transitions of logging configurations that began on others.
func (e *Emulator) shareLifecycle() {
	if e.node == nil {
		return
	}
	e.store.OnTransition(e.logging.Began)
	e.node.OnFresh(func(context.Context) error {
		e.logging.Resume()
		return nil
	})
}

// join makes the emulator a member of its cluster, if it has one.
func (e *Emulator) join() error {
	if e.node == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	return e.node.Join(ctx)
}

// closeData closes the database, or the cluster.
func (e *Emulator) closeData() error {
	err := e.store.Close()
	if e.node != nil {
		e.node.Close()
	}
	return err
}

// ready returns a function that says why this node of a cluster must not answer, or nil without a cluster.
func (e *Emulator) ready() func() error {
	if e.node == nil {
		return nil
	}
	return e.node.Ready
}

// Nodes returns the nodes of the cluster, for the admin API.
func (n *node) Nodes() (nodes []admin.Node) {
	self := n.Self()
	for _, member := range n.Members() {
		nodes = append(nodes, admin.Node{ID: member.ID, Name: member.Name, Self: member.ID == self.ID})
	}
	return nodes
}

// Run tells the runs of the cluster apart, for the admin API.
func (n *node) Run() string { return n.journal.Run() }

// adminCluster returns the cluster for the admin API, or nil without one.
func (e *Emulator) adminCluster() admin.Cluster {
	if e.node == nil {
		return nil
	}
	return e.node
}
