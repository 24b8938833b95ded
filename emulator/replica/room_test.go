package replica

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/cluster"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/room"
	"github.com/ivschat-local/ivschat-local/emulator/throttle"
)

// stateOf returns the state of the rooms of a node, which is the same for equal states.
func stateOf(t *testing.T, r *Rooms) []byte {
	t.Helper()
	state, err := r.Save()()
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// A roomNode is a node with rooms, which notes what is published.
type roomNode struct {
	*fakeNode
	*Rooms
	seen []string // what observers see, also of rooms that this node has no members in
}

func newRoomNode(t *testing.T, l *fakeLog, now func(string) time.Time, from *roomNode) *roomNode {
	t.Helper()
	n := &roomNode{fakeNode: l.newNode()}
	n.Rooms = newRooms(t, n.fakeNode, now)
	ShareLimiter(n.fakeNode, n.Limiter, n.Logger)
	n.Observe(func(in ivschat.ARN, p hub.Publication, recipients int) {
		n.seen = append(n.seen, fmt.Sprint(in, " ", string(p.Frame.Payload), " ", recipients))
	})
	if from == nil {
		n.join(t, nil)
		return n
	}
	n.seen = slices.Clone(from.seen)
	n.join(t, from.fakeNode)
	return n
}

// A spectator is a viewer, with what it is to receive.
type spectator struct {
	*viewer
	node        *roomNode
	user        string
	from, until int // positions in what its node has seen; until is -1 while it is open
}

// Nodes are however far behind; all sessions come and go, messages are refused, and users are disconnected.
func TestAllNodesAgreeHoweverTheirEntriesAreInterleaved(t *testing.T) {
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 2))
		now := time.Unix(1e9, 0)
		log := newFakeLog()
		nodes := []*roomNode{newRoomNode(t, log, func(string) time.Time { return now }, nil)}
		var spectators []*spectator
		for step := range 400 {
			if step%100 == 50 { // a node joins, with the state of another one, which may be behind
				nodes = append(nodes, newRoomNode(t, log, func(string) time.Time { return now }, nodes[random.IntN(len(nodes))]))
			}
			now = now.Add(time.Duration(random.IntN(100)) * time.Millisecond)
			n := nodes[random.IntN(len(nodes))]
			in := []ivschat.ARN{hall, lobby, ofOther}[random.IntN(3)]
			user := fmt.Sprint("user-", random.IntN(4))
			switch what := random.IntN(10); {
			case what < 2:
				v := enter(t, n.Rooms, in, user)
				spectators = append(spectators, &spectator{v, n, user, len(n.seen), -1})
			case what < 3 && len(spectators) > 0:
				if s := spectators[random.IntN(len(spectators))]; s.until < 0 {
					s.until = len(s.node.seen)
					s.leave()
				}
			case what < 7 && len(spectators) > 0: // also of those who have left
				s := spectators[random.IntN(len(spectators))]
				err := s.say(fmt.Sprint("message ", step), limitOf(s.in, s.in.ID, 2), limitOf(s.in, "", 3))
				if err != nil && !errors.Is(err, room.ErrThrottled) {
					t.Fatal(err)
				}
			case what < 8:
				p := event(fmt.Sprint("disconnect ", user))
				p.CloseUser, p.CloseReason = user, hub.Disconnected
				if err := n.Publish(in, p); err != nil {
					t.Fatal(err)
				}
			default:
				n.apply(1 + random.IntN(9))
				n.send()
			}
		}
		for _, n := range nodes {
			n.send()
		}
		for i, n := range nodes {
			n.apply(len(log.entries))
			if !slices.Equal(n.seen, nodes[0].seen) || !bytes.Equal(stateOf(t, n.Rooms), stateOf(t, nodes[0].Rooms)) {
				t.Fatalf("seed %d: node %d saw\n%q, and the first one\n%q", seed, i, n.seen, nodes[0].seen)
			}
		}
		open := 0
		for _, s := range spectators {
			if s.Reason() == "" {
				open++
			}
		}
		for _, in := range nodes[0].registry.rooms {
			if open -= len(in.sessions); len(in.sessions) == 0 {
				nodes[0].registry.idle--
			}
		}
		if open != 0 || nodes[0].registry.idle != 0 {
			t.Errorf("seed %d: the nodes know %d open sessions and %d rooms without any too few or too many",
				seed, -open, nodes[0].registry.idle)
		}
		for _, s := range spectators {
			want := s.expected(nodes[0].seen)
			s.await(t, fmt.Sprintf("seed %d: want %q", seed, want), func(frames []string, _ hub.Reason) bool {
				return slices.Equal(frames, want)
			})
		}
	}
}

