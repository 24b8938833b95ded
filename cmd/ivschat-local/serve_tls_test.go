package main

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/certificates"
)

// makePair writes the files of a certificate, and returns the value of --tls.
func makePair(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	authority, err := certificates.Open(dir, certificates.NewNames("us-east-1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return authority.File() + "," + filepath.Join(dir, certificates.KeyFile)
}

func TestTheBannerSaysHowClientsUseTLS(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"a directory": {[]string{"--tls", "auto", "--data", dir},
			"clients must trust " + filepath.Join(dir, "ca.pem") + ", see ivschat-local trust --data " + dir},
		"another region and more names": {
			[]string{"--tls", "auto", "--data", dir, "--region", "eu-north-1", "--tls-name", "a.test", "--tls-name", "b.test"},
			"clients must trust " + filepath.Join(dir, "ca.pem") + ", see ivschat-local trust --data " + dir +
				" --region eu-north-1 --tls-name a.test --tls-name b.test"},
		"in memory": {[]string{"--tls", "AUTO", "--data", ":memory:"},
			"clients must trust the certificate at PLAIN/_ivschat/v1/ca, which is new at each start"},
		"in memory, without the admin API": {[]string{"--tls", "auto", "--data", ":memory:", "--admin-listen", "off"},
			"with a certificate authority that is in memory only: clients can trust it with --data DIR"},
	} {
		t.Run(name, func(t *testing.T) {
			p := launchSelf(t, test.args...)
			plain := strings.Replace(p.endpoint, "https://", "http://", 1)
			want := "\n  HTTP:     " + plain + ", at the same port\n  TLS:      " +
				strings.ReplaceAll(test.want, "PLAIN", plain) + "\n"
			if !strings.HasPrefix(p.endpoint, "https://127.0.0.1:") || !strings.Contains(p.stdout, want) {
				t.Errorf("the banner is\n%s\nwant%s", p.stdout, want)
			}
		})
	}
}

// Plain HTTP works at the same port, so the health check of a container needs no certificate.
func TestHealthNeedsNoCertificate(t *testing.T) {
	dir := t.TempDir()
	for _, value := range []string{"auto", makePair(t)} {
		p := launchSelf(t, "--tls", value, "--data", dir)
		_, address, _ := strings.Cut(p.endpoint, "://")
		if got := runSelf(t, nil, "health", "--listen", address); got != (outcome{0, "ok\n", ""}) {
			t.Errorf("--tls %s: %+v", value, got)
		}
		p.stop(signals["TERM"])
	}
}

func TestWithLogFormatJSONTheStartLineHasTheAuthority(t *testing.T) {
	dir := t.TempDir()
	p := launchSelf(t, "--tls", "auto", "--data", dir, "--log-format", "json")
	line := objects(t, p.stdout)[0]
	file, _ := line["certificate_authority"].(string)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	for _, member := range []string{"endpoint", "http_endpoint"} {
		response, err := client.Get(line[member].(string) + "/health")
		if err != nil {
			t.Error(err)
			continue
		}
		_ = response.Body.Close()
	}
	if names, _ := line["certificate_names"].([]any); len(names) < 20 || names[0] != "localhost" {
		t.Errorf("the names are %v", names)
	}
}

func TestANameForNoCertificateIsReported(t *testing.T) {
	for value, want := range map[string]bool{"off": true, makePair(t): true, "auto": false} {
		p := launchSelf(t, "--tls", value, "--tls-name", "chat.test", "--data", ":memory:")
		p.stop(signals["TERM"])
		if got := strings.Contains(p.log(), "--tls-name is not used: it is for --tls auto"); got != want {
			t.Errorf("--tls %s: the log is\n%s", value, p.log())
		}
	}
}
