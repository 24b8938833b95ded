package spool

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
