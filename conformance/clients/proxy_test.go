package clients_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/internal/browser"
	"github.com/ivschat-local/ivschat-local/internal/guides"
	"github.com/ivschat-local/ivschat-local/internal/need"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// nginxExample returns the example for nginx.
func nginxExample(t *testing.T) string {
	t.Helper()
	return guides.Open(t, "docs/proxies.md", "nginx").Block("nginx", "proxy_pass")
}

// viteExample returns the example for Vite.
func viteExample(t *testing.T) string {
	t.Helper()
	return guides.Open(t, "docs/proxies.md").Block("js", "export default")
}

// replace replaces a text, which must be there once.
func replace(t *testing.T, text, old, by string) string {
	t.Helper()
	if strings.Count(text, old) != 1 {
		t.Fatalf("%q is there %d times, want once, in\n%s", old, strings.Count(text, old), text)
	}
	return strings.Replace(text, old, by, 1)
}

// startNginx starts nginx with a server until the end of the test, in front of the emulator at the
// URL. It returns the URL at which nginx serves the emulator.
func startNginx(t *testing.T, server, emulator string) (url string) {
	t.Helper()
	path, err := exec.LookPath("nginx")
	if err != nil {
		path = "/usr/sbin/nginx" // not in the path of every user
	}
	need.Client(t, succeeds(path, "-v"), "nginx", "apt-get install nginx-light")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	socket, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	server = replace(t, server, "127.0.0.1:8080", listener.Addr().String())
	server = replace(t, server, "127.0.0.1:4700", strings.TrimPrefix(emulator, "http://"))
	dir := t.TempDir()
	configuration := filepath.Join(dir, "nginx.conf")
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;" // who owns the directory
	}
	if err := os.WriteFile(configuration, []byte(user+`
		daemon off;
		worker_processes 1;
		pid nginx.pid;
		events {}
		http {
			access_log off;
			client_body_temp_path body;
			proxy_temp_path proxy;
			fastcgi_temp_path fastcgi;
			uwsgi_temp_path uwsgi;
			scgi_temp_path scgi;
			`+server+`
		}`), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path, "-e", "stderr", "-p", dir, "-c", configuration)
	// nginx takes over the listener, which is open already. So it needs no time to start, and no other
	// program can take the port.
	command.ExtraFiles = []*os.File{socket}
	command.Env = append(os.Environ(), "NGINX=3;")
	var log strings.Builder
	command.Stderr = &log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM) // which also ends the workers
		if err := command.Wait(); err != nil {
			t.Errorf("nginx: %v", err)
		}
		if t.Failed() {
			t.Logf("the log of nginx:\n%s", &log)
		}
	})
	return "http://" + listener.Addr().String() + "/ivschat"
}

// TestClientsBehindNginx tests with the example for nginx, which removes a prefix of the path and sets
// Connection: upgrade for every request.
func TestClientsBehindNginx(t *testing.T) {
	t.Parallel()
	server := nginxExample(t)
	url := startNginx(t, server, program.Start(t))
	t.Run("SDK for JavaScript", func(t *testing.T) {
		environment := append(awsEnvironment(t.TempDir()), "AWS_ENDPOINT_URL_IVSCHAT="+url)
		runNode(t, "sdk.test.mjs", environment...)
	})
	t.Run("chat client", func(t *testing.T) {
		runNode(t, "chat.test.mjs", "URL="+url)
	})
}

// connectBehind creates a room and a chat token through a proxy, and connects with the token.
func connectBehind(t *testing.T, url string) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	var room, token struct{ ARN, Token string }
	post(t, url+"/CreateRoom", `{}`, &room)
	post(t, url+"/CreateChatToken", `{"roomIdentifier":"`+room.ARN+`","userId":"anna"}`, &token)
	dialer := websocket.Dialer{Subprotocols: []string{token.Token}}
	conn, response, err := dialer.Dial(strings.Replace(url, "http", "ws", 1), nil)
	if err == nil {
		t.Cleanup(func() { _ = conn.Close() })
	}
	return conn, response, err
}

// post sends a request, which must succeed, and decodes the response.
func post(t *testing.T, url, body string, result any) {
	t.Helper()
	response, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(result); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, response.Status, err)
	}
}

func TestAPingOfTheEmulatorPassesThroughNginx(t *testing.T) {
	t.Parallel()
	url := startNginx(t, nginxExample(t), program.Start(t, "--ping-interval", "1s"))
	conn, _, err := connectBehind(t, url)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetPingHandler(func(string) error { return io.EOF }) // ends reading
	if _, _, err := conn.ReadMessage(); err != io.EOF {
		t.Errorf("the connection ended with %v, before a ping", err)
	}
}

