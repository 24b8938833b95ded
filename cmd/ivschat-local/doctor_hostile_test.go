package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	hostileserver "github.com/ivschat-local/ivschat-local/internal/hostile"
)

// doctorVariables are right for an emulator at a URL.
func doctorVariables(url string) []string {
	return []string{
		"AWS_ENDPOINT_URL_IVSCHAT=" + url, "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=hush",
		"AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
	}
}

// diagnose runs doctor for a URL, and returns what it finds. It must not take longer than its limits allow.
func diagnose(t *testing.T, url string, args ...string) (diagnosis, outcome) {
	t.Helper()
	began := time.Now()
	got := runSelf(t, doctorVariables(url), append([]string{"doctor", "--json"}, args...)...)
	var result diagnosis
	if err := json.Unmarshal([]byte(got.stdout), &result); err != nil {
		t.Fatalf("%v: %+v", err, got)
	}
	if took := time.Since(began); took > doctorTime {
		t.Errorf("%s: it took %s", url, took)
	}
	return result, got
}

// has reports whether there is a finding of a check with that status and text.
func (d diagnosis) has(check, status, text string) bool {
	for _, f := range d.Findings {
		if f.Check == check && f.Status == status && strings.Contains(f.Message, text) {
			return true
		}
	}
	return false
}

func TestDoctorSaysWhichOtherProgramAnswers(t *testing.T) {
	const json, page = "application/json", "text/html"
	for name, c := range map[string]struct{ contentType, body, want string }{
		"a web server":  {page, "<html>", "an HTTP server answers at "},
		"another API":   {json, `{"ok":true}`, "an HTTP server answers at "},
		"LocalStack":    {json, `{"services":{"s3":"running"}}`, "such as LocalStack, answers at "},
		"endless JSON":  {json, `{"version":"` + strings.Repeat("x", 8<<20), "an HTTP server answers at "},
		"control codes": {json, `{"version":"` + `\u001b[2J` + `","randomSeed":1}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, got := diagnose(t, answering(t, c.contentType, c.body))
			if c.want != "" && (got.code != 1 || !result.has("answer", statusProblem,
				c.want)) || strings.Contains(got.stdout, "\x1b") {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestDoctorSurvivesHostileServers(t *testing.T) {
	endless := func(begin, repeated string) func(net.Conn) {
		return func(c net.Conn) {
			_, err := io.WriteString(c, begin)
			for repeated = strings.Repeat(repeated, 1<<12); err == nil; {
				_, err = io.WriteString(c, repeated)
			}
		}
	}
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	for name, serve := range map[string]func(net.Conn){
		"silence":         hostileserver.UntilClosed,
		"an endless body": endless(head+"\r\n", " "),
		"endless headers": endless(head, "X-Header: x\r\n"),
		"garbage":         endless("\x00\xff", "\x00\xff"),
		"a slow body": func(c net.Conn) {
			_, _ = io.WriteString(c, head+"Content-Length: 100\r\n\r\n{")
			hostileserver.UntilClosed(c)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if result, got := diagnose(t, hostileserver.Server(t, serve)); got.code != 1 || result.Problems == 0 {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestDoctorFollowsNoRedirect(t *testing.T) {
	var asked atomic.Bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Store(true) }))
	defer other.Close()
	server := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusFound))
	defer server.Close()
	result, got := diagnose(t, server.URL, "--try")
	if got.code != 1 || asked.Load() || !result.has("answer", statusProblem, "a redirect to "+other.URL) {
		t.Errorf("%+v", got)
	}
}

// likeEmulator is a server that says that it is an emulator, and answers the admin API with these documents.
func likeEmulator(t *testing.T, documents map[string]string) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		document, ok := documents[strings.TrimPrefix(r.URL.Path, "/_ivschat/v1/")]
		switch {
		case r.URL.Path == "/health":
			document = `{"version":"0.0.9","randomSeed":1}`
		case !ok:
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, document)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestDoctorComparesTimes(t *testing.T) {
	for _, c := range []struct {
		auth   string
		by     time.Duration
		status string
	}{
		{"off", 0, statusOK}, {"off", -time.Hour, statusNote},
		{"signatures", 2 * time.Minute, statusNote}, {"signatures", -time.Hour, statusProblem},
	} {
		t.Run(c.auth+c.by.String(), func(t *testing.T) {
			t.Parallel()
			url := likeEmulator(t, map[string]string{
				"info": fmt.Sprintf(`{"auth":%q}`, c.auth), "faults": `{"items":[]}`,
				"clock": fmt.Sprintf(`{"now":%q,"ahead":"61m","scale":1}`,
					time.Now().Add(61*time.Minute+c.by).Format(time.RFC3339Nano)),
			})
			result, got := diagnose(t, url)
			if !result.has("machine-time", c.status, "") || !result.has("clock", statusNote, "is 1h1m0s ahead") ||
				!result.has("answer", statusNote, "an emulator of version 0.0.9 answers") {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestDoctorPrintsNothingOfAnAnswerThatChangesATerminal(t *testing.T) {
	const evil = `\u001b[2J\u202e`
	url := likeEmulator(t, map[string]string{
		"info":   `{"auth":"off","account":"` + evil + `","region":"` + evil + `","owners":[{"account":"` + evil + `","region":"x"}]}`,
		"clock":  `{"now":"2026-01-01T00:00:00Z","ahead":"1h","scale":1,"warning":"` + evil + `"}`,
		"faults": `{"items":[{"operation":"` + evil + `","exception":"` + evil + `"}]}`,
	})
	got := runSelf(t, doctorVariables(url), "doctor")
	if strings.ContainsAny(got.stdout+got.stderr, "\x1b\u202e") || !strings.Contains(got.stdout, "1 fault can fire") {
		t.Errorf("%+v", got)
	}
}

func TestDoctorTellsProgramsOfOneHostApart(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	_, port, _ := net.SplitHostPort(web.Listener.Addr().String())
	listener, err := net.Listen("tcp", "[::1]:"+port)
	if err != nil {
		t.Skip("there is no IPv6")
	}
	emulator := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"version":"0.0.9","randomSeed":1}`)
	}))
	emulator.Listener = listener
	emulator.Start()
	defer emulator.Close()
	if result, got := diagnose(t, "http://localhost:"+port); !result.has("answer", statusProblem,
		"an HTTP server answers at 127.0.0.1:") {
		t.Errorf("%+v", got)
	}
}

func TestDoctorNamesACertificateThatIsNotTrusted(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	result, got := diagnose(t, server.URL)
	if got.code != 1 || !result.has("tls", statusProblem, "is not trusted") {
		t.Errorf("%+v", got)
	}
}

// Without HOME, SDKs read the files in the home directory of the user's account.
func TestDoctorReadsNoConfigurationInTheCurrentDirectory(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, ".aws"), 0o700); err != nil {
		t.Fatal(err)
	}
	config := []byte("[profile stray]\nregion = eu-west-9\n")
	if err := os.WriteFile(filepath.Join(dir, ".aws", "config"), config, 0o600); err != nil {
		t.Fatal(err)
	}
	command := self(t, []string{"HOME=", "AWS_PROFILE=stray"}, "doctor")
	command.Dir = dir
	output, _ := command.Output() // there are problems
	if !strings.Contains(string(output), "region") || strings.Contains(string(output), "eu-west-9") {
		t.Errorf("doctor said:\n%s", output)
	}
}
