package spool

import "github.com/ivschat-local/ivschat-local/emulator/destination"

// Append adds a record to a batch. It never waits for a disk to have written it: a background goroutine does that
// every second. It survives the death of the process once Append has returned. If the files cannot be written,
// records are kept in memory, and the log says so.
func (s *Spool) Append(b Batch, r destination.Record) {
	w := b.key()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		s.config.Lost(b, 1, Closed)
		return
	case len(b.Room)+len(r.Text) > maxEntry-overheadOf(roomWindow{start: w.start, end: w.end}):
		s.config.Lost(b, 1, TooLong)
		return
	}
	st := s.streamLocked(streamKey{b.Place, b.Configuration})
	seg := s.segmentLocked(st, w, len(r.Text))
	s.buffer = appendRecord(s.buffer[:0], seg.number, seg.size, seg.records, w, r)
	seg.memory.append(s.buffer)
	s.addLocked(seg, w, seg.size, uint32(len(s.buffer)))
	seg.size += uint32(len(s.buffer))
	s.costLocked(seg)
	s.limitLocked()
}

// segmentLocked returns the segment to which a record of this many bytes is appended.
//
// It gets another one when it is full. When the window changes, it also gets another one if some of its records were
// removed. So the segments of a destination that works have records of a window or two, and are soon deleted, and
// those of one that does not work are few.
func (s *Spool) segmentLocked(st *stream, w roomWindow, bytes int) *segment {
	if seg := st.active; seg != nil {
		full := int64(seg.size)+int64(bytes) > s.segmentBytes
		over := seg.live < int(seg.records) && (seg.newest.start != w.start || seg.newest.end != w.end)
		if !full && !over {
			seg.newest.start, seg.newest.end = w.start, w.end
			return seg
		}
	}
	s.number++
	seg := &segment{stream: st, number: s.number, newest: roomWindow{start: w.start, end: w.end}}
	st.segments, st.active = append(st.segments, seg), seg
	return seg
}

// limitLocked drops segments until what is kept is within the maximum. The stream with the most loses its oldest one,
// so that a destination that does not work never costs another one its records.
func (s *Spool) limitLocked() {
	for s.bytes > s.config.Bytes {
		var most *stream
		for _, st := range s.streams {
			if most == nil || st.bytes > most.bytes {
				most = st
			}
		}
		s.dropLocked(most.segments[0], Full)
	}
}
