// Package spool keeps the records of chat logs until they are delivered: in files, so that they survive a crash, or
// in memory.
package spool

import (
	"cmp"
	"log/slog"
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
	Closed  = "the spool is closed"
)

// longestSegment is the number of bytes after which a stream gets another segment, if the maximum is not small.
const longestSegment = 4 << 20

// A Spool keeps records. It is safe for concurrent use.
type Spool struct {
	config       Config
	segmentBytes int64 // after which a stream gets another segment

	mu       sync.Mutex // guards all below, and what streams, batches and segments have
	streams  map[streamKey]*stream
	bytes    int64
	position uint64 // of the next record of a new batch; no record had a higher one
	number   uint64 // of the latest segment
	buffer   []byte // for entries
	closed   bool
}

// Open opens a spool. So far it is in memory, also with a directory.
func Open(config Config) (*Spool, error) {
	return &Spool{
		config:       config,
		segmentBytes: min(longestSegment, config.Bytes/8),
		streams:      map[streamKey]*stream{},
	}, nil
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
	return cmp.Or(strings.Compare(a.Owner.AccountID, b.Owner.AccountID), strings.Compare(a.Owner.Region, b.Owner.Region),
		cmp.Compare(a.Kind, b.Kind), strings.Compare(a.Name, b.Name))
}

// Bytes returns how much is kept: the segments on disk or in memory, in whole blocks, and what is needed in memory to
// find the records.
func (s *Spool) Bytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes
}

// Remove removes the records of a batch before the position.
func (s *Spool) Remove(b Batch, through uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.findLocked(&b); found != nil {
		s.removeLocked(found, through)
	}
}

// Forget removes all records of an account, or all if it is "".
func (s *Spool) Forget(account string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.streams {
		if account != "" && st.place.Owner.AccountID != account {
			continue
		}
		for len(st.segments) > 0 {
			s.dropLocked(st.segments[0], "")
		}
	}
}

// Close closes the files. Records stay in them. Records that are appended later are lost.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}
