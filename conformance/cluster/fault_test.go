//go:build unix

package cluster_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/ivschat-local/ivschat-local/conformance/internal/history"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// The load of a round.
const (
	senders, readers = 6, 12
	messageRate      = 60 // per second, of all senders
)

// A round is a room with clients that send and receive while something fails.
type round struct {
	*testing.T
	*program.Cluster
	room    *room
	clients []*client

	stopLoad, stopClients context.CancelFunc
	load, running         sync.WaitGroup // the goroutines of the load, and of the clients
}

// A fault breaks something, waits until the clients or the nodes have noticed, and repairs it.
type fault struct {
	name  string
	begin func(r *round, node *program.Node)
	until func(r *round, node *program.Node)
	end   func(r *round, node *program.Node)
}

// faults are all faults, once.
var faults = []fault{
	{"kill a node", killNode, messagesGoOn, restartNode},
	{"kill a node until it is gone", killNode, nodeIsGone, restartNode},
	{"kill nats-server", killNATS, natsIsMissed, restartNATS},
	{"kill nats-server for a moment", killNATS, nothing, restartNATS},
	{"pause a node", (*round).pauseNode, messagesGoOn, (*round).continueNode},
	{"pause a node until it is gone", (*round).pauseNode, nodeIsGone, (*round).continueNode},
	{"pause nats-server", (*round).pauseNATS, natsIsMissed, (*round).continueNATS},
	{"cut a link", cutLink, messagesGoOn, restoreLink},
	{"cut a link until the node is gone", cutLink, nodeIsGone, restoreLink},
	{"hang a link until the node is gone", hangLink, nodeIsGone, restoreLink},
}

func killNode(_ *round, n *program.Node)    { n.Kill() }
func restartNode(_ *round, n *program.Node) { n.Restart() }
func killNATS(r *round, _ *program.Node)    { r.NATS.Kill() }
func restartNATS(r *round, _ *program.Node) { r.NATS.Restart() }
func cutLink(_ *round, n *program.Node)     { n.Link.Cut() }
func hangLink(_ *round, n *program.Node)    { n.Link.Hang() }
func restoreLink(_ *round, n *program.Node) { n.Link.Restore() }
func nothing(*round, *program.Node)         {}

func (r *round) pauseNode(n *program.Node)    { n.Pause() }
func (r *round) continueNode(n *program.Node) { n.Continue() }
func (r *round) pauseNATS(*program.Node)      { r.NATS.Pause() }
func (r *round) continueNATS(*program.Node)   { r.NATS.Continue() }

// messagesGoOn waits until some more messages are acknowledged.
func messagesGoOn(r *round, _ *program.Node) {
	r.Helper()
	before, _ := r.room.counts()
	await(r.T, "messages are acknowledged", time.Minute, func() bool {
		now, _ := r.room.counts()
		return now >= before+20
	})
}

// natsIsMissed waits until a client has noticed that NATS is away.
func natsIsMissed(r *round, _ *program.Node) {
	r.Helper()
	_, before := r.room.counts()
	await(r.T, "a message is not answered", time.Minute, func() bool {
		_, now := r.room.counts()
		return now > before
	})
}

// nodeIsGone waits until another node knows that a node is gone.
func nodeIsGone(r *round, node *program.Node) {
	r.Helper()
	for _, other := range r.Nodes {
		if other != node {
			await(r.T, "a node is gone", time.Minute, func() bool { return len(members(r.Context(), other)) == len(r.Nodes)-1 })
		}
	}
}

// members returns the names of the members that a node knows; nothing if it does not answer.
func members(ctx context.Context, node *program.Node) (names []string) {
	text, err := callAdmin(ctx, node.URL(), http.MethodGet, "info", "")
	var info struct {
		Nodes []struct{ Name string }
	}
	if err != nil || json.Unmarshal([]byte(text), &info) != nil {
		return nil
	}
	for _, member := range info.Nodes {
		names = append(names, member.Name)
	}
	return names
}

// Nodes, the nats-server and the links between them fail while clients of all nodes send and receive.
func TestNothingAcknowledgedIsLostWhateverFails(t *testing.T) {
	t.Parallel()
	c := program.StartCluster(t, 3)
	random := rand.New(rand.NewPCG(*seed, 0))
	for i := range roundsOr(len(faults)) {
		fault, node := faults[i%len(faults)], c.Nodes[random.IntN(len(c.Nodes))]
		if !t.Run(fmt.Sprintf("round %d: %s", i, fault.name), func(t *testing.T) {
			r := beginRound(t, c)
			messagesGoOn(r, nil)
			fault.begin(r, node)
			fault.until(r, node)
			fault.end(r, node)
			r.recover()
			r.finish()
		}) {
			t.Fatalf("with the seed %d", *seed)
		}
	}
}

