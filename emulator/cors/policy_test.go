package cors

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestWhichPagesMayCallTheControlPlane(t *testing.T) {
	const refused = `a web page of the origin %q cannot call the control plane`
	const asFile = ". A page that was opened as a file has this origin, and so have sandboxed pages of every website: " +
		"rather serve the page from localhost"
	const crossSite = "web pages of other sites cannot call the control plane without an Origin header"
	long := "https://" + strings.Repeat("a", 300) + ".example"
	to := func(origin string) string {
		return fmt.Sprintf(refused, origin) + ": to allow it, start the emulator with --cors-origin " + origin
	}
	for _, test := range []struct {
		allowed      string // origins, separated by spaces
		host         string // of the request
		origin, site string
		want         string // "" if the page may call
	}{
		{origin: "http://localhost:3000"},
		{origin: "HTTP://LOCALHOST"},
		{origin: "http://app.localhost"},
		{origin: "http://localhost.:3000"},
		{origin: "http://127.0.0.1:8080"},
		{origin: "http://0.0.0.0"},
		{origin: "http://[::1]:8080"},
		{origin: "capacitor://localhost"},
		{origin: "https://allowed.example"}, // a host that is known
		{host: "ivschat:4566", origin: "http://ivschat:3000"},
		{host: "10.1.2.3:4566", origin: "http://10.1.2.3"},
		{host: "host.docker.internal:4566", origin: "http://host.docker.internal"},
		{host: "ivschat:4566", origin: "http://other", want: to("http://other")},
		{host: "ivschat:4566", origin: "http://10.1.2.3", want: to("http://10.1.2.3")},
		{origin: "https://notallowed.example", want: to("https://notallowed.example")},
		{host: "shop.example", origin: "http://shop.example", want: to("http://shop.example")},
		{origin: "https://shop.example", want: to("https://shop.example")},
		{origin: "https://localhost.example", want: to("https://localhost.example")},
		{allowed: "https://shop.example", origin: "https://shop.example"},
		{allowed: "https://shop.example:443", origin: "https://shop.example"},
		{allowed: "http://shop.example:80", origin: "http://shop.example"},
		{allowed: "app://shop.example:80 app://shop.example:443", origin: "app://shop.example:443"},
		{allowed: "app://shop.example:80 app://shop.example:443", origin: "app://shop.example:80"},
		{allowed: "https://SHOP.example", origin: "https://shop.EXAMPLE"},
		{allowed: "https://shop.example", origin: "http://shop.example", want: to("http://shop.example")},
		{allowed: "https://shop.example", origin: "https://shop.example:8443", want: to("https://shop.example:8443")},
		{allowed: "https://a.example https://*.shop.example", origin: "https://x.shop.example"},
		{allowed: "https://*.shop.example", origin: "https://shop.example", want: to("https://shop.example")},
		{allowed: "*", origin: "https://shop.example"},
		{allowed: "https://shop.example", origin: "https://myshop.example", want: to("https://myshop.example")},
		{allowed: "*", origin: "null"},
		{allowed: "null", origin: "null"},
		{allowed: "null", origin: "file://"},
		{allowed: "null", origin: "nonsense", want: fmt.Sprintf(refused, "nonsense")},
		{origin: "null", want: to("null") + asFile},
		{origin: "file://", want: strings.Replace(to("null"), `"null"`, `"file://"`, 1) + asFile},
		{origin: "nonsense", want: fmt.Sprintf(refused, "nonsense")},
		{origin: "http://localhost/path", want: fmt.Sprintf(refused, "http://localhost/path")},
		{origin: long, want: fmt.Sprintf(refused, long[:100])},
		{origin: ""},
		{site: "cross-site", want: crossSite},
		{site: "cross-site", allowed: "null"},
		{site: "cross-site", origin: "http://localhost"},
		{site: "same-site"},
	} {
		log := new(bytes.Buffer)
		policy := NewPolicy(strings.Fields(test.allowed), NewHosts([]string{"Allowed.example"}),
			slog.New(slog.NewTextHandler(log, nil)))
		r := httptest.NewRequest(http.MethodPost, "/CreateRoom", nil)
		r.Host = test.host
		if test.origin != "" {
			r.Header.Set("Origin", test.origin)
		}
		if test.site != "" {
			r.Header.Set("Sec-Fetch-Site", test.site)
		}
		got := ""
		if err := policy.Check(r); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%+v\ngot  %s\nwant %s", test, got, test.want)
		}
		if logged := strings.Contains(log.String(), `msg="a request of a web page was refused" reason=`); logged != (got != "") {
			t.Errorf("%+v: the log is %s", test, log)
		}
	}
}

func TestEveryOriginOfARequestMustBeAllowed(t *testing.T) {
	for _, test := range []struct {
		origins []string
		allowed bool
	}{
		{[]string{""}, true}, // a client that is not a browser
		{[]string{"", "http://localhost"}, true},
		{[]string{"http://localhost", "https://shop.example"}, false},
		{[]string{"", "https://shop.example"}, false},
	} {
		policy := NewPolicy(nil, NewHosts(nil), slog.New(slog.DiscardHandler))
		r := httptest.NewRequest(http.MethodPost, "/CreateRoom", nil)
		r.Header["Origin"] = test.origins
		if err := policy.Check(r); (err == nil) != test.allowed {
			t.Errorf("%q: %v", test.origins, err)
		}
	}
}

