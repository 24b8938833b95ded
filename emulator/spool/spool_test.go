package spool_test

import (
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
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

// A spoolTest is a spool, and what it lost and logged.
type spoolTest struct {
	*spool.Spool
	t      testing.TB
	config spool.Config

	mu   sync.Mutex     // guards all below
	lost map[string]int // "<room>: <reason>" -> number of records
	log  strings.Builder
}

// Write adds to the log.
func (s *spoolTest) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(text)
}

// logged returns what was logged.
func (s *spoolTest) logged() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// open opens a spool, which the test closes at its end.
func open(t testing.TB, dir string, bytes int64) *spoolTest {
	t.Helper()
	s := &spoolTest{t: t, lost: map[string]int{}}
	s.config = spool.Config{
		Dir: dir, Bytes: bytes,
		Lost: func(b spool.Batch, records int, reason string) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.lost[b.Room+": "+reason] += records
		},
		Logger: slog.New(slog.NewTextHandler(s, nil)),
	}
	s.open()
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// reopen closes a spool and opens it again.
func (s *spoolTest) reopen() {
	s.t.Helper()
	if err := s.Close(); err != nil {
		s.t.Fatal(err)
	}
	s.open()
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

// long is added to texts, so that a record has about 300 bytes.
var long = strings.Repeat("x", 230)

// numbers returns the texts of records with these numbers.
func numbers(from, to int) (texts []string) {
	for n := from; n < to; n++ {
		texts = append(texts, fmt.Sprintf(`{"number":%d,"Content":"%s"}`, n, long))
	}
	return texts
}

// expect fails the test if a batch does not have exactly these texts. It does not remove them.
func (s *spoolTest) expect(b spool.Batch, texts ...string) (through uint64) {
	s.t.Helper()
	records, through, _ := s.Read(b, everything)
	got := make([]string, len(records))
	for i, r := range records {
		got[i] = string(r.Text)
	}
	if !slices.Equal(got, texts) {
		s.t.Errorf("room %s has %s, want %s", b.Room, summary(got), summary(texts))
	}
	return through
}

// summary returns how many texts there are, and how the first and the last one begin.
func summary(texts []string) string {
	if len(texts) == 0 {
		return "no records"
	}
	return fmt.Sprintf("%d records from %.20s to %.20s", len(texts), texts[0], texts[len(texts)-1])
}

// expectLost fails the test if other records were lost.
func (s *spoolTest) expectLost(lost map[string]int) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !maps.Equal(s.lost, lost) {
		s.t.Errorf("lost are %v, want %v", s.lost, lost)
	}
}

// inMemoryAndInFiles runs a test with both kinds of spools.
func inMemoryAndInFiles(t *testing.T, test func(t *testing.T, dir string)) {
	t.Run("in memory", func(t *testing.T) { test(t, "") })
	t.Run("in files", func(t *testing.T) { test(t, t.TempDir()) })
}

func TestRecordsAreReadAsTheyWereAppended(t *testing.T) {
	inMemoryAndInFiles(t, func(t *testing.T, dir string) {
		s := open(t, dir, 1<<20)
		b := batch("configuration", "room")
		want := destination.Record{Room: "room", Time: noon.Add(123456789), Text: []byte(`{"Content":"über"}`)}
		s.Append(b, want)
		records, through, _ := s.Read(b, everything)
		if len(records) != 1 || string(records[0].Text) != string(want.Text) || records[0].Room != "room" ||
			records[0].Time != want.Time {
			t.Errorf("read %v, want %v", records, want)
		}
		s.expect(b, string(want.Text))             // it is still there
		if bytes := s.Bytes(); bytes != 4096+512 { // a block, and what is needed in memory
			t.Errorf("one record costs %d bytes", bytes)
		}
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
		s.Remove(b, math.MaxUint64)
		s.add(b, numbers(10, 12)...)
		s.Remove(b, through) // which a delivery does that was going on meanwhile
		s.expect(b, numbers(10, 12)...)
	})
}

func TestReadStaysWithinTheLimits(t *testing.T) {
	inMemoryAndInFiles(t, func(t *testing.T, dir string) {
		for name, test := range map[string]struct {
			limits destination.Limits
			want   int
		}{
			"everything":          {everything, 5},
			"records":             {destination.Limits{Records: 3, Bytes: 100, RecordBytes: 10}, 3},
			"no record":           {destination.Limits{}, 1},
			"bytes":               {destination.Limits{Records: 10, Bytes: 10, RecordBytes: 10}, 4},
			"one byte less":       {destination.Limits{Records: 10, Bytes: 9, RecordBytes: 10}, 3},
			"bytes with overhead": {destination.Limits{Records: 10, Bytes: 14, RecordBytes: 10, Overhead: 2}, 3},
			"span": {
				destination.Limits{Records: 10, Bytes: 100, RecordBytes: 10, Span: 2 * time.Minute}, 3,
			},
			"a shorter span": {
				destination.Limits{Records: 10, Bytes: 100, RecordBytes: 10, Span: 2*time.Minute - 1}, 2,
			},
			"length of one record": {destination.Limits{Records: 10, Bytes: 100, RecordBytes: 3}, 3},
			"less than the first":  {destination.Limits{Records: 10, Bytes: 100, RecordBytes: 0}, 1},
		} {
			t.Run(name, func(t *testing.T) {
				if dir != "" {
					dir = t.TempDir()
				}
				s := open(t, dir, 1<<20)
				b := batch("configuration", "room")
				for n, text := range []string{"1", "22", "333", "4444", "55555"} {
					s.Append(b, destination.Record{Room: "room", Time: noon.Add(time.Duration(n) * time.Minute),
						Text: []byte(text)})
				}
				records, through, _ := s.Read(b, test.limits)
				if len(records) != test.want {
					t.Errorf("%d records were read, want %d", len(records), test.want)
				}
				s.Remove(b, through)
				if rest, _, _ := s.Read(b, everything); len(rest) != 5-test.want {
					t.Errorf("%d records are left, want %d", len(rest), 5-test.want)
				}
			})
		}
	})
}

