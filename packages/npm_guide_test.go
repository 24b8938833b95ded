package packages

import (
	"bytes"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/guides"
)

func TestTheREADMEOfTheNPMPackageWorks(t *testing.T) {
	t.Parallel()
	guide := guides.Open(t, "packages/npm/README.md", "sh", "js")
	write(t, npmInstalled(t), "readme.test.mjs", guide.Block("js", "import"))
	if _, err := runInstalled(t, nil, "node", "--test", "readme.test.mjs"); err != nil {
		t.Error(err)
	}
	settings := []string{"IVSCHAT_LISTEN=127.0.0.1:0", "IVSCHAT_DATA=:memory:", "IVSCHAT_STOP_WITH_STDIN=true"}
	printed, err := runInstalled(t, settings, "sh", "-c", guide.Block("sh", "npx"))
	if err != nil || !bytes.Contains(printed, []byte("\nReady.\n")) {
		t.Errorf("npx prints %s, %v", printed, err)
	}
}

// The command of the guide installs what is installed already, without a network, and says so.
func TestTheGuideToJavaScriptInstallsThePackages(t *testing.T) {
	t.Parallel()
	build, install, _ := strings.Cut(guides.Open(t, "docs/javascript.md", "sh").Block("sh", "npm install"), "\n")
	const clone = "../ivschat-local/"
	if want := "make -C " + strings.TrimSuffix(clone, "/") + " npm platforms=linux/amd64"; build != want {
		t.Errorf("the guide builds the packages with %q, want %q", build, want)
	}
	install = strings.ReplaceAll(install, clone+"dist/npm", npmTarballs(t))
	install = strings.Replace(install, "linux-x64", nodePlatform(), 1)
	settings := []string{"npm_config_dry_run=true", "npm_config_offline=true", "npm_config_update_notifier=false",
		"npm_config_audit=false", "npm_config_fund=false"}
	if printed, err := runInstalled(t, settings, "sh", "-c", install); err != nil {
		t.Errorf("%s: %v\n%s", install, err, printed)
	}
}

// nodePlatform returns the name of this platform in the names of the npm packages.
func nodePlatform() string {
	return strings.NewReplacer("windows", "win32", "amd64", "x64").Replace(runtime.GOOS + "-" + runtime.GOARCH)
}

// Other tests run the files that the guide shows.
func TestTheGuideToJavaScriptHasTheFilesOfTheTests(t *testing.T) {
	guide := guides.Open(t, "docs/javascript.md", "ts", "html")
	for _, name := range []string{"chat.test.mjs", "chat.jest.cjs", "chat.vitest.ts", "chat.spec.ts", "chat.html"} {
		guide.HasFile(filepath.Join("npm", "suites", name))
	}
}

func TestTheCodeInTheGuideToJavaScriptWorks(t *testing.T) {
	t.Parallel()
	guide := guides.Open(t, "docs/javascript.md", "js")
	for _, name := range []string{"chat.test.mjs", "chat.jest.cjs"} {
		guide.HasFile(filepath.Join("npm", "suites", name))
	}
	example := filepath.Join("..", "examples", "javascript", "backend.test.mjs")
	guide.IsIn(example, "js", "createBackend(")
	guide.IsIn(example, "js", "joins again")

	// Each block of the other sections is a test of its own.
	var code strings.Builder
	code.WriteString(`
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { start } from "ivschat-local";

let emulator;
before(async () => { emulator = await start(); });
beforeEach(() => emulator.reset());
after(() => emulator.stop());
`)
	for _, block := range guides.Blocks(guide.Text()) {
		if block.Language == "js" && block.Section != "Start an emulator" && block.Section != "Test your back end" {
			fmt.Fprintf(&code, "test(\"%s, line %d\", async () => {\n%s});\n",
				block.Section, block.Line, guide.Block("js", block.Code))
		}
	}
	write(t, npmInstalled(t), "guide.test.mjs", code.String())
	if _, err := runInstalled(t, nil, "node", "--test", "guide.test.mjs"); err != nil {
		t.Error(err)
	}
}
