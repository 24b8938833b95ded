package clients_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// TestTheChatClientInNode runs the official chat client for JavaScript.
func TestTheChatClientInNode(t *testing.T) {
	runInNode(t, "chat.test.mjs")
}

// TestTheChatClientInABrowser runs it, and the page of the README, in Chromium.
func TestTheChatClientInABrowser(t *testing.T) {
	need(t, "chromium", "apt-get install chromium")
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	runInNode(t, "browser.test.mjs", "CHROMIUM="+path)
}

// runInNode runs tests in js against an emulator at $URL and one at $SHORT_URL,
// whose sessions last two seconds.
func runInNode(t *testing.T, file string, environment ...string) {
	t.Helper()
	need(t, "node", "https://nodejs.org, version 20 or later")
	if _, err := os.Stat(filepath.Join("js", "node_modules", ".package-lock.json")); err != nil {
		const how = "the packages in conformance/clients/js are not installed: npm ci --prefix conformance/clients/js"
		if os.Getenv("REQUIRE_CLIENTS") != "" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	command := exec.CommandContext(t.Context(), "node", "--test", file)
	command.Dir = "js"
	command.Env = append(append(os.Environ(), environment...),
		"URL="+started(t, emulator.Config{}).URL(),
		"SHORT_URL="+started(t, emulator.Config{SessionDuration: 2 * time.Second}).URL())
	if output, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

func started(t *testing.T, config emulator.Config) *emulator.Emulator {
	t.Helper()
	e, err := emulator.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	return e
}
