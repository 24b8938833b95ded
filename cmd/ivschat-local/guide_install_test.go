package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/guides"
	"github.com/ivschat-local/ivschat-local/internal/need"
)

// root is the directory of this repository.
func root(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// runIn runs a command in a directory, with variables added to the environment, and returns its output.
func runIn(t *testing.T, dir string, environment []string, name string, args ...string) string {
	t.Helper()
	command := exec.Command(name, args...)
	command.Dir, command.Env = dir, append(os.Environ(), environment...)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, output)
	}
	return string(output)
}

// TestTheQuickStartInTheREADMEWorks runs its commands in this repository, with a port and a data directory of its own.
func TestTheQuickStartInTheREADMEWorks(t *testing.T) {
	var url string
	for _, block := range guides.Open(t, "README.md", "sh").Blocks("sh") {
		switch command := strings.TrimSpace(block.Code); {
		case strings.HasPrefix(command, "git clone "): // the guide to installation has it, too, and a test runs it
			clone, run, _ := strings.Cut(command, "\ngo run ")
			if !strings.Contains(guides.Read(t, "docs/install.md"), clone+"\nmake install ") {
				t.Errorf("docs/install.md clones otherwise than with\n%s", clone)
			}
			url = startInRepository(t, "go run "+run)
		case strings.HasPrefix(command, "curl "):
			need.Client(t, exec.Command("curl", "--version").Run() == nil, "curl", "apt-get install curl")
			command = strings.Replace(command, "http://127.0.0.1:4700", url, 1)
			if got := runIn(t, root(t), nil, "sh", "-c", command); !strings.Contains(got, `"name":"hello"`) {
				t.Errorf("%s prints %s", command, got)
			}
		case strings.HasPrefix(command, "make test "): // this test is a part of it
			got := runIn(t, root(t), nil, "make", "--dry-run", "test")
			for _, part := range []string{"go test -timeout 20m $(go list ./...", "go test -timeout 20m ./packages"} {
				if !strings.Contains(got, part) {
					t.Errorf("make test does not run %s, but %s", part, got)
				}
			}
		default:
			t.Errorf("this test does not know %s", command)
		}
	}
	if url == "" {
		t.Error("the README does not say how to run the emulator")
	}
}

// startInRepository runs a command that starts the emulator until the end of the test, and returns the emulator's URL.
func startInRepository(t *testing.T, line string) (url string) {
	t.Helper()
	environment := append(os.Environ(),
		"IVSCHAT_LISTEN=127.0.0.1:0", "IVSCHAT_DATA=:memory:", "IVSCHAT_STOP_WITH_STDIN=true")
	p, err := launch(root(t), environment, "sh", "-c", line)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.stdin.Close() // go run passes no signal on
		_ = p.command.Wait()
	})
	return p.endpoint
}

func TestMakeInstallInstallsBothPrograms(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("make is not installed")
	}
	if !strings.Contains(guides.Read(t, "docs/install.md"), "\nmake install ") {
		t.Error("the guide does not have make install")
	}
	bin := t.TempDir()
	runIn(t, root(t), []string{"GOBIN=" + bin}, "make", "install")
	for _, program := range []string{"ivschat-local", "ivschat-load"} {
		output := runIn(t, bin, nil, filepath.Join(bin, program), "--version")
		if !strings.HasPrefix(output, program+" ") {
			t.Errorf("%s --version prints %s", program, output)
		}
	}
}

func TestTheGuideHasTheSizeOfTheProgramInTheImage(t *testing.T) {
	sentence := regexp.MustCompile(`The program in the container image is smaller than (\d+) MB`)
	said := sentence.FindStringSubmatch(guides.Read(t, "docs/rehearse.md"))
	build := regexp.MustCompile(`CGO_ENABLED=0 go build (-trimpath) -ldflags="(.*?)"`).FindStringSubmatch(dockerfile(t))
	if said == nil || build == nil {
		t.Fatalf("the guide says %q, the Dockerfile builds with %q", said, build)
	}
	program := filepath.Join(t.TempDir(), "ivschat-local")
	runIn(t, root(t), []string{"CGO_ENABLED=0", "GOOS=linux"},
		"go", "build", build[1], "-ldflags", build[2], "-o", program, "./cmd/ivschat-local")
	info, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	limit, _ := strconv.ParseInt(said[1], 10, 64)
	if size := info.Size(); size >= limit*1e6 || size < (limit-2)*1e6 {
		t.Errorf("the program for %s has %d bytes, the guide says less than %d MB", runtime.GOARCH, size, limit)
	}
}

