package spool

import (
	"os"
	"slices"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// batchCost is how many bytes of memory a batch needs for each segment that has records of it, about. It counts for
// the maximum, because many rooms with one record each need more memory than the records.
const batchCost = 512

type streamKey struct {
	place         destination.Place
	configuration ivschat.ARN
}

// A stream has the records of a place and a logging configuration.
type stream struct {
	streamKey
	segments []*segment // the oldest first
	active   *segment   // the last one, if it is appended to
	batches  map[roomWindow]*batch
	bytes    int64 // the cost of the segments
}

// A batch has the records of a Batch. It has at least one.
type batch struct {
	stream *stream
	roomWindow
	parts []part // in the order of segments
	next  uint64 // position of the next record
}

// A part has the records of a batch that are in one segment.
type part struct {
	segment *segment
	base    uint64 // position of the first record
	index
}

// A segment has records of a stream. Its number does not change while others can use it.
type segment struct {
	stream  *stream
	number  uint64 // a later segment has a higher one
	inFile  bool   // or in memory
	memory  memory
	size    uint32
	records uint32     // number of records that were appended
	live    uint32     // number of records that were not removed
	bytes   uint32     // of the live records
	parts   int        // of batches
	cost    int64      // what it counts for the maximum
	newest  roomWindow // that was appended, without the room

	file       *os.File // for writing; nil if it is not open
	used       uint64   // when it was written, see Spool.uses
	dirty      bool     // whether it was written since the last fsync
	damaged    bool     // whether nothing can be written to it any more
	unreadable bool     // whether it cannot be rewritten, because a record cannot be read
	gone       bool     // whether it was deleted or replaced
}

// name returns the name of the batch.
func (b *batch) name() Batch {
	return Batch{b.stream.place, b.stream.configuration, b.room, b.start, b.end}
}

// findLocked returns a batch, or nil if it has no records.
func (s *Spool) findLocked(b *Batch) *batch {
	if st := s.streams[streamKey{b.Place, b.Configuration}]; st != nil {
		return st.batches[b.key()]
	}
	return nil
}

// streamLocked returns a stream. A new one has no segment yet.
func (s *Spool) streamLocked(key streamKey) *stream {
	st := s.streams[key]
	if st == nil {
		st = &stream{streamKey: key, batches: map[roomWindow]*batch{}}
		s.streams[key] = st
	}
	return st
}

// addLocked notes that a record was appended to a segment.
func (s *Spool) addLocked(seg *segment, w roomWindow, offset, length uint32) {
	b := seg.stream.batches[w]
	if b == nil {
		w.room = strings.Clone(w.room) // which may be a part of something large
		b = &batch{stream: seg.stream, roomWindow: w, next: s.position}
		seg.stream.batches[w] = b
	}
	last := len(b.parts) - 1
	if last < 0 || b.parts[last].segment != seg {
		b.parts = append(b.parts, part{segment: seg, base: b.next})
		seg.parts++
		last++
	}
	b.parts[last].add(offset, length)
	b.next++
	s.position++
	seg.records++
	seg.live++
	seg.bytes += length
}

// costLocked notes what a segment costs now.
func (s *Spool) costLocked(seg *segment) {
	var cost int64
	if !seg.gone {
		cost = costOf(int64(seg.size), seg.parts)
	}
	s.bytes += cost - seg.cost
	seg.stream.bytes += cost - seg.cost
	seg.cost = cost
}

// costOf returns what a segment of this size costs.
func costOf(size int64, parts int) int64 {
	return (size+block-1)/block*block + int64(parts)*batchCost
}

// removeLocked removes the records of a batch before a position, and returns how many there were.
func (s *Spool) removeLocked(b *batch, through uint64) (removed int) {
	for len(b.parts) > 0 && b.parts[0].base < through {
		p := &b.parts[0]
		n := uint32(min(uint64(p.count), through-p.base))
		p.cutFirst(n)
		removed += int(n)
		s.acknowledgeLocked(b.roomWindow, p)
		if p.count > 0 {
			s.costLocked(p.segment)
			return removed
		}
		s.endLocked(b, 0)
	}
	return removed
}

// cutFirst removes the first records of a part.
func (p *part) cutFirst(n uint32) {
	p.segment.bytes -= p.cut(n)
	p.segment.live -= n
	p.base += uint64(n)
}

// acknowledgeLocked notes in the file of a segment which records were removed. If that fails, they come back after a
// crash, and are delivered again.
func (s *Spool) acknowledgeLocked(w roomWindow, p *part) {
	seg := p.segment
	if !seg.inFile || seg.damaged || s.closed {
		return
	}
	before := p.from // where the last one that was removed ends
	s.buffer = appendAcknowledgement(s.buffer[:0], seg.number, seg.size, w, before)
	if err := s.writeLocked(seg, s.buffer); err != nil {
		if !isMissing(err) { // Read says that a file is missing, if it still has records
			s.failedLocked(err)
		}
		return
	}
	seg.size += uint32(len(s.buffer))
}

// endLocked removes a part that has no records any more, and what has none without it.
func (s *Spool) endLocked(b *batch, i int) {
	seg := b.parts[i].segment
	b.parts = slices.Delete(b.parts, i, i+1)
	if len(b.parts) == 0 {
		delete(b.stream.batches, b.roomWindow)
	}
	seg.parts--
	if seg.live == 0 {
		s.deleteLocked(seg)
	}
	s.costLocked(seg)
}

// dropLocked removes a segment with its records, which are lost.
func (s *Spool) dropLocked(seg *segment, reason string) {
	for _, b := range seg.stream.batches {
		i := slices.IndexFunc(b.parts, func(p part) bool { return p.segment == seg })
		if i < 0 {
			continue
		}
		n := b.parts[i].count
		seg.live -= n
		s.endLocked(b, i)
		s.config.Lost(b.name(), int(n), reason)
	}
}

// deleteLocked removes a segment that has no records, and its stream if that has no other. The background goroutine
// removes the file.
func (s *Spool) deleteLocked(seg *segment) {
	st := seg.stream
	seg.gone = true
	s.closeLocked(seg)
	if seg.inFile {
		s.trash = append(s.trash, fileName(seg.number))
		s.wakeUp()
	}
	st.segments = slices.DeleteFunc(st.segments, func(other *segment) bool { return other == seg })
	if st.active == seg {
		st.active = nil
	}
	if len(st.segments) == 0 {
		delete(s.streams, st.streamKey)
	}
}
