package replica

import (
	"encoding/json"

	"github.com/ivschat-local/ivschat-local/emulator/chatlog"
)

// load takes the queue and adds what is in it, and then what this node has kept and is not in it. It reports whether
// that worked.
func (w *writer) load() bool {
	s := w.logs
	latest := map[chatlog.Target]uint64{} // number of the latest record of this run in the queue
	records := 0
	err := s.queue.Take(w.context, func(id uint64, data []byte) {
		var q queuedMessage
		if err := json.Unmarshal(data, &q); err != nil {
			s.logger.Error("records of chat logs in NATS cannot be read, and stay there", "error", err)
			return
		}
		records += len(q.Records)
		s.mu.Lock()
		defer s.mu.Unlock()
		if last := w.loadMessageLocked(id, q); last > 0 {
			latest[q.Target] = last
		}
	})
	if err != nil {
		return false
	}
	if records > 0 {
		s.logger.Info("this node goes on with the delivery of chat logs", "records", records)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.state.Kept {
		for _, target := range i.Targets {
			if i.Number > latest[target] && !s.state.hasCleared(target, i.Number) {
				w.add(i, []chatlog.Target{target})
			}
		}
	}
	close(w.loaded)
	w.notify()
	return true
}

// loadMessageLocked adds the records of a message in the queue, except those that were removed since. It returns the
// number of the latest one if they are of this run, otherwise 0.
func (w *writer) loadMessageLocked(id uint64, q queuedMessage) (last uint64) {
	s := w.logs
	m := &message{writer: w, target: q.Target, left: len(q.Records)}
	w.mu.Lock()
	w.addQueuedLocked(m, id)
	w.mu.Unlock()
	for _, r := range q.Records {
		if q.Run != s.state.Run {
			r.Number = 0
		}
		m.last = r.Number
		if s.state.hasCleared(q.Target, r.Number) {
			m.Done(1)
		} else {
			s.Add(q.Target, r.Record, r.At, m)
		}
	}
	return m.last
}
