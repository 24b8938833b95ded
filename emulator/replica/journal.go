package replica

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"

	"github.com/ivschat-local/ivschat-local/emulator/cluster"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// journalPart is the name of the part in the log.
const journalPart = "journal"

// The first byte of a change of the journal.
const (
	journalBegins  = 'b' // if it has not begun
	journalEntry   = 'e' // the entry follows
	journalForgets = 'f' // the account follows, nothing for all
)

// A Journal is the journal of the cluster, which all nodes have. It is safe for concurrent use.
type Journal struct {
	// Static.
	cluster Cluster
	journal *journal.Journal
	logger  *slog.Logger

	mu   sync.Mutex // guards what follows
	run  string     // the same on all nodes; "" before it has begun
	lost int        // number of entries that were not posted, since the last one that was
}

// ShareJournal makes the journal of this node, which has this name, that of the cluster. Call it before the node
// joins, and before the journal has an entry.
func ShareJournal(c Cluster, node string, of *journal.Journal, logger *slog.Logger) *Journal {
	j := &Journal{cluster: c, journal: of, logger: logger}
	of.Share(node, j)
	c.Handle(journalPart, j)
	c.OnFresh(j.begin)
	return j
}

// Run tells the runs of the cluster apart: those of the journal, whose entries each count from 1. A run ends with
// the last node. It is the same on all nodes, and "" before this node has joined.
func (j *Journal) Run() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.run
}

// begin begins a run unless there is one. So there is one before a node answers a request.
func (j *Journal) begin(context.Context) error {
	if j.Run() != "" {
		return nil
	}
	_, err := j.cluster.Do(journalPart, []byte{journalBegins})
	return err
}

// Post implements journal.Sharer (decision D87). If NATS is too slow, entries are lost: the journal must not keep chat
// messages from being sent.
func (j *Journal) Post(e journal.Entry) {
	var buffer [512]byte
	posted := j.cluster.Offer(journalPart, bytes.Clone(e.Encode(append(buffer[:0], journalEntry))))
	j.mu.Lock()
	defer j.mu.Unlock()
	if !posted {
		if j.lost++; j.lost == 1 {
			j.logger.Warn("NATS is too slow: the journal has no entries about what happens on this node now")
		}
		return
	}
	if j.lost > 0 {
		j.logger.Warn("the journal has entries of this node again", "missing", j.lost)
		j.lost = 0
	}
}

// Forget implements journal.Sharer.
func (j *Journal) Forget(account string) error {
	if _, err := j.cluster.DoOnAll(journalPart, append([]byte{journalForgets}, account...)); err != nil {
		return unavailable(err)
	}
	return nil
}

// Apply implements cluster.Part.
func (j *Journal) Apply(e cluster.Entry) any {
	j.mu.Lock()
	if j.run == "" {
		j.run = strconv.FormatInt(e.Time.UnixNano(), 36)
	}
	j.mu.Unlock()
	if err := j.carryOut(e.Data); err != nil {
		j.logger.Error("a change of the journal is left out: use the same version on all nodes",
			"sequence", e.Sequence, "error", err)
	}
	return nil
}

// carryOut carries out a change of the journal.
func (j *Journal) carryOut(change []byte) error {
	if len(change) == 0 {
		return errors.New("it is empty")
	}
	switch kind, data := change[0], change[1:]; kind {
	case journalBegins:
	case journalEntry:
		entry, err := journal.Decode(data)
		if err != nil {
			return err
		}
		j.journal.Append(entry)
	case journalForgets:
		j.journal.Remove(string(data))
	default:
		return fmt.Errorf("its kind is %q", kind)
	}
	return nil
}

// runStart is between the journal and the run in what Save returns.
const runStart = '\n'

// Save implements cluster.Part.
func (j *Journal) Save() (encode func() ([]byte, error)) {
	run, save := j.Run(), j.journal.Save()
	return func() ([]byte, error) { return append(append(save(), runStart), run...), nil }
}

// Load implements cluster.Part.
func (j *Journal) Load(state []byte) error {
	var entries []byte // none in a new cluster
	run := ""
	if state != nil {
		i := bytes.LastIndexByte(state, runStart)
		if i < 0 {
			return errors.New("the state of the journal has no run")
		}
		entries, run = state[:i], string(state[i+1:])
	}
	j.mu.Lock()
	j.run = run // before the journal wakes those who then compare it with the one that they know
	j.mu.Unlock()
	return j.journal.Load(entries)
}
