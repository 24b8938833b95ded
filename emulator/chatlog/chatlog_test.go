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
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// bubble runs a test in a bubble, whose time begins at midnight.
func bubble(t *testing.T, test func(t *testing.T, f *fixture), change ...func(*chatlog.Config)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := start(t, "", change...)
		test(t, f)
		f.stop(t)
	})
}

func TestARecordHasTheFrameAsClientsReceiveIt(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.attach(room("a"), "s3-bucket")
		at := time.Date(2026, 3, 1, 10, 0, 40, 415_514_37, time.FixedZone("", 3600))
		const frame = `{"Type":"EVENT","Id":"x","Attributes":{"a":"\u2028\u003c"},` +
			`"SendTime":"2026-03-01T09:00:40.04155143Z"}`
		f.Observe(room("a"), hub.Publication{Frame: &hub.Frame{Kind: "EVENT", Payload: []byte(frame)}, Time: at}, 0)
		f.Flush(t.Context(), "")
		got := f.all()
		want := `{"event_timestamp":"2026-03-01T09:00:40.041Z","type":"EVENT","payload":` + frame + `,"version":"1.0"}`
		if len(got) != 1 || len(got[0].Records) != 1 || string(got[0].Records[0].Text) != want {
			t.Fatalf("got %v, want %s", got, want)
		}
		if ms := at.Truncate(time.Millisecond); !got[0].Records[0].Time.Equal(ms) {
			t.Errorf("the time of the record is %s, want %s", got[0].Records[0].Time, ms)
		}
	})
}

func TestTheTimeOfARecordAlwaysHasThreeDigitsOfASecond(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.attach(room("a"), "s3-bucket")
		f.publish(room("a"), "1")
		entry := f.Records().After(0, 0, journal.Filter{})[0]
		text := string(entry.Log.Record)
		if !strings.HasPrefix(text, `{"event_timestamp":"2000-01-01T00:00:00.000Z",`) {
			t.Errorf("the record is %s", text)
		}
	})
}

func TestRecordsAreDeliveredWhenTheirWindowEnds(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.attach(room("a"), "s3-bucket", "logs-group", "firehose-stream")
		f.attach(room("b"), "s3-bucket", "firehose-stream")
		time.Sleep(2 * time.Second)
		f.publish(room("a"), "1")
		f.publish(room("b"), "2")
		f.publish(room("a"), "3")
		time.Sleep(8*time.Second - 1)
		synctest.Wait()
		f.check(t, "before 10 s")
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		streams := []string{"cloudWatchLogs:group 00:00:00 a=1 a=3", "firehose:stream 00:00:00 a=1 a=3 b=2"}
		f.check(t, "after 10 s", streams...)
		time.Sleep(5*time.Minute - 10*time.Second - 1)
		synctest.Wait()
		f.check(t, "before 5 minutes", streams...)
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		f.check(t, "after 5 minutes", append(streams, "s3:bucket 00:00:00 a=1 a=3", "s3:bucket 00:00:00 b=2")...)
		f.publish(room("a"), "4")
		time.Sleep(time.Hour)
		f.check(t, "an hour later", "cloudWatchLogs:group 00:00:00 a=1 a=3", "cloudWatchLogs:group 00:05:00 a=4",
			"firehose:stream 00:00:00 a=1 a=3 b=2", "firehose:stream 00:05:00 a=4",
			"s3:bucket 00:00:00 a=1 a=3", "s3:bucket 00:00:00 b=2", "s3:bucket 00:05:00 a=4")
	})
}

func TestTheWindowOfObjectsCanBeChanged(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.attach(room("a"), "s3-bucket")
		time.Sleep(100 * time.Second)
		f.publish(room("a"), "1")
		f.clock.Advance(20 * time.Second)
		f.check(t, "after a minute", "s3:bucket 00:01:00 a=1")
		if got := f.all(); len(got) != 1 || got[0].End.Sub(got[0].Start) != time.Minute {
			t.Errorf("the window is %v", got)
		}
	}, func(c *chatlog.Config) { c.Window = time.Minute })
}

