package chatlog_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/chatlog"
	"github.com/ivschat-local/ivschat-local/emulator/destination"
)

// A listing is a Deliverer that keeps the keys of objects, with the frames in them.
type listing struct {
	destination.Deliverer
	mu      sync.Mutex
	objects map[string]string
}

func (l *listing) Deliver(ctx context.Context, d destination.Delivery) (string, error) {
	where, err := l.Deliverer.Deliver(ctx, d)
	var frames []string
	for _, r := range d.Records {
		frames = append(frames, frameIn(r))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	key := where[strings.Index(where, "s3://"):strings.LastIndex(where, "_")] // without the hash
	if earlier, ok := l.objects[key]; ok {
		frames = append([]string{"(a second object)", earlier}, frames...)
	}
	l.objects[key] = strings.Join(frames, " ")
	return where, err
}

// In two days of 500 rooms there are hours in which many speak, a few or none, and moments when the clock is moved
// ahead by minutes or by hours, over midnight, too.
func TestInADayOfChatEachRoomHasOneObjectForEachWindowInWhichSomebodySpoke(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory, err := destination.New(destination.Config{})
		if err != nil {
			t.Fatal(err)
		}
		objects := &listing{Deliverer: memory, objects: map[string]string{}}
		f := start(t, "", func(c *chatlog.Config) { c.Destinations = objects })
		const rooms = 500
		for i := range rooms {
			f.attach(room(fmt.Sprintf("room%08d", i)), "s3-bucket")
		}
		want := map[string]string{}
		random := rand.New(rand.NewPCG(1, 2))
		first := f.clock.Now()
		for minute := 0; f.clock.Now().Sub(first) < 48*time.Hour; minute++ {
			speakers := []int{0, 1, 20, rooms}[random.IntN(4)]
			for i := range speakers {
				id := fmt.Sprintf("room%08d", (i*7+minute)%rooms)
				at := f.clock.Now()
				frame := fmt.Sprintf(`"%s %d"`, id, minute)
				f.publish(room(id), frame)
				at = at.Truncate(5 * time.Minute)
				key := "s3://bucket/AWSLogs/123456789012/IVSChatLogs/1.0/eu-west-1/room_" + id +
					at.Format("/2006/01/02/15/") + "123456789012_IVSChatLogs_1.0_eu-west-1_room_" + id +
					at.Format("_20060102T1504Z")
				want[key] = strings.TrimPrefix(want[key]+" "+frame, " ")
			}
			switch random.IntN(12) {
			case 0:
				f.clock.Advance(time.Duration(random.Int64N(int64(7 * time.Hour))))
			case 1:
				f.clock.AdvanceTo(f.clock.Now().Truncate(time.Hour).Add(time.Hour - 1)) // a nanosecond before the hour
			default:
				time.Sleep(time.Duration(random.Int64N(int64(4 * time.Minute))))
			}
		}
		f.clock.Advance(chatlog.DefaultWindow)
		if len(want) < 10_000 {
			t.Errorf("only %d objects are expected", len(want))
		}
		differences := 0
		for key, frames := range want {
			if got := objects.objects[key]; got != frames && differences < 5 {
				differences++
				t.Errorf("%s has %q, want %q", key, got, frames)
			}
		}
		if len(objects.objects) != len(want) {
			t.Errorf("there are %d objects, want %d", len(objects.objects), len(want))
		}
		f.stop(t)
	})
}
