package socket

import (
	"cmp"

	"github.com/ivschat-local/ivschat-local/emulator/clientip"
)

// ClientIP returns the IP address of the client (decision D66).
func (c *conn) ClientIP() string {
	return cmp.Or(c.forwarded, clientip.Peer(c.wire.RemoteAddr().String()))
}
