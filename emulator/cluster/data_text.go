package cluster

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/ivschat-local/ivschat-local/internal/bytereader"
)

// A text is a change or a content in the stream. It is encoded as
//
//	version   1 byte
//	id        1 byte for the length, and the ID
//	revision  uvarint: of the change before, or after which the content is
//	pieces    uvarint for their number, and their sequences
//	text      until the end; empty if there are pieces
type text struct {
	id       string
	revision uint64
	pieces   []uint64
	text     []byte
}

const textVersion = 1

func (t text) size() int { return len(t.text) + len(t.pieces)*maximumPiece }

// compose encodes a text. It publishes a long one in pieces.
func (d *Data) compose(ctx context.Context, id string, revision uint64, whole []byte) ([]byte, error) {
	message := append([]byte{textVersion, byte(len(id))}, id...)
	message = binary.AppendUvarint(message, revision)
	size := d.c.pieceSize()
	if len(whole) <= size {
		return append(append(message, 0), whole...), nil
	}
	count := (len(whole) + size - 1) / size
	message = binary.AppendUvarint(message, uint64(count))
	for len(whole) > 0 {
		piece := whole[:min(len(whole), size)]
		whole = whole[len(piece):]
		ack, err := d.c.js.Publish(ctx, d.c.subject("data.piece."+id), piece, jetstream.WithExpectStream(d.c.dataStream()))
		if err != nil {
			return nil, err
		}
		message = binary.AppendUvarint(message, ack.Sequence)
	}
	return message, nil
}

func parseText(message []byte) (t text, err error) {
	r := bytereader.Reader{Rest: message}
	if version := r.Byte(); !r.Failed && version != textVersion {
		return t, fmt.Errorf("it has version %d: use the same version of ivschat-local on all nodes", version)
	}
	t.id = string(r.Take(uint64(r.Byte())))
	t.revision = r.Uvarint()
	for n := r.Uvarint(); n > 0 && !r.Failed; n-- {
		t.pieces = append(t.pieces, r.Uvarint())
	}
	t.text = r.Rest
	return t, truncated(r)
}

// whole returns a text with its pieces. It asks NATS until it has them, or the consumer is no longer the latest one.
func (d *Data) whole(consumer int, t text) ([]byte, error) {
	if len(t.pieces) == 0 {
		return t.text, nil
	}
	for {
		whole, err := d.pieces(d.c.context, t)
		if err == nil || errors.Is(err, jetstream.ErrMsgNotFound) || d.c.context.Err() != nil {
			return whole, err
		}
		d.mu.Lock()
		current := consumer == d.number
		d.mu.Unlock()
		if !current {
			return nil, err
		}
		sleep(d.c.context, connectWait)
	}
}

func (d *Data) pieces(ctx context.Context, t text) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, pieceTime)
	defer cancel()
	stream, err := d.c.js.Stream(ctx, d.c.dataStream())
	if err != nil {
		return nil, err
	}
	var whole bytes.Buffer
	for _, sequence := range t.pieces {
		piece, err := stream.GetMsg(ctx, sequence)
		if err != nil {
			return nil, err
		}
		whole.Write(piece.Data)
	}
	return whole.Bytes(), nil
}