// The first example is a file with tests, which run. The others are put into functions. Their module uses this
// repository as the guide to Go says.
func TestTheGoExamplesOfTheGuidesWorkInAnotherModule(t *testing.T) {
	goGuide := guides.Open(t, "docs/go.md", "go", "sh")
	use := goGuide.Block("sh", "go mod edit -replace ")
	module := regexp.MustCompile(`-replace ([^ =]+)=\.\./ivschat-local `).FindStringSubmatch(use)
	if module == nil {
		t.Fatalf("the guide does not say how a module uses this repository: %s", use)
	}
	imports, functions, whole := map[string]bool{}, "", ""
	for _, block := range append(goGuide.Blocks("go"), guides.Open(t, "docs/sdk.md", "go").Blocks("go")...) {
		if strings.HasPrefix(block.Code, "package ") {
			whole = block.Code
			continue
		}
		if block.Section == "Test a back end" { // the tests of examples/go, which package emulatortest compares
			continue
		}
		functions += function(block.Code, imports)
	}
	for _, path := range []string{"context", "errors", "testing", "time", module[1] + "/emulator/emulatortest"} {
		imports[strconv.Quote(path)] = true
	}
	text := "package app_test\n\nimport (\n"
	for path := range imports {
		text += "\t" + path + "\n"
	}
	text += ")\n" + functions
	dir := t.TempDir()
	for name, content := range map[string]string{
		"chat_test.go": whole, "parts_test.go": text, "go.mod": "module example.com/app\n\ngo 1.26.0\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sums, err := os.ReadFile(filepath.Join(root(t), "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o600); err != nil {
		t.Fatal(err)
	}
	offline := []string{"GOFLAGS=-mod=mod", "GOPROXY=off"}
	edit, _, _ := strings.Cut(use, "\n") // go mod tidy, which follows, needs a network
	runIn(t, dir, offline, "sh", "-c", strings.Replace(edit, "../ivschat-local", root(t), 1))
	runIn(t, dir, offline, "go", "mod", "edit", "-require", module[1]+"@v0.0.0")
	output := runIn(t, dir, offline, "go", "test", "-v", "./...")
	if passed := strings.Count(output, "--- PASS: "); passed < 3 {
		t.Errorf("%d tests of the guide passed:\n%s", passed, output)
	}
}

// function returns a function with the code of an example. It adds what the example imports to the
// imports. What the examples do not declare are parameters.
func function(example string, imports map[string]bool) string {
	for _, path := range regexp.MustCompile(`(?m)^(?:import |\t)("[\w./-]+")`).FindAllStringSubmatch(example, -1) {
		imports[path[1]] = true
	}
	code := regexp.MustCompile(`(?ms)^import (\(.*?^\)|"[^"]+")$`).ReplaceAllString(example, "")
	parameters := ""
	for _, parameter := range []string{
		"ctx context.Context", "t *testing.T", "config aws.Config", "e *emulatortest.Emulator",
		"anna *emulatortest.Client", "room string", "token string",
	} {
		names, _, _ := strings.Cut(parameter, " ")
		if !regexp.MustCompile(`(?m)^` + names + ` :=|, ` + names + ` :=|^` + names + `, `).MatchString(code) {
			parameters += parameter + ", "
		}
	}
	// The compiler refuses variables that are not used.
	for _, declared := range regexp.MustCompile(`(?m)^(\w+(?:, \w+)*) :=`).FindAllStringSubmatch(code, -1) {
		for name := range strings.SplitSeq(declared[1], ", ") {
			if name != "_" {
				code += "_ = " + name + "\n"
			}
		}
	}
	return "\nfunc _(" + parameters + ") {\n" + code + "}\n"
}
