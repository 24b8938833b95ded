package socket

import (
	"errors"
	"os"
	"sync"
	"syscall"
)

// A poller waits for the first input of many connections, in one goroutine. Most clients only receive, and
// a goroutine for each would take as much memory as the rest of a connection.
//
// It has an epoll instance of its own. The poller of Go's runtime knows the connections, too, but waits
// for one only in a goroutine. It tells this goroutine when the instance has events.
type poller struct {
	epoll *os.File
	raw   syscall.RawConn // of epoll
	ended chan struct{}   // closed by the goroutine when it ends

	mu      sync.Mutex // guards what follows
	waiting []*conn    // by their descriptors; nil for a descriptor without a connection that waits
}

// newPoller returns a poller, which close ends, or nil if the system has no descriptor left for it.
func newPoller() *poller {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil
	}
	_ = syscall.SetNonblock(fd, true) // or os.NewFile would not give it to the runtime's poller
	p := &poller{epoll: os.NewFile(uintptr(fd), "epoll"), ended: make(chan struct{})}
	if p.raw, err = p.epoll.SyscallConn(); err != nil {
		_ = p.epoll.Close()
		return nil
	}
	go p.run()
	return p
}

// add wakes a connection at its first input or at its end, or at once if it cannot wait for them. It does
// nothing for a connection that was woken before.
func (p *poller) add(c *conn) {
	added := false
	_ = c.wire.raw.Control(func(fd uintptr) { // meanwhile, no other connection gets this descriptor
		p.mu.Lock()
		defer p.mu.Unlock()
		if !c.waiting.Load() {
			return
		}
		event := syscall.EpollEvent{
			Events: syscall.EPOLLIN | syscall.EPOLLRDHUP | syscall.EPOLLONESHOT, Fd: int32(fd),
		}
		err := p.control(func(epoll int) error {
			return syscall.EpollCtl(epoll, syscall.EPOLL_CTL_ADD, int(fd), &event)
		})
		if added = err == nil; added {
			if more := int(fd) + 1 - len(p.waiting); more > 0 {
				p.waiting = append(p.waiting, make([]*conn, more)...)
			}
			p.waiting[fd], c.descriptor = c, int(fd)
		}
	})
	if !added {
		c.wake()
	}
}

// control calls a function with the descriptor of the epoll instance.
func (p *poller) control(do func(epoll int) error) (err error) {
	failed := p.raw.Control(func(epoll uintptr) { err = do(int(epoll)) })
	return errors.Join(failed, err)
}

// remove forgets a connection that does not wait any more.
func (p *poller) remove(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.descriptor < len(p.waiting) && p.waiting[c.descriptor] == c {
		p.waiting[c.descriptor] = nil
	}
}

// run wakes connections until the poller is closed.
func (p *poller) run() {
	defer close(p.ended)
	var events [128]syscall.EpollEvent
	for {
		n := 0
		err := p.raw.Read(func(epoll uintptr) (done bool) {
			n, _ = syscall.EpollWait(int(epoll), events[:], 0)
			return n > 0
		})
		if err != nil {
			return
		}
		for _, event := range events[:n] {
			p.mu.Lock()
			c := p.waiting[event.Fd]
			p.mu.Unlock()
			if c != nil { // or it was woken meanwhile; if another one has its descriptor now, that does no harm
				c.wake()
			}
		}
	}
}

// close ends the poller. No connection waits any more.
func (p *poller) close() {
	_ = p.epoll.Close()
	<-p.ended
}
