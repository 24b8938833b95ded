package fault

import "net"

// Reset ends a TCP connection abruptly: the other side sees a reset instead of
// an end. Any other connection is just closed.
func Reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
