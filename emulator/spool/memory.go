package spool

import "io"

// block is the number of bytes that the memory of a segment grows by. File systems use blocks of this size, too.
const block = 4096

// A memory is the content of a segment that is not in a file. It is only appended to, so that a copy can be read
// without a lock while more is appended.
type memory struct {
	blocks []*[block]byte // of which all but the last are full
	size   int
}

// append appends bytes. It never copies what is there.
func (m *memory) append(data []byte) {
	for len(data) > 0 {
		in := m.size % block
		if in == 0 {
			m.blocks = append(m.blocks, new([block]byte))
		}
		n := copy(m.blocks[len(m.blocks)-1][in:], data)
		m.size += n
		data = data[n:]
	}
}

// ReadAt implements io.ReaderAt.
func (m memory) ReadAt(to []byte, offset int64) (n int, err error) {
	for n < len(to) {
		at := int(offset) + n
		if at >= m.size {
			return n, io.EOF
		}
		in := at % block
		n += copy(to[n:], m.blocks[at/block][in:min(block, in+m.size-at)])
	}
	return n, nil
}

// Close implements io.Closer, and does nothing.
func (m memory) Close() error { return nil }
