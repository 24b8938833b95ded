package clientip

import (
	"net/http"
	"testing"
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
		if got := Forwarded(r); got != test.want {
			t.Errorf("%s from %s: got %q, want %q", test.forwarded, test.peer, got, test.want)
		}
	}
}

func TestTheIPAddressOfAClientIsThatOfItsConnection(t *testing.T) {
	for _, test := range []struct {
		peer, want string
	}{
		{"192.0.2.1:5000", "192.0.2.1"},
		{"[::ffff:192.0.2.1]:5000", "192.0.2.1"},
		{"[fe80::1%eth0]:5000", "fe80::1"},
		{"chat.sock", "127.0.0.1"},
	} {
		if got := Peer(test.peer); got != test.want {
			t.Errorf("%v: got %s, want %s", test.peer, got, test.want)
		}
	}
}

func TestTheIPAddressOfARequestIsThatOfItsClient(t *testing.T) {
	r := &http.Request{RemoteAddr: "127.0.0.1:5000", Header: http.Header{}}
	if got := Of(r); got != "127.0.0.1" {
		t.Errorf("without a proxy it is %s", got)
	}
	r.Header.Set("X-Forwarded-For", "203.0.113.9")
	if got := Of(r); got != "203.0.113.9" {
		t.Errorf("behind a proxy it is %s", got)
	}
}
