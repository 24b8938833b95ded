package cluster

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/natsserver"
)

func TestAnEntryThatNATSHasLostIsSentAgainThoughNoOtherFollows(t *testing.T) {
	n := join(t, natsserver.Start(t), "a")
	q := &n.sending
	q.mu.Lock()
	q.number++
	lost := &pending{part: "record", data: []byte("lost"), number: q.number}
	q.unconfirmed, q.bytes = append(q.unconfirmed, lost), q.bytes+lost.size()
	q.mu.Unlock()
	n.record.await(t, "the entry", func(all []string) bool { return slices.Equal(all, []string{"lost"}) })
}

func TestWhatFollowsTheLeavingOfANodeInTheSameMessageIsLeftOut(t *testing.T) {
	server := natsserver.Start(t)
	a, b := join(t, server, "a"), join(t, server, "b")
	leaving := change{leaves, b.Self()}.encode()
	message := appendEntry(beginBatch(b.Self().ID, 100), &pending{part: membersPart}, wholeEntry, leaving)
	message = appendEntry(message, &pending{part: "record"}, wholeEntry, []byte("too late"))
	if err := b.nc.Publish(b.subject("log"), message); err != nil {
		t.Fatal(err)
	}
	<-b.lost
	a.do(t, "x")
	if all := a.record.all(); !slices.Equal(all, []string{"left", "x"}) {
		t.Error(all)
	}
}

func TestANodeThatDoesNotGetTheStateDoesNotBeginANewOne(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	var failed atomic.Int64
	a := joinAt(t, server.URL, "a", func(c *Cluster) {
		c.Answer(stateQuestion, func(request []byte) ([]byte, error) {
			if failed.Add(1) < 20 {
				return nil, errors.New("not now")
			}
			return c.state(request)
		})
	})
	a.do(t, "x")
	b := join(t, server, "b")
	if all := b.record.all(); !slices.Equal(all, []string{"x"}) || len(a.lost) > 0 {
		t.Error(all)
	}
}
