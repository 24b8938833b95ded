package clients_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/internal/guides"
	"github.com/ivschat-local/ivschat-local/internal/need"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

func tlsGuide(t *testing.T) string {
	t.Helper()
	return guides.Read(t, "docs/tls.md")
}

// notForTests matches commands of the guide for programs that are not there, or that need the rights of root.
var notForTests = regexp.MustCompile(`^(docker|sudo|mkcert|chromium) `)

// TestTheCommandsOfTheGuideToTLS runs the commands one after another, with the emulator that the guide has started
// last.
func TestTheCommandsOfTheGuideToTLS(t *testing.T) {
	t.Parallel()
	need.Client(t, succeeds("curl", "--version"), "curl", "apt-get install curl")
	need.Client(t, succeeds("node", "--version"), "Node.js", "https://nodejs.org, version 20 or later")
	need.Client(t, succeeds("aws", "--version"), "AWS CLI", "apt-get install awscli, or https://aws.amazon.com/cli")
	dir := t.TempDir()
	writeOwnCertificate(t, dir)
	port, path, started, ran := "", withPrograms(t), 0, 0
	for _, block := range guides.Open(t, "docs/tls.md", "sh").Blocks("sh") {
		block := block.Code
		if notForTests.MatchString(block) {
			continue
		}
		if flags, starts := strings.CutPrefix(block, "ivschat-local --"); starts {
			started++
			parsed, err := url.Parse(startInShell(t, dir, "--"+strings.TrimSpace(flags)))
			if err != nil || parsed.Scheme != "https" {
				t.Fatalf("%s: the URL is %s, %v", block, parsed, err)
			}
			port = parsed.Port()
			continue
		}
		ran++
		script := strings.NewReplacer(":4700", ":"+port, "\ncurl ", "\ncurl -sS --fail-with-body ").Replace("\n" + block)
		shell := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
		shell.Dir = dir
		shell.Env = append(os.Environ(), append(awsEnvironment(dir), "NO_PROXY=*", "PATH="+path,
			"IVSCHAT_LISTEN=127.0.0.1:"+port)...)
		if output, err := shell.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s\n%s", err, script, output)
		}
	}
	if started < 2 || ran < 9 {
		t.Errorf("%d commands start the emulator, and %d are for a running one", started, ran)
	}
}

// writeOwnCertificate writes the files that mkcert makes in the guide.
func writeOwnCertificate(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		DNSNames: []string{"localhost", "chat.test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"chat.pem":     {Type: "CERTIFICATE", Bytes: certificate},
		"chat-key.pem": {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheGuideToTLSHasEveryClientOfTrust(t *testing.T) {
	t.Parallel()
	output, err := exec.Command(program.Path(t), "trust", "--json", "--data", t.TempDir()).Output()
	var trust struct{ Clients []struct{ Name string } }
	if err != nil || json.Unmarshal(output, &trust) != nil || len(trust.Clients) < 10 {
		t.Fatalf("%v\n%s", err, output)
	}
	for _, client := range trust.Clients {
		if !regexp.MustCompile("(?m)^\\| .*`" + client.Name + "`.* \\|").MatchString(tlsGuide(t)) {
			t.Errorf("the guide does not have %s", client.Name)
		}
	}
}

// TestWhatClientsSayWithoutTLS compares the errors of clients with those in the guide. Those of clients that trust
// another authority are compared by expectTrust.
func TestWhatClientsSayWithoutTLS(t *testing.T) {
	t.Parallel()
	url := strings.Replace(program.Start(t), "http", "https", 1)
	for client, command := range map[string][]string{
		"curl":    {"apt-get install curl", "curl", "-sS", url},
		"Node.js": {"https://nodejs.org, version 20 or later", "node", "-e", "fetch(process.argv[1])", url},
		"Python": {"apt-get install python3", "python3", "-c",
			"import sys, urllib.request; urllib.request.urlopen(sys.argv[1])", url},
		"Java": {"apt-get install default-jdk-headless, version 17 or later",
			"java", "-XX:TieredStopAtLevel=1", "testdata/HttpClientTest.java", url},
	} {
		t.Run(client, func(t *testing.T) {
			t.Parallel()
			_, err := exec.LookPath(command[1])
			need.Client(t, err == nil, client, command[0])
			row := regexp.MustCompile(`(?m)^\| ` + client + "[^|]*\\|.*\\| `([^`|]+)` \\|$").FindStringSubmatch(tlsGuide(t))
			if row == nil {
				t.Fatal("the guide has no row for it")
			}
			run := exec.CommandContext(t.Context(), command[1], command[2:]...)
			run.Env = append(os.Environ(), "NO_PROXY=*")
			if output, err := run.CombinedOutput(); err == nil || !strings.Contains(string(output), row[1]) {
				t.Errorf("want %q, got %v\n%s", row[1], err, output)
			}
		})
	}
}
