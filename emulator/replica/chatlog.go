package replica

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"github.com/ivschat-local/ivschat-local/emulator/chatlog"
	"github.com/ivschat-local/ivschat-local/emulator/cluster"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// chatLogsPart is the name of the part in the log, and of the queue.
const chatLogsPart = "chat-logs"

// spaceFactor is how many times as many bytes as the spool the queue of records takes at most: in it, records have
// more overhead. Records that the spool drops are removed from it.
const spaceFactor = 4

// ChatLogs are the chat logs of all nodes. Each record is written once, and none is lost when a node dies
// (decision D96).
//
// # How it works
//
// Every node applies every publication. So every node accepts the same records, and numbers them in the same way. The
// node that joined first is the writer (chatlog_writer.go). It adds the records to its queues, delivers them, and
// meanwhile keeps them in a cluster.Queue, which survives it. When records are in there, it says so with an entry of
// the log. Until then, all nodes keep them.
//
// When the writer is gone, all nodes learn that at the same place of the log. The next one takes the queue, so that
// the former can change it no more, adds the records that it finds there, and then those that it has kept and that are
// not there. So a record can be delivered twice if the writer dies between its delivery and its removal from the
// queue, as a record of a single process can, but it is never lost.
type ChatLogs struct {
	// Static.
	*chatlog.Logs
	cluster *cluster.Cluster
	queue   *cluster.Queue
	logger  *slog.Logger

	mu      sync.Mutex // guards what follows; taken before the locks of Logs, and before writer.mu
	state   logsState
	bytes   int     // of the records that are kept
	writer  *writer // nil unless this node is the writer
	closing bool    // this node is not a writer any more
}

// A logsState is the same on all nodes.
type logsState struct {
	Run     string // tells this state from earlier ones, which numbered records from 1, too
	Number  uint64 // of the latest publication or removal
	Written uint64 // what has this number or a smaller one is done in the queue
	// What is not written yet.
	Kept    []item            // the records, in their order
	Cleared map[string]uint64 // the number of the latest removal, by its account; "" for all
}

// An item is a record that was accepted, with the number of its publication.
type item struct {
	Number uint64
	chatlog.Accepted
}

// hasCleared reports whether the records of a target up to a number were removed later.
func (s *logsState) hasCleared(target chatlog.Target, number uint64) bool {
	return max(s.Cleared[target.Configuration.Owner.AccountID], s.Cleared[""]) > number
}

// lacks reports whether the other nodes do not know that what has a number or a smaller one is written.
func (s *logsState) lacks(number uint64) bool {
	for _, cleared := range s.Cleared {
		if cleared <= number {
			return true
		}
	}
	return len(s.Kept) > 0 && s.Kept[0].Number <= number
}

// A logsChange is an entry of the log.
type logsChange struct {
	Written uint64 // see logsState; 0 if the entry does not say it
	Clear   bool   // the records of Account are removed, of all if it is ""
	Account string
}

var (
	_ chatlog.Nodes  = (*ChatLogs)(nil)
	_ cluster.Leaver = (*ChatLogs)(nil)
)

// ShareChatLogs returns the chat logs of all nodes, with Destinations and all else of a config, except SpoolDir and
// Nodes. Call it before the node joins. Every publication that this node applies must be passed to Observe.
func ShareChatLogs(c *cluster.Cluster, config chatlog.Config) (*ChatLogs, error) {
	s := &ChatLogs{cluster: c, logger: config.Logger}
	s.queue = c.Queue(chatLogsPart, "records of chat logs that are not delivered yet", spaceFactor*config.SpoolBytes)
	config.SpoolDir, config.Nodes = "", s
	config.Destinations = leased{config.Destinations, c}
	var err error
	if s.Logs, err = chatlog.New(config); err != nil {
		return nil, err
	}
	c.Handle(chatLogsPart, s)
	c.Answer(chatLogsPart, s.answer)
	c.OnLost(s.stop)
	c.OnFresh(func(context.Context) error {
		s.lookWhoWrites()
		return nil
	})
	return s, nil
}

// Observe accepts the record of a publication, as all nodes do. It is a hub.Observer.
func (s *ChatLogs) Observe(room ivschat.ARN, p hub.Publication, _ int) {
	record, logged := s.Accept(room, p)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Number++
	if !logged {
		return
	}
	i := item{s.state.Number, record}
	s.keepLocked(i)
	if s.writer != nil && s.writer.isLoaded() {
		s.writer.add(i, record.Targets)
	}
}