// expected returns what the spectator must have received of what was published.
func (s *spectator) expected(seen []string) (frames []string) {
	for i, publication := range seen[s.from:] {
		text, ours := strings.CutPrefix(publication, s.in.String()+" ")
		if s.until >= 0 && s.from+i >= s.until {
			break
		}
		if !ours {
			continue
		}
		text = text[:strings.LastIndexByte(text, ' ')]
		frames = append(frames, text)
		if text == "disconnect "+s.user {
			break
		}
	}
	return frames
}

func TestARoomAcceptsThroughThreeNodesExactlyWhatOneNodeWould(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	now := time.Unix(1e9, 0)
	clock := func(string) time.Time { return now }
	log := newFakeLog()
	nodes := []*roomNode{newRoomNode(t, log, clock, nil)}
	for len(nodes) < 3 {
		nodes = append(nodes, newRoomNode(t, log, clock, nodes[0]))
	}
	alone := room.NewLocal(everyRoom{}, throttle.NewLimiter(clock))
	accepted := 0
	for range 6000 { // 300 per second
		now = now.Add(time.Duration(random.IntN(2 * int(time.Second) / 300)))
		p := event("x")
		p.Limits[0] = limitOf(hall, hall.ID, 100)
		want, got := alone.Publish(hall, p), nodes[random.IntN(3)].Publish(hall, p)
		if !errors.Is(got, want) {
			t.Fatalf("one node: %v, three nodes: %v", want, got)
		}
		if got == nil {
			accepted++
		}
	}
	if accepted < 2000 || accepted > 2300 { // 20 seconds, and a full bucket
		t.Errorf("%d were accepted", accepted)
	}
}

func TestTheSessionsOfANodeEndWithIt(t *testing.T) {
	log := newLiveLog()
	nodes := map[string]*liveNode{}
	rooms := map[string]*Rooms{}
	recipients := make(chan int, 10)
	for _, name := range []string{"a", "b"} {
		nodes[name] = log.newNode(name)
		rooms[name] = newRooms(t, nodes[name], theTime)
		nodes[name].join(t)
	}
	rooms["a"].Observe(func(_ ivschat.ARN, _ hub.Publication, n int) { recipients <- n })
	enter(t, rooms["a"], hall, "anna")
	enter(t, rooms["b"], hall, "ben")
	enter(t, rooms["b"], lobby, "ben")
	nodes["b"].leave()
	if err := rooms["a"].Publish(hall, event("x")); err != nil {
		t.Fatal(err)
	}
	if n := <-recipients; n != 1 {
		t.Errorf("there are %d recipients", n)
	}
	if len(rooms["a"].registry.rooms) != 1 {
		t.Errorf("the rooms are %v", rooms["a"].registry.rooms)
	}
	var ended []string
	for _, e := range rooms["a"].Journal.After(0, 0, journal.Filter{Kind: journal.Disconnect}) {
		ended = append(ended, fmt.Sprintf("%s: %s %s %s, %s", e.Node, e.Room, e.UserID, e.Reason, e.Time))
	}
	want := []string{
		fmt.Sprintf("b: %s ben cut off, %s", hall, theTime("")), fmt.Sprintf("b: %s ben cut off, %s", lobby, theTime("")),
	}
	if !slices.Equal(ended, want) {
		t.Errorf("in the journal, these ended: %q", ended)
	}
}

