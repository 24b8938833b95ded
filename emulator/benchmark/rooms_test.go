//go:build unix

package benchmark_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"
)

// A crowdedHouse is a number of rooms in which members send messages at a constant rate.
type crowdedHouse struct {
	rooms, members int
	perSecond      int // messages in each room
	content        string
	attributes     map[string]string
}

// BenchmarkRooms measures the CPU time of a server for each delivery, while messages are sent at a constant
// rate, whatever the server does. The servers all run during the whole benchmark and are measured in turns.
func BenchmarkRooms(b *testing.B) {
	for _, house := range []crowdedHouse{
		{rooms: 2000, members: 2, perSecond: 2},
		{rooms: 200, members: 50, perSecond: 5},
		{rooms: 10, members: 100, perSecond: 95},
		{
			rooms: 20, members: 100, perSecond: 20,
			content:    strings.Repeat("Grüße 你好 ", 50), // 500 code points
			attributes: map[string]string{"color": "blue", "badge": "moderator", "reply-to": "abcdefghijkl"},
		},
	} {
		if testing.Short() {
			house.rooms = min(house.rooms, 20)
		}
		b.Run(fmt.Sprintf("%d_rooms_of_%d", house.rooms, house.members), func(b *testing.B) {
			for b.Loop() {
				house.run(b)
			}
		})
	}
}

// run measures the servers in turns.
func (h crowdedHouse) run(b *testing.B) {
	kinds := present(emulatorInMemory, writePumpPeer, bunPeer)
	// If the connections to all servers are more than many systems allow, they are made again in each round.
	oneAtATime := len(kinds)*h.rooms*h.members > 15_000
	peers, rooms, members := make([]*peer, len(kinds)), make([][]string, len(kinds)), make([]*viewers, len(kinds))
	for i, kind := range kinds {
		peers[i] = startPeer(b, kind)
		rooms[i] = h.memberships(b, peers[i])
	}
	for round := range 1 + orOnce(3) { // the first is not recorded: buffers grow, and Bun compiles
		for i, kind := range kinds {
			if members[i] == nil {
				members[i] = peers[i].connectTo(b, rooms[i])
				h.send(b, members[i], 0)
			}
			used := peers[i].cpu(b)
			messages := h.send(b, members[i], orShort(2*time.Second))
			used = peers[i].cpu(b) - used
			if round > 0 {
				deliveries := float64(messages * h.members)
				record(b, h.measure(), kind, cpuPerDelivery, lessIsBetter, microseconds(used)/deliveries)
			}
			if oneAtATime {
				members[i].close()
				members[i] = nil
			}
		}
	}
}

func (h crowdedHouse) measure() string {
	messages := "messages"
	if h.content != "" {
		messages = "long messages"
	}
	return fmt.Sprintf("%d rooms of %d, %d %s/s in each", h.rooms, h.members, h.perSecond, messages)
}

// memberships creates the rooms, and returns the room of each member: the first of every room, then the
// second, and so on.
func (h crowdedHouse) memberships(b testing.TB, p *peer) []string {
	b.Helper()
	rooms := make([]string, h.rooms, h.rooms*h.members)
	concurrently(h.rooms, func(i int) { rooms[i] = p.createRoom(b, `{"maximumMessageRatePerSecond":100}`) })
	for range h.members - 1 {
		rooms = append(rooms, rooms[:h.rooms]...)
	}
	return rooms
}

// send sends messages for that long, at least one in each room, one room after the other, and each time by
// the room's next member. It waits until all members have received all messages, and returns how many
// messages there were.
func (h crowdedHouse) send(b testing.TB, members *viewers, duration time.Duration) int {
	b.Helper()
	action := map[string]any{"Action": "SEND_MESSAGE", "Content": "Hello everyone", "RequestId": "1"}
	if h.content != "" {
		action["Content"], action["Attributes"] = h.content, h.attributes
	}
	payload, err := json.Marshal(action)
	if err != nil {
		b.Fatal(err)
	}
	message := frame(true, text, payload)
	perRoom := max(1, int(duration.Seconds()*float64(h.perSecond)))
	between := time.Second / time.Duration(h.rooms*h.perSecond)
	received := int(members.counts[0].Load())
	for i := range paced(perRoom*h.rooms, between) {
		if _, err := members.conns[i%len(members.conns)].Write(message); err != nil {
			b.Fatal(err)
		}
	}
	members.await(b, received+perRoom)
	return perRoom * h.rooms
}

// paced counts from 0 up to a number, with that time between the steps. If a step takes longer, the next ones
// follow at once.
func paced(count int, between time.Duration) iter.Seq[int] {
	return func(yield func(int) bool) {
		began := time.Now()
		for i := range count {
			time.Sleep(time.Until(began.Add(time.Duration(i) * between)))
			if !yield(i) {
				return
			}
		}
	}
}
