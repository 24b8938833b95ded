package cluster

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// What another program publishes on the subjects of a cluster must not end it. In the log, entries that cannot be read
// are left out. Other messages of nodes say which one of their subject must be the last, and NATS keeps that. A message
// that does not say it is not of a node.

// isStrange reports whether a message with this header is not of a node.
func isStrange(header nats.Header) bool { return header.Get(jetstream.ExpectedLastSubjSeqHeader) == "" }

// lastMessage returns the last message of the data with a subject. It removes those that are not of a node, because
// NATS compares the sequence of the last one with that which a node expects.
func (d *Data) lastMessage(
	ctx context.Context, stream jetstream.Stream, subject string,
) (*jetstream.RawStreamMsg, error) {
	for {
		m, err := stream.GetLastMsgForSubject(ctx, d.c.subject(subject))
		if err != nil || !isStrange(m.Header) {
			return m, err
		}
		d.c.config.Logger.Error("a message is removed, because no node has published it",
			"subject", m.Subject, "sequence", m.Sequence)
		err = stream.DeleteMsg(ctx, m.Sequence)
		if err != nil && !errors.Is(err, jetstream.ErrMsgDeleteUnsuccessful) { // otherwise another node has done it
			return nil, err
		}
	}
}