// A proxy without the lines that the log names.
func TestTheEmulatorNamesTheLinesThatNginxNeeds(t *testing.T) {
	t.Parallel()
	server := nginxExample(t)
	for line, other := range map[string]string{
		"proxy_http_version 1.1;":                 "proxy_http_version 1.0;",
		"proxy_set_header Upgrade $http_upgrade;": "",
		`proxy_set_header Connection "upgrade";`:  "",
	} {
		t.Run(line, func(t *testing.T) {
			emulator := program.Start(t)
			_, response, err := connectBehind(t, startNginx(t, replace(t, server, line, other), emulator))
			if err == nil || response == nil || response.StatusCode != http.StatusBadRequest {
				t.Fatalf("the handshake ended with %v", err)
			}
			var refusal struct{ Message string }
			err = json.NewDecoder(response.Body).Decode(&refusal)
			if err != nil || !strings.Contains(refusal.Message, line) {
				t.Errorf("the refusal is %q, %v", refusal.Message, err)
			}
			listed, err := http.Get(emulator + "/_ivschat/v1/handshakes")
			if err != nil {
				t.Fatal(err)
			}
			defer listed.Body.Close()
			var list struct{ Items []struct{ Reason string } }
			if err := json.NewDecoder(listed.Body).Decode(&list); err != nil {
				t.Fatal(err)
			}
			if len(list.Items) != 1 || list.Items[0].Reason != refusal.Message {
				t.Errorf("the emulator lists %v", list)
			}
		})
	}
}

func TestAPageBehindNginxUsesTheAdminAPI(t *testing.T) {
	t.Parallel()
	url := startNginx(t, nginxExample(t), program.Start(t))
	change := strings.NewReader(`{"advance":"1s"}`)
	request, err := http.NewRequestWithContext(t.Context(), "POST", url+"/_ivschat/v1/clock", change)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", strings.TrimSuffix(url, "/ivschat"))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Error(response.Status)
	}
}

// TestTheConsoleBehindNginx tests with the example for nginx, in Chromium.
func TestTheConsoleBehindNginx(t *testing.T) {
	t.Parallel()
	url := startNginx(t, nginxExample(t), program.Start(t))
	signed := startNginx(t, nginxExample(t), program.Start(t, "--auth", "signatures"))
	runNode(t, "console/prefix.test.mjs", "CHROMIUM="+browser.Chromium(t), "PAGE="+url, "SIGNED_PAGE="+signed)
}

// TestTheConsoleBehindVite tests with the example for Vite, in Chromium.
func TestTheConsoleBehindVite(t *testing.T) {
	t.Parallel()
	url := startVite(t, viteExample(t), program.Start(t)) + "/ivschat"
	signed := startVite(t, viteExample(t), program.Start(t, "--auth", "signatures")) + "/ivschat"
	runNode(t, "console/prefix.test.mjs", "CHROMIUM="+browser.Chromium(t), "PAGE="+url, "SIGNED_PAGE="+signed)
}

// startVite starts Vite's development server with a configuration until the end of the test, in front of
// the emulator at the URL. It returns the URL of the server.
func startVite(t *testing.T, configuration, emulator string) (url string) {
	t.Helper()
	needVite(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "vite.config.mjs")
	configuration = replace(t, configuration, "127.0.0.1:4700", strings.TrimPrefix(emulator, "http://"))
	if err := os.WriteFile(path, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(dir, "index.html")
	if err := os.WriteFile(page, []byte("<!doctype html><title>Front end</title>"), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("node", "vite.mjs", path)
	var log strings.Builder
	command.Dir, command.Stderr = "js", &log
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close() // which ends it
		if err := command.Wait(); err != nil {
			t.Errorf("Vite: %v", err)
		}
		if t.Failed() {
			t.Logf("the log of Vite:\n%s", &log)
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("Vite ended before it was ready: %v", err)
	}
	return strings.TrimSuffix(line, "/\n")
}

// needVite requires Vite, which is a development dependency.
func needVite(t *testing.T) {
	t.Helper()
	needNode(t)
	_, err := os.Stat(filepath.Join("js", "node_modules", "vite"))
	need.Client(t, err == nil, "packages for Node.js", "npm ci --prefix conformance/clients/js")
}

// TestClientsBehindVite tests with the example for Vite.
func TestClientsBehindVite(t *testing.T) {
	t.Parallel()
	configuration := viteExample(t)
	url := startVite(t, configuration, program.Start(t)) + "/ivschat"
	t.Run("SDK for JavaScript", func(t *testing.T) {
		environment := append(awsEnvironment(t.TempDir()), "AWS_ENDPOINT_URL_IVSCHAT="+url)
		runNode(t, "sdk.test.mjs", environment...)
	})
	t.Run("chat client", func(t *testing.T) {
		runNode(t, "chat.test.mjs", "URL="+url)
	})
}

// TestAPageBehindVite tests with the example for Vite, as it is and with changeOrigin, in Chromium.
func TestAPageBehindVite(t *testing.T) {
	t.Parallel()
	guide := guides.Open(t, "docs/proxies.md", "js")
	configuration, code := guide.Block("js", "export default"), "CODE="+guide.Block("js", "new ChatRoom")
	changing := replace(t, configuration, "ws: true,", "ws: true, changeOrigin: true,")
	chromium := "CHROMIUM=" + browser.Chromium(t)
	t.Run("as it is", func(t *testing.T) {
		page := startVite(t, configuration, program.Start(t))
		runNode(t, "page.test.mjs", chromium, "PAGE="+page, code)
	})
	t.Run("with changeOrigin", func(t *testing.T) {
		page := startVite(t, changing, program.Start(t, "--allow-host", "localhost"))
		refused := startVite(t, changing, program.Start(t))
		runNode(t, "page.test.mjs", chromium, "PAGE="+page, "REFUSED_PAGE="+refused, code)
	})
}
