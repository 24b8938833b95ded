// Package bytereader reads bytes that have numbers and texts one after the other, without names.
package bytereader

import "encoding/binary"

// A Reader reads bytes from their beginning. If they end too early it has failed: then nothing is left, and all that
// is read is zero.
type Reader struct {
	Rest   []byte // what is left
	Failed bool
}

// Fail makes the reader one that has failed.
func (r *Reader) Fail() { r.Rest, r.Failed = nil, true }

// Take returns the next n bytes, which are no copy, or nil if there are fewer.
func (r *Reader) Take(n uint64) []byte {
	if n > uint64(len(r.Rest)) {
		r.Fail()
		return nil
	}
	next := r.Rest[:n:n]
	r.Rest = r.Rest[n:]
	return next
}

// Byte returns the next byte.
func (r *Reader) Byte() byte {
	if b := r.Take(1); b != nil {
		return b[0]
	}
	return 0
}

// Uvarint returns a number that binary.AppendUvarint has appended.
func (r *Reader) Uvarint() uint64 {
	n, size := binary.Uvarint(r.Rest)
	if size <= 0 {
		r.Fail()
		return 0
	}
	r.Rest = r.Rest[size:]
	return n
}

// Bytes returns a text that AppendText has appended. It is no copy.
func (r *Reader) Bytes() []byte { return r.Take(r.Uvarint()) }

// Text returns a copy of a text that AppendText has appended.
func (r *Reader) Text() string { return string(r.Bytes()) }

// AppendText appends a text, with its length before it.
func AppendText[T ~string | ~[]byte](to []byte, text T) []byte {
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}
