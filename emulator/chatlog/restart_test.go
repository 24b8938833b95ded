package chatlog_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestWhatAnEarlierRunHasLeftIsDelivered(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		f := start(t, dir)
		f.attach(room("a"), "s3-bucket", "firehose-stream")
		f.answers(refuse)
		f.publish(room("a"), "1")
		time.Sleep(time.Minute)
		f.publish(room("a"), "2")
		f.stop(t)
		if !strings.Contains(f.log.String(), "the next start goes on with them\" records=4") {
			t.Errorf("the log has %s", f.log)
		}

		f = start(t, dir)
		s3 := f.Status("", ivschat.ARN{}, configuration(account, "s3-bucket").ARN)
		if len(s3) != 1 || s3[0].Spooled != 2 || s3[0].SpooledBytes != 2*91 || s3[0].Rooms[0].Spooled != 2 {
			t.Errorf("the status is %+v", s3)
		}
		f.attach(room("a"), "s3-bucket")
		f.publish(room("a"), "3")
		synctest.Wait()
		f.check(t, "what is due", "firehose:stream 00:00:00 a=1")
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		f.check(t, "all", "firehose:stream 00:00:00 a=1", "firehose:stream 00:01:00 a=2", "s3:bucket 00:00:00 a=1 a=2 a=3")
		f.stop(t)

		f = start(t, dir)
		f.Flush(t.Context(), "")
		f.check(t, "after another start")
		f.stop(t)
	})
}

// Otherwise it would wait until the machine's time gets there.
func TestWhatAnEarlierRunHasLeftWhoseClockWasAheadIsDueAtOnce(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		f := start(t, dir)
		f.clock.Advance(24 * time.Hour)
		f.attach(room("a"), "s3-bucket")
		f.answers(refuse)
		f.publish(room("a"), "1")
		f.stop(t)
		f = start(t, dir)
		synctest.Wait()
		f.check(t, "after the start", "s3:bucket 00:00:00 a=1")
		f.stop(t)
	})
}

func TestAClearAlsoForgetsWhatIsInFiles(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		f := start(t, dir)
		f.answers(refuse)
		for _, account := range []string{account, otherAccount} {
			f.attach(roomOf(account, "a"), "s3-bucket")
			f.publish(roomOf(account, "a"), account)
		}
		f.Clear(account)
		f.stop(t)
		f = start(t, dir)
		f.Flush(t.Context(), "")
		f.check(t, "after a restart", "s3:bucket 00:00:00 a="+otherAccount)
		f.stop(t)
	})
}
