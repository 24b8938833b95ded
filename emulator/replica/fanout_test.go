package replica

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/cluster"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/room"
	"github.com/ivschat-local/ivschat-local/emulator/throttle"
	"github.com/ivschat-local/ivschat-local/internal/natsserver"
)

// These tests say what every room.Fanout must do. Each runs with that of a single process, with one node and with
// three nodes of a cluster in memory, and with three nodes at a NATS server.

// hall and lobby are rooms of one account, ofOther is a room of another one.
var (
	hall  = roomOf("111122223333", "AbCdEf012345")
	lobby = roomOf("111122223333", "ZyXwVu987654")

	ofOther = roomOf("444455556666", "AbCdEf012345")
)

func roomOf(account, id string) ivschat.ARN {
	return ivschat.ARN{
		Owner:        ivschat.Owner{AccountID: account, Region: "eu-west-1"},
		ResourceType: ivschat.RoomResource, ID: id,
	}
}

// A stage has the fan-outs that are one service. What it sees is what observers of the first node see.
type stage struct {
	*testing.T
	nodes []room.Fanout

	mu   sync.Mutex // guards what follows
	seen [][]sight  // by node
}

// A sight is what an observer sees of a publication.
type sight struct {
	text       string
	recipients int
	elsewhere  bool
}

// everyRoom is a Finder that finds every room.
type everyRoom struct{}

func (everyRoom) Room(_ context.Context, arn ivschat.ARN) (ivschat.Room, error) {
	return ivschat.Room{ARN: arn, MaximumMessageLength: 500}, nil
}

