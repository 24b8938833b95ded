package spool_test

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/spool"
)

var (
	owner      = ivschat.Owner{AccountID: "123456789012", Region: "us-east-1"}
	noon       = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	everything = destination.Limits{Records: 1 << 30, Bytes: 1 << 30, RecordBytes: 1 << 30}
)

// A spoolTest is a spool and what it lost.
type spoolTest struct {
	*spool.Spool
	t      *testing.T
	config spool.Config
	lost   map[string]int // "<room>: <reason>" -> number of records
	log    *strings.Builder
}

// open opens a spool, which the test closes at its end.
func open(t *testing.T, dir string, bytes int64) *spoolTest {
	t.Helper()
	s := &spoolTest{t: t, lost: map[string]int{}, log: new(strings.Builder)}
	s.config = spool.Config{
		Dir: dir, Bytes: bytes,
		Lost:   func(b spool.Batch, records int, reason string) { s.lost[b.Room+": "+reason] += records },
		Logger: slog.New(slog.NewTextHandler(s.log, nil)),
	}
	s.open()
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func (s *spoolTest) open() {
	s.t.Helper()
	var err error
	if s.Spool, err = spool.Open(s.config); err != nil {
		s.t.Fatal(err)
	}
}

// batch returns a batch of a logging configuration and a room, in the window that begins at noon.
func batch(configuration, room string) spool.Batch {
	return spool.Batch{
		Place:         destination.Place{Owner: owner, Kind: destination.S3, Name: "bucket-" + configuration},
		Configuration: ivschat.ARN{Owner: owner, ResourceType: ivschat.LoggingConfigurationResource, ID: configuration},
		Room:          room, Start: noon, End: noon.Add(5 * time.Minute),
	}
}

// later returns the batch of a later window.
func later(b spool.Batch, windows int) spool.Batch {
	length := time.Duration(windows) * b.End.Sub(b.Start)
	b.Start, b.End = b.Start.Add(length), b.End.Add(length)
	return b
}

// add appends records with these texts.
func (s *spoolTest) add(b spool.Batch, texts ...string) {
	for _, text := range texts {
		s.Append(b, destination.Record{Room: b.Room, Time: b.Start.Add(time.Second), Text: []byte(text)})
	}
}

// numbers returns the texts of records with these numbers.
func numbers(from, to int) (texts []string) {
	for n := from; n < to; n++ {
		texts = append(texts, fmt.Sprintf(`{"number":%d}`, n))
	}
	return texts
}

// expect fails the test if a batch does not have exactly these texts. It does not remove them.
func (s *spoolTest) expect(b spool.Batch, texts ...string) (through uint64) {
	s.t.Helper()
	records, through := s.Read(b, everything)
	var got []string
	for _, r := range records {
		got = append(got, string(r.Text))
	}
	if !slices.Equal(got, texts) {
		s.t.Errorf("room %s has %d records, want %d: %.300q, want %.300q", b.Room, len(got), len(texts), got, texts)
	}
	return through
}

// expectLost fails the test if other records were lost.
func (s *spoolTest) expectLost(lost map[string]int) {
	s.t.Helper()
	if !maps.Equal(s.lost, lost) {
		s.t.Errorf("lost are %v, want %v", s.lost, lost)
	}
}

// inMemoryAndInFiles runs a test with both kinds of spools.
func inMemoryAndInFiles(t *testing.T, test func(t *testing.T, dir string)) {
	t.Run("in memory", func(t *testing.T) { test(t, "") })
}

func TestRecordsAreReadAsTheyWereAppended(t *testing.T) {
	inMemoryAndInFiles(t, func(t *testing.T, dir string) {
		s := open(t, dir, 1<<20)
		b := batch("configuration", "room")
		want := destination.Record{Room: "room", Time: noon.Add(123456789), Text: []byte(`{"Content":"über"}`)}
		s.Append(b, want)
		records, through := s.Read(b, everything)
		if len(records) != 1 || string(records[0].Text) != string(want.Text) || records[0].Room != "room" ||
			records[0].Time != want.Time {
			t.Errorf("read %v, want %v", records, want)
		}
		s.expect(b, string(want.Text)) // it is still there
		s.Remove(b, through)
		s.expect(b)
		if bytes := s.Bytes(); bytes != 0 {
			t.Errorf("%d bytes are kept", bytes)
		}
	})
}

func TestPendingBatchesAreInTheOrderOfTheirWindows(t *testing.T) {
	inMemoryAndInFiles(t, func(t *testing.T, dir string) {
		s := open(t, dir, 1<<20)
		a, b := batch("first", "room"), batch("second", "room")
		s.add(later(a, 1), "12345")
		s.add(b, "1", "22")
		s.add(a, "333")
		s.add(later(b, 1), "4")
		want := []spool.Pending{{a, 1, 3}, {b, 2, 3}, {later(a, 1), 1, 5}, {later(b, 1), 1, 1}}
		if got := s.Pending(); !slices.Equal(got, want) {
			t.Errorf("pending are %v, want %v", got, want)
		}
	})
}

func TestPositionsAreNeverUsedAgain(t *testing.T) {
	inMemoryAndInFiles(t, func(t *testing.T, dir string) {
		s := open(t, dir, 1<<20)
		b := batch("configuration", "room")
		s.add(b, numbers(0, 10)...)
		through := s.expect(b, numbers(0, 10)...)
		s.Forget("")
		s.add(b, numbers(10, 12)...)
		s.Remove(b, through) // which a delivery does that was going on during the Forget
		s.expect(b, numbers(10, 12)...)
	})
}
