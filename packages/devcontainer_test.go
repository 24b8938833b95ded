package packages

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/internal/need"
)

// A devcontainerFeature is what a devcontainer reads about a feature.
type devcontainerFeature struct {
	ID, Version, Name, Description, DocumentationURL, LicenseURL, Entrypoint string

	Keywords, InstallsAfter []string
	ContainerEnv            map[string]string
	Options                 map[string]struct {
		Type, Default, Description string
		Proposals                  []string
	}
}

// readFeature returns the feature of the emulator.
func readFeature(t *testing.T) (feature devcontainerFeature) {
	t.Helper()
	text, err := os.ReadFile("devcontainer/ivschat-local/devcontainer-feature.json")
	if err == nil {
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields() // so that a wrong name is noticed
		err = decoder.Decode(&feature)
	}
	if err != nil {
		t.Fatal(err)
	}
	return feature
}

// The container runs its command with the entry point, which starts the emulator before.
func TestTheDevcontainerFeatureInstallsAReleaseAndStartsTheEmulator(t *testing.T) {
	t.Parallel()
	need.Client(t, runtime.GOOS != "windows" && lookUp("sh", "curl", "tar"), "sh, curl and tar",
		"apt-get install curl tar")
	prefix, home := t.TempDir(), t.TempDir()
	install := exec.Command("sh", "devcontainer/ivschat-local/install.sh")
	install.Env = []string{
		"PATH=" + os.Getenv("PATH"), "PREFIX=" + prefix, "_REMOTE_USER=vscode",
		"VERSION=" + emulator.Version, "RELEASES=" + serveRelease(t, sha256Of),
	}
	mustExecute(t, install)

	// The emulator of a container listens on port 4700, and ends with the container.
	stub := "echo $$ > '%s/pid'\nexec '%s/bin/ivschat-local' --listen 127.0.0.1:0 \"$@\""
	writeProgram(t, home, "ivschat-local", fmt.Sprintf(stub, home, prefix))
	t.Cleanup(func() { stopAll(t, filepath.Join(home, "pid")) })
	entrypoint, _ := strings.CutPrefix(readFeature(t).Entrypoint, "/usr/local/")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, filepath.Join(prefix, entrypoint),
		"sh", "-c", `until grep Endpoint: "$TMPDIR/ivschat-local.log"; do sleep 0.1; done`)
	command.WaitDelay = time.Second // for what the shell has started
	command.Env = []string{"PATH=" + home + ":" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + home}
	output, err := command.Output()
	endpoint := regexp.MustCompile(`http://\S+`).FindString(string(output))
	if err != nil || endpoint == "" {
		t.Fatalf("%v\n%s", err, output)
	}
	answer, err := http.Get(endpoint + "/health")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
}

func TestTheDevcontainerFeatureIsThatOfThisVersion(t *testing.T) {
	script, err := os.ReadFile("devcontainer/ivschat-local/install.sh")
	if err != nil {
		t.Fatal(err)
	}
	feature := readFeature(t)
	if feature.ID != "ivschat-local" || feature.Name == "" || feature.Description == "" ||
		feature.Version != emulator.Version || feature.Options["version"].Default != emulator.Version ||
		!slices.Contains(feature.Options["version"].Proposals, emulator.Version) {
		t.Errorf("the feature is %+v", feature)
	}
	for name, option := range feature.Options {
		variable := "${" + strings.ToUpper(name) + ":-" + option.Default + "}"
		if option.Type != "string" || option.Description == "" || !strings.Contains(string(script), variable) {
			t.Errorf("the option %s is %+v, and install.sh has no %s", name, option, variable)
		}
	}
	if len(feature.ContainerEnv) != 2 {
		t.Errorf("the variables are %v", feature.ContainerEnv)
	}
}
