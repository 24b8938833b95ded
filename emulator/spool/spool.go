package spool

import (
	"cmp"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A Batch names records that were accepted for a room and a logging configuration in a window of time. It can be
// compared. Times are in UTC, without a monotonic reading.
type Batch struct {
	Place         destination.Place
	Configuration ivschat.ARN // the logging configuration
	Room          string      // ID
	Start, End    time.Time   // of the window, in the service's time
}

// key returns what names the batch in its stream.
func (b *Batch) key() roomWindow { return roomWindow{b.Room, b.Start, b.End} }

// A Pending is a batch with records.
type Pending struct {
	Batch
	Records int
	Bytes   int64 // of their texts
}

// Config is what a Spool works with. Every member is required, except where noted.
type Config struct {
	Dir   string // "" keeps everything in memory
	Bytes int64  // the maximum; more than that loses the oldest records of the logging configuration with the most
	// Lost is called with records that are lost, because of the maximum or because they cannot be read any more. It
	// may be called with locks held, and must not call the spool. Room, Start and End are empty if they are not known,
	// because the records are damaged.
	Lost   func(b Batch, records int, reason string)
	Logger *slog.Logger
}

// The reasons why records are lost.
const (
	Full    = "the spool is full"
	TooLong = "the record is too long"
	Damaged = "a file is damaged"
	Deleted = "a file was deleted"
	Closed  = "the spool is closed, and its files could not be written"
)

// largestSegment is what a segment costs when its stream gets another one, if the maximum is not small.
const largestSegment = 4 << 20

// A Spool keeps records. It is safe for concurrent use.
type Spool struct {
	config       Config
	segmentBytes int64         // what a segment costs when its stream gets another one
	wake         chan struct{} // has a value if the background goroutine has something to do
	stop, ended  chan struct{} // Close closes the first one, and the background goroutine the second one

	// mu is held while a record is written, but not while anything waits for a disk.
	mu        sync.Mutex // guards all below, and what streams, batches and segments have
	root      *os.Root   // nil in memory
	streams   map[streamKey]*stream
	bytes     int64
	position  uint64     // of the next record of a new batch; no record had a higher one
	number    uint64     // of the latest segment
	buffer    []byte     // for entries
	writers   []*segment // whose files are open for writing
	uses      uint64     // how often files were written
	dirty     []*segment // that were written since the last fsync
	names     bool       // whether there are new files since then
	trash     []string   // names of files to be removed
	failing   bool       // whether the last attempt to write a file failed
	complaint error      // for the log
	closed    bool

	complained time.Time // when the log had an error the last time
}

// Open opens a spool. With a directory, it makes that if it is missing, and reads what is there. Files that it does
// not understand are left alone. No other process may use the directory at the same time.
func Open(config Config) (*Spool, error) {
	if config.Bytes <= 0 {
		return nil, fmt.Errorf("the maximum of the spool is %d bytes, and must be positive", config.Bytes)
	}
	s := &Spool{
		config:       config,
		segmentBytes: min(largestSegment, config.Bytes/8),
		wake:         make(chan struct{}, 1),
		stop:         make(chan struct{}),
		ended:        make(chan struct{}),
		streams:      map[streamKey]*stream{},
	}
	if config.Dir == "" {
		close(s.ended)
		return s, nil
	}
	if err := s.load(); err != nil {
		return nil, fmt.Errorf("the directory of chat logs that are not delivered yet cannot be opened: %w", err)
	}
	go s.run()
	return s, nil
}

// Pending returns all batches with records. Those of one window are together, an earlier window comes first.
func (s *Spool) Pending() []Pending {
	s.mu.Lock()
	var pending []Pending
	for _, st := range s.streams {
		for _, b := range st.batches {
			p := Pending{Batch: b.name()}
			for i := range b.parts {
				p.Records += int(b.parts[i].count)
				p.Bytes += int64(b.parts[i].bytes)
			}
			p.Bytes -= int64(p.Records * overheadOf(b.roomWindow))
			pending = append(pending, p)
		}
	}
	s.mu.Unlock()
	slices.SortFunc(pending, func(a, b Pending) int {
		return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End), compare(a.Place, b.Place),
			strings.Compare(a.Configuration.String(), b.Configuration.String()), strings.Compare(a.Room, b.Room))
	})
	return pending
}

func compare(a, b destination.Place) int {
	return cmp.Or(strings.Compare(a.Owner.AccountID, b.Owner.AccountID),
		strings.Compare(a.Owner.Region, b.Owner.Region),
		cmp.Compare(a.Kind, b.Kind), strings.Compare(a.Name, b.Name))
}

// Has reports whether a batch has records. It reads no file.
func (s *Spool) Has(b Batch) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.findLocked(&b) != nil
}

// Remove removes the records of a batch before the position, and returns how many there were.
func (s *Spool) Remove(b Batch, through uint64) (removed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.findLocked(&b); found != nil {
		removed = s.removeLocked(found, through)
	}
	return removed
}

// Close closes the files. Records stay in them. Records that are appended later are lost.
func (s *Spool) Close() error {
	s.mu.Lock()
	again := s.closed
	s.closed = true
	s.mu.Unlock()
	if again {
		<-s.ended
		return nil
	}
	close(s.stop)
	<-s.ended
	if s.config.Dir == "" {
		return nil
	}
	s.maintain()
	s.mu.Lock()
	for len(s.writers) > 0 {
		s.closeLocked(s.writers[0])
	}
	s.loseMemoryLocked()
	s.mu.Unlock()
	s.empty()
	return s.root.Close()
}

// loseMemoryLocked drops the segments that are in memory because files cannot be written.
func (s *Spool) loseMemoryLocked() {
	for _, st := range s.streams {
		for _, seg := range slices.Clone(st.segments) {
			if !seg.inFile {
				s.dropLocked(seg, Closed)
			}
		}
	}
}
