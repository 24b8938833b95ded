package chatlog_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// windows describes the windows with records of an account, or of all if it is "": a line for each.
func (f *fixture) windows(account string) string {
	var lines []string
	for _, w := range f.OwnWindows(account) {
		lines = append(lines, fmt.Sprintf("%s %s/%s %s", w.End.UTC().Format("15:04:05"),
			w.Room.Owner.AccountID, w.Room.ID, w.LoggingConfiguration.ID))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func (f *fixture) expectWindows(t *testing.T, account string, lines ...string) {
	t.Helper()
	if got, want := f.windows(account), strings.Join(lines, "\n"); got != want {
		t.Errorf("the windows are\n%s\nwant\n%s", got, want)
	}
}

func TestTheWindowsOfARoomAreThoseThatHaveRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, "")
		defer f.stop(t)
		other := roomOf(otherAccount, "a")
		f.attach(room("a"), "s3-bucket", "logs-group")
		f.attach(other, "s3-bucket")
		f.expectWindows(t, "")
		f.publish(room("a"), "1")
		f.publish(room("a"), "2")
		f.publish(other, "3")
		f.expectWindows(t, account, "00:00:10 123456789012/a logs-group", "00:05:00 123456789012/a s3-bucket")
		f.expectWindows(t, otherAccount, "00:05:00 210987654321/a s3-bucket")
		if n := len(f.OwnWindows("")); n != 3 {
			t.Errorf("all accounts have %d windows", n)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		f.expectWindows(t, account, "00:05:00 123456789012/a s3-bucket")
		f.Flush(t.Context(), "")
		f.expectWindows(t, "")
	})
}

func TestWhatIsTriedAgainDoesNotWaitForTheEndOfItsWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, "")
		defer f.stop(t)
		f.attach(room("a"), "s3-bucket")
		f.answers(refuse)
		f.publish(room("a"), "1")
		f.Flush(t.Context(), "") // which fails
		f.expectWindows(t, account)
	})
}

func TestWhenTheClockIsMovedBecauseOfARecordTheRecordIsDelivered(t *testing.T) {
	f := start(t, "")
	defer f.stop(t)
	f.attach(room("a"), "s3-bucket")
	view, moved := f.clock.Account(account), make(chan struct{})
	f.Records().Listen(func(journal.Entry) {
		before := view.Now()
		go func() {
			defer close(moved)
			view.Advance(5 * time.Minute)
		}()
		for view.Now().Sub(before) < 5*time.Minute { // what follows the listener finds another time
			runtime.Gosched()
		}
	})
	f.publish(room("a"), "1")
	<-moved
	if n := len(f.all()); n != 1 {
		t.Errorf("%d deliveries were made before the clock had moved", n)
	}
}
