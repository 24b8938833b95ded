package clients_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/guides"
	"github.com/ivschat-local/ivschat-local/internal/need"
)

// TestTheCommandsOfTheGuideToTheConsole runs the commands of each section with an emulator that has the flags which
// the section starts it with.
func TestTheCommandsOfTheGuideToTheConsole(t *testing.T) {
	t.Parallel()
	need.Client(t, succeeds("curl", "--version"), "curl", "apt-get install curl")
	started, ran := 0, 0
	for _, block := range guides.Open(t, "docs/console.md", "sh").Blocks("sh") {
		command := strings.TrimSpace(block.Code)
		if strings.HasPrefix(command, "docker ") { // the tests of packages start the container
			continue
		}
		if flags, starts := strings.CutPrefix(command, "ivschat-local"); starts {
			started++
			startInShell(t, t.TempDir(), strings.ReplaceAll(flags, ":4701", ":0"))
			continue
		}
		ran++
		emulator := startInShell(t, t.TempDir(), "")
		script := strings.NewReplacer(
			"http://127.0.0.1:4700", emulator, "curl ", "curl -sS --fail-with-body ").Replace(command)
		shell := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
		shell.Env = append(os.Environ(), "NO_PROXY=*")
		if output, err := shell.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s\n%s", err, script, output)
		}
	}
	if started < 4 || ran < 3 {
		t.Errorf("%d commands start the emulator, and %d are for a running one", started, ran)
	}
}

// TestTheGuideToTheConsoleNamesEveryPanel compares it with the navigation of the page.
func TestTheGuideToTheConsoleNamesEveryPanel(t *testing.T) {
	t.Parallel()
	guide := guides.Read(t, "docs/console.md")
	page := read(t, "../../emulator/console/static/main.js")
	panels := regexp.MustCompile(`\{ text: "(\w+)", load`).FindAllStringSubmatch(page, -1)
	if len(panels) < 8 {
		t.Fatalf("the page has the panels %v", panels)
	}
	for _, panel := range panels {
		if !strings.Contains(guide, "**"+panel[1]+"**") {
			t.Errorf("the guide does not name the panel %s", panel[1])
		}
	}
}

// TestTheScreenshotsOfTheDocumentationAreThereAndSmall is about what make screenshots makes.
func TestTheScreenshotsOfTheDocumentationAreThereAndSmall(t *testing.T) {
	t.Parallel()
	const maximum = 120_000
	for document, want := range map[string]int{"../../README.md": 1, "../../docs/console.md": 2} {
		asHTML := regexp.MustCompile(`<img src="([^"]+)" width="\d+" alt="([^"]*)">`)
		text := asHTML.ReplaceAllString(read(t, document), "![$2]($1)")
		images := regexp.MustCompile(`!\[[^\]]{20,}\]\(([^)]+\.png)\)`).FindAllStringSubmatch(text, -1)
		if len(images) != want {
			t.Errorf("%s has the images %v, want %d", document, images, want)
		}
		for _, image := range images {
			if size := len(read(t, filepath.Join(filepath.Dir(document), image[1]))); size > maximum {
				t.Errorf("%s has %d bytes, which is more than %d", image[1], size, maximum)
			}
		}
	}
}
