package chatlog_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/chatlog"
	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// framesOf returns the frames of a room in the order in which they were delivered.
func (d *destinations) framesOf(room string) string {
	var frames []string
	for _, one := range d.all() {
		for _, r := range one.Records {
			if r.Room == room {
				frames = append(frames, frameIn(r))
			}
		}
	}
	return strings.Join(frames, " ")
}

func TestTheRecordsOfARoomArriveInTheirOrderAfterFailures(t *testing.T) {
	for _, id := range []string{"s3-bucket", "logs-group", "firehose-stream"} {
		t.Run(id, func(t *testing.T) {
			bubble(t, func(t *testing.T, f *fixture) {
				for _, name := range []string{"a", "b"} {
					f.attach(room(name), id)
				}
				f.answers(refuse)
				var want []string
				for i := range 30 {
					f.publish(room("a"), fmt.Sprint(i))
					f.publish(room("b"), fmt.Sprint(i))
					want = append(want, fmt.Sprint(i))
					time.Sleep(5 * time.Minute)
				}
				f.answers(func(_ context.Context, d destination.Delivery) error {
					if d.Records[0].Time.Minute()%10 == 0 { // so that later ones would overtake it
						time.Sleep(time.Second)
					}
					return nil
				})
				f.Flush(t.Context(), "")
				for _, name := range []string{"a", "b"} {
					if got := f.framesOf(name); got != strings.Join(want, " ") {
						t.Errorf("the frames of room %s arrived as\n%s\nwant\n%s", name, got, strings.Join(want, " "))
					}
				}
			})
		})
	}
}

func TestWhatIsLeftOfTheDeliveriesOfSeveralRoomsIsDeliveredOnce(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		for i := range 8 {
			f.attach(room(fmt.Sprint(i)), "logs-group")
			f.publish(room(fmt.Sprint(i)), "1")
			f.publish(room(fmt.Sprint(i)), "2")
		}
		f.answers(func(_ context.Context, d destination.Delivery) error {
			time.Sleep(time.Second) // so that several are delivered at the same time
			if len(d.Records) == 2 {
				return &destination.Error{Message: "half", Failed: []int{1}}
			}
			return nil
		})
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		for i := range 8 {
			if got := f.framesOf(fmt.Sprint(i)); got != "1 2" {
				t.Errorf("the frames of room %d arrived as %s, want 1 2", i, got)
			}
		}
		s := f.Status("", ivschat.ARN{}, ivschat.ARN{})[0]
		if s.Delivered != 16 || s.Spooled != 0 || s.SpooledBytes != 0 {
			t.Errorf("the status is %+v", s)
		}
	})
}

func TestRecordsAreDeliveredAlsoIfOlderOnesOfTheirWindowWereDroppedDuringADelivery(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.attach(room("a"), "s3-bucket")
		proceed := make(chan struct{})
		f.answers(func(context.Context, destination.Delivery) error { <-proceed; return nil })
		frame := func(i int) string { return fmt.Sprintf(`"%d%s"`, i, strings.Repeat("x", 10_000)) }
		const published = 150
		for i := range published {
			f.publish(room("a"), frame(i))
			synctest.Wait()
		}
		close(proceed)
		f.Flush(t.Context(), "")
		s := f.Status("", ivschat.ARN{}, ivschat.ARN{})[0]
		if s.Dropped == 0 || s.Spooled != 0 || s.SpooledBytes != 0 || s.Delivered+s.Dropped != published {
			t.Errorf("the status is %+v", s)
		}
		if got := f.framesOf("a"); !strings.HasSuffix(got, frame(published-1)) {
			t.Error("the last record was not delivered")
		}
	}, func(c *chatlog.Config) { c.SpoolBytes = chatlog.MinimumSpoolBytes })
}

func TestTheObjectsOfAWindowSortByTimeAlsoIfTheClockStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory, err := destination.New(destination.Config{})
		if err != nil {
			t.Fatal(err)
		}
		keys := &keyList{Deliverer: memory}
		f := start(t, "", func(c *chatlog.Config) { c.Destinations = keys })
		f.attach(room("a"), "s3-bucket")
		for i := range 30 {
			f.publish(room("a"), fmt.Sprint(i)) // at the same time as all others
			f.Flush(t.Context(), "")
			f.Flush(t.Context(), "")
		}
		if len(keys.all) != 30 || !slices.IsSorted(keys.all) {
			t.Errorf("the objects are, in the order of their deliveries,\n%s", strings.Join(keys.all, "\n"))
		}
		f.stop(t)
	})
}

// A keyList is a Deliverer that keeps where records were delivered to, in the order of the deliveries. It delivers
// each a second time, as after an answer that was lost.
type keyList struct {
	destination.Deliverer
	all []string
}

func (l *keyList) Deliver(ctx context.Context, d destination.Delivery) (string, error) {
	where, err := l.Deliverer.Deliver(ctx, d)
	if len(l.all) > 0 && l.all[len(l.all)-1] == where {
		return where, err
	}
	l.all = append(l.all, where)
	return where, &destination.Error{Message: "the answer was lost"}
}
