package admin_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/admin"
)

func TestPagesOfOtherOriginsAreRefused(t *testing.T) {
	e, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, test := range []struct {
		host   string
		header []string
		status int
	}{
		{"localhost:4700", nil, 200},
		{"127.0.0.1:4700", nil, 200},
		{"[::1]:4700", nil, 200},
		{"ivschat:4700", nil, 200}, // the name of a container
		{"localhost:4700", []string{"Origin", "http://localhost:4700"}, 200},
		{"localhost:4700", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"localhost:4700", []string{"Origin", "http://localhost:3000"}, 403},
		{"localhost:4700", []string{"Origin", "https://example.com"}, 403},
		{"localhost:4700", []string{"Origin", "null"}, 403},
		{"localhost:4700", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"evil.example.com:4700", nil, 403}, // DNS rebinding
	} {
		for _, path := range []string{"clock", "snapshot", "health", "nothing"} {
			got := getAt(e, test.host, path, test.header...)
			status := test.status
			if status == 200 && path == "nothing" {
				status = 404
			}
			if got.Code != status || got.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s %v %s: %d %s", test.host, test.header, path, got.Code, got.Body)
			}
		}
	}
}

// getAt gets a path of the admin API at a host, with pairs of a header and its value.
func getAt(e *emulator.Emulator, host, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", admin.Prefix+path, nil)
	r.Host = host
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	e.ServeHTTP(recorder, r)
	return recorder
}

func TestTheAdminAPIIsServedAtAllowedHosts(t *testing.T) {
	e, err := emulator.New(emulator.Config{
		AllowHost: []string{"Chat.example", "*.svc.cluster.local", "localhost"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, test := range []struct {
		host   string
		header []string
		status int
	}{
		{"chat.example", nil, 200},
		{"CHAT.example:4700", nil, 200},
		{"chat.example.:4700", nil, 200},
		{"ivschat.default.svc.cluster.local:4700", nil, 200},
		{"svc.cluster.local", nil, 403},
		{"evil-svc.cluster.local", nil, 403},
		{"other.chat.example", nil, 403},
		{"chat.example.com", nil, 403},
		// A proxy in front of a development server sets the host, and the page has that of the server.
		{"127.0.0.1:4700", []string{"Origin", "http://localhost:5173", "Sec-Fetch-Site", "same-origin"}, 200},
		{"127.0.0.1:4700", []string{"Origin", "https://chat.example"}, 200},
		{"127.0.0.1:4700", []string{"Origin", "http://localhost:5173", "Sec-Fetch-Site", "cross-site"}, 403},
		{"127.0.0.1:4700", []string{"Origin", "http://evil.example"}, 403},
		{"chat.example", []string{"Origin", "null"}, 403},
	} {
		if got := getAt(e, test.host, "clock", test.header...); got.Code != test.status {
			t.Errorf("%s %v: %d %s", test.host, test.header, got.Code, got.Body)
		}
	}
}

func TestARefusalOfTheAdminAPISaysWhoMayUseIt(t *testing.T) {
	const only = " cannot use the admin API, only those from "
	proxy := func(origin, name string) string {
		return fmt.Sprintf("web pages from the origin %q%s", origin, only) + `"localhost:4700" can. ` +
			"If a proxy sets another host, start the emulator with --allow-host " + name
	}
	for _, test := range []struct{ host, header, value, want string }{
		{"evil.example:4700", "", "", `the host "evil.example" is not an address of this machine: ` +
			"use localhost or an IP address, or start the emulator with --allow-host evil.example"},
		{"localhost:4700", "Sec-Fetch-Site", "same-site",
			"web pages from another origin" + only + `"localhost:4700" can`},
		{"localhost:4700", "Origin", "http://dev.example:3000", proxy("http://dev.example:3000", "dev.example")},
		{"localhost:4700", "Origin", "https://localhost:4701", proxy("https://localhost:4701", "localhost")},
		{"localhost:4700", "Origin", "null", `web pages from the origin "null"` + only + `"localhost:4700" can`},
		{"localhost:4700", "Origin", "ftp://localhost:4700",
			`web pages from the origin "ftp://localhost:4700"` + only + `"localhost:4700" can`},
		{"localhost:4700", "Origin", "http://localhost:4700/",
			`web pages from the origin "http://localhost:4700/"` + only + `"localhost:4700" can`},
		{"localhost:4700", "Origin", "http://anna@localhost:4700",
			`web pages from the origin "http://anna@localhost:4700"` + only + `"localhost:4700" can`},
		{"localhost:4700", "Origin", "http://:4700", `web pages from the origin "http://:4700"` + only + `"localhost:4700" can`},
		{"localhost:4700", "Origin", "http://%zz", `web pages from the origin "http://%zz"` + only + `"localhost:4700" can`},
	} {
		e, err := emulator.New(emulator.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		got := getAt(e, test.host, "clock", test.header, test.value)
		var answer struct{ Message string }
		if err := json.Unmarshal(got.Body.Bytes(), &answer); got.Code != 403 || err != nil ||
			answer.Message != test.want {
			t.Errorf("%s %s %s: %d\ngot  %s\nwant %s",
				test.host, test.header, test.value, got.Code, got.Body, test.want)
		}
	}
}

func TestAPageOfTheEmulatorItselfMayUseTheAdminAPI(t *testing.T) {
	e, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for header, values := range map[string][]string{
		"Origin": {"http://localhost:4700", "https://localhost:4700"}, "Sec-Fetch-Site": {"same-origin", "none"},
	} {
		for _, value := range values {
			if got := getAt(e, "localhost:4700", "clock", header, value); got.Code != 200 {
				t.Errorf("%s %s: %d %s", header, value, got.Code, got.Body)
			}
		}
	}
}

func TestARefusalOfTheAdminAPINamesTheFlagAndIsLoggedOnceForEachHost(t *testing.T) {
	var log bytes.Buffer
	e, err := emulator.New(emulator.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	const flag = "start the emulator with --allow-host "
	for _, test := range []struct{ host, origin, want string }{
		{"ivschat.default.svc.cluster.local:4700", "", flag + "ivschat.default.svc.cluster.local"},
		{"127.0.0.1:4700", "http://localhost:5173", flag + "localhost"},
		{"127.0.0.1:4700", "http://dev.example", flag + "dev.example"},
	} {
		for range 3 {
			got := getAt(e, test.host, "clock", "Origin", test.origin)
			if got.Code != 403 || !strings.Contains(got.Body.String(), test.want+`"`) {
				t.Errorf("%s from %s: %d %s", test.host, test.origin, got.Code, got.Body)
			}
		}
		line := `level=WARN msg="a request to the admin API was refused" reason=`
		if strings.Count(log.String(), test.want+`"`) != 1 || !strings.Contains(log.String(), line) {
			t.Errorf("the log is\n%s", &log)
		}
	}
	log.Reset()
	for i := range 1000 {
		getAt(e, fmt.Sprintf("host%d.example", i), "clock")
	}
	if lines := strings.Count(log.String(), "\n"); lines != 97 {
		t.Errorf("the log has %d more lines, want 97, which makes 100", lines)
	}
}
