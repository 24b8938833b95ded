package hub

import "sync"

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

// A Transport takes frames to the other side. It is used by one goroutine at a
// time, but for Hurry.
type Transport interface {
	// Write sends the frames, which it must not keep.
	Write(frames [][]byte) error
	// End ends the connection after the last Write.
	End(Reason)
	// Hurry says, while a Write may be under way, that End is to come because
	// that one took too long. It must not block.
	Hurry()
}

// A Member is one connection. There is no goroutine for it while it has
// nothing to write.
type Member struct {
	// Static.
	name     string // whom PublishAndEnd can mean; several members may share it
	hub      *Hub
	key      string
	room     *room
	capacity int // frames that may wait

	index int // in room.members, guarded by the room

	writers sync.WaitGroup // the one writer, if there is one

	mu        sync.Mutex
	transport Transport // nil before Start, static from then on
	queue     [][]byte
	spare     [][]byte // the queue that was written last, to be used again
	writing   bool     // a writer is at work, or there is no transport yet
	reason    Reason   // why it was let go
	left      bool
	ended     chan struct{} // closed when its connection was ended, nil while nobody waits
}

// Start gives the member its transport and with it what has waited so far. It
// is called once at most.
func (m *Member) Start(transport Transport) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.transport = transport
	m.goWrite()
}

// Send puts a frame into this member's queue alone.
func (m *Member) Send(frame []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left || m.reason != "" {
		return
	}
	if len(m.queue) == m.capacity {
		m.reason = TooSlow
		m.queue = nil
		if m.transport != nil {
			m.transport.Hurry()
		}
		return
	}
	m.queue = append(m.queue, frame)
	m.writeLocked()
}

// End lets the member go once its queue is written.
func (m *Member) End(reason Reason) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left || m.reason != "" {
		return
	}
	m.reason = reason
	m.writeLocked()
}

// Reason says why the member was let go, if it was.
func (m *Member) Reason() Reason {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.reason
}

// Leave takes the member out of the hub and waits for its writer. Its
// connection must have been closed, or the writer may wait for long.
func (m *Member) Leave() {
	m.hub.leave(m)
	m.mu.Lock()
	m.left = true
	m.mu.Unlock()
	m.writers.Wait()
	m.tellEnded()
}

func (m *Member) writeLocked() {
	if !m.writing {
		m.writing = true
		m.goWrite()
	}
}

// goWrite starts the writer. It allocates nothing, as sync.WaitGroup.Go would.
func (m *Member) goWrite() {
	m.writers.Add(1)
	go m.write()
}

// longestSpare is how long a queue may be that is kept for later, so that a
// burst does not cost its members memory for good.
const longestSpare = 64

// write sends what is queued until nothing is, and then ends the connection if
// the member was let go.
func (m *Member) write() {
	defer m.writers.Done()
	m.mu.Lock()
	for len(m.queue) > 0 && !m.left {
		frames := m.queue
		m.queue = m.spare[:0]
		m.mu.Unlock()
		err := m.transport.Write(frames)
		clear(frames)
		m.mu.Lock()
		if m.spare = frames; cap(frames) > longestSpare {
			m.spare = nil
		}
		if err != nil {
			m.left = true // the reader will notice, too, and Leave
		}
	}
	m.writing = false
	reason := m.reason
	m.mu.Unlock()
	if reason != "" {
		m.transport.End(reason)
		m.tellEnded()
	}
}

func (m *Member) tellEnded() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended == nil {
		m.ended = make(chan struct{})
	}
	select {
	case <-m.ended:
	default:
		close(m.ended)
	}
}

// Ended is closed when the member was let go and its connection was ended, or
// it left.
func (m *Member) Ended() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended == nil {
		m.ended = make(chan struct{})
	}
	return m.ended
}

// Queued gives the number of frames that wait.
func (m *Member) Queued() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.queue)
}