func TestANodeThatIsCutOffClosesItsConnectionsAndBeginsAnew(t *testing.T) {
	log := newLiveLog()
	node := log.newNode("a")
	rooms := newRooms(t, node, theTime)
	node.join(t)
	old := enter(t, rooms, hall, "anna")
	for _, lost := range node.lost {
		lost()
	}
	old.await(t, "the old session", func(_ []string, r hub.Reason) bool { return r == hub.CutOff })
	if err := rooms.Load(nil); err != nil { // the numbers of sessions begin again
		t.Fatal(err)
	}
	fresh := enter(t, rooms, hall, "anna")
	if fresh.Session != old.Session {
		t.Fatalf("the session has the number %d, not %d", fresh.Session, old.Session)
	}
	old.leave()
	if err := fresh.say("x"); err != nil {
		t.Error(err)
	}
	fresh.await(t, "the new session", func(frames []string, _ hub.Reason) bool { return slices.Equal(frames, []string{"x"}) })
}

// A lateNode applies entries only after their callers have given up.
type lateNode struct {
	*fakeNode
	late bool
}

var errLate = fmt.Errorf("%w: too late", cluster.ErrUnavailable)

func (n *lateNode) Do(part string, data []byte) (any, error) {
	if !n.late {
		return n.fakeNode.Do(part, data)
	}
	n.Post(part, data)
	n.send()
	return nil, errLate
}

func TestASessionWhoseEntryIsAppliedTooLateLeavesAtOnce(t *testing.T) {
	log := newFakeLog()
	n := &lateNode{log.newNode(), true}
	rooms := newRooms(t, n, theTime)
	n.join(t, nil)
	if m, err := rooms.Join(hall, "anna", 1); !errors.Is(err, cluster.ErrUnavailable) || m.Member != nil {
		t.Errorf("joining: %v, %v", m, err)
	}
	if err := rooms.Publish(hall, event("x")); !errors.Is(err, cluster.ErrUnavailable) {
		t.Errorf("publishing: %v", err)
	}
	n.apply(9)
	n.send()
	n.apply(9)
	if rooms.hub.Has(hall) || len(rooms.registry.rooms) > 0 {
		t.Errorf("the rooms are %v", rooms.registry.rooms)
	}
}

func TestTheCountersOfDeletedRoomsAreDroppedOnAllNodes(t *testing.T) {
	log := newFakeLog()
	deleted := map[ivschat.ARN]bool{}
	var nodes []*roomNode
	for range 2 {
		n := &roomNode{fakeNode: log.newNode()}
		n.Rooms = newRooms(t, n.fakeNode, theTime)
		n.Finder = exceptFor(deleted)
		n.join(t, nil)
		nodes = append(nodes, n)
	}
	stays := enter(t, nodes[0].Rooms, lobby, "anna")
	for i := range 3 * minimumSweep {
		in := roomOf("111122223333", fmt.Sprintf("room%08d", i))
		v := enter(t, nodes[i%2].Rooms, in, "anna")
		if err := v.say("x"); err != nil {
			t.Fatal(err)
		}
		v.leave()
		deleted[in] = i%10 > 0
	}
	if err := errors.Join(stays.say("x"), stays.say("x")); err != nil {
		t.Fatal(err)
	}
	deleted[lobby] = true
	for _, n := range nodes {
		n.send()
	}
	for _, n := range nodes {
		n.apply(len(log.entries))
		if count := len(n.registry.rooms); count > minimumSweep+minimumSweep/5+2 || n.Messages(lobby) != 2 ||
			n.Messages(roomOf("111122223333", "room00000000")) != 1 {
			t.Errorf("there are %d counters; that of a room with a session is %d", count, n.Messages(lobby))
		}
	}
	if !bytes.Equal(stateOf(t, nodes[0].Rooms), stateOf(t, nodes[1].Rooms)) {
		t.Error("the nodes do not agree")
	}
}

// exceptFor is a Finder of all rooms but these.
type exceptFor map[ivschat.ARN]bool

func (e exceptFor) Room(_ context.Context, arn ivschat.ARN) (ivschat.Room, error) {
	if e[arn] {
		return ivschat.Room{}, errors.New("it was deleted")
	}
	return ivschat.Room{ARN: arn}, nil
}

