package ivschatlocal_test

import (
	"testing"

	ivschatlocal "github.com/ivschat-local/ivschat-local/packages/testcontainers-go"
)

// A proxy cannot reach a container of this machine.
func TestAProxyIsNotForTheEmulator(t *testing.T) {
	for _, c := range []struct{ endpoint, upper, lower, wantUpper, wantLower string }{
		{"http://localhost:32768", "", "", "localhost", "localhost"},
		{"http://localhost:32768", "", "a.example", "a.example,localhost", "a.example,localhost"},
		{"http://localhost:32768", "a.example,localhost", "*", "a.example,localhost", "*"},
		{"https://[::1]:32768", "a.example", "b.example", "a.example,::1", "b.example,::1"},
	} {
		t.Setenv("NO_PROXY", c.upper)
		t.Setenv("no_proxy", c.lower)
		env := ivschatlocal.Addresses{EndpointURL: c.endpoint}.Env()
		if env["NO_PROXY"] != c.wantUpper || env["no_proxy"] != c.wantLower {
			t.Errorf("%+v: got NO_PROXY=%s no_proxy=%s", c, env["NO_PROXY"], env["no_proxy"])
		}
	}
}