func TestARefusalWithoutAnOriginIsLoggedBesidesOthers(t *testing.T) {
	log := new(bytes.Buffer)
	policy := NewPolicy(nil, NewHosts(nil), slog.New(slog.NewTextHandler(log, nil)))
	for _, origins := range [][]string{{"cross-site"}, {"https://shop.example"}, nil, nil} {
		r := httptest.NewRequest(http.MethodPost, "/CreateRoom", nil)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.Header["Origin"] = origins
		_ = policy.Check(r)
	}
	if lines := strings.Count(log.String(), "\n"); lines != 3 {
		t.Errorf("%d refusals are logged, want 3\n%s", lines, log)
	}
}

func TestWhichHostsAreLocal(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "app.localhost": true, "ivschat": true, "host.docker.internal": true, "10.1.2.3": true,
		"192.0.2.1": true, "::1": true, "fd00::1": true,
		"app.local": false, "a.b.localhost": false, "shop.example": false, "docker.internal": false, "10.1.2": false,
	} {
		if got := IsLocal(host); got != want {
			t.Errorf("%s: got %t, want %t", host, got, want)
		}
	}
}

func TestTheNameInAHostHeaderHasNoPortAndIsInLowerCase(t *testing.T) {
	for host, want := range map[string]string{
		"LOCALHOST": "localhost", "localhost:4566": "localhost", "shop.example.:80": "shop.example", "shop.example.": "shop.example",
		"[::1]": "::1", "[::1]:4566": "::1", "10.1.2.3:80": "10.1.2.3", "": "",
	} {
		if got := Hostname(host); got != want {
			t.Errorf("%s: got %q, want %q", host, got, want)
		}
	}
}

func TestWhatIsAnOrigin(t *testing.T) {
	for text, want := range map[string]bool{
		"*": true, "null": true, "https://shop.example": true, "HTTPS://Shop.Example:8443": true, "https://*.shop.example": true,
		"http://[::1]:80": true, "chrome-extension://abc": true, "http://a_b.example.": true,
		"": false, "shop.example": false, "https://": false, "https://shop.example/": false, "https://*": false,
		"https://a.*.example": false, "https://shop.example:123456": false, "1http://x": false,
		"https://" + strings.Repeat("a", 292): true, "https://" + strings.Repeat("a", 293): false,
	} {
		if got := IsOrigin(text); got != want {
			t.Errorf("%s: got %t, want %t", text, got, want)
		}
	}
}

func TestPagesMaySendTheHeadersOfAWSSDKs(t *testing.T) {
	const want = "Content-Type, X-Api-Key, X-Amz-Content-Sha256, X-Amz-User-Agent, amz-sdk-invocation-id, " +
		"amz-sdk-request, Authorization, X-Amz-Date, X-Amz-Security-Token"
	if RequestHeaders != want {
		t.Errorf("got %s, want %s", RequestHeaders, want)
	}
}

func TestAPreflightRequestIsAnsweredForEveryOrigin(t *testing.T) {
	for origin, want := range map[string]http.Header{
		"": {
			"Access-Control-Allow-Origin": {"*"}, "Access-Control-Allow-Headers": {"Content-Type"},
		},
		"http://localhost": {
			"Access-Control-Allow-Origin": {"http://localhost"}, "Access-Control-Allow-Credentials": {"true"},
		},
	} {
		r := httptest.NewRequest(http.MethodOptions, "/", nil)
		if IsPreflight(r) {
			t.Error("every OPTIONS is taken for a preflight request")
		}
		r.Header.Set("Access-Control-Request-Method", "POST")
		r.Method = http.MethodPost
		if IsPreflight(r) {
			t.Error("a POST is taken for a preflight request")
		}
		r.Method = http.MethodOptions
		if !IsPreflight(r) {
			t.Error("a preflight request is not recognized")
		}
		r.Header.Set("Origin", origin)
		want.Set("Access-Control-Allow-Methods", "GET, POST")
		want.Set("Access-Control-Max-Age", "86400")
		want.Set("Vary", "Origin")
		want.Set("Access-Control-Expose-Headers",
			"x-amzn-RequestId, x-amzn-ErrorType, x-amzn-errormessage, x-amzn-trace-id, x-amz-apigw-id, Date")
		recorder := httptest.NewRecorder()
		Preflight(recorder, r, "GET, POST", want.Get("Access-Control-Allow-Headers"))
		if got := recorder.Header(); recorder.Code != 204 || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q: %d\ngot  %v\nwant %v", origin, recorder.Code, got, want)
		}
	}
}

func TestTheFirstRefusalBecauseOfEachOfAHundredValuesIsLogged(t *testing.T) {
	log := new(bytes.Buffer)
	refusals := NewRefusals(slog.New(slog.NewTextHandler(log, nil)))
	for i := range 150 {
		for range 2 {
			refusals.Log("refused", fmt.Sprint(i), errors.New("because"))
		}
	}
	if lines := strings.Count(log.String(), "msg=refused reason=because\n"); lines != 100 {
		t.Errorf("%d refusals are logged, want 100", lines)
	}
	long := NewRefusals(slog.New(slog.DiscardHandler))
	long.Log("refused", strings.Repeat("x", 300), errors.New("because"))
	if !long.isFirst(strings.Repeat("x", 299)) || long.isFirst(strings.Repeat("x", 300)) {
		t.Error("values of 300 bytes are not told apart")
	}
	long.Log("refused", strings.Repeat("y", 301), errors.New("because"))
	if long.isFirst(strings.Repeat("y", 300)) {
		t.Error("more than 300 bytes of a value are remembered")
	}
}
