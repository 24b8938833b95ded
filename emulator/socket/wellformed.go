package socket

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// nginxLines is what a proxy needs so that it passes a handshake on.
const nginxLines = "in nginx, add: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; " +
	`proxy_set_header Connection "upgrade";`

// IsHandshake reports whether a request is a WebSocket handshake, or was one before a proxy removed
// its Upgrade header (decision D34). Only clients of WebSockets send a Sec-WebSocket-Key.
func IsHandshake(r *http.Request) bool {
	return hasToken(r.Header, "Upgrade", "websocket") || r.Header.Get("Sec-Websocket-Key") != ""
}

// checkRequest checks that a request is a valid handshake (RFC 6455, section 4.2.1) whose connection
// can be upgraded. This comes before the token: a handshake that must fail anyway does not use it up
// (decision D28).
func checkRequest(w http.ResponseWriter, r *http.Request) error {
	switch {
	case !IsHandshake(r): // at the host of the messaging endpoint
		return malformed("the messaging endpoint accepts WebSocket handshakes only, and not %.20s %.200q: "+
			"the host of operations begins with ivschat and not with edge.ivschat", r.Method, r.URL.Path)
	case r.Method != http.MethodGet:
		return malformed("the method of a WebSocket handshake is GET, and not %.20q", r.Method)
	case !r.ProtoAtLeast(1, 1) || r.ProtoMajor > 1:
		return malformed("a WebSocket handshake needs HTTP/1.1, but this request is %s. If a proxy sent it: %s",
			r.Proto, nginxLines)
	case !hasToken(r.Header, "Upgrade", "websocket"):
		return malformed("the request has a Sec-WebSocket-Key, but not Upgrade: websocket (its Upgrade header is %s): "+
			"a proxy between the client and the emulator removed or replaced it. To pass it on %s",
			given(r.Header, "Upgrade"), nginxLines)
	case !websocket.IsWebSocketUpgrade(r):
		return malformed("the request has Upgrade: websocket, but not Connection: Upgrade (its Connection header "+
			"is %s). If a proxy sent it: %s", given(r.Header, "Connection"), nginxLines)
	case r.Header.Get("Sec-Websocket-Version") != supportedVersion:
		return malformed("the Sec-WebSocket-Version is %s, but must be %s",
			given(r.Header, "Sec-Websocket-Version"), supportedVersion)
	case !isKey(r.Header.Get("Sec-Websocket-Key")):
		return malformed("the Sec-WebSocket-Key must be 16 bytes in base64")
	case r.ContentLength != 0: // also if the length is not known; its bytes would be taken for frames
		return malformed("a WebSocket handshake has no body, but this request has one")
	case !canHijack(w):
		return unavailable("the server in front of the emulator cannot upgrade a connection")
	}
	return nil
}

// supportedVersion is the only version of the protocol.
const supportedVersion = "13"

func malformed(format string, args ...any) *ivschat.Exception {
	return &ivschat.Exception{
		Type: ivschat.MalformedHTTPRequest, Message: fmt.Sprintf(format, args...),
	}
}

// hasToken reports whether a header, a list separated by commas, contains a token in any letter case.
func hasToken(header http.Header, name, token string) bool {
	for _, line := range header.Values(name) {
		for item := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(item), token) {
				return true
			}
		}
	}
	return false
}

// given describes the value of a header for a message.
func given(header http.Header, name string) string {
	values := header.Values(name)
	if len(values) == 0 {
		return "missing"
	}
	return fmt.Sprintf("%.50q", strings.Join(values, ", "))
}

func isKey(text string) bool {
	key, err := base64.StdEncoding.DecodeString(text)
	return err == nil && len(key) == 16
}

// canHijack reports whether the connection of a response can be taken over. Like
// http.ResponseController it looks behind wrappers.
func canHijack(w http.ResponseWriter) bool {
	for {
		if _, ok := w.(http.Hijacker); ok {
			return true
		}
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return false
		}
		w = wrapper.Unwrap()
	}
}
