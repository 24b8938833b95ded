package socket

import "time"

// pingFrame is a ping without a text (RFC 6455, section 5.5.2).
var pingFrame = []byte{0x89, 0}

// ping sends a ping to every client at each interval until the endpoint closes, so that no proxy sees
// an idle connection. A client that does not answer stays connected (decision D35).
func (h *Handler) ping() {
	ticks := time.Tick(h.PingInterval)
	for {
		select {
		case <-ticks:
			for _, c := range h.conns() {
				c.ping()
			}
		case <-h.ctx.Done():
			return
		}
	}
}

// conns returns the connections whose handshake is complete.
func (h *Handler) conns() (conns []*conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.sessions {
		if c != nil {
			conns = append(conns, c)
		}
	}
	return conns
}

// ping sends a ping if that is possible at once. Otherwise the client has not received everything that
// was sent before, and its connection is not idle. A fault that silences the connection also ends its
// pings.
func (c *conn) ping() {
	switch {
	case c.silent.Load():
	case c.wire.raw != nil:
		// If the system accepts only the first byte, the second one follows with the next frame.
		if _, _, err := c.wire.tryWrite(pingFrame); err != nil {
			c.abort(err)
		}
	case c.wire.mu.TryLock(): // every write may wait, and this one keeps the wire locked until then
		c.handler.pinging.Go(func() {
			err := c.wire.writeLocked(pingFrame, writeTimeout)
			c.wire.mu.Unlock()
			if err != nil {
				c.abort(err)
			}
		})
	}
}
