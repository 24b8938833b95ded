package clients_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/ivschat-local/ivschat-local/internal/need"
	"github.com/ivschat-local/ivschat-local/internal/program"
	"github.com/ivschat-local/ivschat-local/internal/relay"
)

// startBalancer starts HAProxy as in examples/compose/cluster.yaml, for nodes at these addresses, and returns its
// address.
func startBalancer(t *testing.T, nodes []string) (address string) {
	t.Helper()
	need.Client(t, succeeds("haproxy", "-v"), "HAProxy", "apt-get install haproxy")
	var file struct {
		Configs map[string]struct{ Content string }
	}
	if err := yaml.Unmarshal([]byte(read(t, "../../examples/compose/cluster.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	config := file.Configs["haproxy"].Content
	for i, node := range nodes {
		name := fmt.Sprintf("node-%d:4700", i+1)
		if !strings.Contains(config, name) {
			t.Errorf("the balancer does not know %s", name)
		}
		config = strings.ReplaceAll(config, name, node)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	passed, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer passed.Close()
	path := filepath.Join(t.TempDir(), "haproxy.cfg")
	if err := os.WriteFile(path, []byte(strings.Replace(config, "bind :4700", "bind fd@3", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	balancer := exec.Command("haproxy", "-db", "-f", path)
	balancer.Stdout, balancer.Stderr, balancer.ExtraFiles = &output, &output, []*os.File{passed}
	if err := balancer.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = balancer.Process.Kill()
		_ = balancer.Wait()
		if t.Failed() {
			t.Log(output.String())
		}
	})
	address = listener.Addr().String()
	listener.Close() // the balancer has it open
	return address
}

func TestTheBalancerOfTheComposeFileUsesNodesThatAnswer(t *testing.T) {
	t.Parallel()
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(refusing.Close)
	addressOf := func(account string) string {
		return strings.TrimPrefix(program.Start(t, "--account", account), "http://")
	}
	link := relay.Start(t, addressOf("111111111111"))
	balancer := startBalancer(t, []string{
		link.Address, addressOf("222222222222"), strings.TrimPrefix(refusing.URL, "http://"),
	})
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	// answering returns the accounts of the nodes that answer many requests, "" for one that fails.
	answering := func() string {
		found := map[string]bool{}
		for range 20 {
			account := ""
			if response, err := client.Post("http://"+balancer+"/CreateRoom", "", strings.NewReader("{}")); err == nil {
				text, _ := io.ReadAll(response.Body)
				response.Body.Close()
				if _, arn, ok := strings.Cut(string(text), "arn:aws:ivschat:us-east-1:"); ok {
					account = arn[:12]
				}
			}
			found[account] = true
		}
		return strings.Join(slices.Sorted(maps.Keys(found)), " ")
	}
	await := func(want string) {
		t.Helper()
		got := ""
		for timeout := time.Now().Add(time.Minute); got != want; {
			if got = answering(); time.Now().After(timeout) {
				t.Fatalf("%q answer, want %q", got, want)
			}
		}
	}
	await("111111111111 222222222222")
	link.Cut()
	await("222222222222")
	link.Restore()
	await("111111111111 222222222222")
}
