package hub

// A Reason says why the hub closes a member's connection. The empty reason means that it does not.
type Reason string

// The reasons.
const (
	TooSlow      Reason = "too slow"     // its queue was full
	Disconnected Reason = "disconnected" // its user was disconnected
	Expired      Reason = "expired"      // its session has expired
	Shutdown     Reason = "shutdown"     // the emulator is shutting down
	Reset        Reason = "reset"        // the emulator was reset
	Restored     Reason = "restored"     // a snapshot was restored
	CutOff       Reason = "cut off"      // the emulator was cut off from the other nodes of its cluster
)

// A Transport sends frames to a client. The hub calls TryWrite, Write and Close from one goroutine at
// a time.
type Transport interface {
	// TryWrite writes as much of the frames as it can without blocking, and reports whether that was
	// all. If not, Write is called next, with the same frames, and writes the rest.
	TryWrite(frames []*Frame) (all bool, err error)
	// Write writes the frames, or what TryWrite left of them.
	Write(frames []*Frame) error
	// Close begins to close the connection, after the last Write.
	Close(Reason)
	// AbortSlowWrite is called, possibly during a Write, when the connection is to be closed but its
	// client may not read. It makes sure that the Write soon ends. It must not block.
	AbortSlowWrite()
}

// A Member is one connection. No goroutine runs for it while nothing is to be written.
type Member struct {
	// Static.
	name     string // for Publication.CloseName; several members may have the same
	group    *group
	capacity int // maximum length of queue

	// Guarded by the group's lock.
	index     int       // in group.members
	transport Transport // nil before Start, then static
	queue     []*Frame
	spare     []*Frame      // the queue that was written last, for reuse
	busy      bool          // ready, being written for, or without a transport
	reason    Reason        // why it is being closed
	left      bool          // it has left, or its connection is broken
	silent    bool          // it was to be closed after that: nothing is published for it
	closed    chan struct{} // closed when the connection was closed; nil until it is asked for
	idle      chan struct{} // closed when no one writes for it; nil unless Leave waits
}

// Start gives the member its transport. Frames that are queued by now are written. Call it at most
// once.
func (m *Member) Start(transport Transport) {
	m.group.mu.Lock()
	defer m.group.mu.Unlock()
	m.transport, m.busy = transport, false
	m.readyLocked()
	m.group.startWorkersLocked()
}

// Send queues a frame for this member only, and reports whether it did: it does not if the member is
// being closed or is too slow. If it does, it calls observe under the group's lock, before the frame
// is written, and a reason that is not empty closes the member after the frame. All that is one step,
// so of several callers that close the member only one sends its frame.
func (m *Member) Send(frame *Frame, observe func(), reason Reason) bool {
	m.group.mu.Lock()
	defer m.group.mu.Unlock()
	defer m.group.startWorkersLocked()
	if !m.sendLocked(frame) {
		return false
	}
	observe()
	m.closeLocked(reason)
	return true
}

// Close closes the member's connection once its queue is written. It does nothing if the member is
// being closed already.
func (m *Member) Close(reason Reason) {
	m.group.mu.Lock()
	defer m.group.mu.Unlock()
	m.closeLocked(reason)
	m.group.startWorkersLocked()
}

// Reason returns why the member is being closed, or "" if it is not.
func (m *Member) Reason() Reason {
	m.group.mu.Lock()
	defer m.group.mu.Unlock()
	return m.reason
}

// Queued returns the number of frames in the queue.
func (m *Member) Queued() int {
	m.group.mu.Lock()
	defer m.group.mu.Unlock()
	return len(m.queue)
}

// Closed returns a channel that is closed once the transport's Close has returned or the member has
// left.
func (m *Member) Closed() <-chan struct{} {
	m.group.mu.Lock()
	defer m.group.mu.Unlock()
	if m.closed == nil {
		m.closed = make(chan struct{})
	}
	return m.closed
}

