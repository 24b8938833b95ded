package socket

import "time"

// A pace is how fast a connection is read (decision D129). Whoever reads spends time for what it has
// read, and waits when it has spent a second more than has passed. Then the buffers of the system fill,
// and TCP slows the client down. The zero value is ready.
//
// It is in the machine's time, because it protects the machine. The rate of the connection is in the
// service's time, so a test can move the clock and send as much as it likes.
type pace struct {
	spent time.Time // the time until which everything so far is paid
}

const (
	// costOfFrame is for frames over the rate of the connection and for pings: 100 a second.
	costOfFrame = time.Second / 100
	// costOfByte is for all bytes: a bit more than 1 MiB a second. A client that keeps to its rate sends
	// at most 10 frames of 64 KiB.
	costOfByte = time.Second / (1 << 20)

	// ahead is how much may be spent before it is due, so that a burst does not wait.
	ahead = time.Second

	// minimumWait is the shortest wait: a few long ones take less of the machine than many short ones.
	minimumWait = time.Second / 10
)

// spend adds a cost and waits until it is due.
func (p *pace) spend(cost time.Duration) {
	now := time.Now()
	if earliest := now.Add(-ahead); p.spent.Before(earliest) {
		p.spent = earliest
	}
	p.spent = p.spent.Add(cost)
	if wait := p.spent.Sub(now); wait >= minimumWait {
		time.Sleep(wait)
	}
}
