package spool

import (
	"encoding/binary"
	"iter"
)

// An index says where in a segment the records of a batch are. It needs three to five bytes for an ordinary record.
type index struct {
	count    uint32 // number of records
	bytes    uint32 // of these records in the segment
	from, to uint32 // the records are between these offsets

	// entries has, for each record, the distance from the end of the previous one, or from from, and its length, as
	// uvarints. It is only appended to, so that a copy of an index can be read without a lock.
	entries []byte
}

// An extent is where in a segment a record is.
type extent struct{ offset, length uint32 }

// add adds a record.
func (x *index) add(offset, length uint32) {
	if x.count == 0 {
		x.from, x.to, x.entries = offset, offset, nil
	}
	x.entries = binary.AppendUvarint(x.entries, uint64(offset-x.to))
	x.entries = binary.AppendUvarint(x.entries, uint64(length))
	x.count++
	x.bytes += length
	x.to = offset + length
}

// cut removes the first n records, and returns the number of their bytes in the segment.
func (x *index) cut(n uint32) (bytes uint32) {
	for ; n > 0; n-- {
		e, size := next(x.entries, x.from)
		x.entries, x.from = x.entries[size:], e.offset+e.length
		x.count--
		bytes += e.length
	}
	x.bytes -= bytes
	return bytes
}

// all returns where the records are, in their order.
func (x index) all() iter.Seq[extent] {
	return func(yield func(extent) bool) {
		for x.count > 0 {
			e, size := next(x.entries, x.from)
			if !yield(e) {
				return
			}
			x.entries, x.from = x.entries[size:], e.offset+e.length
			x.count--
		}
	}
}

func next(entries []byte, from uint32) (e extent, size int) {
	distance, m := binary.Uvarint(entries)
	length, n := binary.Uvarint(entries[m:])
	return extent{from + uint32(distance), uint32(length)}, m + n
}
