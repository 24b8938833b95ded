package packages

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/internal/need"
)

// buildArchive makes the archive of a release for this platform, once for all tests.
var buildArchive = sync.OnceValues(func() ([]byte, error) {
	dir, err := buildPrograms()
	if err != nil {
		return nil, err
	}
	program, err := os.ReadFile(filepath.Join(dir, runtime.GOOS+"-"+runtime.GOARCH, "ivschat-local"))
	if err != nil {
		return nil, err
	}
	var archive bytes.Buffer
	compressed, err := gzip.NewWriterLevel(&archive, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	files := tar.NewWriter(compressed)
	err = files.WriteHeader(&tar.Header{Name: "ivschat-local", Mode: 0o755, Size: int64(len(program))})
	if err == nil {
		_, err = files.Write(program)
	}
	err = errors.Join(err, files.Close(), compressed.Close())
	return archive.Bytes(), err
})

// serveRelease serves the files of a release with the archive for this platform, and returns the URL of the releases.
func serveRelease(t *testing.T, checksum func(archive []byte) string) (releases string) {
	t.Helper()
	archive, err := buildArchive()
	if err != nil {
		t.Fatal(err)
	}
	name := archiveName(runtime.GOOS, runtime.GOARCH)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v" + emulator.Version + "/" + name:
			_, _ = w.Write(archive)
		case "/v" + emulator.Version + "/checksums.txt":
			fmt.Fprintf(w, "%064d  another.tar.gz\n%s  %s\n", 0, checksum(archive), name)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func sha256Of(content []byte) string { return fmt.Sprintf("%x", sha256.Sum256(content)) }

// An actionRun is what the script of the GitHub Action did for the workflow.
type actionRun struct {
	printed              string
	err                  error
	outputs, environment map[string]string
	path                 string // the line for PATH
}

// runAction runs the script of the action as a runner does. The emulator that it starts ends with the test.
func runAction(t *testing.T, variables ...string) (run actionRun) {
	t.Helper()
	need.Client(t, runtime.GOOS != "windows" && lookUp("bash", "curl", "tar"), "bash, curl and tar",
		"apt-get install curl tar")
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"output", "env", "path"} {
		write(t, dir, name, "")
	}
	command := exec.Command("action/start.sh")
	command.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "RUNNER_TEMP=" + dir,
		"GITHUB_OUTPUT=" + file("output"), "GITHUB_ENV=" + file("env"), "GITHUB_PATH=" + file("path"),
		"IVSCHAT_LISTEN=127.0.0.1:0",
	}, variables...)
	t.Cleanup(func() { stopAll(t, filepath.Join(dir, "ivschat-local.*", "pid")) })
	printed, err := command.CombinedOutput()
	read := func(name string) string {
		text, err := os.ReadFile(file(name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	return actionRun{string(printed), err, members(read("output")), members(read("env")), read("path")}
}

// stopAll ends the emulators whose process IDs are in files.
func stopAll(t *testing.T, pattern string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		id, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		if process, err := os.FindProcess(id); err == nil {
			_ = process.Kill()
		}
	}
}

// members reads what a step gives to a runner: lines of the form NAME=VALUE, or NAME<<DELIMITER, those of the value, and
// DELIMITER.
func members(text string) map[string]string {
	all := map[string]string{}
	for lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n"); len(lines) > 0 && text != ""; {
		name, value, _ := strings.Cut(lines[0], "=")
		lines = lines[1:]
		if before, delimiter, several := strings.Cut(name, "<<"); several {
			end := slices.Index(lines, delimiter)
			name, value, lines = before, strings.Join(lines[:end], "\n"), lines[end+1:]
		}
		all[name] = value
	}
	return all
}

// lookUp reports whether all programs are installed.
func lookUp(programs ...string) bool {
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			return false
		}
	}
	return true
}

