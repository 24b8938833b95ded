package cluster_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// What is changed through one node applies to all of them, as soon as the change is answered.
func TestWhatOneNodeChangesAppliesToAll(t *testing.T) {
	t.Parallel()
	c := program.StartCluster(t, 3)
	random := rand.New(rand.NewPCG(*seed, 1))
	s := &service{t, c, func() string { return c.Nodes[random.IntN(len(c.Nodes))].URL() }}
	for _, step := range []struct {
		name string
		test func(*service)
	}{
		{"clock", (*service).clock},
		{"token", (*service).token},
		{"faults", (*service).faults},
		{"scripted answers", (*service).scriptedAnswers},
		{"journal", (*service).journal},
		{"sessions", (*service).sessions},
		{"disconnection", (*service).disconnection},
		{"snapshot", (*service).snapshot},
	} {
		for range roundsOr(5) {
			if !t.Run(step.name, func(t *testing.T) { step.test(&service{t, c, s.any}) }) {
				break
			}
		}
	}
}

// A service is a cluster that is used through any node.
type service struct {
	*testing.T
	*program.Cluster
	any func() (url string) // of a node at random
}

// reset brings everything back to the beginning.
func (s *service) reset() {
	s.Helper()
	admin(s.T, s.any(), http.MethodPost, "reset", "")
}

// time returns the time of the service as a node tells it.
func (s *service) time(url string) time.Time {
	s.Helper()
	var clock struct{ Now time.Time }
	s.decode(admin(s.T, url, http.MethodGet, "clock", ""), &clock)
	return clock.Now
}

func (s *service) decode(text string, value any) {
	s.Helper()
	if err := json.Unmarshal([]byte(text), value); err != nil {
		s.Fatalf("%v: %s", err, text)
	}
}

// A frozen clock has the same time on all nodes, also after it was moved.
func (s *service) clock() {
	stopClock(s.T, s.any())
	first := s.time(s.any())
	admin(s.T, s.any(), http.MethodPost, "clock", `{"advance": "1h"}`)
	for _, url := range urlsOf(s.Cluster) {
		if now := s.time(url); !now.Equal(first.Add(time.Hour)) {
			s.Errorf("an hour after %v, it is %v", first, now)
		}
	}
	s.reset()
	for _, url := range urlsOf(s.Cluster) {
		if ahead := time.Until(s.time(url)).Abs(); ahead > time.Minute {
			s.Errorf("after a reset, the clock is wrong by %v", ahead)
		}
	}
}

// A token and a session expire on all nodes when the clock moves.
func (s *service) token() {
	defer s.reset()
	room := createRoom(s.T, s.any())
	var clients []*chatclient.Client
	for i, url := range urlsOf(s.Cluster) {
		clients = append(clients, connect(s.T, url, room, fmt.Sprint("user ", i), chatclient.Options{}))
	}
	token, err := createToken(s.Context(), s.any(), room, "late")
	if err != nil {
		s.Fatal(err)
	}
	admin(s.T, s.any(), http.MethodPost, "clock", `{"advance": "61m"}`)
	_, err = chatclient.Dial(s.Context(), s.any(), token, chatclient.Options{})
	if refused, ok := errors.AsType[*chatclient.RefusedError](err); !ok || refused.Status != http.StatusUnauthorized {
		s.Errorf("after an hour, a token is answered with %v", err)
	}
	for i, client := range clients {
		if _, err := client.WaitClosed(s.Context()); err != nil {
			s.Errorf("after an hour, session %d goes on: %v", i, err)
		}
	}
}

// A fault fires as often as it should on all nodes together, and all nodes know how often that was.
func (s *service) faults() {
	defer s.reset()
	admin(s.T, s.any(), http.MethodPost, "faults", `{"operation": "ListRooms", "times": 4, "status": 418}`)
	if fired := s.fired(12); fired != 4 {
		s.Errorf("a fault fired %d times, want 4", fired)
	}
	admin(s.T, s.any(), http.MethodDelete, "faults", "")
	admin(s.T, s.any(), http.MethodPost, "faults", `{"operation": "ListRooms", "every": 3, "status": 418}`)
	if fired := s.fired(12); fired != 4 {
		s.Errorf("a fault fired %d times, want every third time of 12", fired)
	}
	var list struct{ Items []struct{ Fired int } }
	s.decode(admin(s.T, s.any(), http.MethodGet, "faults", ""), &list)
	if len(list.Items) != 1 || list.Items[0].Fired != 4 {
		s.Errorf("a node knows the faults %+v", list.Items)
	}
	admin(s.T, s.any(), http.MethodDelete, "faults", "")
	if fired := s.fired(3); fired != 0 {
		s.Errorf("a fault that was deleted fired %d times", fired)
	}
}

// fired returns how many of some calls a fault has answered.
func (s *service) fired(calls int) (n int) {
	s.Helper()
	for range calls {
		if _, err := sdk(s.any()).ListRooms(s.Context(), &ivschat.ListRoomsInput{}); statusOf(err) == http.StatusTeapot {
			n++
		} else if err != nil {
			s.Fatal(err)
		}
	}
	return n
}

const handler = "arn:aws:lambda:us-east-1:123456789012:function:review"

