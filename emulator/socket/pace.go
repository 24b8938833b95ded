package socket

import "time"

// A pace limits how fast a connection is read (decision D58). Everything that is read has a cost, which
// is a time. The reader adds it, and waits when the costs are a second more than the time that has passed.
// Then the buffers of the system fill, and TCP slows the client down. The zero value is ready.
//
// It is in the machine's time, because it protects the machine. The rate of the connection is in the
// service's time, so a test can move the clock and send as much as it likes.
type pace struct {
	until time.Time // the reader waits until then
}

const (
	// costOfFrame is for frames over the rate of the connection and for pings: 100 a second.
	costOfFrame = time.Second / 100
	// costOfByte is for all bytes: a bit more than 1 MiB a second. A client that keeps to its rate sends
	// at most 10 frames of 64 KiB.
	costOfByte = time.Second / (1 << 20)

	// ahead is how much more than the time that has passed the costs may be, so that a burst does not wait.
	ahead = time.Second

	// minimumWait is the shortest wait: a few long ones take less of the machine than many short ones.
	minimumWait = time.Second / 10
)

// add adds a cost, and waits if that is necessary.
func (p *pace) add(cost time.Duration) {
	now := time.Now()
	if earliest := now.Add(-ahead); p.until.Before(earliest) {
		p.until = earliest
	}
	p.until = p.until.Add(cost)
	if wait := p.until.Sub(now); wait >= minimumWait {
		time.Sleep(wait)
	}
}
