package packages

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/mattn/go-shellwords"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/internal/guides"
	"github.com/ivschat-local/ivschat-local/internal/need"
)

// TestTheGuideToInstallationWorks runs the commands that need neither the rights of root nor a registry in which
// nothing is published yet. The others have to name what this repository publishes.
func TestTheGuideToInstallationWorks(t *testing.T) {
	t.Parallel()
	need.Client(t, runtime.GOOS != "windows" && lookUp("bash", "curl", "git", "make", "tar"),
		"bash, curl, git, make and tar", "apt-get install bash curl git make tar")
	guide := guides.Open(t, "docs/install.md", "sh", "json")
	published := map[string]string{
		"go":     "go install " + modulePath + "/cmd/ivschat-local@v" + emulator.Version + "\n", // TestGoInstall… runs it
		"brew":   "brew install ivschat-local/tap/ivschat-local\n",
		"sudo":   "sudo apt install ./" + debianPackage + "\nsudo dnf install ./" + rpmPackage + "\n",
		"npx":    "npx ivschat-local\npip install ivschat-local\n",
		"docker": "docker run --rm --publish 127.0.0.1:4700:4700 " + imageName + "\n",
	}
	for _, block := range guide.Blocks("sh") {
		command, _, _ := strings.Cut(block.Code, " ")
		switch want, known := published[command]; {
		case known && block.Code == want:
		case command == "git":
			installClone(t, block.Code)
		case strings.HasPrefix(command, "releases="):
			installArchive(t, block.Code)
		default:
			t.Errorf("docs/install.md:%d: this test expects %q, and the guide has %q", block.Line, want, block.Code)
		}
	}

	for _, target := range regexp.MustCompile("`make ([^`]+)`").FindAllStringSubmatch(guide.Text(), -1) {
		words, err := shellwords.Parse(target[1])
		if err != nil {
			t.Fatal(err)
		}
		runIn(t, "..", "make", append([]string{"--dry-run"}, words...)...) // other tests make it
	}

	var container struct{ Features map[string]any }
	if err := json.Unmarshal([]byte(guide.Block("json", "features")), &container); err != nil {
		t.Fatal(err)
	}
	feature := readFeature(t)
	name := "ghcr.io/ivschat-local/features/" + feature.ID + ":" + feature.Version
	if _, found := container.Features[name]; !found || len(container.Features) != 1 {
		t.Errorf("the guide has the features %v, not %s", container.Features, name)
	}
}

// installClone runs commands that clone this repository, install the programs, and print the version.
func installClone(t *testing.T, commands string) {
	t.Helper()
	bin := t.TempDir()
	shell := exec.Command("bash", "-ec", commands)
	shell.Dir = t.TempDir()
	shell.Env = append(os.Environ(),
		"GOBIN="+bin, "PATH="+bin+":"+os.Getenv("PATH"),
		// The commit is that of this repository, which stands for the one on GitHub.
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url."+guides.Root(t)+".insteadOf",
		"GIT_CONFIG_VALUE_0=https://github.com/ivschat-local/ivschat-local",
		// The Go command has compiled most of it like this for other tests.
		"CGO_ENABLED=0", "GOFLAGS=-trimpath -buildvcs=true")
	output, err := shell.CombinedOutput()
	commit := strings.TrimSpace(runIn(t, "..", "git", "rev-parse", "--short=12", "HEAD"))
	if err != nil || !strings.Contains(string(output), "ivschat-local "+emulator.Version+" (commit "+commit+", ") {
		t.Errorf("%v\n%s", err, output)
	}
	if load := runIn(t, bin, filepath.Join(bin, "ivschat-load"), "--version"); !strings.Contains(load, commit) {
		t.Errorf("ivschat-load says %s", load)
	}
}

// installArchive runs commands that download an archive, verify it, and unpack it into the home directory.
func installArchive(t *testing.T, commands string) {
	t.Helper()
	home := t.TempDir()
	commands = strings.NewReplacer(
		"https://github.com/ivschat-local/ivschat-local/releases/download", serveRelease(t, sha256Of),
		archiveName("linux", "amd64"), archiveName(runtime.GOOS, runtime.GOARCH),
	).Replace(commands)
	shell := exec.Command("bash", "-ec", commands)
	shell.Dir, shell.Env = home, append(os.Environ(), "HOME="+home)
	mustExecute(t, shell)
	runIn(t, home, filepath.Join(home, ".local/bin/ivschat-local"), "version")
}