func TestWhoMovesTheClockWaitsUntilWhatFellDueIsDelivered(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		slow := func(context.Context, destination.Delivery) error { time.Sleep(900 * time.Millisecond); return nil }
		f.answers(slow)
		f.attach(room("a"), "s3-bucket")
		f.attach(roomOf(otherAccount, "b"), "s3-bucket")
		f.publish(room("a"), "1")
		f.publish(roomOf(otherAccount, "b"), "2")
		f.clock.Account(account).Advance(5 * time.Minute)
		f.check(t, "after the clock of an account was moved", "s3:bucket 00:00:00 a=1")
		f.publish(room("a"), "3")
		f.clock.AdvanceTo(f.clock.Account(account).Now().Add(5 * time.Minute))
		f.check(t, "after all clocks were moved",
			"s3:bucket 00:00:00 a=1", "s3:bucket 00:00:00 b=2", "s3:bucket 00:05:00 a=3")
	})
}

func TestADestinationThatHangsDelaysWhoMovesTheClockOnlyOnce(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.attach(room("a"), "s3-hangs", "s3-works")
		f.answers(func(ctx context.Context, d destination.Delivery) error {
			if d.Place.Name == "hangs" {
				return hang(ctx, d)
			}
			return nil
		})
		var took []time.Duration
		for i := range 3 {
			f.publish(room("a"), fmt.Sprint(i))
			began := time.Now()
			f.clock.Advance(5 * time.Minute)
			took = append(took, time.Since(began))
			time.Sleep(10 * time.Second)
		}
		if want := []time.Duration{5 * time.Second, 0, 0}; !slices.Equal(took, want) {
			t.Errorf("moving the clock took %v, want %v", took, want)
		}
		f.check(t, "the other destination", "s3:works 00:00:00 a=0", "s3:works 00:05:00 a=1", "s3:works 00:10:00 a=2")
	})
}

func TestWhoMovesTheClockWaitsForASlowDestinationAsLongAsItDelivers(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.answers(func(context.Context, destination.Delivery) error { time.Sleep(4 * time.Second); return nil })
		advance := func(rooms int) time.Duration {
			for i := range rooms {
				f.attach(room(fmt.Sprint(i)), "s3-bucket")
				f.publish(room(fmt.Sprint(i)), "1")
			}
			began := time.Now()
			f.clock.Advance(5 * time.Minute)
			return time.Since(began)
		}
		if took := advance(20); took != 20*time.Second || len(f.all()) != 20 { // four at a time
			t.Errorf("after %v, %d rooms were delivered", took, len(f.all()))
		}
		if took := advance(200); took != time.Minute {
			t.Errorf("it took %v, but should take a minute at most", took)
		}
		time.Sleep(time.Hour)
	})
}

func TestADestinationIsTriedAgainLaterAndLater(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.attach(room("a"), "s3-bucket")
		var tried []time.Duration
		began := time.Now()
		f.answers(func(ctx context.Context, d destination.Delivery) error {
			tried = append(tried, time.Since(began)-5*time.Minute)
			return refuse(ctx, d)
		})
		f.publish(room("a"), "1")
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		want := []time.Duration{0, 1, 3, 7, 15, 31, 63, 123, 183, 243}
		for i := range want {
			want[i] *= time.Second
		}
		if !slices.Equal(tried, want) {
			t.Errorf("it was tried after %v, want %v", tried, want)
		}
		status := f.Status("", ivschat.ARN{}, ivschat.ARN{})[0]
		if e := status.LastError; e == nil || e.Reason != destination.NotFound || e.Attempts != len(want) ||
			e.Message != "there is no s3:bucket" || status.Spooled != 1 {
			t.Errorf("the status is %+v with the error %+v", status, status.LastError)
		}
		f.answers(nil)
		f.publish(room("a"), "2")
		time.Sleep(time.Minute)
		synctest.Wait()
		f.check(t, "when it works again", "s3:bucket 00:00:00 a=1")
		f.Flush(t.Context(), "")
		f.check(t, "all", "s3:bucket 00:00:00 a=1", "s3:bucket 00:10:00 a=2")
		if status := f.Status("", ivschat.ARN{}, ivschat.ARN{})[0]; status.LastError != nil || status.Delivered != 2 {
			t.Errorf("the status is %+v", status)
		}
		if lines := strings.Count(f.log.String(), "cannot be delivered"); lines != 1 {
			t.Errorf("the log has %d lines about it:\n%s", lines, f.log)
		}
	})
}

