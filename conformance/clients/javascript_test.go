package clients_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/internal/browser"
	"github.com/ivschat-local/ivschat-local/internal/guides"
	"github.com/ivschat-local/ivschat-local/internal/need"
	"github.com/ivschat-local/ivschat-local/internal/program"
	"github.com/ivschat-local/ivschat-local/internal/testcache"
)

// TestTheSDKForJavaScript tests with @aws-sdk/client-ivschat.
func TestTheSDKForJavaScript(t *testing.T) {
	t.Parallel()
	runNode(t, "sdk.test.mjs", append(awsEnvironment(t.TempDir()), "AWS_ENDPOINT_URL_IVSCHAT="+program.Start(t))...)
}

// TestTheChatClientInNode tests with the official chat client for JavaScript.
func TestTheChatClientInNode(t *testing.T) {
	t.Parallel()
	runNode(t, "chat.test.mjs", "URL="+program.Start(t))
}

// TestTheChatClientWithAClockThatIsFarAhead tests with the official chat client for JavaScript.
func TestTheChatClientWithAClockThatIsFarAhead(t *testing.T) {
	t.Parallel()
	provider := guides.Open(t, "docs/time.md", "js").Block("js", "const tokenProvider")
	runNode(t, "clock.test.mjs", "URL="+program.Start(t), "TOKEN_PROVIDER="+provider)
}

// TestSessionsOfTheChatClient tests how sessions of the official chat client for JavaScript begin
// and end.
func TestSessionsOfTheChatClient(t *testing.T) {
	t.Parallel()
	runNode(t, "session.test.mjs", "URL="+program.Start(t))
}

// TestARestartOfTheEmulator tests with the official chat client for JavaScript, and with the token
// provider in the guide.
func TestARestartOfTheEmulator(t *testing.T) {
	t.Parallel()
	guide := guides.Open(t, "docs/frontend.md", "js")
	runNode(t, "restart.test.mjs", "PROGRAM="+program.Path(t),
		"CHAT_ROOM="+guide.Block("js", "new ChatRoom"), "TOKEN_PROVIDER="+guide.Block("js", "const tokenProvider"))
}

// TestMessageReviewsOfTheChatClient tests with the official chat client for JavaScript, and with the message
// review handler for Node.js in the guide.
func TestMessageReviewsOfTheChatClient(t *testing.T) {
	t.Parallel()
	handler, err := filepath.Abs("testdata/message-review/review.mjs")
	if err != nil {
		t.Fatal(err)
	}
	runNode(t, "review.test.mjs", "PROGRAM="+program.Path(t), "HANDLER="+handler)
}

// TestChatLogsOfTheChatClient tests with the official chat client for JavaScript.
func TestChatLogsOfTheChatClient(t *testing.T) {
	t.Parallel()
	runNode(t, "chatlog.test.mjs", "PROGRAM="+program.Path(t))
}

// TestWebSocketsInNode tests with the WebSockets of ws and undici.
func TestWebSocketsInNode(t *testing.T) {
	t.Parallel()
	runNode(t, "websocket.test.mjs", "URL="+program.Start(t))
}

// TestTheChatClientInABrowser tests with the official chat client, and with the page in the
// guide, in Chromium.
func TestTheChatClientInABrowser(t *testing.T) {
	t.Parallel()
	page := guides.Open(t, "docs/frontend.md", "html").Block("html", "new WebSocket")
	runNode(t, "browser.test.mjs", "URL="+program.Start(t), "CHROMIUM="+browser.Chromium(t), "PAGE="+page)
}

// TestPagesOfOtherOrigins tests which web pages may call the control plane, in Chromium.
func TestPagesOfOtherOrigins(t *testing.T) {
	t.Parallel()
	needVite(t)
	page := guides.Open(t, "docs/frontend.md").Block("html", "new WebSocket")
	runNode(t, "origin.test.mjs", "PROGRAM="+program.Path(t), "CHROMIUM="+browser.Chromium(t), "PAGE="+page)
}

func needNode(t *testing.T) {
	t.Helper()
	need.Client(t, succeeds("node", "--version"), "Node.js", "https://nodejs.org, version 20 or later")
	text, err := os.ReadFile(filepath.Join("js", "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	var packages struct{ Dependencies map[string]string }
	if err := json.Unmarshal(text, &packages); err != nil {
		t.Fatal(err)
	}
	for name := range packages.Dependencies {
		_, err := os.Stat(filepath.Join("js", "node_modules", filepath.FromSlash(name)))
		need.Client(t, err == nil, "packages for Node.js", "npm ci --prefix conformance/clients/js")
	}
}

// runNode runs the tests of a file in Node.js.
func runNode(t *testing.T, file string, environment ...string) {
	t.Helper()
	needNode(t)
	testcache.Tree(t, "js", "testdata")
	run(t, "node", []string{"--test", file}, "js", environment...)
}

// run runs the tests of a client in a directory. If they fail, it reports their output.
func run(t *testing.T, name string, args []string, dir string, environment ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, name, args...)
	command.Dir = dir
	command.Env = append(os.Environ(), environment...)
	if output, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}