// newRooms shares the rooms of a node whose limits apply at the time.
func newRooms(t *testing.T, c Cluster, now func(account string) time.Time) *Rooms {
	return ShareRooms(c, RoomsConfig{
		Finder: everyRoom{}, Limiter: throttle.NewLimiter(now), Journal: new(journal.Journal), Now: now,
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
}

// onEachFanout runs a test with every fan-out.
func onEachFanout(t *testing.T, do func(*stage)) {
	t.Helper()
	run := func(name string, start func(*testing.T) []room.Fanout) {
		t.Run(name, func(t *testing.T) {
			s := &stage{T: t, nodes: start(t)}
			s.seen = make([][]sight, len(s.nodes))
			for i, node := range s.nodes {
				node.Observe(func(in ivschat.ARN, p hub.Publication, recipients int) {
					if p.Counter != nil {
						p.Counter.Add(1)
					}
					s.mu.Lock()
					defer s.mu.Unlock()
					s.seen[i] = append(s.seen[i], sight{in.ID + " " + string(p.Frame.Payload), recipients, p.Elsewhere})
				})
			}
			do(s)
		})
	}
	run("one process", func(t *testing.T) []room.Fanout {
		return []room.Fanout{room.NewLocal(everyRoom{}, throttle.NewLimiter(theTime))}
	})
	for _, count := range []int{1, 3} {
		run(fmt.Sprint(count, " nodes in memory"), func(t *testing.T) (nodes []room.Fanout) {
			log := newLiveLog()
			for i := range count {
				node := log.newNode(fmt.Sprint("node-", i))
				nodes = append(nodes, newRooms(t, node, theTime))
				node.join(t)
			}
			return nodes
		})
	}
	run("3 nodes at NATS", func(t *testing.T) (nodes []room.Fanout) {
		server := natsserver.Start(t)
		for i := range 3 {
			joinNATS(t, server, fmt.Sprint("node-", i), func(c *cluster.Cluster) {
				nodes = append(nodes, newRooms(t, c, theTime))
			})
		}
		return nodes
	})
}

// node returns one of the nodes.
func (s *stage) node(i int) room.Fanout { return s.nodes[i%len(s.nodes)] }

// settle returns when all nodes have applied what any of them has done.
func (s *stage) settle() {
	s.Helper()
	for _, node := range s.nodes {
		if err := node.Forget("nobody"); err != nil {
			s.Fatal(err)
		}
	}
}

// A viewer is a client in a room. It is the transport of its session.
type viewer struct {
	room.Member
	fanout room.Fanout
	in     ivschat.ARN

	mu      sync.Mutex // guards what follows
	frames  []string
	reason  hub.Reason // why it was closed
	changed chan struct{}
}

func (v *viewer) change(f func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f()
	close(v.changed)
	v.changed = make(chan struct{})
}

func (v *viewer) TryWrite(frames []*hub.Frame) (bool, error) {
	v.change(func() {
		for _, frame := range frames {
			v.frames = append(v.frames, string(frame.Payload))
		}
	})
	return true, nil
}

func (v *viewer) Write(frames []*hub.Frame) error {
	_, err := v.TryWrite(frames)
	return err
}

func (v *viewer) Close(r hub.Reason) { v.change(func() { v.reason = r }) }

func (v *viewer) AbortSlowWrite() {}

// await returns the frames once they are as expected.
func (v *viewer) await(t *testing.T, what string, ok func(frames []string, closed hub.Reason) bool) []string {
	t.Helper()
	timeout := time.After(30 * time.Second)
	for {
		v.mu.Lock()
		frames, reason, changed := slices.Clone(v.frames), v.reason, v.changed
		v.mu.Unlock()
		if ok(frames, reason) {
			return frames
		}
		select {
		case <-changed:
		case <-timeout:
			t.Fatalf("%s: the frames are %q, and the reason for closing is %q", what, frames, reason)
		}
	}
}

// upTo returns the frames up to the first one with this text, which it waits for.
func (v *viewer) upTo(t *testing.T, text string) []string {
	t.Helper()
	all := v.await(t, "up to "+text, func(frames []string, _ hub.Reason) bool { return slices.Contains(frames, text) })
	return all[:slices.Index(all, text)]
}

// enter makes a session a member of the room on a node.
func (s *stage) enter(node int, in ivschat.ARN, user string) *viewer {
	s.Helper()
	return enter(s.T, s.node(node), in, user)
}

func enter(t *testing.T, fanout room.Fanout, in ivschat.ARN, user string) *viewer {
	t.Helper()
	v := &viewer{fanout: fanout, in: in, changed: make(chan struct{})}
	var err error
	if v.Member, err = fanout.Join(in, user, 10_000); err != nil {
		t.Fatal(err)
	}
	v.Start(v)
	return v
}

// leave ends the session as package room does, once what is queued is written.
func (v *viewer) leave() {
	v.Member.Close(hub.Shutdown)
	v.fanout.Leave(v.in, &v.Member)
	<-v.Closed()
	v.Member.Leave()
}

// say sends a message of the viewer, within these limits.
func (v *viewer) say(text string, limits ...throttle.Limit) error {
	p := event(text)
	p.Sender, p.Cause = &v.Member, "SEND_MESSAGE"
	copy(p.Limits[:], limits)
	return v.fanout.Publish(v.in, p)
}

func event(text string) room.Publication {
	return room.Publication{
		Frame: &hub.Frame{Kind: "EVENT", Payload: []byte(text)}, Cause: "SendEvent", Time: theTime(""),
	}
}

// publish sends an event in a room through a node.
func (s *stage) publish(node int, in ivschat.ARN, text string) {
	s.Helper()
	if err := s.node(node).Publish(in, event(text)); err != nil {
		s.Fatal(err)
	}
}

// disconnect disconnects a user through a node.
func (s *stage) disconnect(node int, in ivschat.ARN, user string) {
	s.Helper()
	p := event("disconnect " + user)
	p.CloseUser, p.CloseReason = user, hub.Disconnected
	if err := s.node(node).Publish(in, p); err != nil {
		s.Fatal(err)
	}
}

func TestAllMembersOfARoomReceiveTheSameFramesInOneOrder(t *testing.T) {
	onEachFanout(t, func(s *stage) {
		const senders, count = 6, 50
		var viewers []*viewer
		for i := range 2 * senders {
			viewers = append(viewers, s.enter(i, hall, fmt.Sprint("user-", i)))
		}
		elsewhere := s.enter(1, lobby, "user-0")
		var sending sync.WaitGroup
		for i := range senders {
			sending.Go(func() {
				for number := range count {
					if err := viewers[i].say(fmt.Sprint(i, " ", number)); err != nil {
						s.Error(err)
					}
				}
			})
		}
		sending.Wait()
		s.publish(2, hall, "end")
		s.publish(2, lobby, "end")
		var first []string
		for i, v := range viewers {
			got := v.upTo(s.T, "end")
			if i == 0 {
				first = got
			}
			if len(got) != senders*count || !slices.Equal(got, first) {
				s.Fatalf("viewer %d received\n%q, and the first one\n%q", i, got, first)
			}
		}
		next := map[string]int{}
		for _, text := range first {
			sender, number, _ := strings.Cut(text, " ")
			if number != fmt.Sprint(next[sender]) {
				s.Fatalf("the message %s of sender %s comes before its message %d", number, sender, next[sender])
			}
			next[sender]++
		}
		if got := elsewhere.upTo(s.T, "end"); len(got) > 0 {
			s.Errorf("in another room, %q were received", got)
		}
	})
}

func TestANewMemberMissesNothingAndReceivesNothingFromBefore(t *testing.T) {
	onEachFanout(t, func(s *stage) {
		for i := range 60 {
			s.publish(i, hall, fmt.Sprint("before ", i))
			v := s.enter(i+i/3, hall, "anna")
			s.publish(i+1, hall, fmt.Sprint("after ", i))
			s.publish(i+2, hall, "end")
			if got := v.upTo(s.T, "end"); len(got) != 1 || got[0] != fmt.Sprint("after ", i) {
				s.Fatalf("the new member received %q", got)
			}
			v.leave()
		}
	})
}

func TestNothingOfADisconnectedUserIsDeliveredAfterTheEventThatSaysSo(t *testing.T) {
	onEachFanout(t, func(s *stage) {
		for i := range 10 {
			annas := []*viewer{s.enter(0, hall, "anna"), s.enter(1, hall, "anna")}
			ben, inLobby := s.enter(2, hall, "ben"), s.enter(1, lobby, "anna")
			var sending sync.WaitGroup
			for _, anna := range annas {
				sending.Go(func() {
					for range 20 {
						if err := anna.say("from anna"); err != nil {
							s.Error(err)
						}
					}
				})
			}
			s.disconnect(i, hall, "anna")
			sending.Wait()
			again := s.enter(2, hall, "anna")
			if err := again.say("from the new anna"); err != nil {
				s.Error(err)
			}
			s.publish(0, hall, "end")
			s.publish(0, lobby, "end")
			frames := ben.upTo(s.T, "end")
			last := slices.Index(frames, "disconnect anna")
			if want := []string{"disconnect anna", "from the new anna"}; last < 0 || !slices.Equal(frames[last:], want) {
				s.Fatalf("ben received %q", frames)
			}
			for _, anna := range annas {
				got := anna.await(s.T, "anna", func(_ []string, r hub.Reason) bool { return r == hub.Disconnected })
				if !slices.Equal(got, frames[:last+1]) {
					s.Errorf("anna received %q, and ben %q", got, frames)
				}
				anna.leave()
			}
			inLobby.upTo(s.T, "end")
			for _, v := range []*viewer{again, inLobby, ben} {
				if v.reason != "" {
					s.Errorf("another session was closed: %s", v.reason)
				}
				v.leave()
			}
		}
	})
}

// limitOf returns a limit of messages in a room, or of its owner if the room has no ID.
func limitOf(in ivschat.ARN, roomID string, perSecond int) throttle.Limit {
	return throttle.Limit{
		Key: throttle.Key{Action: "SEND_MESSAGE", Owner: in.Owner, RoomID: roomID}, PerSecond: perSecond,
	}
}

func TestWhatExceedsALimitIsRefusedThroughWhicheverNodeItComes(t *testing.T) {
	onEachFanout(t, func(s *stage) {
		accept := func(in ivschat.ARN, count int) (accepted int) {
			for i := range count {
				v := s.enter(i, in, fmt.Sprint("user-", i))
				switch err := v.say("x", limitOf(in, in.ID, 4), limitOf(in, "", 6)); {
				case err == nil:
					accepted++
				case !errors.Is(err, room.ErrThrottled):
					s.Error(err)
				}
				v.leave()
			}
			return accepted
		}
		if got := accept(hall, 9); got != 4 {
			s.Errorf("%d messages were accepted in a room with a limit of 4", got)
		}
		if got := accept(lobby, 9); got != 2 {
			s.Errorf("%d messages were accepted, although their account had 2 left", got)
		}
		if got := accept(ofOther, 9); got != 4 {
			s.Errorf("%d messages of another account were accepted", got)
		}
		if err := s.node(1).Forget(hall.Owner.AccountID); err != nil {
			s.Fatal(err)
		}
		if got := accept(hall, 9); got != 4 {
			s.Errorf("%d messages were accepted after a reset", got)
		}
		if got := accept(ofOther, 9); got != 0 {
			s.Errorf("%d messages of another account were accepted after a reset", got)
		}
		refused := event("x")
		refused.Limits[0] = limitOf(hall, hall.ID, 4)
		if err := s.node(2).Publish(hall, refused); !errors.Is(err, room.ErrThrottled) {
			s.Errorf("an event with the same limit: %v", err)
		}
	})
}

func TestObserversOfAllNodesSeeTheRecipientsOfAllNodes(t *testing.T) {
	onEachFanout(t, func(s *stage) {
		s.publish(0, hall, "nobody")
		anna, ben, cleo := s.enter(0, hall, "anna"), s.enter(1, hall, "ben"), s.enter(2, hall, "cleo")
		s.enter(0, lobby, "anna")
		s.publish(1, hall, "all")
		cleo.leave()
		s.settle()
		s.publish(2, hall, "two")
		if err := anna.say("of anna"); err != nil {
			s.Fatal(err)
		}
		s.disconnect(2, hall, "anna")
		s.publish(0, hall, "ben alone")
		if err := anna.say("of nobody"); err != nil {
			s.Error(err)
		}
		ben.leave()
		s.settle()
		s.publish(2, hall, "nobody")
		s.settle()
		const want = "nobody 0 all 3 two 2 of anna 2 disconnect anna 2 ben alone 1 nobody 0"
		s.mu.Lock()
		defer s.mu.Unlock()
		own := map[int]int{}
		for _, seen := range s.seen {
			var texts []string
			for i, p := range seen {
				texts = append(texts, fmt.Sprint(strings.TrimPrefix(p.text, hall.ID+" "), " ", p.recipients))
				if !p.elsewhere {
					own[i]++
				}
			}
			if got := strings.Join(texts, " "); got != want {
				s.Errorf("an observer saw\n%s, want\n%s", got, want)
			}
		}
		for i, count := range own {
			if count != 1 || len(own) != 7 {
				s.Errorf("publication %d is of %d nodes", i, count)
			}
		}
	})
}

func TestAllNodesCountTheMessagesThatWereAccepted(t *testing.T) {
	onEachFanout(t, func(s *stage) {
		anna, ben, cleo := s.enter(0, hall, "anna"), s.enter(1, lobby, "ben"), s.enter(2, ofOther, "cleo")
		for _, v := range []*viewer{anna, anna, anna, ben, cleo} {
			if err := v.say("x", limitOf(v.in, v.in.ID, 2)); err != nil && !errors.Is(err, room.ErrThrottled) {
				s.Error(err)
			}
		}
		s.publish(0, hall, "an event")
		anna.leave()
		if err := anna.say("too late"); err != nil {
			s.Error(err)
		}
		ben.leave()
		counts := func() (all []string) {
			s.settle()
			for _, node := range s.nodes {
				all = append(all, fmt.Sprint(node.Messages(hall), node.Messages(lobby), node.Messages(ofOther)))
			}
			return slices.Compact(all)
		}
		if got := counts(); !slices.Equal(got, []string{"2 1 1"}) {
			s.Errorf("counted %q", got)
		}
		if err := s.node(1).Forget(hall.Owner.AccountID); err != nil {
			s.Error(err)
		}
		if got := counts(); !slices.Equal(got, []string{"0 0 1"}) {
			s.Errorf("after a reset of an account, counted %q", got)
		}
		if err := s.node(2).Forget(""); err != nil {
			s.Error(err)
		}
		if got := counts(); !slices.Equal(got, []string{"0 0 0"}) {
			s.Errorf("after a reset of all, counted %q", got)
		}
	})
}

func TestEachSessionHasANumberOfItsOwn(t *testing.T) {
	onEachFanout(t, func(s *stage) {
		var mu sync.Mutex
		var joining sync.WaitGroup
		numbers := map[int64]bool{}
		for i := range 30 {
			joining.Go(func() {
				m, err := s.node(i).Join(hall, "anna", 1)
				if err != nil {
					s.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				numbers[m.Session] = true
			})
		}
		joining.Wait()
		for number := range int64(30) {
			if !numbers[number+1] {
				s.Errorf("no session has the number %d", number+1)
			}
		}
	})
}
