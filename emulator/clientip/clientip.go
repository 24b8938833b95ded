// Package clientip finds the IP address of a client, also of one behind a proxy (decision D66).
package clientip

import (
	"cmp"
	"net/http"
	"net/netip"
	"strings"
)

// ForwardedHeader is where a proxy puts the address of its client, before those of other proxies.
const ForwardedHeader = "X-Forwarded-For"

// Of returns the IP address of the client that sent a request.
func Of(r *http.Request) string { return cmp.Or(Forwarded(r), Peer(r.RemoteAddr)) }

// Peer returns the IP address of the other side of a connection, whose address is IP:port. It is that of this machine
// if the connection is not one of a network.
func Peer(address string) string {
	if peer, err := netip.ParseAddrPort(address); err == nil {
		return plain(peer.Addr())
	}
	return "127.0.0.1"
}

// plain returns an IP address without a zone, and one of IPv4 in its own form.
func plain(ip netip.Addr) string { return ip.Unmap().WithZone("").String() }

// Forwarded returns the IP address that a proxy on this machine has put into the request, or "" if there is none.
// Anyone else could claim any address.
func Forwarded(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return ""
	}
	first, _, _ := strings.Cut(r.Header.Get(ForwardedHeader), ",")
	first = strings.TrimSpace(first)
	if ip, err := netip.ParseAddr(strings.Trim(first, "[]")); err == nil {
		return plain(ip)
	}
	if client, err := netip.ParseAddrPort(first); err == nil { // some proxies add the port
		return plain(client.Addr())
	}
	return ""
}
