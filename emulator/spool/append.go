package spool

import (
	"errors"
	"io/fs"

	"github.com/ivschat-local/ivschat-local/emulator/destination"
)

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
	case len(b.Room)+len(r.Text) > longestText:
		s.config.Lost(b, 1, TooLong)
		return
	}
	st := s.streamLocked(streamKey{b.Place, b.Configuration})
	seg := s.segmentLocked(st, w, len(r.Text))
	err := s.appendLocked(seg, w, r)
	if err != nil {
		s.failedLocked(err)
		seg = s.newSegmentLocked(st, w)
		_ = s.appendLocked(seg, w, r) // which cannot fail in memory
	}
	s.costLocked(seg)
	s.limitLocked()
}

// appendLocked adds a record to a segment.
func (s *Spool) appendLocked(seg *segment, w roomWindow, r destination.Record) error {
	s.buffer = s.buffer[:0]
	if seg.inFile && seg.size == 0 {
		s.buffer = appendHeader(s.buffer, seg)
	}
	before := uint32(len(s.buffer))
	s.buffer = appendRecord(s.buffer, seg.number, seg.size+before, seg.records, w, r)
	if !seg.inFile {
		seg.memory.append(s.buffer)
	} else if err := s.writeLocked(seg, s.buffer); err != nil {
		return err
	}
	s.addLocked(seg, w, seg.size+before, uint32(len(s.buffer))-before)
	seg.size += uint32(len(s.buffer))
	return nil
}

// segmentLocked returns the segment to which a record of this many bytes is appended.
//
// The stream gets another one when the last one is full. When the window changes, it also gets another one if records
// of the last one were removed. So the segments of a destination that works have records of a window or two, and are
// soon deleted, and those of one that does not work are few.
func (s *Spool) segmentLocked(st *stream, w roomWindow, bytes int) *segment {
	if seg := st.active; seg != nil {
		full := seg.cost+int64(bytes) > s.segmentBytes
		over := seg.live < seg.records && (seg.newest.start != w.start || seg.newest.end != w.end)
		if !full && !over {
			seg.newest = roomWindow{start: w.start, end: w.end}
			return seg
		}
	}
	return s.newSegmentLocked(st, w)
}

// newSegmentLocked starts another segment of a stream. It is in memory while files cannot be written.
func (s *Spool) newSegmentLocked(st *stream, w roomWindow) *segment {
	if st.active != nil {
		s.retireLocked(st.active)
	}
	s.number++
	seg := &segment{stream: st, number: s.number, newest: roomWindow{start: w.start, end: w.end}}
	if s.root != nil && !s.failing {
		err := s.createLocked(seg)
		for tries := 0; errors.Is(err, fs.ErrExist) && tries < 100; tries++ { // a file that is not ours
			s.number++
			seg.number = s.number
			err = s.createLocked(seg)
		}
		if seg.inFile = err == nil; err != nil {
			s.failedLocked(err)
		}
	}
	s.streams[st.streamKey] = st // which the end of its last segment may have removed
	st.segments, st.active = append(st.segments, seg), seg
	return seg
}

// retireLocked ends appending to the active segment of a stream. It is deleted if it has no records.
func (s *Spool) retireLocked(seg *segment) {
	seg.stream.active = nil
	if seg.live == 0 {
		s.deleteLocked(seg)
		s.costLocked(seg)
	}
}

// failedLocked notes that files cannot be written. Until that is tried again, new records are kept in memory.
func (s *Spool) failedLocked(err error) {
	s.failing, s.complaint = true, err
	s.wakeUp()
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
		if s.root == nil && s.compactLocked(most) {
			continue
		}
		s.dropLocked(most.segments[0], Full)
	}
	if s.root != nil && s.bytes > s.config.Bytes/2 {
		s.wakeUp() // to rewrite segments
	}
}
