package sigv4

import (
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// FuzzWhatTheSDKForGoSigns signs requests with the AWS SDK for Go. They must be verified, but not after a change of one
// byte.
func FuzzWhatTheSDKForGoSigns(f *testing.F) {
	for _, c := range calls {
		f.Add(c.method, c.target, c.body, c.header.Get("X-Amz-Meta"), c.token, uint64(1))
	}
	f.Fuzz(func(t *testing.T, method, target, body, header, token string, seed uint64) {
		c := call{method: method, target: target, body: body, token: token, header: http.Header{"X-Amz-Meta": {header}}}
		if !canBeSent(c) {
			t.Skip()
		}
		random := rand.New(rand.NewPCG(seed, 0))
		for _, signed := range []func(testing.TB) *http.Request{c.signed, c.presigned} {
			if err := verify(signed(t), testSecret); err != nil {
				t.Errorf("%q %q %q %q: %v", method, target, body, header, err)
			}
			for part, change := range changes {
				r := signed(t)
				if change(r, random) && verify(r, testSecret) == nil {
					t.Errorf("%q %q %q %q is verified, although its %s was changed: %q", method, target, body, header, part, r.Header)
				}
			}
			if verify(signed(t), changeByte(testSecret, random)) == nil {
				t.Errorf("%q %q %q %q is verified, although the secret was changed", method, target, body, header)
			}
		}
	})
}

// canBeSent reports whether net/http can send a call and receive it unchanged.
func canBeSent(c call) bool {
	if c.method == "" || strings.Trim(c.method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || !strings.HasPrefix(c.target, "/") {
		return false
	}
	u, err := url.ParseRequestURI("http://localhost:4700" + c.target)
	if err != nil || u.Host != "localhost:4700" || u.Fragment != "" || strings.ContainsFunc(c.target, isControlOrSpace) {
		return false
	}
	if _, err := url.ParseQuery(u.RawQuery); err != nil {
		return false
	}
	for name := range u.Query() {
		if strings.HasPrefix(strings.ToLower(name), "x-amz-") { // the SDK replaces those that it adds
			return false
		}
	}
	return !strings.ContainsFunc(c.header.Get("X-Amz-Meta")+c.token, isControl)
}

func isControl(c rune) bool        { return c < ' ' || c == 0x7f }
func isControlOrSpace(c rune) bool { return isControl(c) || c == ' ' || c == '#' }

// changes change one byte of a part of a signed request. They report whether the request has that part.
var changes = map[string]func(r *http.Request, random *rand.Rand) bool{
	"method": func(r *http.Request, random *rand.Rand) bool {
		r.Method = changeByte(r.Method, random)
		return true
	},
	"path": func(r *http.Request, random *rand.Rand) bool {
		r.URL.RawPath = changeByte(r.URL.EscapedPath(), random)
		return true
	},
	"query": func(r *http.Request, random *rand.Rand) bool {
		old := r.URL.RawQuery
		r.URL.RawQuery = changeByte(old, random)
		return old != "" && !strings.Contains(r.URL.RawQuery, "&&") && strings.Trim(r.URL.RawQuery, "&") == r.URL.RawQuery
	},
	"host": func(r *http.Request, random *rand.Rand) bool {
		r.Host = changeByte(r.Host, random)
		return true
	},
	"header": func(r *http.Request, random *rand.Rand) bool {
		old := r.Header.Get("X-Amz-Meta")
		r.Header.Set("X-Amz-Meta", changeByte(old, random))
		return strings.TrimSpace(old) != "" && !strings.Contains(r.Header.Get("X-Amz-Meta"), " ")
	},
	"time": func(r *http.Request, random *rand.Rand) bool {
		old := r.Header.Get("X-Amz-Date")
		r.Header.Set("X-Amz-Date", changeByte(old, random))
		return old != ""
	},
	"Authorization": func(r *http.Request, random *rand.Rand) bool {
		old := r.Header.Get("Authorization")
		changed := changeByte(old, random)
		r.Header.Set("Authorization", changed)
		return strings.Join(strings.Fields(changed), " ") != old // after a comma, any space will do
	},
	"body": func(r *http.Request, random *rand.Rand) bool {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(changeByte(string(body), random)))
		return len(body) > 0
	},
}

// changeByte changes one byte of a text that is not empty.
func changeByte(text string, random *rand.Rand) string {
	if text == "" {
		return text
	}
	changed := []byte(text)
	i := random.IntN(len(changed))
	changed[i] ^= byte(1 + random.IntN(255))
	return string(changed)
}

// FuzzAnyRequest reads and verifies requests that no one has signed. The errors must be exceptions.
func FuzzAnyRequest(f *testing.F) {
	for _, c := range calls {
		r := c.signed(f)
		f.Add(r.URL.RawQuery, r.Header.Get("Authorization"), r.Header.Get("X-Amz-Date"))
		f.Add(c.presigned(f).URL.RawQuery, "", "")
	}
	f.Fuzz(func(t *testing.T, query, authorization, date string) {
		r := httptest.NewRequest("GET", "http://localhost:4700/", strings.NewReader(""))
		r.URL.RawQuery = query
		r.Header = http.Header{"Authorization": {authorization}, "X-Amz-Date": {date}}
		err := verify(r, "wrong")
		if _, ok := errors.AsType[*ivschat.Exception](err); !ok && err != errUnsigned && err != errUnknownKey {
			t.Errorf("%q %q %q: %v", query, authorization, date, err)
		}
	})
}