func TestAllKindsOfDeliveriesAreInTheJournal(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.attach(room("a"), "firehose-stream")
		f.attach(room("b"), "firehose-stream")
		f.publish(room("a"), "1")
		f.answers(refuse)
		f.Flush(t.Context(), "")
		f.answers(nil)
		f.publish(room("b"), "2")
		f.Flush(t.Context(), "")
		var got []string
		for _, e := range f.journal.After(0, 0, journal.Filter{Kind: journal.Delivery}) {
			got = append(got, fmt.Sprint(e.Account, " ", e.Region, " ", e.Room, " ", e.Log.LoggingConfiguration, " ",
				e.Log.Destination, " ", e.Log.Records, " ", e.Log.Where, e.Log.Failure, e.Reason))
		}
		const configuration = " arn:aws:ivschat:eu-west-1:123456789012:" +
			"logging-configuration/firehose-stream firehose:stream "
		want := []string{
			"123456789012 eu-west-1 arn:aws:ivschat:eu-west-1:123456789012:room/a" + configuration +
				"1 not foundthere is no firehose:stream",
			"123456789012 eu-west-1 " + configuration + "2 there",
		}
		if !slices.Equal(got, want) {
			t.Errorf("the journal has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestOnlyTheRecordsThatFailedAreDeliveredAgain(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.attach(room("a"), "firehose-stream")
		for i := range 4 {
			f.publish(room("a"), fmt.Sprint(i))
		}
		f.answers(func(_ context.Context, d destination.Delivery) error {
			switch len(d.Records) {
			case 4:
				return &destination.Error{Message: "half", Failed: []int{1, 3}}
			case 2:
				return &destination.Error{Message: "half", Failed: []int{0}}
			}
			return nil
		})
		f.clock.Advance(10 * time.Second)
		f.check(t, "at first", "firehose:stream 00:00:00 a=0 a=2")
		f.publish(room("a"), "4")
		time.Sleep(time.Minute)
		synctest.Wait()
		f.check(t, "later", "firehose:stream 00:00:00 a=0 a=2", "firehose:stream 00:00:00 a=1",
			"firehose:stream 00:00:00 a=3", "firehose:stream 00:00:10 a=4")
		s := f.Status("", ivschat.ARN{}, ivschat.ARN{})[0]
		if s.Delivered != 5 || s.Spooled != 0 || s.SpooledBytes != 0 {
			t.Errorf("the status is %+v", s)
		}
	})
}

func TestARoomWhoseDeliveryFailsDoesNotHoldUpTheOthers(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.answers(func(ctx context.Context, d destination.Delivery) error {
			if d.Records[0].Room < "05" {
				return refuse(ctx, d)
			}
			return nil
		})
		for i := range 20 {
			f.attach(room(fmt.Sprintf("%02d", i)), "s3-bucket")
			f.publish(room(fmt.Sprintf("%02d", i)), "1")
		}
		time.Sleep(7 * time.Minute)
		synctest.Wait()
		if got := len(f.all()); got != 15 {
			t.Errorf("%d rooms were delivered, want 15", got)
		}
	})
}

func TestWhatWasAcceptedGoesToTheDestinationOfThatMoment(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.attach(room("a"), "s3-old")
		f.publish(room("a"), "1")
		f.attach(room("a"), "s3-new", "logs-group")
		f.publish(room("a"), "2")
		f.attach(room("a"))
		f.publish(room("a"), "3")
		f.clock.Advance(time.Hour)
		f.check(t, "all", "cloudWatchLogs:group 00:00:00 a=2", "s3:new 00:00:00 a=2", "s3:old 00:00:00 a=1")
	})
}

