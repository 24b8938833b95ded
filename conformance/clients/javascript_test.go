package clients_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/conformance/internal/program"
)

// TestTheSDKForJavaScript runs @aws-sdk/client-ivschat.
func TestTheSDKForJavaScript(t *testing.T) {
	needNode(t)
	url := program.Start(t)
	run(t, "node", []string{"--test", "sdk.test.mjs"}, "js", append(surroundings(t.TempDir()), "AWS_ENDPOINT_URL_IVSCHAT="+url)...)
}

// TestTheChatClientInNode runs the official chat client for JavaScript.
func TestTheChatClientInNode(t *testing.T) {
	needNode(t)
	run(t, "node", []string{"--test", "chat.test.mjs"}, "js", urls(t)...)
}

// TestTheChatClientInABrowser runs it, and the page of the README, in Chromium.
func TestTheChatClientInABrowser(t *testing.T) {
	needNode(t)
	path, err := exec.LookPath("chromium")
	need(t, err == nil, "Chromium", "apt-get install chromium")
	run(t, "node", []string{"--test", "browser.test.mjs"}, "js", append(urls(t), "CHROMIUM="+path)...)
}

func needNode(t *testing.T) {
	t.Helper()
	need(t, have("node", "--version"), "Node.js", "https://nodejs.org, version 20 or later")
	_, err := os.Stat(filepath.Join("js", "node_modules", ".package-lock.json"))
	need(t, err == nil, "packages for Node.js", "npm ci --prefix conformance/clients/js")
}

// urls names a program at $URL and one at $SHORT_URL, whose sessions last two
// seconds.
func urls(t *testing.T) []string {
	t.Helper()
	return []string{"URL=" + program.Start(t), "SHORT_URL=" + program.Start(t, "--session-duration", "2s")}
}

// run runs somebody else's client and shows what it says if it fails.
func run(t *testing.T, name string, args []string, dir string, environment ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, name, args...)
	command.Dir = dir
	command.Env = append(os.Environ(), environment...)
	if output, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}
