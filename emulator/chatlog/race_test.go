package chatlog_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/chatlog"
	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// counting counts what is accepted: a record for each logging configuration that is active when a frame is published.
type counting struct {
	*configurations
	mu       sync.Mutex
	accepted map[string]int // by account
}

func (c *counting) ActiveLoggingConfigurations(room ivschat.ARN) []ivschat.LoggingConfiguration {
	active := c.configurations.ActiveLoggingConfigurations(room)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.accepted[room.Owner.AccountID] += len(active)
	return active
}

// busy has the rooms and logging configurations for which something is delivered, which must not happen for the same
// twice at the same time.
type busy struct {
	mu   sync.Mutex
	with map[string]bool
}

// change notes that a delivery begins or ends. It returns false if there is one with the same room already.
func (b *busy) change(d destination.Delivery, begins bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	rooms := map[string]bool{}
	for _, r := range d.Records {
		rooms[d.Configuration.String()+" "+d.Place.String()+" "+r.Room] = true
	}
	alone := true
	for room := range rooms {
		alone = alone && !(begins && b.with[room])
		b.with[room] = begins
	}
	return alone
}

// sum adds up what became of the records of an account.
func sum(statuses []chatlog.Status) (sum chatlog.Counts) {
	for _, s := range statuses {
		sum.Spooled += s.Spooled
		sum.Delivered += s.Delivered
		sum.Dropped += s.Dropped
	}
	return sum
}

// Frames are published while logging configurations change, deliveries fail, the clock is moved, and another account
// is reset. What became of the records must add up.
func TestEveryRecordIsCountedOnceWhateverHappensMeanwhile(t *testing.T) {
	for _, spoolBytes := range []int64{chatlog.MinimumSpoolBytes, 64 << 10} { // the second one is always full
		synctest.Test(t, func(t *testing.T) { disturb(t, spoolBytes) })
	}
}

func disturb(t *testing.T, spoolBytes int64) {
	accepted := &counting{accepted: map[string]int{}}
	f := start(t, "", func(c *chatlog.Config) {
		accepted.configurations = c.Configurations.(*configurations)
		c.Configurations, c.SpoolBytes, c.Window = accepted, spoolBytes, time.Second
	})
	now := &busy{with: map[string]bool{}}
	f.answers(func(ctx context.Context, d destination.Delivery) error {
		// What comes after a reset does not wait for a delivery that the reset has cancelled.
		if alone := now.change(d, true); !alone && d.Place.Owner.AccountID == account {
			t.Errorf("two deliveries of the same room at the same time: %s", d.Place)
		}
		defer now.change(d, false)
		return answerAtRandom(ctx, d)
	})
	var publishers, others sync.WaitGroup
	ended := make(chan struct{})
	for i, account := range []string{account, account, otherAccount} {
		publishers.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 0))
			for n := range 2000 {
				f.publish(roomOf(account, fmt.Sprint("room", random.IntN(5))), fmt.Sprint(i*2000+n))
				if n%50 == 0 {
					time.Sleep(100 * time.Millisecond)
				}
			}
		})
	}
	for i, disturbance := range []func(*rand.Rand){
		func(r *rand.Rand) {
			ids := []string{"s3-a", "s3-b", "logs-a", "firehose-a", "firehose-b"}
			r.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
			owner := []string{account, otherAccount}[r.IntN(2)]
			f.attach(roomOf(owner, fmt.Sprint("room", r.IntN(5))), ids[:r.IntN(4)]...)
		},
		func(r *rand.Rand) { f.clock.Account(account).Advance(time.Duration(r.IntN(20)) * time.Second) },
		func(r *rand.Rand) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(r.IntN(3))*time.Second)
			defer cancel()
			f.Flush(ctx, "")
		},
		func(*rand.Rand) { f.Clear(otherAccount) },
		func(*rand.Rand) { f.Status("", ivschat.ARN{}, ivschat.ARN{}) },
	} {
		others.Go(func() {
			for random := rand.New(rand.NewPCG(uint64(i), 1)); ; {
				select {
				case <-ended:
					return
				case <-time.After(time.Duration(1+random.IntN(300)) * time.Millisecond):
					disturbance(random)
				}
			}
		})
	}
	publishers.Wait()
	close(ended)
	others.Wait()
	f.answers(nil)
	f.Flush(t.Context(), "")
	got, want := sum(f.Status(account, ivschat.ARN{}, ivschat.ARN{})), accepted.accepted[account]
	if got.Spooled != 0 || got.Delivered+got.Dropped != want || want == 0 || got.Delivered == 0 {
		t.Errorf("%d records were accepted, and the status is %+v", want, got)
	}
	f.Clear("")
	if got := sum(f.Status("", ivschat.ARN{}, ivschat.ARN{})); got != (chatlog.Counts{}) {
		t.Errorf("after everything was cleared, the status is %+v", got)
	}
	f.stop(t)
}

// answerAtRandom is how a destination answers that fails at random, and takes its time.
func answerAtRandom(ctx context.Context, d destination.Delivery) error {
	time.Sleep(time.Duration(rand.IntN(50)) * time.Millisecond)
	switch rand.IntN(10) {
	case 0, 1:
		return refuse(ctx, d)
	case 2:
		return hang(ctx, d)
	case 3, 4:
		partly := &destination.Error{Reason: destination.Other, Message: "took a part", Failed: []int{}}
		for i := range d.Records {
			if rand.IntN(2) == 0 || i == 0 {
				partly.Failed = append(partly.Failed, i)
			}
		}
		return partly
	}
	return nil
}