func TestAFlushDeliversAWindowBeforeItsEnd(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.attach(room("a"), "s3-bucket")
		f.attach(roomOf(otherAccount, "b"), "s3-bucket")
		f.publish(room("a"), "1")
		f.publish(roomOf(otherAccount, "b"), "2")
		f.Flush(t.Context(), account)
		f.check(t, "after the flush of an account", "s3:bucket 00:00:00 a=1")
		f.publish(room("a"), "3")
		f.Flush(t.Context(), "")
		f.check(t, "after the flush of all",
			"s3:bucket 00:00:00 a=1", "s3:bucket 00:00:00 a=3", "s3:bucket 00:00:00 b=2")
		f.Flush(t.Context(), "")
		if f.attempts != 3 {
			t.Errorf("there were %d deliveries, want 3", f.attempts)
		}
	})
}

func TestAFlushThatFailedIsTriedAgainBeforeTheWindowEnds(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.attach(room("a"), "s3-bucket")
		f.attach(room("b"), "s3-bucket")
		f.publish(room("a"), "1")
		f.publish(room("b"), "2")
		f.answers(refuse)
		f.Flush(t.Context(), "")
		f.answers(nil)
		time.Sleep(time.Second)
		synctest.Wait()
		f.check(t, "a second later", "s3:bucket 00:00:00 a=1", "s3:bucket 00:00:00 b=2")
		f.publish(room("a"), "3")
		time.Sleep(time.Minute)
		synctest.Wait()
		f.check(t, "a minute later", "s3:bucket 00:00:00 a=1", "s3:bucket 00:00:00 b=2")
	})
}

func TestAClearForgetsWhatIsNotDelivered(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.attach(room("a"), "s3-bucket")
		f.attach(roomOf(otherAccount, "b"), "s3-bucket")
		f.publish(room("a"), "1")
		f.publish(roomOf(otherAccount, "b"), "2")
		f.answers(hang)
		go f.Flush(t.Context(), "")
		synctest.Wait()
		began := time.Now()
		f.Clear(account)
		if took := time.Since(began); took > 0 {
			t.Errorf("a delivery that hangs has delayed the clear by %v", took)
		}
		f.answers(nil)
		f.publish(room("a"), "3")
		time.Sleep(time.Hour)
		f.check(t, "all", "s3:bucket 00:00:00 a=3", "s3:bucket 00:00:00 b=2")
		if left := f.Records().After(0, 0, journal.Filter{Account: account}); len(left) != 1 {
			t.Errorf("the admin API still shows %v", left)
		}
	})
}

func TestALargeLogIsDeliveredBeforeItsWindowEnds(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.attach(room("a"), "s3-bucket")
		frame := `"` + strings.Repeat("x", 10_000) + `"`
		for range 14 {
			f.publish(room("a"), frame)
			synctest.Wait()
		}
		if got := f.all(); len(got) != 1 || len(got[0].Records) != 13 { // an eighth of the spool is 13.1 records
			t.Errorf("%d deliveries, want 1 with 13 records", len(got))
		}
	}, func(c *chatlog.Config) { c.SpoolBytes = chatlog.MinimumSpoolBytes })
}

// Otherwise the spool would be full before the end of the window, and lose records.
func TestManyLogsAreDeliveredBeforeTheyFillTheSpoolTogether(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.answers(func(ctx context.Context, d destination.Delivery) error {
			if d.Place.Name == "dead" {
				return refuse(ctx, d)
			}
			return nil
		})
		frame := `"` + strings.Repeat("x", 1000) + `"`
		f.attach(room("dead"), "s3-dead")
		for range 200 {
			f.publish(room("dead"), frame)
			synctest.Wait()
		}
		const rooms, published = 40, 60
		for i := range rooms {
			f.attach(room(fmt.Sprint(i)), fmt.Sprintf("s3-bucket%d", i))
		}
		for range published {
			for i := range rooms {
				f.publish(room(fmt.Sprint(i)), frame)
				synctest.Wait()
			}
		}
		if got := len(f.all()); got == 0 || got > 20*rooms {
			t.Errorf("there are %d objects", got)
		}
		f.Flush(t.Context(), "")
		for _, s := range f.Status("", ivschat.ARN{}, ivschat.ARN{}) {
			if s.Name != "dead" && (s.Dropped > 0 || s.Delivered != published) {
				t.Errorf("the status is %+v", s)
			}
		}
	}, func(c *chatlog.Config) { c.SpoolBytes = chatlog.MinimumSpoolBytes })
}

