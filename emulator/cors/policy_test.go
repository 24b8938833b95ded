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
		{origin: "http://127.0.0.1:8080"},
		{origin: "http://0.0.0.0"},
		{origin: "http://[::1]:8080"},
		{origin: "capacitor://localhost"},
		{origin: "https://allowed.example"}, // a host that is known
		{host: "ivschat:4566", origin: "http://ivschat:3000"},
		{host: "10.1.2.3:4566", origin: "http://10.1.2.3"},
		{host: "host.docker.internal:4566", origin: "http://host.docker.internal"},
		{host: "ivschat:4566", origin: "http://other", want: to("http://other")},
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
		{allowed: "*", origin: "null"},
		{allowed: "null", origin: "null"},
		{allowed: "null", origin: "file://"},
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