// beginRound lets clients connect to a new room, and begins to send.
func beginRound(t *testing.T, c *program.Cluster) *round {
	t.Helper()
	r := &round{T: t, Cluster: c, room: newRoom(c.URL, createRoom(t, c.URL))}
	ctx, stopClients := context.WithCancel(t.Context())
	loading, stopLoad := context.WithCancel(ctx)
	r.stopClients, r.stopLoad = stopClients, stopLoad
	t.Cleanup(func() {
		stopLoad()
		r.load.Wait()
		stopClients()
		r.running.Wait()
	})
	for i := range senders + readers {
		r.clients = append(r.clients, r.room.join(ctx, &r.running, fmt.Sprint("client ", i)))
	}
	r.awaitClients()
	limit := rate.NewLimiter(messageRate, 1)
	for _, c := range r.clients[:senders] {
		r.repeat(loading, limit, func(n int) { c.send(fmt.Sprintf("message %d of %s", n, c.name)) })
	}
	r.repeat(loading, rate.NewLimiter(5, 1), func(n int) { r.room.sendEvent(loading, fmt.Sprint("event:", n)) })
	r.repeat(loading, rate.NewLimiter(2, 1), func(n int) {
		r.room.disconnect(loading, r.clients[n%senders].name, fmt.Sprint("disconnection ", n))
	})
	r.repeat(loading, rate.NewLimiter(10, 1), func(n int) { r.room.steal(loading, n) })
	r.repeat(loading, rate.NewLimiter(5, 1), func(n int) { r.room.race(loading, n) })
	return r
}

// repeat does something again and again, at a rate, until the context ends.
func (r *round) repeat(ctx context.Context, limit *rate.Limiter, do func(n int)) {
	r.load.Go(func() {
		for n := 0; limit.Wait(ctx) == nil; n++ {
			do(n)
		}
	})
}

// awaitClients waits until all clients are connected.
func (r *round) awaitClients() {
	r.Helper()
	await(r.T, "all clients are connected", time.Minute, func() bool {
		for _, c := range r.clients {
			if c.connected() == nil {
				return false
			}
		}
		return true
	})
}

// recover waits until everything works again.
func (r *round) recover() {
	r.Helper()
	for _, node := range r.Nodes {
		await(r.T, node.Name+" works, and knows all nodes", time.Minute, func() bool {
			_, err := createToken(r.Context(), node.URL(), r.room.arn, "anyone")
			return err == nil && len(members(r.Context(), node)) == len(r.Nodes)
		})
	}
	messagesGoOn(r, nil)
}

// finish stops the load, waits until all clients have received everything, and checks what they received.
func (r *round) finish() {
	r.Helper()
	r.stopLoad()
	r.load.Wait()
	began := time.Now()
	for n := 0; !r.receiveAll(fmt.Sprint("end:", n)); n++ {
		if time.Since(began) > time.Minute {
			r.Fatal("the clients do not stay connected")
		}
	}
	r.stopClients()
	r.running.Wait()
	for i, problem := range r.room.history.Check() {
		if i == 20 {
			r.Error("and more")
			break
		}
		r.Error(problem)
	}
	acknowledged, unknown := r.room.counts()
	r.Logf("%d messages were acknowledged, and %d not answered; there were %d connections",
		acknowledged, unknown, len(r.room.history.Connections))
}

// receiveAll sends an event, and waits until all clients have received it. It returns false if a client lost its
// connection meanwhile.
func (r *round) receiveAll(event string) (all bool) {
	r.Helper()
	r.awaitClients()
	var connections []*connection
	for _, c := range r.clients {
		connections = append(connections, c.connected())
	}
	if m := r.room.sendEvent(r.Context(), event); m.Outcome != history.Acknowledged {
		return false
	}
	for i, conn := range connections {
		if conn == nil {
			return false
		}
		all = true
		await(r.T, r.clients[i].name+" has received "+event, time.Minute, func() bool {
			all = r.clients[i].connected() == conn
			return !all || r.room.received(conn.history, event)
		})
		if !all {
			return false
		}
	}
	return true
}