// Leave removes the member and waits until no one writes for it. Close its connection first, or that
// can take long. Call it once.
func (m *Member) Leave() {
	m.group.leave(m)
	m.group.mu.Lock()
	if m.busy && m.transport != nil {
		m.idle = make(chan struct{})
	}
	idle := m.idle
	m.group.mu.Unlock()
	if idle != nil {
		<-idle
	}
	m.group.mu.Lock()
	defer m.group.mu.Unlock()
	m.notifyClosedLocked()
}

// sendLocked queues a frame and reports whether it did. A member whose queue is full is closed
// instead.
func (m *Member) sendLocked(frame *Frame) bool {
	if m.left || m.reason != "" {
		return false
	}
	defer m.readyLocked()
	if len(m.queue) < m.capacity {
		m.queue = append(m.queue, frame)
		return true
	}
	m.reason = TooSlow
	m.queue = nil
	if m.transport != nil {
		m.transport.AbortSlowWrite()
	}
	return false
}

// closeLocked closes the member's connection, unless the reason is empty or it is being closed already. If the
// connection is broken, it is not closed for this reason, but its client can have sent something before that is
// still to be published.
func (m *Member) closeLocked(reason Reason) {
	if m.left && reason != "" {
		m.silent = true
	}
	if m.left || m.reason != "" {
		return
	}
	m.reason = reason
	m.readyLocked()
}

// readyLocked lists the member as ready if there is something to do for it and no one does it yet.
func (m *Member) readyLocked() {
	if !m.busy && (len(m.queue) > 0 || m.reason != "") {
		m.busy = true
		m.group.ready = append(m.group.ready, m)
	}
}

// idleLocked records that no one writes for the member any more.
func (m *Member) idleLocked() {
	m.busy = false
	if m.idle != nil {
		close(m.idle)
		m.idle = nil
	}
}

func (m *Member) notifyClosedLocked() {
	if m.closed == nil {
		m.closed = make(chan struct{})
	}
	select {
	case <-m.closed:
	default:
		close(m.closed)
	}
}

// takeLocked takes the frames out of the queue.
func (m *Member) takeLocked() (frames []*Frame) {
	frames = m.queue
	m.queue, m.spare = m.spare[:0], nil
	return frames
}

// maximumSpare is the longest queue that is kept for reuse, so that a burst does not take memory
// permanently.
const maximumSpare = 64

// reuseLocked keeps the slice of frames that were written.
func (m *Member) reuseLocked(frames []*Frame) {
	clear(frames)
	if cap(frames) <= maximumSpare {
		m.spare = frames
	}
}

// writtenLocked records that the frames were written, and lists the member as ready again if more have
// arrived.
func (m *Member) writtenLocked(frames []*Frame) {
	m.reuseLocked(frames)
	m.idleLocked()
	m.readyLocked()
}

// try writes without blocking and reports whether that was all there was to do. If not, a goroutine
// does the rest.
func (m *Member) try(frames []*Frame, closing bool) bool {
	if !closing { // closing may block
		switch all, err := m.transport.TryWrite(frames); {
		case err != nil:
			m.markBroken()
			return true
		case all:
			return true
		}
	}
	go m.finish(frames)
	return false
}

// finish writes the rest of the frames, and those that have arrived since. Then it closes the
// connection if the member is to be closed. It may wait for the client.
func (m *Member) finish(frames []*Frame) {
	for len(frames) > 0 {
		if err := m.transport.Write(frames); err != nil {
			m.markBroken()
		}
		m.group.mu.Lock()
		m.reuseLocked(frames)
		if len(m.queue) == 0 && m.reason == "" {
			m.idleLocked()
			m.group.mu.Unlock()
			return
		}
		frames = m.takeLocked()
		m.group.mu.Unlock()
	}
	m.transport.Close(m.Reason())
	m.group.mu.Lock()
	defer m.group.mu.Unlock()
	m.idleLocked()
	m.notifyClosedLocked()
}

// markBroken records that the connection is broken. Its reader notices too, and calls Leave.
func (m *Member) markBroken() {
	m.group.mu.Lock()
	defer m.group.mu.Unlock()
	m.leaveLocked()
}

// leaveLocked records that nothing is to be written for the member any more.
func (m *Member) leaveLocked() {
	m.left = true
	m.queue = nil
}
