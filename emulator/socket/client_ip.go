package socket

import (
	"cmp"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// forwardedHeader is where a proxy puts the address of its client, before those of other proxies.
const forwardedHeader = "X-Forwarded-For"

// ClientIP returns the IP address of the client (decision D66).
func (c *conn) ClientIP() string { return cmp.Or(c.forwarded, peerIP(c.wire.RemoteAddr())) }

// peerIP returns the IP address of the other side of a connection, which is this machine if the connection is not
// one of a network.
func peerIP(address net.Addr) string {
	if peer, err := netip.ParseAddrPort(address.String()); err == nil {
		return plainIP(peer.Addr())
	}
	return "127.0.0.1"
}

// plainIP returns an IP address without a zone, and one of IPv4 in its own form.
func plainIP(ip netip.Addr) string { return ip.Unmap().WithZone("").String() }

// forwardedIP returns the IP address that a proxy on this machine has put into the request, or "" if there is none.
// Anyone else could claim any address.
func forwardedIP(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return ""
	}
	first, _, _ := strings.Cut(r.Header.Get(forwardedHeader), ",")
	first = strings.TrimSpace(first)
	if ip, err := netip.ParseAddr(strings.Trim(first, "[]")); err == nil {
		return plainIP(ip)
	}
	if client, err := netip.ParseAddrPort(first); err == nil { // some proxies add the port
		return plainIP(client.Addr())
	}
	return ""
}
