package spool

import (
	"errors"
	"os"
	"slices"
)

var errUnreadable = errors.New("a record cannot be read")

// copyOf returns the content of a segment with only its live records, and where they are in it. The number of the
// segment does not change. No lock is needed, if the segment is not changed meanwhile.
func copyOf(
	seg *segment, content []byte, records map[roomWindow]index, from source,
) ([]byte, map[roomWindow]index, error) {
	reader, err := from.open()
	if err != nil {
		return nil, nil, err
	}
	defer reader.Close()
	copied, number := make(map[roomWindow]index, len(records)), uint32(0)
	var data []byte
	for w, old := range records {
		var x index
		for e := range old.all() {
			data = slices.Grow(data[:0], int(e.length))[:e.length]
			_, _ = reader.ReadAt(data, int64(e.offset)) // the checksum tells whether all was read
			record, size := decode(data, seg.number, e.offset)
			if size == 0 || !record.isOf(w) {
				return nil, nil, errUnreadable
			}
			offset := uint32(len(content))
			content = appendRecord(content, seg.number, offset, number, w, record.record(w.room))
			x.add(offset, uint32(len(content))-offset)
			number++
		}
		copied[w] = x
	}
	return content, copied, nil
}

// recordsLocked returns where the live records of a segment are.
func (s *Spool) recordsLocked(seg *segment) map[roomWindow]index {
	records := make(map[roomWindow]index, seg.parts)
	for w, b := range seg.stream.batches {
		for i := range b.parts {
			if b.parts[i].segment == seg {
				records[w] = b.parts[i].index
			}
		}
	}
	return records
}

// replaceLocked replaces a segment by its copy. Records that were removed meanwhile are removed from the copy.
func (s *Spool) replaceLocked(old, seg *segment, copied map[roomWindow]index) {
	for w, x := range copied {
		seg.records += x.count
		b := seg.stream.batches[w]
		if b == nil {
			continue
		}
		i := slices.IndexFunc(b.parts, func(p part) bool { return p.segment == old })
		if i < 0 {
			continue
		}
		p := &b.parts[i]
		removed := x.count - p.count
		x.cut(removed)
		p.segment, p.index = seg, x
		seg.live += x.count
		seg.bytes += x.bytes
		seg.parts++
		if removed > 0 {
			s.acknowledgeLocked(w, p)
		}
	}
	segments := seg.stream.segments
	segments[slices.Index(segments, old)] = seg
	s.closeLocked(old)
	old.gone = true
	s.costLocked(old)
	s.costLocked(seg)
}

// gains reports whether a copy of a segment would need at most half as much.
func (seg *segment) gains() bool {
	return !seg.unreadable && costOf(int64(seg.bytes)+block/4, seg.parts) <= seg.cost/2 // with a header
}

// compactLocked replaces one segment of a stream in memory by its copy, if that gains something.
func (s *Spool) compactLocked(st *stream) bool {
	i := slices.IndexFunc(st.segments, (*segment).gains)
	if i < 0 {
		return false
	}
	old := st.segments[i]
	if st.active == old {
		st.active = nil
	}
	content, copied, err := copyOf(old, nil, s.recordsLocked(old), s.sourceLocked(old))
	if err != nil {
		return false // which does not happen in memory
	}
	seg := &segment{stream: st, number: old.number, size: uint32(len(content))}
	seg.memory.append(content)
	s.replaceLocked(old, seg, copied)
	return true
}

// A rewriting is a file beside that of a segment, which is going to replace it.
type rewriting struct {
	old, seg *segment
	root     *os.Root
	size     int
	copied   map[roomWindow]index
	err      error
}

// rewrite replaces a segment by a file with only its live records.
func (s *Spool) rewrite(seg *segment) error { return s.replace(s.copyLive(seg)) }

// copyLive writes a file with only the live records of a segment, to which nothing is appended any more.
func (s *Spool) copyLive(old *segment) *rewriting {
	s.mu.Lock()
	if old.stream.active == old {
		old.stream.active = nil
	}
	w := &rewriting{old: old, seg: &segment{stream: old.stream, number: old.number, inFile: true}, root: s.root}
	from, records := s.sourceLocked(old), s.recordsLocked(old)
	s.mu.Unlock()

	content, copied, err := copyOf(w.seg, appendHeader(nil, w.seg), records, from)
	if err == nil {
		err = writeFile(w.root, fileName(old.number)+temporary, content)
	}
	w.size, w.copied, w.err = len(content), copied, err
	return w
}

// replace replaces a segment by its copy. The file gets its name while s.mu is held, so that others see either the old
// segment with the old file, or the new ones.
func (s *Spool) replace(w *rewriting) error {
	name := fileName(w.old.number)
	s.mu.Lock()
	defer s.mu.Unlock()
	w.old.unreadable = errors.Is(w.err, errUnreadable)
	if w.err == nil && !w.old.gone {
		s.closeLocked(w.old) // because Windows does not replace open files
		w.err = renameFile(w.root, name+temporary, name, w.old.inFile)
	}
	if w.err != nil || w.old.gone {
		_ = w.root.Remove(name + temporary) // or the next start does
		return w.err
	}
	w.seg.size, s.names = uint32(w.size), true
	s.wakeUp() // to sync the directory
	s.replaceLocked(w.old, w.seg, w.copied)
	return nil
}