func TestASpanIsMeasuredAlsoWhenTheClockWasSetBack(t *testing.T) {
	s := open(t, "", 1<<20)
	b := batch("configuration", "room")
	for n := range 3 {
		s.Append(b, destination.Record{Room: "room", Time: noon.Add(-time.Duration(n) * time.Minute),
			Text: []byte("text")})
	}
	limits := everything
	limits.Span = time.Minute
	if records, _, _ := s.Read(b, limits); len(records) != 2 {
		t.Errorf("%d records were read, want 2", len(records))
	}
}

func TestALongRecordIsReadAlone(t *testing.T) {
	inMemoryAndInFiles(t, func(t *testing.T, dir string) {
		s := open(t, dir, 1<<20)
		b := batch("configuration", "room")
		s.add(b, "1", "4444", "5", "6")
		limits := everything
		limits.RecordBytes = 3
		for _, want := range []int{1, 1, 2} {
			records, through, _ := s.Read(b, limits)
			if len(records) != want {
				t.Fatalf("%d records were read, want %d", len(records), want)
			}
			s.Remove(b, through)
		}
	})
}

// The records of 50 rooms are in many segments, between those of the others.
func TestRoomsAreReadAndRemovedIndependently(t *testing.T) {
	inMemoryAndInFiles(t, func(t *testing.T, dir string) {
		s := open(t, dir, 1<<20)
		const rooms, records = 50, 40
		b := func(room int) spool.Batch { return batch("configuration", fmt.Sprint("room", room)) }
		for n := range records {
			for room := range rooms {
				s.add(b(room), numbers(n, n+1)...)
			}
		}
		for room := range rooms {
			limits := everything
			limits.Records = room % records
			for range 2 {
				_, through, _ := s.Read(b(room), limits)
				s.Remove(b(room), through)
			}
		}
		check := func() {
			t.Helper()
			for room := range rooms {
				s.expect(b(room), numbers(min(2*max(room%records, 1), records), records)...)
			}
		}
		check()
		if dir != "" {
			s.reopen()
			check()
		}
		s.expectLost(map[string]int{})
		for room := range rooms {
			s.Remove(b(room), s.through(b(room)))
		}
		if n, pending := s.Bytes(), s.Pending(); n != 0 || len(pending) > 0 {
			t.Errorf("%d bytes are kept of %v", n, pending)
		}
	})
}

// through returns the position behind all records of a batch.
func (s *spoolTest) through(b spool.Batch) uint64 {
	_, through, _ := s.Read(b, everything)
	return through
}

func TestAClosedSpoolTakesNoRecords(t *testing.T) {
	inMemoryAndInFiles(t, func(t *testing.T, dir string) {
		s := open(t, dir, 1<<20)
		b := batch("configuration", "room")
		s.add(b, "before")
		for range 2 {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		s.add(b, "after")
		s.expectLost(map[string]int{"room: " + spool.Closed: 1})
		s.Remove(b, s.through(b))
	})
}

func TestALongTextIsLost(t *testing.T) {
	inMemoryAndInFiles(t, func(t *testing.T, dir string) {
		s := open(t, dir, 16<<20)
		b := batch("configuration", "room")
		longest := strings.Repeat("x", 1<<20-64-len("room"))
		s.add(b, longest, longest+"x", "short")
		s.expect(b, longest, "short")
		if dir != "" {
			s.reopen()
			s.expect(b, longest, "short")
		}
		s.expectLost(map[string]int{"room: " + spool.TooLong: 1})
	})
}

func TestRecordsThatAreLongerThanASegmentHaveOneEach(t *testing.T) {
	inMemoryAndInFiles(t, func(t *testing.T, dir string) {
		s := open(t, dir, maximum)
		b := batch("configuration", "room")
		texts := []string{strings.Repeat("a", maximum/8), strings.Repeat("b", maximum/8),
			strings.Repeat("c", maximum/8)}
		s.add(b, texts...)
		s.expect(b, texts...)
		if dir != "" {
			s.reopen()
			s.expect(b, texts...)
			if n := len(files(t, dir)); n != 3 {
				t.Errorf("there are %d files", n)
			}
		}
	})
}

func TestAMaximumMustBePositive(t *testing.T) {
	if _, err := spool.Open(spool.Config{}); err == nil {
		t.Error("it is accepted")
	}
}

func TestAppendAllocatesNothingForARecord(t *testing.T) {
	inMemoryAndInFiles(t, func(t *testing.T, dir string) {
		s := open(t, dir, 64<<20)
		b := batch("configuration", "room")
		record := destination.Record{Room: "room", Time: noon, Text: []byte(numbers(0, 1)[0])}
		// Blocks of memory, the index and maps grow now and then.
		if allocations := testing.AllocsPerRun(10000, func() { s.Append(b, record) }); allocations >= 1 {
			t.Errorf("a record needs %v allocations", allocations)
		}
	})
}
