package spool

import (
	"slices"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/destination"
)

// Read returns the first records of a batch that fit into the limits, at least one if there is any, and the position
// behind them for Remove. A record that is longer than RecordBytes is returned alone.
func (s *Spool) Read(b Batch, limits destination.Limits) (records []destination.Record, through uint64) {
	s.mu.Lock()
	found := s.findLocked(&b)
	if found == nil {
		s.mu.Unlock()
		return nil, 0
	}
	parts := slices.Clone(found.parts)
	sources := make([]memory, len(parts))
	for i := range parts {
		sources[i] = parts[i].segment.memory
	}
	s.mu.Unlock()

	r := reading{roomWindow: b.key(), limits: limits, overhead: overheadOf(b.key()), through: parts[0].base}
	for i := range parts {
		if !r.read(&parts[i], sources[i]) {
			break
		}
	}
	return r.records, r.through
}

// A reading has what was read of a batch.
type reading struct {
	roomWindow
	limits   destination.Limits
	overhead int // of each record in a segment

	records     []destination.Record
	bytes       int       // of the records, with the limits' overhead
	alone       bool      // whether the record is longer than RecordBytes
	first, last time.Time // of the records
	through     uint64
}

// read adds records of a part. It returns false if no more fit.
func (r *reading) read(p *part, source memory) (more bool) {
	next := p.base
	for e := range p.all() {
		if !r.fits(int(e.length) - r.overhead) {
			return false
		}
		data := make([]byte, e.length)
		_, _ = source.ReadAt(data, int64(e.offset))
		record, _ := decode(data, p.segment.number, e.offset)
		if !r.add(record) {
			return false
		}
		next++
		r.through = next
	}
	return true
}

// fits reports whether a record with a text of this many bytes fits, and counts it if it does.
func (r *reading) fits(text int) bool {
	alone := text > r.limits.RecordBytes
	if len(r.records) > 0 && (r.alone || alone || len(r.records) >= r.limits.Records ||
		r.bytes+text+r.limits.Overhead > r.limits.Bytes) {
		return false
	}
	r.alone = alone
	r.bytes += text + r.limits.Overhead
	return true
}

// add adds a record, if its time is within the span.
func (r *reading) add(e entry) bool {
	first, last := e.time, e.time
	if len(r.records) > 0 {
		first, last = earlier(r.first, first), later(r.last, last)
	}
	if r.limits.Span > 0 && last.Sub(first) > r.limits.Span {
		return false
	}
	r.first, r.last = first, last
	r.records = append(r.records, destination.Record{Room: r.room, Time: e.time, Text: e.text})
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
