package chatlog_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/chatlog"
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
		log := f.log.String()
		if !strings.Contains(log, "an earlier run has left records") || !strings.Contains(log, "records=4") {
			t.Errorf("the log has %s", log)
		}
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		f.check(t, "all", "firehose:stream 00:00:00 a=1", "firehose:stream 00:01:00 a=2",
			"s3:bucket 00:00:00 a=1 a=2 a=3")
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

// leave is a run that leaves records of a frame in a directory, for a bucket that refuses them.
func leave(t *testing.T, dir string, count int, frame string) {
	t.Helper()
	f := start(t, dir)
	f.attach(room("a"), "s3-bucket")
	f.answers(refuse)
	for range count {
		f.publish(room("a"), frame)
	}
	f.stop(t)
}

func TestWhatAStartLosesIsCountedAndTheRestIsDelivered(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		const published = 100
		leave(t, dir, published, `"`+strings.Repeat("x", 100_000)+`"`)
		f := start(t, dir, func(c *chatlog.Config) { c.SpoolBytes = 6 << 20 })
		left := f.Status("", ivschat.ARN{}, ivschat.ARN{})[0]
		if left.Dropped == 0 || left.Rooms[0].Dropped != left.Dropped || left.Spooled+left.Dropped != published {
			t.Errorf("after a start with a smaller spool, the status is %+v", left)
		}
		f.Flush(t.Context(), "")
		if got := strings.Count(f.framesOf("a"), " ") + 1; got != published-left.Dropped {
			t.Errorf("%d records were delivered, want %d", got, published-left.Dropped)
		}
		f.stop(t)
	})
}

func TestDamagedRecordsAreCounted(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		leave(t, dir, 3, `"hello"`)
		files, err := filepath.Glob(filepath.Join(dir, "*.spool"))
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		content, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		i := bytes.Index(content, []byte("hello"))
		content[i] = 'j'
		if err := os.WriteFile(files[0], content, 0o600); err != nil {
			t.Fatal(err)
		}

		f := start(t, dir)
		if s := f.Status("", ivschat.ARN{}, ivschat.ARN{})[0]; s.Dropped != 1 || s.Spooled != 2 {
			t.Errorf("the status is %+v", s)
		}
		f.stop(t)
	})
}
