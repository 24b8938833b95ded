package socket

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestTheIPAddressOfAProxyOnThisMachineIsReplacedByThatOfItsClient(t *testing.T) {
	for _, test := range []struct {
		peer, forwarded, want string
	}{
		{"127.0.0.1:5000", "203.0.113.9", "203.0.113.9"},
		{"127.0.0.1:5000", " 203.0.113.9 , 198.51.100.1", "203.0.113.9"},
		{"127.0.0.1:5000", "203.0.113.9:4711", "203.0.113.9"},
		{"127.0.0.1:5000", "2001:db8::1", "2001:db8::1"},
		{"127.0.0.1:5000", "[2001:db8::1]", "2001:db8::1"},
		{"127.0.0.1:5000", "[2001:db8::1]:4711", "2001:db8::1"},
		{"127.0.0.1:5000", "::ffff:203.0.113.9", "203.0.113.9"},
		{"127.0.0.1:5000", "unknown, 203.0.113.9", ""},
		{"127.0.0.1:5000", "<script>", ""},
		{"127.0.0.1:5000", "", ""},
		{"127.1.2.3:5000", "203.0.113.9", "203.0.113.9"},
		{"[::1]:5000", "203.0.113.9", "203.0.113.9"},
		{"[::ffff:127.0.0.1]:5000", "203.0.113.9", "203.0.113.9"},
		{"192.0.2.1:5000", "203.0.113.9", ""},
		{"pipe", "203.0.113.9", ""},
	} {
		r := &http.Request{RemoteAddr: test.peer, Header: http.Header{"X-Forwarded-For": {test.forwarded}}}
		if got := forwardedIP(r); got != test.want {
			t.Errorf("%s from %s: got %q, want %q", test.forwarded, test.peer, got, test.want)
		}
	}
}

func TestTheIPAddressOfAClientIsThatOfItsConnection(t *testing.T) {
	for _, test := range []struct {
		peer net.Addr
		want string
	}{
		{&net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 5000}, "192.0.2.1"},
		{&net.TCPAddr{IP: net.IPv4(192, 0, 2, 1).To16(), Port: 5000}, "192.0.2.1"},
		{&net.TCPAddr{IP: net.ParseIP("fe80::1"), Port: 5000, Zone: "eth0"}, "fe80::1"},
		{&net.UnixAddr{Name: "chat.sock"}, "127.0.0.1"},
	} {
		if got := peerIP(test.peer); got != test.want {
			t.Errorf("%v: got %s, want %s", test.peer, got, test.want)
		}
	}
}

func TestTheIPAddressOfAClientIsKnownWhenItsHandshakeIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := net.Pipe()
		defer client.Close()
		h, _ := newFakeHandler(t, newFakeToken())
		go h.ServeHTTP(memoryResponse{httptest.NewRecorder(), server}, newHandshake())
		synctest.Wait() // the answer waits for the client
		if open := h.Live.Sessions("", ivschat.ARN{}); len(open) != 1 || open[0].ClientIP() != "127.0.0.1" {
			t.Errorf("the sessions are %v", open)
		}
		_ = client.Close()
		h.Close(t.Context())
	})
}