func TestARecordThatNoDestinationTakesIsDropped(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.attach(room("a"), "firehose-stream")
		f.publish(room("a"), `"`+strings.Repeat("x", 1<<20)+`"`)
		f.publish(room("a"), "2")
		f.Flush(t.Context(), "")
		f.check(t, "all", "firehose:stream 00:00:00 a=2")
		s := f.Status("", ivschat.ARN{}, ivschat.ARN{})[0]
		if s.Dropped != 1 || s.Rooms[0].Dropped != 1 || s.Delivered != 1 {
			t.Errorf("the status is %+v", s)
		}
		if !strings.Contains(f.log.String(), "records of chat logs were dropped") {
			t.Errorf("the log does not say so: %s", f.log)
		}
	})
}

func TestAFullSpoolDropsTheOldestRecordsAndCountsThem(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.answers(refuse)
		f.attach(room("a"), "s3-dead")
		frame := `"` + strings.Repeat("x", 10_000) + `"`
		const published = 300
		for range published {
			f.publish(room("a"), frame)
			time.Sleep(time.Second)
		}
		synctest.Wait()
		s := f.Status("", ivschat.ARN{}, ivschat.ARN{})[0]
		if s.Dropped == 0 || s.Spooled+s.Dropped != published || s.SpooledBytes > chatlog.MinimumSpoolBytes ||
			s.SpooledBytes < chatlog.MinimumSpoolBytes/2 {
			t.Errorf("the status is %+v", s)
		}
		f.answers(nil)
		f.Flush(t.Context(), "")
		delivered := 0
		for _, d := range f.all() {
			delivered += len(d.Records)
		}
		if delivered != s.Spooled {
			t.Errorf("%d records were delivered, want %d", delivered, s.Spooled)
		}
	}, func(c *chatlog.Config) { c.SpoolBytes = chatlog.MinimumSpoolBytes })
}

func TestWhatWasDroppedBeforeAClearIsNotSubtractedFromLaterRecords(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.answers(refuse)
		for i := range 1200 { // whose places in memory count, too
			f.attach(room(fmt.Sprint(i)), "s3-dead")
			f.publish(room(fmt.Sprint(i)), "1")
		}
		f.attach(roomOf(otherAccount, "b"), "s3-dead")
		for range 40 { // which costs the first rooms their records
			f.publish(roomOf(otherAccount, "b"), `"`+strings.Repeat("x", 10_000)+`"`)
		}
		synctest.Wait()
		if !strings.Contains(f.log.String(), "records of chat logs were dropped") {
			t.Fatal("nothing was dropped")
		}
		f.Clear(account)
		f.publish(room("0"), "1")
		if s := f.Status(account, ivschat.ARN{}, ivschat.ARN{})[0]; s.Dropped != 0 || s.Spooled != 1 {
			t.Errorf("the status is %+v", s)
		}
	}, func(c *chatlog.Config) { c.SpoolBytes = chatlog.MinimumSpoolBytes })
}

func TestOfTooManyLoggingConfigurationsThoseWithoutRecordsAreForgotten(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		logTo := func(i int) {
			f.attach(room("a"), fmt.Sprint("s3-", i))
			f.publish(room("a"), "1")
		}
		const most = 10_000
		for i := range most {
			logTo(i)
		}
		f.Flush(t.Context(), "")
		synctest.Wait()
		logTo(0)
		if got := len(f.Status("", ivschat.ARN{}, ivschat.ARN{})); got != most {
			t.Errorf("there are %d logging configurations, want %d", got, most)
		}
		logTo(most)
		spooled := 0
		all := f.Status("", ivschat.ARN{}, ivschat.ARN{})
		for _, status := range all {
			spooled += status.Spooled
		}
		if len(all) != 2 || spooled != 2 {
			t.Errorf("there are %d logging configurations with %d records, want 2 with 2", len(all), spooled)
		}
	})
}

