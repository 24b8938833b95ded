package replica

import (
	"errors"

	"github.com/ivschat-local/ivschat-local/emulator/cluster"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/room"
)

// A verdict is what became of a publication, on all nodes.
type verdict byte

const (
	published verdict = iota + 1
	throttled         // a rate limit was exceeded
	dropped           // its sender was no session any more
)

// Apply implements cluster.Part. The result of a publication is its verdict.
func (r *Rooms) Apply(e cluster.Entry) (result any) {
	in := readWire(e.Data)
	version, kind := in.Byte(), in.Byte()
	err := errors.New("its version or its kind is not known")
	if version == roomsVersion {
		switch kind {
		case joinEntry:
			err = r.applyJoin(e, &in)
		case leaveEntry:
			err = r.applyLeave(&in)
		case publicationEntry:
			if p, decoded := r.decodePublication(&in); decoded == nil {
				return r.publish(e, &p)
			} else {
				err = decoded
			}
		case forgetEntry:
			err = r.applyForget(&in)
		case dropEntry:
			err = r.applyDrop(&in)
		}
	}
	if err != nil {
		r.Logger.Error("a change of the rooms is left out: use the same version on all nodes",
			"sequence", e.Sequence, "error", err)
	}
	return nil
}

// applyJoin makes a session a member of its room. On its own node, it also gets the frames from now on.
func (r *Rooms) applyJoin(e cluster.Entry, in *wireReader) error {
	key, user, request := in.Bytes(), in.Text(), in.Uvarint()
	arn, err := decodeKey(key)
	if err = errors.Join(err, in.end()); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	number := r.registry.join(string(key), arn, participant{r.word([]byte(e.Node)), user})
	if !e.Own {
		return nil
	}
	waiting := r.joining[request]
	if waiting == nil { // for too long: its client was refused
		r.cluster.Post(roomsPart, encodeLeave(arn, number))
		return nil
	}
	waiting.member = room.Member{Member: r.hub.Join(arn, user, waiting.capacity), Session: number}
	r.members[waiting.member.Member] = true
	return nil
}

func (r *Rooms) applyLeave(in *wireReader) error {
	key, number := in.Bytes(), in.number()
	if err := in.end(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.registry.leave(string(key), number)
	return nil
}

func (r *Rooms) applyForget(in *wireReader) error {
	account := in.Text()
	if err := in.end(); err != nil {
		return err
	}
	r.Limiter.Forget(account)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.registry.forget(account)
	return nil
}

func (r *Rooms) applyDrop(in *wireReader) error {
	var keys [][]byte
	for len(in.Rest) > 0 {
		keys = append(keys, in.Bytes())
	}
	if err := in.end(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, key := range keys {
		r.registry.drop(string(key))
	}
	return nil
}

// publish delivers a publication to the members of this node, if all nodes accept it. The order of the checks is that
// of room.Local (decision D88).
func (r *Rooms) publish(e cluster.Entry, p *publication) verdict {
	if !r.Limiter.AllowAt(p.now, p.limits[:]...) {
		return throttled
	}
	r.mu.Lock()
	recipients, ok := r.registry.publish(p)
	r.mu.Unlock()
	if !ok {
		return dropped
	}
	r.hub.Publish(p.room, hub.Publication{
		Frame: &hub.Frame{Kind: p.frameKind, Payload: p.payload}, Cause: p.cause, Time: p.time,
		Recipients: recipients, Elsewhere: !e.Own, CloseReason: p.closeReason, CloseName: p.closeUser,
	})
	return published
}

// Left implements cluster.Leaver. The sessions of a node end with it. Each node adds that to the journal, in the same
// order: the node that is gone cannot.
func (r *Rooms) Left(node cluster.Node) {
	r.mu.Lock()
	gone := r.registry.gone(node.ID)
	delete(r.words, node.ID)
	r.mu.Unlock()
	for _, s := range gone {
		r.Journal.Append(journal.Entry{
			Kind: journal.Disconnect, Time: r.Now(s.room.Owner.AccountID), Node: node.Name, UserID: s.user,
			Reason: string(hub.CutOff),
		}.About(s.room))
	}
}
