package chatlog_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/chatlog"
	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// An origin counts records that are done.
type origin struct {
	mu   sync.Mutex
	done int
}

func (o *origin) Done(records int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.done += records
}

func (o *origin) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.done
}

// accept accepts a frame, as each node does.
func (f *fixture) accept(room ivschat.ARN, frame string) (chatlog.Accepted, bool) {
	return f.Accept(room, hub.Publication{Frame: &hub.Frame{Kind: "MESSAGE", Payload: []byte(frame)}})
}

// add adds what was accepted, as the node does that delivers.
func (f *fixture) add(a chatlog.Accepted, from chatlog.Origin) {
	for _, target := range a.Targets {
		f.Add(target, a.Record, a.At, from)
	}
}

func TestARecordThatIsAcceptedIsShownAndOnlyDeliveredIfItIsAdded(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		if _, logged := f.accept(room("a"), "0"); logged {
			t.Error("a room without a chat log accepts a record")
		}
		f.attach(room("a"), "s3-bucket", "logs-group")
		first, logged := f.accept(room("a"), "1")
		second, _ := f.accept(room("a"), "2")
		if n := len(f.Records().After(0, 0, journal.Filter{Room: room("a").String()})); n != 4 || !logged {
			t.Errorf("%d records are shown", n)
		}
		f.add(second, nil)
		f.Logs.FlushOwn(t.Context(), "")
		f.check(t, "when one was added", "cloudWatchLogs:group 00:00:00 a=2", "s3:bucket 00:00:00 a=2")
		f.add(first, nil)
		if n := len(f.Records().After(0, 0, journal.Filter{})); n != 4 {
			t.Errorf("then, %d records are shown", n)
		}
	})
}

func TestTheWindowOfARecordIsThatInWhichItWasAccepted(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.attach(room("a"), "s3-bucket")
		early, _ := f.accept(room("a"), "1")
		f.clock.Advance(5 * time.Minute)
		late, _ := f.accept(room("a"), "2")
		f.add(early, nil)
		f.add(late, nil)
		time.Sleep(time.Nanosecond)
		f.check(t, "at once", "s3:bucket 00:00:00 a=1")
		ahead, _ := f.accept(room("a"), "3")
		ahead.At = ahead.At.Add(time.Hour)
		f.add(ahead, nil)
		time.Sleep(5 * time.Minute)
		f.check(t, "when the next window has ended, and the time of the last record has not come",
			"s3:bucket 00:00:00 a=1", "s3:bucket 00:05:00 a=2", "s3:bucket 01:05:00 a=3")
	})
}

func TestARecordOfAWindowWhoseRecordsWereDeliveredIsDeliveredAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.attach(room("a"), "logs-group")
		first, _ := f.accept(room("a"), "1")
		second, _ := f.accept(room("a"), "2")
		third, _ := f.accept(room("a"), "3")
		f.add(first, nil)
		f.clock.Advance(time.Minute)
		f.add(second, nil)
		f.clock.Advance(0)
		f.check(t, "after the second", "cloudWatchLogs:group 00:00:00 a=1", "cloudWatchLogs:group 00:00:00 a=2")
		f.add(third, nil)
		synctest.Wait()
		f.check(t, "after the third", "cloudWatchLogs:group 00:00:00 a=1", "cloudWatchLogs:group 00:00:00 a=2",
			"cloudWatchLogs:group 00:00:00 a=3")
	})
}

func TestAnOriginIsToldWhenItsRecordsAreDeliveredDroppedOrRemoved(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *fixture, chatlog.Accepted){
		"delivered": func(t *testing.T, f *fixture, _ chatlog.Accepted) { f.FlushOwn(t.Context(), "") },
		"removed":   func(_ *testing.T, f *fixture, _ chatlog.Accepted) { f.Remove(account)() },
		"dropped": func(t *testing.T, f *fixture, a chatlog.Accepted) {
			f.answers(refuse)
			f.FlushOwn(t.Context(), "") // or the queue would be delivered early
			for range 2 * chatlog.MinimumSpoolBytes / 1000 {
				f.Add(a.Targets[0], destination.Record{Room: "a", Text: bytes.Repeat([]byte("x"), 1000)}, a.At, nil)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, f *fixture) {
				f.attach(room("a"), "logs-group")
				a, _ := f.accept(room("a"), "1")
				var first, second origin
				f.add(a, &first)
				f.add(a, &first)
				f.add(a, &second)
				if first.count()+second.count() > 0 {
					t.Error("it is told before")
				}
				end(t, f, a)
				if first.count() != 2 || second.count() != 1 {
					t.Errorf("%d and %d records are done", first.count(), second.count())
				}
			}, func(c *chatlog.Config) { c.SpoolBytes = chatlog.MinimumSpoolBytes })
		})
	}
}

func TestAnOriginIsToldOfTheRecordsThatAreDeliveredFirst(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.attach(room("a"), "firehose-stream")
		a, _ := f.accept(room("a"), "1")
		origins := make([]origin, 501) // a delivery has 500 at most
		for i := range origins {
			f.add(a, &origins[i])
		}
		deliveries := 0
		f.answers(func(ctx context.Context, d destination.Delivery) error {
			if deliveries++; deliveries > 1 {
				return refuse(ctx, d)
			}
			return nil
		})
		f.FlushOwn(t.Context(), "")
		for i := range origins {
			if want := min(1, 500/(i+1)); origins[i].count() != want {
				t.Errorf("of origin %d, %d records are done", i, origins[i].count())
			}
		}
	})
}

func TestARecordThatIsTooLongForItsDestinationIsDoneAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.attach(room("a"), "logs-group")
		a, _ := f.accept(room("a"), strings.Repeat("x", 1<<20))
		var from origin
		f.add(a, &from)
		if from.count() != 1 {
			t.Error("it is not done")
		}
	})
}

// others are other nodes that note what they are asked for.
type others struct{ asked []string }

var errOthers = errors.New("others")

func (o *others) Status(_ context.Context, account string, _, _ ivschat.ARN) ([]chatlog.Status, error) {
	o.asked = append(o.asked, "status "+account)
	return nil, errOthers
}

func (o *others) Windows(_ context.Context, account string) ([]chatlog.Window, error) {
	o.asked = append(o.asked, "windows "+account)
	return nil, errOthers
}

func (o *others) Flush(_ context.Context, account string) error {
	o.asked = append(o.asked, "flush "+account)
	return errOthers
}

func (o *others) Clear(account string) error {
	o.asked = append(o.asked, "clear "+account)
	return errOthers
}

func (o *others) Await(context.Context) { o.asked = append(o.asked, "await") }

func TestWhatIsAskedOfChatLogsIsAskedOfAllNodes(t *testing.T) {
	o := new(others)
	bubble(t, func(t *testing.T, f *fixture) {
		_, statusError := f.Logs.Status(t.Context(), account, ivschat.ARN{}, ivschat.ARN{})
		_, windowsError := f.Windows(t.Context(), account)
		for _, err := range []error{statusError, windowsError, f.Flush(t.Context(), account), f.Clear(account)} {
			if !errors.Is(err, errOthers) {
				t.Error(err)
			}
		}
		f.clock.Account(account).Advance(time.Second)
	}, func(c *chatlog.Config) { c.Nodes = o })
	want := "status 123456789012, windows 123456789012, flush 123456789012, clear 123456789012, await"
	if got := strings.Join(o.asked, ", "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
