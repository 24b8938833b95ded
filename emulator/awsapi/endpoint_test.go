package awsapi

import (
	"fmt"
	"strings"
	"testing"
)

func TestAnEndpointIsAURL(t *testing.T) {
	for valid, want := range map[string]string{
		"http://localhost:4566":       "http://localhost:4566",
		"https://s3.example.org//":    "https://s3.example.org",
		"http://[::1]:9000/":          "http://[::1]:9000",
		"http://gateway/s3%2F1/":      "http://gateway/s3%2F1",
		"http://KEY:SECRET@localhost": "http://localhost",
	} {
		if e, err := ParseEndpoint(valid, "S3's API"); err != nil || e.URL != want {
			t.Errorf("%s: got %s, %v", valid, e.URL, err)
		}
	}
	for invalid, want := range map[string]string{
		"":                    "it does not begin with http:// or https://",
		"localhost:4566":      "it does not begin with http:// or https://",
		"ftp://localhost":     "it does not begin with http:// or https://",
		"http://":             "it has no host",
		"http://:4566":        "it has no host",
		"http://a#b":          "it has a fragment",
		"http://a?hunter2":    "it has a query",
		"http://a?":           "it has a query",
		"http://a:port":       "invalid port",
		"http://key@a":        "it has a user name without a password",
		"http://key:@a":       "it has a user name without a password",
		"http://:hunter2@a":   "its user name cannot be an access key",
		"http://a,b:x@a":      "its user name cannot be an access key",
		"http://a%2Fb:x@a":    "its user name cannot be an access key",
		"http://a%0Ab:x@a":    "its user name cannot be an access key",
		"http://a%20b:x@a":    "its user name cannot be an access key",
		"http://%C3%A9:x@a":   "its user name cannot be an access key",
		"http://k:hunter2/@a": "write % / ? # and @ in a user name and a password as %25, %2F, %3F, %23 and %40",
	} {
		_, err := ParseEndpoint(invalid, "S3's API")
		const start = "must be the URL of a server with S3's API, such as http://localhost:4566, but is "
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), start) ||
			strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "parse ") {
			t.Errorf("%s: %v, want %q", invalid, err, want)
		}
	}
}

func TestASettingIsShownWithoutWhatMayBeSecret(t *testing.T) {
	for setting, want := range map[string]string{
		"http://ada:secret@a/b?c": "http://…@a/b?…",
		"*=http://a/?":            "*=http://a/?",
		"*=command:a b?c@d":       "*=command:a b?c@d",
	} {
		if got := HideSecrets(setting); got != want {
			t.Errorf("%s: %s", setting, got)
		}
	}
	for url, want := range map[string]string{
		"http://ada:secret@a:1/b%2Fc?d#e": "http://a:1/b%2Fc", "http://a:b": "?", "/login?key=secret": "/login",
	} {
		if got := DisplayURL(url); got != want {
			t.Errorf("%s: %s", url, got)
		}
	}
	endpoint, err := ParseEndpoint("http://KEY:SECRET@a", "an API")
	text := fmt.Sprintf("%v %+v %s", endpoint, endpoint, endpoint)
	if err != nil || text != "http://a http://a http://a" {
		t.Errorf("the endpoint prints as %s, %v", text, err)
	}
}

func FuzzAnEndpointNeverShowsItsSecret(f *testing.F) {
	f.Add("http://", "secret", "localhost:9000/a")
	f.Add("https://KEY:", "%zz", "@a?b#c")
	f.Fuzz(func(t *testing.T, before, secret, after string) {
		if len(secret) < 12 || strings.Contains(before+after, secret) {
			return
		}
		_, err := ParseEndpoint(before+"KEY:"+secret+"@"+after, "an API")
		if err != nil && strings.HasPrefix(before, "http://") && strings.Contains(err.Error(), secret) {
			t.Errorf("%v", err)
		}
	})
}
