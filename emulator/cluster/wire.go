package cluster

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// A message of the log is
//
//	version    1 byte
//	node       1 byte for the length, and the ID
//	time       8 bytes, nanoseconds since 1970, big-endian
//	number     uvarint, of the first entry
//	entries    until the end, with consecutive numbers
//
// and an entry is
//
//	flags      1 byte
//	part       1 byte for the length, and the name
//	data       uvarint for the length, and the bytes
//
// An entry that is too long for a message is in several ones, which have one piece each.
const messageVersion = 1

// The flags of an entry.
const (
	firstPiece = 1 << iota
	lastPiece
	toAll // every node has to say when it has applied it

	wholeEntry = firstPiece | lastPiece
)

const (
	// maximumPiece is how many bytes of data a message has at most. NATS accepts 1 MiB by default.
	maximumPiece = 512 << 10
	// pieceOverhead is how many bytes a message has at most beside its data.
	pieceOverhead = 4 << 10
	// minimumPayload is the smallest limit of a NATS server for messages with which a cluster works.
	minimumPayload = 16 << 10
)

// pieceSize is how many bytes of data a message can have now.
func (c *Cluster) pieceSize() int {
	return min(maximumPiece, max(minimumPayload, int(c.nc.MaxPayload()))-pieceOverhead)
}

func beginBatch(node string, number uint64) []byte {
	message := make([]byte, 0, 512)
	message = append(message, messageVersion, byte(len(node)))
	message = append(message, node...)
	message = binary.BigEndian.AppendUint64(message, uint64(time.Now().UnixNano()))
	return binary.AppendUvarint(message, number)
}

func appendEntry(message []byte, p *pending, flags byte, data []byte) []byte {
	if p.onAll {
		flags |= toAll
	}
	message = append(message, flags, byte(len(p.part)))
	message = append(message, p.part...)
	message = binary.AppendUvarint(message, uint64(len(data)))
	return append(message, data...)
}

// A batch is the content of a message of the log.
type batch struct {
	node    string
	time    time.Time
	number  uint64 // of the first entry
	entries []batchEntry
}

type batchEntry struct {
	flags byte
	part  string
	data  []byte // a part of the message
}

var errTruncated = errors.New("it is truncated")

// parseBatch reads a message of the log.
func parseBatch(message []byte) (b batch, err error) {
	r := reader{rest: message}
	if version := r.byte(); r.err == nil && version != messageVersion {
		return b, fmt.Errorf("it has version %d, but this ivschat-local only knows %d: use the same version on all nodes",
			version, messageVersion)
	}
	b.node = string(r.bytes(uint64(r.byte())))
	if nanoseconds := r.bytes(8); r.err == nil {
		b.time = time.Unix(0, int64(binary.BigEndian.Uint64(nanoseconds))).UTC()
	}
	b.number = r.uvarint()
	for r.err == nil && len(r.rest) > 0 {
		e := batchEntry{flags: r.byte(), part: string(r.bytes(uint64(r.byte())))}
		e.data = r.bytes(r.uvarint())
		b.entries = append(b.entries, e)
	}
	if r.err == nil && len(b.entries) == 0 {
		return b, errTruncated
	}
	return b, r.err
}

// A reader reads a message from its beginning.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) bytes(n uint64) []byte {
	if r.err != nil || n > uint64(len(r.rest)) {
		r.err = errTruncated
		return nil
	}
	read := r.rest[:n:n]
	r.rest = r.rest[n:]
	return read
}

func (r *reader) byte() byte {
	if b := r.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uvarint() uint64 {
	n, length := binary.Uvarint(r.rest)
	if r.err != nil || length <= 0 {
		r.err = errTruncated
		return 0
	}
	r.rest = r.rest[length:]
	return n
}
