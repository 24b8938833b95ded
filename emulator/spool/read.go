package spool

import (
	"fmt"
	"slices"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/destination"
)

// longestRun is how many bytes of records that follow each other are read at once.
const longestRun = 1 << 20

// Read returns the first records of a batch that fit into the limits, at least one if there is any, and the position
// behind them for Remove. A record that is longer than RecordBytes is returned alone. Records that cannot be read
// any more are lost. The error says that a file cannot be read for the moment, for instance because too many files are
// open. Then nothing is lost.
func (s *Spool) Read(b Batch, limits destination.Limits) (records []destination.Record, through uint64, err error) {
	for {
		parts, sources := s.snapshot(&b)
		if len(parts) == 0 {
			return nil, 0, nil
		}
		r := read(&b, limits, parts, sources)
		done := s.settle(&b, r, parts)
		switch {
		case done && len(r.records) > 0:
			return r.records, r.through, nil
		case r.failed != nil && !isMissing(r.failed):
			return nil, 0, fmt.Errorf("records of chat logs in %s cannot be read: %w", s.config.Dir, r.failed)
		}
	}
}

// snapshot returns the parts of a batch, and where their segments can be read.
func (s *Spool) snapshot(b *Batch) (parts []part, sources []source) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.findLocked(b); found != nil {
		parts = slices.Clone(found.parts)
		for i := range parts {
			sources = append(sources, s.sourceLocked(parts[i].segment))
		}
	}
	return parts, sources
}

// read reads the first records of parts of a batch.
func read(b *Batch, limits destination.Limits, parts []part, sources []source) *reading {
	r := &reading{roomWindow: b.key(), limits: limits, overhead: overheadOf(b.key())}
	for i := range parts {
		if !r.read(&parts[i], sources[i]) {
			break
		}
	}
	return r
}

// settle notes which records cannot be read any more. It returns false if what was read has no meaning, because a
// segment was replaced meanwhile.
func (s *Spool) settle(b *Batch, r *reading, parts []part) bool {
	if r.failed == nil && r.unreadable == 0 && !r.interrupted {
		return true
	}
	s.mu.Lock()
	if slices.ContainsFunc(parts, func(p part) bool { return p.segment.gone }) {
		s.mu.Unlock()
		return false
	}
	damaged, missing := 0, 0
	if found := s.findLocked(b); found != nil && r.unreadable > 0 {
		if damaged = s.removeLocked(found, r.unreadable); damaged > 0 {
			s.config.Lost(*b, damaged, Damaged)
		}
	}
	if isMissing(r.failed) && !r.segment.gone {
		missing = int(r.segment.live)
		s.dropLocked(r.segment, Deleted)
	}
	s.mu.Unlock()
	if damaged > 0 {
		s.logLoss("a file of chat logs that are not delivered yet is damaged", r.damaged, damaged, r.lost)
	}
	if missing > 0 {
		s.logLoss("a file of chat logs that are not delivered yet was deleted", r.segment.number, missing,
			int64(r.segment.size))
	}
	return true
}

// logLoss logs that records of a file cannot be read any more.
func (s *Spool) logLoss(message string, number uint64, records int, bytes int64) {
	s.config.Logger.Error(message, "dir", s.config.Dir, "file", fileName(number), "records", records, "bytes", bytes)
}

// A reading has what was read of a batch.
type reading struct {
	roomWindow
	limits   destination.Limits
	overhead int // of each record in a segment

	records     []destination.Record
	planned     int       // number of records that fit
	bytes       int       // of these, with the limits' overhead
	alone       bool      // whether the record is longer than RecordBytes
	first, last time.Time // of the records
	through     uint64    // the position behind them

	interrupted bool     // whether a record behind the last one cannot be read
	unreadable  uint64   // the position behind the last record that cannot be read; none before it can
	damaged     uint64   // the number of the segment that such a record is in
	lost        int64    // bytes of such records
	failed      error    // why the segment after the records could not be opened
	segment     *segment // that
}

// read adds records of a part. It returns false if no more are wanted.
func (r *reading) read(p *part, from source) (more bool) {
	var extents []extent
	more = true
	for e := range p.all() {
		if more = r.fits(int(e.length) - r.overhead); !more {
			break
		}
		extents = append(extents, e)
	}
	if len(extents) == 0 {
		return more
	}
	reader, err := from.open()
	if err != nil {
		r.failed, r.segment = err, p.segment
		return false
	}
	defer reader.Close()
	r.records = slices.Grow(r.records, len(extents))
	position := p.base
	for len(extents) > 0 {
		run := runOf(extents)
		data := make([]byte, run.length)
		n, _ := reader.ReadAt(data, int64(run.offset))
		for end := run.offset + run.length; len(extents) > 0 && extents[0].offset < end; extents = extents[1:] {
			e := extents[0]
			encoded := data[min(int(e.offset-run.offset), n):n]
			record, size := decode(encoded, p.segment.number, e.offset)
			position++
			switch {
			case size > 0 && record.isOf(r.roomWindow):
				if !r.add(&record) {
					return false
				}
				r.through = position
			case len(r.records) > 0:
				r.interrupted = true // those before it are returned
				return false
			default:
				r.unreadable, r.damaged = position, p.segment.number
				r.lost += int64(e.length)
			}
		}
	}
	return more
}

// runOf returns where the first records are that follow each other without a gap.
func runOf(extents []extent) extent {
	run := extents[0]
	for _, e := range extents[1:] {
		if e.offset != run.offset+run.length || run.length+e.length > longestRun {
			break
		}
		run.length += e.length
	}
	return run
}

// fits reports whether a record with a text of this many bytes fits, and counts it if it does.
func (r *reading) fits(text int) bool {
	alone := text > r.limits.RecordBytes
	if r.planned > 0 && (r.alone || alone || r.planned >= r.limits.Records ||
		r.bytes+text+r.limits.Overhead > r.limits.Bytes) {
		return false
	}
	r.planned++
	r.alone = alone
	r.bytes += text + r.limits.Overhead
	return true
}

// add adds a record, if its time is within the span.
func (r *reading) add(e *entry) bool {
	first, last := e.time, e.time
	if len(r.records) > 0 {
		first, last = earlier(r.first, first), later(r.last, last)
	}
	if r.limits.Span > 0 && last.Sub(first) > r.limits.Span {
		return false
	}
	r.first, r.last = first, last
	r.records = append(r.records, e.record(r.room))
	return true
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