func TestAPublicationIsWhatItWasAfterItsEntry(t *testing.T) {
	r := newRooms(t, newFakeLog().newNode(), theTime)
	now := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	for _, p := range []room.Publication{
		event("x"), {Frame: &hub.Frame{Payload: []byte{}}},
		{
			Frame: &hub.Frame{Kind: "MESSAGE", Payload: bytes.Repeat([]byte("x"), 300)}, Cause: "SEND_MESSAGE",
			Time: now.AddDate(1000, 0, 0), Sender: &room.Member{Session: 1 << 40},
			Limits:    room.Limits{limitOf(hall, hall.ID, 5), limitOf(hall, "", 1<<30)},
			CloseUser: strings.Repeat("u", 128), CloseReason: hub.Disconnected,
		},
	} {
		want := publication{
			key: appendKey(nil, hall), room: hall, limits: p.Limits, now: now, cause: p.Cause, time: p.Time.UTC(),
			closeReason: p.CloseReason, closeUser: p.CloseUser, frameKind: p.Frame.Kind, payload: p.Frame.Payload,
		}
		if p.Sender != nil {
			want.sender = p.Sender.Session
		}
		in := readWire(encodePublication(hall, p, now)[2:])
		got, err := r.decodePublication(&in)
		if got.payload = slices.Clone(got.payload); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("decoded %+v (%v), want %+v", got, err, want)
		}
	}
}

func FuzzAnEntryOrAStateIsAppliedOrLeftOut(f *testing.F) {
	message := event("x")
	message.Sender, message.Limits[0] = &room.Member{Session: 1}, limitOf(hall, hall.ID, 5)
	for _, entry := range [][]byte{
		nil, encodeJoin(hall, "anna", 1), encodeLeave(hall, 1), encodeForget("111122223333"),
		encodeDrop([]ivschat.ARN{hall, lobby}), encodePublication(hall, message, theTime("")),
		encodeState(7, []savedRoom{{string(appendKey(nil, hall)), 2, []savedSession{{1, participant{"node", "anna"}}}}}),
	} {
		f.Add(entry)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n := newFakeLog().newNode()
		r := ShareRooms(n, RoomsConfig{
			Finder: everyRoom{}, Limiter: throttle.NewLimiter(theTime), Journal: new(journal.Journal), Now: theTime,
			Logger: slog.New(slog.DiscardHandler),
		})
		n.join(t, nil)
		enter(t, r, hall, "anna")
		n.apply(1)
		before := stateOf(t, r)
		result := r.Apply(cluster.Entry{Node: "node", Data: data})
		after := stateOf(t, r)
		if len(data) > 1 && data[1] == publicationEntry && result == nil && !bytes.Equal(before, after) {
			t.Error("an entry that was left out has changed the state")
		}
		other := newRooms(t, newFakeLog().newNode(), theTime)
		if err := other.Load(after); err != nil || !bytes.Equal(stateOf(t, other), after) {
			t.Errorf("the state %q cannot be loaded: %v", after, err)
		}
		_ = other.Load(data)
	})
}

// A stuckTransport writes only when it is let go.
type stuckTransport struct {
	*viewer
	goOn chan struct{}
}

func (s stuckTransport) TryWrite(frames []*hub.Frame) (bool, error) {
	<-s.goOn
	return s.viewer.TryWrite(frames)
}

func TestAWriteDoesNotKeepTheEntriesThatFollow(t *testing.T) {
	log := newLiveLog()
	node := log.newNode("a")
	rooms := newRooms(t, node, theTime)
	node.join(t)
	m, err := rooms.Join(hall, "anna", 9)
	if err != nil {
		t.Fatal(err)
	}
	stuck := stuckTransport{&viewer{changed: make(chan struct{})}, make(chan struct{})}
	m.Start(stuck)
	published := make(chan error, 1)
	go func() { published <- errors.Join(rooms.Publish(hall, event("1")), rooms.Publish(hall, event("2"))) }()
	select {
	case err = <-published:
	case <-time.After(30 * time.Second):
		err = errors.New("the second entry waits for the write of the first one")
	}
	close(stuck.goOn)
	if err != nil {
		t.Error(err)
	}
	stuck.upTo(t, "2")
}
