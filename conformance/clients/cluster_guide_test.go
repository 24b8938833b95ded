package clients_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/internal/guides"
	"github.com/ivschat-local/ivschat-local/internal/natsserver"
	"github.com/ivschat-local/ivschat-local/internal/need"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

var (
	// otherServers matches commands of the guide for programs that are not there, or that the test starts itself.
	otherServers = regexp.MustCompile(`^(IVSCHAT_CLUSTER_SECRET=.* docker|nats|nats-server) `)
	listenFlag   = regexp.MustCompile(` --listen localhost:(\d+)`)
)

// TestTheCommandsOfTheGuideToClusters runs the commands one after another, with three NATS servers: one for everyone,
// one with TLS, and one that verifies its clients.
func TestTheCommandsOfTheGuideToClusters(t *testing.T) {
	t.Parallel()
	need.Client(t, succeeds("curl", "--version"), "curl", "apt-get install curl")
	need.Client(t, succeeds("openssl", "version"), "OpenSSL", "apt-get install openssl")
	dir := t.TempDir()
	inDir := func(name string) string { return filepath.Join(dir, name) }
	writeNATSCertificates(t, dir)
	secured := []string{"--tls", "--tlscert", inDir("server.pem"), "--tlskey", inDir("server-key.pem")}
	open, private := natsserver.Start(t), natsserver.Start(t, secured...)
	verifying := natsserver.Start(t, append(secured, "--tlsverify", "--tlscacert", inDir("ca.pem"))...)
	replacements, started, ran := []string{"nats://localhost:4222", open.URL}, 0, 0
	for _, block := range guides.Open(t, "docs/cluster.md", "sh").Blocks("sh") {
		block := block.Code
		if otherServers.MatchString(block) {
			continue
		}
		server := private
		if strings.Contains(block, "client.pem") {
			server = verifying
		}
		secured := strings.Replace(server.URL, "nats://127.0.0.1", "tls://localhost", 1)
		block = strings.Replace(block, "tls://localhost:4222", secured, 1)
		block = strings.NewReplacer(replacements...).Replace(block)
		if flags, starts := strings.CutPrefix(block, "ivschat-local --"); starts {
			started++
			port := listenFlag.FindStringSubmatch(flags)
			parsed, err := url.Parse(startInShell(t, dir, "--"+strings.TrimSpace(listenFlag.ReplaceAllString(flags, ""))))
			if err != nil {
				t.Fatal(err)
			}
			if port != nil {
				replacements = append(replacements, "localhost:"+port[1], parsed.Host)
			}
			continue
		}
		ran++
		shell := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c",
			strings.ReplaceAll("\n"+block, "\ncurl ", "\ncurl -sS --fail-with-body "))
		shell.Dir = dir
		shell.Env = append(os.Environ(), "NO_PROXY=*",
			"PATH="+filepath.Dir(program.Path(t))+string(os.PathListSeparator)+os.Getenv("PATH"))
		output, err := shell.CombinedOutput()
		if err != nil || strings.Contains(block, "ListRooms") && !strings.Contains(string(output), `"name":"hello"`) {
			t.Errorf("%v\n%s\n%s", err, block, output)
		}
	}
	if started != 4 || ran != 3 {
		t.Errorf("%d commands start a node, and %d are for running ones", started, ran)
	}
}

// writeNATSCertificates writes the files for TLS that are in the guide: those of an authority, of a NATS server and of
// its client.
func writeNATSCertificates(t *testing.T, dir string) {
	t.Helper()
	write := func(name, kind string, content []byte) {
		t.Helper()
		text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content})
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "the authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for number, name := range []string{"ca", "server", "client"} {
		key, template := authorityKey, authority
		if name != "ca" {
			if key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
				t.Fatal(err)
			}
			template = &x509.Certificate{
				SerialNumber: big.NewInt(int64(number) + 1), Subject: pkix.Name{CommonName: name},
				NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
				DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
				ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
			}
		}
		certificate, err := x509.CreateCertificate(rand.Reader, template, authority, key.Public(), authorityKey)
		if err != nil {
			t.Fatal(err)
		}
		private, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		write(name+".pem", "CERTIFICATE", certificate)
		write(name+"-key.pem", "PRIVATE KEY", private)
	}
}

// TestTheUserOfTheGuideToClustersMayDoWhatNodesNeed uses the permissions in the guide.
func TestTheUserOfTheGuideToClustersMayDoWhatNodesNeed(t *testing.T) {
	t.Parallel()
	config := guides.Open(t, "docs/cluster.md").Block("", "authorization {")
	path := filepath.Join(t.TempDir(), "nats.conf")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	server := natsserver.Start(t, "--config", path)
	address := strings.TrimPrefix(server.URL, "nats://")
	flags := "--cluster-secret 'the secret of a test' --nats nats://ivschat:a%20password@" + address
	nodes := []string{startInShell(t, t.TempDir(), flags), startInShell(t, t.TempDir(), flags)}
	// A room of one node, with a token of the other, a message, and what the admin API asks of all nodes.
	var room struct{ ARN string }
	post(t, nodes[0]+"/CreateRoom", `{}`, &room)
	var issued struct{ Token string }
	post(t, nodes[1]+"/CreateChatToken",
		`{"roomIdentifier": "`+room.ARN+`", "userId": "anna", "capabilities": ["SEND_MESSAGE"]}`, &issued)
	dialer := websocket.Dialer{Subprotocols: []string{issued.Token}}
	connection, _, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(nodes[0], "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	message := []byte(`{"Action": "SEND_MESSAGE", "Content": "hi"}`)
	if err := connection.WriteMessage(websocket.TextMessage, message); err != nil {
		t.Fatal(err)
	}
	if _, frame, err := connection.ReadMessage(); err != nil || !strings.Contains(string(frame), `"Content":"hi"`) {
		t.Errorf("received %s (%v)", frame, err)
	}
	sessions, err := http.Get(nodes[1] + "/_ivschat/v1/rooms/" + url.PathEscape(room.ARN))
	if err != nil {
		t.Fatal(err)
	}
	defer sessions.Body.Close()
	if text, err := io.ReadAll(sessions.Body); err != nil || !strings.Contains(string(text), `"anna"`) {
		t.Errorf("the sessions are %s (%v)", text, err)
	}
	if log := server.Log(); strings.Contains(log, "Violation") {
		t.Errorf("NATS refused something:\n%s", log)
	}
}