func TestTheActionInstallsAReleaseAndStartsTheEmulator(t *testing.T) {
	t.Parallel()
	run := runAction(t, "RELEASES="+serveRelease(t, sha256Of), "VERSION="+emulator.Version)
	if run.err != nil {
		t.Fatalf("%v\n%s", run.err, run.printed)
	}
	for name, want := range map[string]string{
		"AWS_ENDPOINT_URL_IVSCHAT": run.outputs["endpoint"], "IVSCHAT_MESSAGING_URL": run.outputs["messaging-url"],
		"AWS_REGION": "us-east-1", "AWS_SECRET_ACCESS_KEY": "local",
	} {
		if got := run.environment[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if want := strings.Replace(run.outputs["endpoint"], "http:", "ws:", 1); run.outputs["messaging-url"] != want {
		t.Errorf("the messaging URL is %q, want %q", run.outputs["messaging-url"], want)
	}
	// The next steps have the program in their PATH, and an emulator that it can talk to.
	command := exec.Command(filepath.Join(strings.TrimSpace(run.path), "ivschat-local"), "room", "create", "hello")
	command.Env = os.Environ()
	for name, value := range run.environment {
		command.Env = append(command.Env, name+"="+value)
	}
	if output, err := command.CombinedOutput(); err != nil || !bytes.Contains(output, []byte("arn:aws:ivschat:us-east-1:")) {
		t.Errorf("%v: %v\n%s", command, err, output)
	}
	answer, err := http.Get(run.outputs["admin-url"] + "/_ivschat/v1/info")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if log, err := os.ReadFile(run.outputs["log"]); err != nil || !strings.Contains(string(log), "CreateRoom") {
		t.Errorf("the log is %q: %v", log, err)
	}
}

func TestTheActionInstallsNothingWithAWrongChecksum(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		checksum func([]byte) string
		want     string
	}{
		"another checksum": {func([]byte) string { return strings.Repeat("0", 64) }, "is [0-9a-f]{64}, but must be 0{64}: nothing is installed"},
		"no checksum":      {func([]byte) string { return "" }, "has no checksum of ivschat-local_"},
	} {
		run := runAction(t, "RELEASES="+serveRelease(t, test.checksum))
		if run.err == nil || !regexp.MustCompile(test.want).MatchString(run.printed) || len(run.outputs) > 0 {
			t.Errorf("%s: %v, %v\n%s", name, run.err, run.outputs, run.printed)
		}
	}
}

func TestTheActionSaysThatAReleaseIsMissing(t *testing.T) {
	t.Parallel()
	releases := serveRelease(t, sha256Of)
	run := runAction(t, "RELEASES="+releases, "VERSION=v99.0.0")
	want := "ivschat-local: cannot download " + releases + "/v99.0.0/ivschat-local_99.0.0_"
	if run.err == nil || !strings.Contains(run.printed, want) {
		t.Errorf("%v\n%s", run.err, run.printed)
	}
}

func TestTheActionSaysWhyAProgramDoesNotStart(t *testing.T) {
	t.Parallel()
	run := runAction(t, "PROGRAM="+releaseProgram(t), "IVSCHAT_SEED=missing.yaml")
	if run.err == nil || !strings.Contains(run.printed, "::error title=ivschat-local::The emulator did not start: ") ||
		!strings.Contains(run.printed, "missing.yaml") {
		t.Errorf("%v\n%s", run.err, run.printed)
	}
}

func TestTheActionSetsNoVariablesIfTheWorkflowDoesNotWantThem(t *testing.T) {
	t.Parallel()
	run := runAction(t, "PROGRAM="+releaseProgram(t), "EXPORT_VARIABLES=false", "IVSCHAT_REGION=eu-west-1")
	if run.err != nil || len(run.environment) > 0 || run.outputs["endpoint"] == "" {
		t.Errorf("%v, %v, %v\n%s", run.err, run.environment, run.outputs, run.printed)
	}
}

// TLS needs the directory with the certificate authority in later steps, too.
func TestTheActionExportsTheCertificateAuthority(t *testing.T) {
	t.Parallel()
	run := runAction(t, "PROGRAM="+releaseProgram(t), "IVSCHAT_TLS=auto", "IVSCHAT_AUTH=signatures")
	if run.err != nil || !strings.HasPrefix(run.outputs["endpoint"], "https://") {
		t.Fatalf("%v, %v\n%s", run.err, run.outputs, run.printed)
	}
	if _, err := os.Stat(run.environment["AWS_CA_BUNDLE"]); err != nil || run.environment["AWS_SECRET_ACCESS_KEY"] == "local" {
		t.Errorf("%v: %v", err, run.environment)
	}
}

func TestTheActionKeepsTheLinesOfAValueTogether(t *testing.T) {
	t.Parallel()
	hosts := "a.example\nexport STRAY=1\nSTRAY=2\n"
	run := runAction(t, "PROGRAM="+releaseProgram(t), "NO_PROXY="+hosts)
	if run.err != nil || !strings.HasPrefix(run.environment["NO_PROXY"], hosts) || run.environment["STRAY"] != "" {
		t.Errorf("%v, %q\n%s", run.err, run.environment, run.printed)
	}
}

// GitHub shows only the line that begins with ::error.
func TestTheActionSaysInOneLineWhyAProgramDoesNotStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeProgram(t, dir, "ivschat-local", `printf '100%%\nfull\n' >&2; exit 1`)
	run := runAction(t, "PROGRAM="+filepath.Join(dir, "ivschat-local"))
	if want := "::error title=ivschat-local::The emulator did not start: 100%25%0Afull\n"; run.err == nil || run.printed != want {
		t.Errorf("it printed %q, want %q: %v", run.printed, want, run.err)
	}
}

// An actionFile is what GitHub reads about the action.
type actionFile struct {
	Name, Description, Author string

	Branding struct{ Icon, Color string }
	Inputs   map[string]struct{ Description, Default string }
	Outputs  map[string]struct{ Description, Value string }
	Runs     struct {
		Using string
		Steps []struct {
			ID, Shell, Run string
			Env            map[string]string
		}
	}
}

// readAction returns what GitHub reads about the action.
func readAction(t *testing.T) (action actionFile) {
	t.Helper()
	text, err := os.ReadFile("action/action.yml")
	if err == nil {
		err = yaml.Load(text, &action, yaml.WithKnownFields())
	}
	if err != nil {
		t.Fatal(err)
	}
	return action
}

func TestTheActionFileNamesTheOutputsAndInputsOfItsScript(t *testing.T) {
	script, err := os.ReadFile("action/start.sh")
	if err != nil {
		t.Fatal(err)
	}
	action := readAction(t)
	step := action.Runs.Steps[0]
	for name, input := range action.Inputs {
		variable := strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		if input.Description == "" || step.Env[variable] != "${{ inputs."+name+" }}" {
			t.Errorf("the input %s is %v, and the variable %q", name, input, step.Env[variable])
		}
		delete(step.Env, variable)
	}
	for name, output := range action.Outputs {
		if output.Description == "" || output.Value != "${{ steps."+step.ID+".outputs."+name+" }}" ||
			!strings.Contains(string(script), "  echo \""+name+"=") {
			t.Errorf("the output %s is %v", name, output)
		}
	}
	if len(step.Env) > 0 || action.Inputs["version"].Default != emulator.Version {
		t.Errorf("there is no input for %v, or the version is %q", step.Env, action.Inputs["version"].Default)
	}
}