// A scripted answer is used as often as it should on all nodes together.
func (s *service) scriptedAnswers() {
	defer s.reset()
	room, err := sdk(s.any()).CreateRoom(s.Context(), &ivschat.CreateRoomInput{
		MessageReviewHandler: &types.MessageReviewHandler{Uri: aws.String(handler), FallbackResult: types.FallbackResultAllow},
	})
	if err != nil {
		s.Fatal(err)
	}
	admin(s.T, s.any(), http.MethodPut, "reviews", `[{"times": 2, "allow": {"content": "reviewed"}}, {"allow": {}}]`)
	var contents []string
	reader := connect(s.T, s.any(), *room.Arn, "reader", chatclient.Options{})
	for i := range 4 {
		sender := connect(s.T, s.any(), *room.Arn, fmt.Sprint("sender ", i), chatclient.Options{})
		if _, err := sender.SendMessage("unchanged", nil); err != nil {
			s.Fatal(err)
		}
		contents = append(contents, receive(s.T, reader).Content)
	}
	if want := []string{"reviewed", "reviewed", "unchanged", "unchanged"}; !slices.Equal(contents, want) {
		s.Errorf("the messages are %q, want %q", contents, want)
	}
}

// Every node shows what happened on all nodes, with the same numbers.
func (s *service) journal() {
	defer s.reset()
	room := createRoom(s.T, s.any())
	for _, url := range urlsOf(s.Cluster) {
		client := connect(s.T, url, room, "user", chatclient.Options{})
		if _, err := client.SendMessage("hello", nil); err != nil {
			s.Fatal(err)
		}
		receive(s.T, client)
		client.Close()
	}
	var journals []string
	for _, url := range urlsOf(s.Cluster) {
		journals = append(journals, admin(s.T, url, http.MethodGet, "journal?kind=frame&after=0&count=0", ""))
	}
	var list struct{ Items []struct{ ID uint64 } }
	s.decode(journals[0], &list)
	if len(list.Items) < 2*len(s.Nodes) || journals[1] != journals[0] || journals[2] != journals[0] {
		s.Errorf("the frames in the journals are %s", journals)
	}
}

// A session is shown and ended by every node.
func (s *service) sessions() {
	defer s.reset()
	room := createRoom(s.T, s.any())
	for _, node := range s.Nodes {
		client := connect(s.T, node.URL(), room, node.Name, chatclient.Options{})
		var list struct {
			Sessions []struct {
				ID           uint64
				Node, UserID string
			}
		}
		s.decode(admin(s.T, s.any(), http.MethodGet, "rooms/"+room+"?sessions=10", ""), &list)
		if len(list.Sessions) != 1 || list.Sessions[0].Node != node.Name || list.Sessions[0].UserID != node.Name {
			s.Fatalf("the sessions are %+v, want one on %s", list.Sessions, node.Name)
		}
		admin(s.T, s.any(), http.MethodPost, fmt.Sprint("sessions/", list.Sessions[0].ID), `{"close": 4000}`)
		if status, err := client.WaitClosed(s.Context()); err != nil || status.Code != 4000 {
			s.Errorf("the session ended with %v, %v", status, err)
		}
	}
}

// DisconnectUser ends the sessions of a user on all nodes.
func (s *service) disconnection() {
	defer s.reset()
	room := createRoom(s.T, s.any())
	var clients []*chatclient.Client
	for _, url := range urlsOf(s.Cluster) {
		clients = append(clients, connect(s.T, url, room, "alice", chatclient.Options{}))
	}
	input := &ivschat.DisconnectUserInput{RoomIdentifier: &room, UserId: aws.String("alice")}
	if _, err := sdk(s.any()).DisconnectUser(s.Context(), input); err != nil {
		s.Fatal(err)
	}
	for i, client := range clients {
		if _, err := client.WaitClosed(s.Context()); err != nil {
			s.Errorf("session %d goes on: %v", i, err)
		}
	}
}

// A reset empties all nodes, and a snapshot of one node is restored on all of them.
func (s *service) snapshot() {
	defer s.reset()
	for range 3 {
		createRoom(s.T, s.any())
	}
	before := s.rooms()
	snapshot := admin(s.T, s.any(), http.MethodGet, "snapshot", "")
	s.reset()
	if rooms := s.rooms(); len(rooms) != 0 {
		s.Errorf("after a reset, there are %q", rooms)
	}
	admin(s.T, s.any(), http.MethodPut, "snapshot", snapshot)
	if after := s.rooms(); len(before) != 3 || !slices.Equal(after, before) {
		s.Errorf("after the snapshot was restored, the rooms are %q, want %q", after, before)
	}
}

// rooms returns the rooms that all nodes know, in order.
func (s *service) rooms() (arns []string) {
	s.Helper()
	for i, url := range urlsOf(s.Cluster) {
		list, err := sdk(url).ListRooms(s.Context(), &ivschat.ListRoomsInput{})
		if err != nil {
			s.Fatal(err)
		}
		var known []string
		for _, room := range list.Rooms {
			known = append(known, *room.Arn)
		}
		slices.Sort(known)
		if i > 0 && !slices.Equal(known, arns) {
			s.Errorf("one node knows the rooms %q, another one %q", arns, known)
		}
		arns = known
	}
	return arns
}
