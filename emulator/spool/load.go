package spool

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
)

// load opens the directory and reads what is there.
func (s *Spool) load() error {
	root, err := s.openDir()
	if err != nil {
		return err
	}
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		_ = root.Close()
		return err
	}
	s.root = root
	for _, e := range entries { // in the order of their numbers, because names are sorted
		if number, ok := numberOf(e.Name()); ok {
			if number < maxNumber {
				s.number = number
			}
			s.loadFile(number)
		} else if name, ok := strings.CutSuffix(e.Name(), temporary); ok {
			if _, ok := numberOf(name); ok {
				_ = root.Remove(e.Name()) // writing it did not end
			}
		}
	}
	s.empty()
	return nil
}

// loadFile reads a file. What it cannot understand is left alone.
func (s *Spool) loadFile(number uint64) {
	data, err := readFile(s.root, fileName(number))
	var key streamKey
	size := 0
	if err == nil {
		if len(data) == 0 { // the process or the system ended before something was written
			s.trash = append(s.trash, fileName(number))
			return
		}
		key, size, err = parseHeader(data, number)
	}
	if err != nil {
		s.config.Logger.Warn("a file beside chat logs that are not delivered yet is left alone; delete it if "+
			"it is not needed", "dir", s.config.Dir, "file", fileName(number), "bytes", len(data), "reason", err)
		return
	}
	st := s.streamLocked(key)
	seg := &segment{stream: st, number: number, inFile: true}
	st.segments = append(st.segments, seg)
	l := loading{spool: s, seg: seg, data: data, budget: 4 * len(data)}
	l.replay(uint32(size))
	l.finish()
	s.limitLocked()
}

// readFile reads a file, which must not be longer than a segment can be.
func readFile(root *os.Root, name string) ([]byte, error) {
	file, err := openFile(root, name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, longestFile+1))
	if err == nil && len(data) > longestFile {
		return data, errForeign
	}
	return data, err
}

// A loading reads the entries of a segment.
type loading struct {
	spool        *Spool
	seg          *segment
	data         []byte
	budget       int             // how many more bytes may be checked to find entries behind damage
	skipped      uint32          // bytes since the last entry
	damaged      uint32          // bytes that were skipped
	lost         uint32          // records that were skipped, as far as the numbers of later ones tell
	acknowledged map[*batch]bool // batches of which records were removed
}

// replay reads the entries from an offset on.
func (l *loading) replay(offset uint32) {
	l.seg.size = offset
	for end := uint32(len(l.data)); offset < end; {
		e, size := decode(l.data[offset:], l.seg.number, offset)
		switch {
		case size == 0:
			next := l.find(offset + 1)
			if next == end {
				l.cut(offset)
				return
			}
			l.skipped = next - offset
			l.damaged += l.skipped
			offset = next
			continue
		case e.kind == recordKind:
			l.add(&e, offset, uint32(size))
		default:
			l.acknowledge(&e)
		}
		l.skipped = 0
		offset += uint32(size)
		l.seg.size = offset
	}
}

// find returns the offset of the next entry, or the length of the file if there is none. It gives up when it has
// checked too many bytes, because a file could be made to need hours.
func (l *loading) find(offset uint32) uint32 {
	end := uint32(len(l.data))
	for ; offset < end && l.budget > 0; offset++ {
		rest := l.data[offset:]
		if length, ok := lengthOf(rest); ok {
			l.budget -= length
			if _, size := decode(rest, l.seg.number, offset); size > 0 {
				return offset
			}
		}
	}
	return end
}

// add notes a record. Its number tells how many were lost if there is damage before it.
func (l *loading) add(e *entry, offset, length uint32) {
	if l.skipped > 0 && e.number > l.seg.records {
		most := l.skipped/preludeBytes + 1
		l.lost += min(e.number-l.seg.records, most)
	}
	l.seg.records = max(l.seg.records, e.number)
	l.spool.addLocked(l.seg, e.window(), offset, length)
}

// acknowledge removes records that were removed before.
func (l *loading) acknowledge(e *entry) {
	b := l.seg.stream.batches[e.window()]
	if b == nil {
		return
	}
	p := &b.parts[len(b.parts)-1]
	if p.segment != l.seg {
		return
	}
	n := uint32(0)
	for x := range p.all() {
		if x.offset >= e.before {
			break
		}
		n++
	}
	p.cutFirst(n)
	if l.acknowledged == nil {
		l.acknowledged = map[*batch]bool{}
	}
	l.acknowledged[b] = true
}

// cut removes the end of the file, which has no entry. Usually it is the beginning of a record that was being written
// when the process ended.
func (l *loading) cut(offset uint32) {
	rest := l.data[offset:]
	if !isTorn(rest) {
		l.damaged += uint32(len(rest))
	} else {
		l.spool.config.Logger.Info("the last record of a file of chat logs was not written completely, and is ignored",
			"dir", l.spool.config.Dir, "file", fileName(l.seg.number), "bytes", len(rest))
	}
	file, err := openFile(l.spool.root, fileName(l.seg.number), os.O_RDWR)
	if err == nil {
		err = errors.Join(file.Truncate(int64(offset)), file.Close())
	}
	l.seg.damaged = err != nil
}

// finish removes what has no records, and tells what was lost.
func (l *loading) finish() {
	if l.damaged > 0 {
		lost := max(l.lost, 1)
		l.spool.logLoss("a file of chat logs that are not delivered yet is damaged", l.seg.number, int(lost),
			int64(l.damaged))
		key := l.seg.stream.streamKey
		l.spool.config.Lost(Batch{Place: key.place, Configuration: key.configuration}, int(lost), Damaged)
	}
	for b := range l.acknowledged {
		if last := len(b.parts) - 1; b.parts[last].count == 0 {
			l.spool.endLocked(b, last)
		}
	}
	if l.seg.live == 0 && !l.seg.gone {
		l.spool.deleteLocked(l.seg)
	}
	l.spool.costLocked(l.seg)
}
