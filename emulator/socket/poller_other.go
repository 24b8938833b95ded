//go:build !linux

package socket

// A poller waits for the first input of many connections. Only Linux has one. Elsewhere, every connection
// has a goroutine that waits.
type poller struct{}

func newPoller() *poller { return nil }

func (*poller) add(*conn) { panic("not supported on this system") }

func (*poller) remove(*conn) { panic("not supported on this system") }

func (*poller) close() { panic("not supported on this system") }
