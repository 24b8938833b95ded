package hub

// A Reason says why a member was let go. Empty is no reason.
type Reason string

// The reasons.
const (
	TooSlow      Reason = "too slow"     // its queue was full
	Disconnected Reason = "disconnected" // somebody disconnected its user
	Expired      Reason = "expired"      // its session is over
	Shutdown     Reason = "shutdown"     // the program ends
	Reset        Reason = "reset"        // everything begins anew
)

// A Transport takes frames to the other side. The hub uses it from one goroutine
// at a time, but for Hurry.
type Transport interface {
	// TryWrite writes what it can of the frames without waiting, and reports
	// whether that is all. If not, Write finishes it: it gets the same frames.
	TryWrite(frames [][]byte) (all bool, err error)
	// Write sends the frames, or what TryWrite has left of them.
	Write(frames [][]byte) error
	// End ends the connection after the last Write. Whoever cannot wait for the
	// hub may call it, too, at any time.
	End(Reason)
	// Hurry says, while a Write may be under way, that End is to come because
	// that one took too long. It must not block.
	Hurry()
}

// A Member is one connection. There is no goroutine for it while nothing waits
// for it.
type Member struct {
	// Static.
	name     string // whom PublishAndEnd can mean; several members may share it
	room     *room
	capacity int // frames that may wait

	// Guarded by the room.
	index     int       // in room.members
	transport Transport // nil before Start, static from then on
	queue     [][]byte
	spare     [][]byte      // the queue that was written last, to be used again
	busy      bool          // it is ready, or somebody writes for it, or there is no transport yet
	reason    Reason        // why it was let go
	left      bool          // it has left, or its connection is broken
	ended     chan struct{} // closed when its connection was ended, nil while nobody waits
	rest      chan struct{} // closed when nobody writes for it any more, nil while nobody waits
}

// Start gives the member its transport and with it what has waited so far. It
// is called once at most.
func (m *Member) Start(transport Transport) {
	m.room.mu.Lock()
	defer m.room.mu.Unlock()
	m.transport, m.busy = transport, false
	m.readyLocked()
	m.room.hireLocked()
}

// Send puts a frame into this member's queue alone.
func (m *Member) Send(frame []byte) {
	m.room.mu.Lock()
	defer m.room.mu.Unlock()
	m.sendLocked(frame)
	m.room.hireLocked()
}

// End lets the member go once its queue is written.
func (m *Member) End(reason Reason) {
	m.room.mu.Lock()
	defer m.room.mu.Unlock()
	m.endLocked(reason)
	m.room.hireLocked()
}

// Reason says why the member was let go, if it was.
func (m *Member) Reason() Reason {
	m.room.mu.Lock()
	defer m.room.mu.Unlock()
	return m.reason
}

// Queued gives the number of frames that wait.
func (m *Member) Queued() int {
	m.room.mu.Lock()
	defer m.room.mu.Unlock()
	return len(m.queue)
}

// Ended is closed when the member was let go and its connection was ended, or
// it left.
func (m *Member) Ended() <-chan struct{} {
	m.room.mu.Lock()
	defer m.room.mu.Unlock()
	if m.ended == nil {
		m.ended = make(chan struct{})
	}
	return m.ended
}

// Leave takes the member out of the hub and waits until nobody writes for it.
// Its connection must have been closed, or that may be long.
func (m *Member) Leave() {
	m.room.leave(m)
	m.room.mu.Lock()
	if m.busy && m.transport != nil {
		m.rest = make(chan struct{})
	}
	rest := m.rest
	m.room.mu.Unlock()
	if rest != nil {
		<-rest
	}
	m.room.mu.Lock()
	defer m.room.mu.Unlock()
	m.tellEndedLocked()
}

func (m *Member) sendLocked(frame []byte) {
	if m.left || m.reason != "" {
		return
	}
	if len(m.queue) == m.capacity {
		m.reason = TooSlow
		m.queue = nil
		if m.transport != nil {
			m.transport.Hurry()
		}
		m.readyLocked()
		return
	}
	m.queue = append(m.queue, frame)
	m.readyLocked()
}

func (m *Member) endLocked(reason Reason) {
	if m.left || m.reason != "" {
		return
	}
	m.reason = reason
	m.readyLocked()
}

// readyLocked lines the member up if there is something to do for it and
// nobody does.
func (m *Member) readyLocked() {
	if !m.busy && !m.left && (len(m.queue) > 0 || m.reason != "") {
		m.busy = true
		m.room.ready = append(m.room.ready, m)
	}
}

// restLocked says that nobody writes for the member any more.
func (m *Member) restLocked() {
	m.busy = false
	if m.rest != nil {
		close(m.rest)
		m.rest = nil
	}
}

func (m *Member) tellEndedLocked() {
	if m.ended == nil {
		m.ended = make(chan struct{})
	}
	select {
	case <-m.ended:
	default:
		close(m.ended)
	}
}

// takeLocked takes what waits for the member.
func (m *Member) takeLocked() (frames [][]byte) {
	frames = m.queue
	m.queue, m.spare = m.spare[:0], nil
	return frames
}

// longestSpare is how long a queue may be that is kept for later, so that a
// burst does not cost its members memory for good.
const longestSpare = 64

// writtenLocked takes the frames back that were written, and lines the member up
// again if others have come.
func (m *Member) writtenLocked(frames [][]byte) {
	clear(frames)
	if cap(frames) <= longestSpare {
		m.spare = frames
	}
	m.restLocked()
	m.readyLocked()
}

// try writes without waiting and reports whether that is all there is to do.
// Otherwise a goroutine does the rest.
func (m *Member) try(frames [][]byte, ending bool) bool {
	if !ending { // which may take its time
		switch all, err := m.transport.TryWrite(frames); {
		case err != nil:
			m.broken()
			return true
		case all:
			return true
		}
	}
	go m.finish(frames)
	return false
}

// finish writes what is left of the frames, and what has come since, and ends
// the connection if the member was let go. It may wait for the client.
func (m *Member) finish(frames [][]byte) {
	for {
		if len(frames) > 0 {
			if err := m.transport.Write(frames); err != nil {
				m.broken()
			}
		}
		m.room.mu.Lock()
		if !m.left && len(m.queue) > 0 {
			clear(frames)
			m.spare = frames[:0]
			frames = m.takeLocked()
			m.room.mu.Unlock()
			continue
		}
		reason := m.reason
		m.room.mu.Unlock()
		if reason != "" {
			m.transport.End(reason)
		}
		m.room.mu.Lock()
		defer m.room.mu.Unlock()
		if reason == "" {
			m.writtenLocked(frames)
			m.room.hireLocked()
			return
		}
		m.restLocked()
		m.tellEndedLocked()
		return
	}
}

// broken says that the connection is. The reader will notice, too, and Leave.
func (m *Member) broken() {
	m.room.mu.Lock()
	defer m.room.mu.Unlock()
	m.left = true
}
