package chatlog_test

import (
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/internal/limits"
)

func TestRecordsThatCannotBeReadForTheMomentAreDeliveredLater(t *testing.T) {
	if !limits.Alone(t) {
		return
	}
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		f := start(t, dir)
		f.attach(room("a"), "firehose-stream")
		f.publish(room("a"), "1")
		limits.With(t, syscall.RLIMIT_NOFILE, 0, func() { // as if too many files were open
			time.Sleep(time.Minute)
			synctest.Wait()
			f.check(t, "while no file can be opened")
		})
		status := f.Status("", ivschat.ARN{}, ivschat.ARN{})
		if len(status) != 1 || status[0].Spooled != 1 || status[0].Dropped != 0 {
			t.Errorf("the status is %+v", status)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		f.check(t, "afterwards", "firehose:stream 00:00:00 a=1")
		f.stop(t)
		if !strings.Contains(f.log.String(), "too many open files") {
			t.Errorf("the log has %s", f.log)
		}
	})
}
