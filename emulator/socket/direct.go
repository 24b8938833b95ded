package socket

import (
	"bytes"
	"context"
	"net"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/clientip"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Take serves a connection if its first bytes are an ordinary handshake that is accepted, and reports whether
// it does. Otherwise nothing has happened, and the caller passes the bytes to an HTTP server, which calls
// ServeHTTP: it also accepts unusual handshakes, and says why one is refused. Take saves a seventh of the CPU
// time of a short connection. It is not for a cluster, where the session may not begin after its token is used.
func (h *Handler) Take(conn net.Conn, first []byte) bool {
	request, ok := parseHandshake(first)
	if !ok || h.Faults.Armed() || h.enter() != nil {
		return false
	}
	_, session, err := h.admit(h.ctx, request.region, []string{request.token}, noFault)
	if err != nil {
		h.open.Done()
		return false
	}
	h.connect(session, request.key, request.token, "", func() (*wire, error) {
		w := newWire(conn)
		w.early = bytes.Clone(request.rest)
		return w, w.begin()
	})
	return true
}

// noFault is for a handshake that began before a fault was possible.
func noFault(context.Context, ivschat.ChatToken) error { return nil }

// An ordinaryHandshake is what matters of an ordinary handshake.
type ordinaryHandshake struct {
	region     string // of the host, "" if it is not one of the service
	key, token string
	rest       []byte // what follows it
}

// The characters of ordinary handshakes. Others need a second look.
const (
	alphanumeric     = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	targetCharacters = alphanumeric + "/-._~?=&"
	nameCharacters   = alphanumeric + "-"
	hostCharacters   = alphanumeric + "-._:[]"
)

func consistsOf(text []byte, characters string) bool {
	return len(text) > 0 && len(bytes.TrimLeft(text, characters)) == 0
}

// parseHandshake parses a complete handshake that needs no second look. What it accepts, net/http and
// checkRequest accept, too, and it means the same there.
func parseHandshake(text []byte) (h ordinaryHandshake, ok bool) {
	header, rest, complete := bytes.Cut(text, []byte("\r\n\r\n"))
	line, header, _ := bytes.Cut(header, []byte("\r\n"))
	target, isGet := bytes.CutPrefix(line, []byte("GET "))
	target, isHTTP := bytes.CutSuffix(target, []byte(" HTTP/1.1"))
	if !complete || !isGet || !isHTTP || !consistsOf(target, targetCharacters) || target[0] != '/' {
		return h, false
	}
	const host, upgrade, connection, version, key, protocol = 0, 1, 2, 3, 4, 5
	names := [...]string{
		"Host", "Upgrade", "Connection", "Sec-WebSocket-Version", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol",
	}
	var values [len(names)][]byte
	for len(header) > 0 {
		line, header, _ = bytes.Cut(header, []byte("\r\n"))
		name, value, found := bytes.Cut(line, []byte(":"))
		if !found || !consistsOf(name, nameCharacters) || !isPrintable(value) || needsHTTP(name) {
			return h, false
		}
		for i := range names {
			if strings.EqualFold(string(name), names[i]) {
				if values[i] != nil {
					return h, false
				}
				values[i] = bytes.Trim(value, " ")
			}
		}
	}
	endpoint, region := ivschat.ParseHost(string(values[host]))
	h = ordinaryHandshake{region, string(values[key]), string(values[protocol]), rest}
	ok = endpoint != ivschat.ControlEndpoint && consistsOf(values[host], hostCharacters) &&
		strings.EqualFold(string(values[upgrade]), "websocket") &&
		(string(values[connection]) == "Upgrade" || string(values[connection]) == "keep-alive, Upgrade") &&
		string(values[version]) == supportedVersion &&
		isKey(h.key) && h.token != "" && !strings.Contains(h.token, ",")
	return h, ok
}

// isPrintable reports whether a text has only printable characters of ASCII.
func isPrintable(text []byte) bool {
	for _, b := range text {
		if b < ' ' || b > '~' {
			return false
		}
	}
	return true
}

// needsHTTP reports whether a header decides if the request has a body, whether it is answered at once, or which
// IP address the client has.
func needsHTTP(name []byte) bool {
	for _, other := range []string{"Content-Length", "Transfer-Encoding", "Trailer", "Expect", clientip.ForwardedHeader} {
		if strings.EqualFold(string(name), other) {
			return true
		}
	}
	return false
}
