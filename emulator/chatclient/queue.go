package chatclient

import "sync"

// A received is a frame that was not taken yet.
type received struct {
	raw    string
	binary bool
}

// frameOverhead is what a queued frame counts in addition to its text, in bytes. It is
// about what a received and its string need.
const frameOverhead = 64

// A queue holds received frames in their order. The reader puts, Receive takes.
type queue struct {
	limit   int           // of size; static
	arrived chan struct{} // capacity 1; has a token when there may be frames; never closed

	mu     sync.Mutex
	frames []received
	size   int // bytes of frames
}

// put appends a frame. It returns false, and does nothing, if that would exceed
// the limit.
func (q *queue) put(frame received) (ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	size := len(frame.raw) + frameOverhead
	if q.size+size > q.limit {
		return false
	}
	q.frames, q.size = append(q.frames, frame), q.size+size
	q.signal()
	return true
}

// take removes the first frame. If others are left, it wakes the next receiver.
func (q *queue) take() (frame received, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.frames) == 0 {
		return received{}, false
	}
	frame, q.frames[0] = q.frames[0], received{}
	q.frames, q.size = q.frames[1:], q.size-len(frame.raw)-frameOverhead
	if len(q.frames) > 0 {
		q.signal()
	} else {
		q.frames = nil
	}
	return frame, true
}

func (q *queue) signal() {
	select {
	case q.arrived <- struct{}{}:
	default:
	}
}