// keepLocked keeps a record until it is written. If NATS does not take records, the oldest ones are dropped.
func (s *ChatLogs) keepLocked(i item) {
	s.state.Kept = append(s.state.Kept, i)
	s.bytes += i.bytes()
	for int64(s.bytes) > s.SpoolBytes && len(s.state.Kept) > 0 {
		s.bytes -= s.state.Kept[0].bytes()
		s.state.Kept = s.state.Kept[1:]
	}
}

// bytes returns about how much memory an item takes.
func (i item) bytes() int { return 256 + len(i.Text) }

// Apply implements cluster.Part.
func (s *ChatLogs) Apply(e cluster.Entry) any {
	var change logsChange
	if err := json.Unmarshal(e.Data, &change); err != nil {
		s.logger.Error("a change of the chat logs is left out: use the same version on all nodes",
			"sequence", e.Sequence, "error", err)
		return nil
	}
	switch {
	case change.Clear:
		s.clear(change.Account)
	case change.Written > 0 && e.Node == s.writerID():
		s.written(change.Written)
	}
	return nil
}

// writerID returns the ID of the node that is the writer.
func (s *ChatLogs) writerID() string {
	if members := s.cluster.Members(); len(members) > 0 {
		return members[0].ID
	}
	return ""
}

// written forgets what all nodes know to be written.
func (s *ChatLogs) written(number uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Written = max(s.state.Written, number)
	n := 0
	for n < len(s.state.Kept) && s.state.Kept[n].Number <= number {
		s.bytes -= s.state.Kept[n].bytes()
		n++
	}
	s.state.Kept = slices.Clone(s.state.Kept[n:])
	maps.DeleteFunc(s.state.Cleared, func(_ string, cleared uint64) bool { return cleared <= number })
	if s.writer != nil {
		s.writer.confirmed(number)
	}
}

// clear removes the records of an account that were accepted before.
func (s *ChatLogs) clear(account string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Records().Remove(account)
	s.state.Number++
	s.state.Cleared[account] = s.state.Number
	if s.writer != nil {
		s.writer.clear(s.state.Number, s.Remove(account))
	}
}

// Left implements cluster.Leaver. If the writer has left, this node may be the next one.
func (s *ChatLogs) Left(cluster.Node) { s.lookWhoWrites() }

// lookWhoWrites makes this node the writer if it is the one that joined first.
func (s *ChatLogs) lookWhoWrites() {
	first := s.writerID() == s.cluster.Self().ID
	s.mu.Lock()
	defer s.mu.Unlock()
	if first && s.writer == nil && !s.closing {
		s.writer = s.newWriter()
	}
}

// stop ends what this node does as the writer, because it is one no longer. What it has not delivered stays in the
// queue for the next one.
func (s *ChatLogs) stop() {
	s.mu.Lock()
	w := s.writer
	s.writer = nil
	s.mu.Unlock()
	if w != nil {
		w.stop()
		<-w.ended
		s.Remove("")()
	}
}

// Save implements cluster.Part.
func (s *ChatLogs) Save() (encode func() ([]byte, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	state, records := s.state, s.Records().Save()
	state.Kept, state.Cleared = slices.Clone(state.Kept), maps.Clone(state.Cleared)
	return func() ([]byte, error) {
		text, err := json.Marshal(state)
		if err != nil {
			return nil, err
		}
		text = append(binary.AppendUvarint(nil, uint64(len(text))), text...)
		return append(text, records()...), nil
	}
}

// Load implements cluster.Part.
func (s *ChatLogs) Load(saved []byte) error {
	state := logsState{Run: s.cluster.Self().ID, Cleared: map[string]uint64{}}
	var records []byte // none in a new cluster
	if saved != nil {
		length, n := binary.Uvarint(saved)
		if n <= 0 || length > uint64(len(saved)-n) {
			return errors.New("the state of the chat logs is truncated")
		}
		state = logsState{}
		if err := json.Unmarshal(saved[n:][:length], &state); err != nil {
			return err
		}
		records = saved[n:][length:]
	}
	s.stop()
	s.mu.Lock()
	s.state, s.bytes = state, 0
	for _, i := range state.Kept {
		s.bytes += i.bytes()
	}
	s.mu.Unlock()
	return s.Records().Load(records)
}

// Close delivers what it can until the context ends if there is no other node. Otherwise another one goes on with it.
// Call it when nothing is published here any more, and before the node leaves the cluster.
func (s *ChatLogs) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	w := s.writer
	s.mu.Unlock()
	if w != nil {
		if w.awaitLoaded(ctx) && len(s.cluster.Members()) == 1 {
			s.FlushOwn(ctx, "")
		}
		w.finish(ctx)
		s.stop()
	}
	return s.Logs.Close(ctx)
}
