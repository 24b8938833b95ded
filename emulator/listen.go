package emulator

import (
	"net"
	"strings"
)

// isLocalhost reports whether a host is the name of this machine. It means both loopback addresses,
// 127.0.0.1 and ::1: clients resolve the name to either, and some try only one of them.
func isLocalhost(host string) bool { return strings.EqualFold(host, "localhost") }

// portAttempts is how many free ports are tried until one is free on both loopback addresses.
const portAttempts = 20

// open listens on an address, host:port. With localhost it returns two listeners, the one with
// 127.0.0.1 first, or only that one on a machine without IPv6. Port 0 picks one port for both.
func (s *servers) open(address string) (listeners []net.Listener, err error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || !isLocalhost(host) {
		listener, err := s.listen("tcp", address)
		if err != nil {
			return nil, listenError(address, err)
		}
		return []net.Listener{listener}, nil
	}
	attempts := 1
	if port == "0" {
		attempts = portAttempts
	}
	for range attempts {
		if listeners, err = s.openLoopback(port); err == nil {
			break
		}
	}
	return listeners, err
}

// openLoopback listens on a port of both loopback addresses, or of none.
func (s *servers) openLoopback(port string) ([]net.Listener, error) {
	address := net.JoinHostPort("127.0.0.1", port)
	first, err := s.listen("tcp", address)
	if err != nil {
		return nil, listenError(address, err)
	}
	_, port, _ = net.SplitHostPort(first.Addr().String()) // which port 0 picked
	address = net.JoinHostPort("::1", port)
	second, err := s.listen("tcp", address)
	switch {
	case err == nil:
		return []net.Listener{first, second}, nil
	case !s.hasIPv6():
		return []net.Listener{first}, nil
	}
	_ = first.Close()
	return nil, listenError(address, err)
}

// hasIPv6 reports whether this machine has the address ::1. The errors for a missing address differ
// between systems.
func (s *servers) hasIPv6() bool {
	listener, err := s.listen("tcp", "[::1]:0")
	if err != nil {
		return false
	}
	_ = listener.Close()
	return true
}

func closeAll(listeners []net.Listener) {
	for _, listener := range listeners {
		_ = listener.Close()
	}
}
