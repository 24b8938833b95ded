package spool

import (
	"errors"

	"github.com/ivschat-local/ivschat-local/emulator/destination"
)

// Sealed returns the content of the file of a segment with entries of these bodies, with checksums.
func Sealed(number uint64, b Batch, bodies [][]byte) []byte {
	st := &stream{streamKey: streamKey{b.Place, b.Configuration}}
	content := appendHeader(nil, &segment{number: number, stream: st})
	for _, body := range bodies {
		begin := len(content)
		content = append(append(content, make([]byte, preludeBytes)...), body...)
		seal(content[begin:], number, uint32(begin))
	}
	return content
}

// Maintain does what the background goroutine does every second.
func (s *Spool) Maintain() {
	s.maintain()
	s.empty()
}

// ReadOnce reads a batch as Read does, but calls a function before it opens files. It returns how many records it has
// read, and whether Read would read again.
func (s *Spool) ReadOnce(b Batch, limits destination.Limits, before func()) (records int, again bool) {
	parts, sources := s.snapshot(&b)
	before()
	r := read(&b, limits, parts, sources)
	return len(r.records), !s.settle(&b, r, parts)
}

// Rewrite replaces each segment by a file with only its live records, and calls a function before it does so.
func (s *Spool) Rewrite(before func()) (err error) {
	s.mu.Lock()
	var all []*segment
	for _, st := range s.streams {
		all = append(all, st.segments...)
	}
	s.mu.Unlock()
	for _, seg := range all {
		w := s.copyLive(seg)
		before()
		err = errors.Join(err, s.replace(w))
	}
	return err
}

// Bytes returns how much is kept: the segments on disk or in memory, in whole blocks, and what is needed in memory to
// find the records.
func (s *Spool) Bytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes
}
