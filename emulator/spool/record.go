package spool

import (
	"encoding/binary"
	"hash/crc32"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/destination"
)

// An entry of a segment is a record or an acknowledgement. It begins with the length of its body and a checksum, of
// four bytes each. The body is
//
//	kind    1 byte
//	start   of the window, as seconds (varint) and nanoseconds (uvarint)
//	end     of the window, in the same form
//	room    its length (uvarint) and its ID
//
// and then, for a record,
//
//	number  of the record in the segment, 4 bytes
//	time    seconds and nanoseconds, 8 and 4 bytes
//	text    the rest
//
// or, for an acknowledgement, 4 bytes: records of this batch that begin before this offset of the segment are removed.
// Numbers of a fixed size are little-endian. So all records of a batch need the same number of bytes beside the text.
const (
	preludeBytes = 8 // length and checksum
	recordBytes  = 4 + 8 + 4

	// maxEntry is the longest body. The longest frame of the chat protocol is much shorter. A text has no control
	// characters, so that four bytes of it are never taken for a length.
	maxEntry    = 1 << 20
	longestText = maxEntry - 64 // with the ID of the room
)

// The kinds of entries.
const (
	recordKind          = 1
	acknowledgementKind = 2
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A roomWindow names a batch among those with the same place and logging configuration.
type roomWindow struct {
	room       string
	start, end time.Time
}

// An entry is what was decoded. Its slices are those of the encoded entry.
type entry struct {
	kind       byte
	start, end time.Time
	room       []byte
	number     uint32    // of a record
	time       time.Time // of a record
	text       []byte    // of a record
	before     uint32    // of an acknowledgement
}

// window returns what names the batch of the entry in its stream.
func (e *entry) window() roomWindow { return roomWindow{string(e.room), e.start, e.end} }

// isOf reports whether the entry is of a batch.
func (e *entry) isOf(w roomWindow) bool {
	return string(e.room) == w.room && e.start.Equal(w.start) && e.end.Equal(w.end)
}

// record returns the record, which is of this room.
func (e *entry) record(room string) destination.Record {
	return destination.Record{Room: room, Time: e.time, Text: e.text}
}

// overheadOf returns the number of bytes that a record of a batch needs beside its text.
func overheadOf(w roomWindow) int {
	var scratch [64]byte
	return preludeBytes + len(appendBatch(scratch[:0], recordKind, roomWindow{start: w.start, end: w.end})) - 1 +
		uvarintBytes(len(w.room)) + len(w.room) + recordBytes
}

func uvarintBytes(n int) int {
	var scratch [binary.MaxVarintLen64]byte
	return binary.PutUvarint(scratch[:], uint64(n))
}

// appendRecord appends a record that will be at this offset of this segment.
func appendRecord(to []byte, segment uint64, offset, number uint32, w roomWindow, r destination.Record) []byte {
	begin := len(to)
	to = appendBatch(append(to, make([]byte, preludeBytes)...), recordKind, w)
	to = binary.LittleEndian.AppendUint32(to, number)
	to = binary.LittleEndian.AppendUint64(to, uint64(r.Time.Unix()))
	to = binary.LittleEndian.AppendUint32(to, uint32(r.Time.Nanosecond()))
	to = append(to, r.Text...)
	seal(to[begin:], segment, offset)
	return to
}

// appendAcknowledgement appends an acknowledgement that will be at this offset of this segment.
func appendAcknowledgement(to []byte, segment uint64, offset uint32, w roomWindow, before uint32) []byte {
	begin := len(to)
	to = appendBatch(append(to, make([]byte, preludeBytes)...), acknowledgementKind, w)
	to = binary.LittleEndian.AppendUint32(to, before)
	seal(to[begin:], segment, offset)
	return to
}

func appendBatch(to []byte, kind byte, w roomWindow) []byte {
	to = append(to, kind)
	for _, t := range [...]time.Time{w.start, w.end} {
		to = binary.AppendVarint(to, t.Unix())
		to = binary.AppendUvarint(to, uint64(t.Nanosecond()))
	}
	to = binary.AppendUvarint(to, uint64(len(w.room)))
	return append(to, w.room...)
}

// seal writes the length and the checksum of an entry.
func seal(e []byte, segment uint64, offset uint32) {
	binary.LittleEndian.PutUint32(e, uint32(len(e)-preludeBytes))
	binary.LittleEndian.PutUint32(e[4:], checksum(e[preludeBytes:], segment, offset))
}

// checksum returns the checksum of a body. It depends on the segment and the offset, so that bytes of another file, or
// bytes that moved, are not taken for an entry.
func checksum(body []byte, segment uint64, offset uint32) uint32 {
	where := (segment*0x9E3779B97F4A7C15 + uint64(offset) + 1) * 0xD6E8FEB86659FD93
	return crc32.Checksum(body, castagnoli) ^ uint32(where>>32)
}

// lengthOf returns the length of the body of the entry at the beginning of data, or false if it cannot be there.
func lengthOf(data []byte) (length int, ok bool) {
	if len(data) < preludeBytes {
		return 0, false
	}
	length = int(binary.LittleEndian.Uint32(data))
	return length, length >= 0 && length <= min(maxEntry, len(data)-preludeBytes)
}

// isTorn reports whether data, which has no entry, can be the beginning of one.
func isTorn(data []byte) bool {
	return len(data) < preludeBytes || binary.LittleEndian.Uint32(data) <= maxEntry &&
		int(binary.LittleEndian.Uint32(data)) > len(data)-preludeBytes
}

// decode decodes the entry at the beginning of data, which is at this offset of this segment. It returns the number of
// bytes of the entry, or 0 if there is none.
func decode(data []byte, segment uint64, offset uint32) (e entry, size int) {
	length, ok := lengthOf(data)
	if !ok {
		return e, 0
	}
	body := data[preludeBytes:][:length:length]
	if checksum(body, segment, offset) != binary.LittleEndian.Uint32(data[4:]) {
		return e, 0
	}
	d := decoder{rest: body}
	e.kind = d.take(1)[0]
	e.start, e.end = d.window(), d.window()
	e.room = d.take(d.uvarint())
	switch e.kind {
	case recordKind:
		e.number = binary.LittleEndian.Uint32(d.take(4))
		seconds := int64(binary.LittleEndian.Uint64(d.take(8)))
		e.time = d.time(seconds, uint64(binary.LittleEndian.Uint32(d.take(4))))
		e.text = d.rest
	case acknowledgementKind:
		e.before = binary.LittleEndian.Uint32(d.take(4))
	default:
		d.failed = true
	}
	if d.failed {
		return entry{}, 0
	}
	return e, preludeBytes + length
}

// A decoder reads a body. Once it failed, what it returns has no meaning.
type decoder struct {
	rest   []byte
	failed bool
}

var zeros [8]byte

// take returns the next n bytes. If there are fewer, it returns 8 zeros.
func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.rest)) {
		d.failed = true
		return zeros[:]
	}
	taken := d.rest[:n:n]
	d.rest = d.rest[n:]
	return taken
}

func (d *decoder) uvarint() uint64 {
	n, size := binary.Uvarint(d.rest)
	d.took(size)
	return n
}

func (d *decoder) window() time.Time {
	seconds, size := binary.Varint(d.rest)
	d.took(size)
	return d.time(seconds, d.uvarint())
}

func (d *decoder) took(size int) {
	if size <= 0 {
		d.failed = true
		return
	}
	d.rest = d.rest[size:]
}

func (d *decoder) time(seconds int64, nanoseconds uint64) time.Time {
	if nanoseconds >= uint64(time.Second) {
		d.failed = true
		return time.Time{}
	}
	return time.Unix(seconds, int64(nanoseconds)).UTC()
}