func TestTheEndLogsWhatWasDroppedSinceTheLastLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, "")
		f.attach(room("a"), "firehose-stream")
		for range 3 {
			f.publish(room("a"), `"`+strings.Repeat("x", 1<<20)+`"`)
		}
		f.stop(t)
		for _, line := range []string{"were dropped\" records=1", "were dropped\" records=2"} {
			if !strings.Contains(f.log.String(), line) {
				t.Errorf("the log has no %q:\n%s", line, f.log)
			}
		}
	})
}

func TestTheStatusIsThatOfARoomAndOfALoggingConfiguration(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		f.attach(room("a"), "s3-bucket", "logs-group")
		f.attach(room("b"), "s3-bucket")
		f.publish(room("a"), "1")
		f.publish(room("b"), "2")
		s3 := configuration(account, "s3-bucket").ARN
		for _, test := range []struct {
			account             string
			room, configuration ivschat.ARN
			want                string
		}{
			{"", ivschat.ARN{}, ivschat.ARN{}, "cloudWatchLogs:group[a] s3:bucket[a b]"},
			{account, room("b"), ivschat.ARN{}, "s3:bucket[b]"},
			{"", ivschat.ARN{}, s3, "s3:bucket[a b]"},
			{"", room("a"), s3, "s3:bucket[a]"},
			{"", roomOf(otherAccount, "a"), ivschat.ARN{}, ""},
			{otherAccount, ivschat.ARN{}, ivschat.ARN{}, ""},
		} {
			var got []string
			for _, s := range f.Status(test.account, test.room, test.configuration) {
				var rooms []string
				for _, r := range s.Rooms {
					rooms = append(rooms, r.Room[strings.LastIndex(r.Room, "/")+1:])
				}
				got = append(got, fmt.Sprintf("%s:%s%v", s.Kind, s.Name, rooms))
			}
			if text := strings.Join(got, " "); text != test.want {
				t.Errorf("the status of %q, %s and %s is %s, want %s", test.account, test.room, test.configuration,
					text, test.want)
			}
		}
	})
}

func TestWhatIsLeftInMemoryAtTheEndIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, "")
		f.attach(room("a"), "s3-bucket")
		f.publish(room("a"), "1")
		f.publish(room("a"), "2")
		f.answers(hang)
		began := time.Now()
		f.stop(t)
		if took := time.Since(began); took != time.Second {
			t.Errorf("the end took %v, but should take the second that its context gives", took)
		}
		if !strings.Contains(f.log.String(), "records=2") || !f.closed {
			t.Errorf("the log has %s", f.log)
		}
	})
}

func TestTheEndDeliversAlsoWhatIsNotDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, "")
		f.attach(room("a"), "s3-bucket")
		f.publish(room("a"), "1")
		f.stop(t)
		f.check(t, "at the end", "s3:bucket 00:00:00 a=1")
	})
}

// A look at all rooms for each new one would take minutes.
func TestThirtyThousandRoomsWithOneLoggingConfigurationAreNoTrouble(t *testing.T) {
	bubble(t, func(t *testing.T, f *fixture) {
		const rooms = 30_000
		for i := range rooms {
			id := fmt.Sprint(i)
			f.attach(room(id), "s3-bucket")
			f.publish(room(id), "1")
		}
		f.clock.Advance(5 * time.Minute)
		if got := len(f.all()); got != rooms {
			t.Errorf("there are %d objects, want %d", got, rooms)
		}
		f.attach(room("x"), "s3-bucket")
		f.publish(room("x"), "1")
		f.publish(room("y"), "1")
		if status := f.Status("", ivschat.ARN{}, ivschat.ARN{})[0]; status.Delivered != rooms {
			t.Errorf("%d records were delivered, want %d", status.Delivered, rooms)
		}
	})
}
