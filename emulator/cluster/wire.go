package cluster

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/ivschat-local/ivschat-local/internal/bytereader"
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
	r := bytereader.Reader{Rest: message}
	if version := r.Byte(); !r.Failed && version != messageVersion {
		return b, fmt.Errorf("it has version %d, but this ivschat-local only knows %d: use the same version on all nodes",
			version, messageVersion)
	}
	b.node = string(r.Take(uint64(r.Byte())))
	if nanoseconds := r.Take(8); !r.Failed {
		b.time = time.Unix(0, int64(binary.BigEndian.Uint64(nanoseconds))).UTC()
	}
	b.number = r.Uvarint()
	for !r.Failed && len(r.Rest) > 0 {
		e := batchEntry{flags: r.Byte(), part: string(r.Take(uint64(r.Byte())))}
		e.data = r.Bytes()
		b.entries = append(b.entries, e)
	}
	if !r.Failed && len(b.entries) == 0 {
		return b, errTruncated
	}
	return b, truncated(r)
}

// truncated returns an error if a reader has failed.
func truncated(r bytereader.Reader) error {
	if r.Failed {
		return errTruncated
	}
	return nil
}
