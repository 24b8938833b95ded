package packages

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/internal/browser"
	"github.com/ivschat-local/ivschat-local/internal/guides"
	"github.com/ivschat-local/ivschat-local/internal/need"
)

// buildTarballs builds the npm packages for this platform once for all tests, and returns their directory.
var buildTarballs = sync.OnceValues(func() (dir string, err error) {
	programs, err := buildPrograms()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(programs, "npm")
	if err := execute(exec.Command("node", "npm/build.mjs", programs, dir)); err != nil {
		return "", err
	}
	return dir, execute(exec.Command("node", "testcontainers-node/build.mjs", dir))
})

// installTarballs installs the npm packages once for all tests, in a directory that has nothing else than what the
// suites need. It returns the directory.
var installTarballs = sync.OnceValues(func() (dir string, err error) {
	tarballs, err := buildTarballs()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(filepath.Dir(tarballs), "npm-installed")
	files, err := filepath.Glob(filepath.Join(tarballs, "*.tgz"))
	return dir, errors.Join(err, os.MkdirAll(dir, 0o777),
		execute(exec.Command("cp", "-a", "npm/package.json", "npm/package-lock.json", "npm/node_modules", dir)),
		execute(exec.Command("cp", "-r", "npm/suites/.", "testcontainers-node/suites/.", dir)),
		// --offline, because nothing else than the tarballs is missing, and registries do not have packages for other
		// platforms yet. --legacy-peer-deps, because npm ci does not store what would be needed to check those.
		execute(exec.Command("npm", append([]string{"install", "--prefix", dir, "--no-save", "--offline",
			"--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier",
			"--loglevel=error"}, files...)...)))
})

// needNPM skips the test without Node.js, npm and the packages that build and test those of this project.
func needNPM(t testing.TB) {
	t.Helper()
	_, missing := exec.LookPath("npm")
	need.Client(t, missing == nil, "npm", "https://nodejs.org, version 20 or later")
	_, missing = os.Stat(filepath.Join("npm", "node_modules"))
	need.Client(t, missing == nil, "packages for Node.js", "npm ci --prefix packages/npm")
}

// npmTarballs returns the directory with the npm packages for this platform.
func npmTarballs(t testing.TB) string {
	t.Helper()
	needNPM(t)
	programs(t)
	dir, err := buildTarballs()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// npmInstalled returns a directory in which the npm packages are installed, together with jest and so on. It has the
// test suites of the package.
func npmInstalled(t testing.TB) string {
	t.Helper()
	needNPM(t)
	dir, err := installTarballs()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// runInstalled runs a command in the directory with the installed packages, whose programs are in PATH. It returns the
// standard output, and an error with all output if the command fails.
func runInstalled(t *testing.T, environment []string, name string, args ...string) ([]byte, error) {
	t.Helper()
	dir := npmInstalled(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	path := filepath.Join(dir, "node_modules", ".bin")
	command := exec.CommandContext(ctx, "sh", append([]string{"-c", `exec "$@"`, "sh", name}, args...)...)
	command.Dir = dir
	command.Env = append(os.Environ(), "CI=true", "PATH="+path+string(os.PathListSeparator)+os.Getenv("PATH"))
	command.Env = append(command.Env, environment...)
	var out, log bytes.Buffer
	command.Stdout, command.Stderr = &out, &log
	if err := command.Run(); err != nil {
		return out.Bytes(), fmt.Errorf("%s %v: %w\n%s%s", name, args, err, &out, &log)
	}
	return out.Bytes(), nil
}

// Each suite uses the installed package in another test runner.
func TestTheNPMPackageIn(t *testing.T) {
	for name, command := range map[string][]string{
		"NodeTest": {"node", "--test", "--test-timeout=120000", "chat.test.mjs", "client.test.mjs", "start.test.mjs",
			"servers.test.mjs", "launcher.test.mjs", "require.test.cjs"},
		"Jest":       {"jest"},
		"Vitest":     {"vitest", "run"},
		"TypeScript": {"tsc", "-p", "types"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := runInstalled(t, nil, command[0], command[1:]...); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("Playwright", func(t *testing.T) {
		t.Parallel()
		if _, err := runInstalled(t, []string{"CHROMIUM=" + browser.Chromium(t)}, "playwright", "test"); err != nil {
			t.Error(err)
		}
	})
}

func TestAPlaywrightTestThatFailsHasTheJournalInItsReport(t *testing.T) {
	t.Parallel()
	report, err := runInstalled(t, []string{"FAILING=1"}, "playwright", "test")
	attached := regexp.MustCompile(`"ivschat-local journal",\s*"contentType": "application/json",\s*"body": "([^"]+)"`)
	found := attached.FindSubmatch(report)
	if err == nil || found == nil {
		t.Fatalf("the test did not fail with a journal: %v\n%s", err, report)
	}
	journal, err := base64.StdEncoding.DecodeString(string(found[1]))
	if err != nil || !bytes.Contains(journal, []byte("hello from a test that fails")) {
		t.Errorf("the journal is %s, %v", journal, err)
	}
}

func TestTheNPMPackageStartsContainers(t *testing.T) {
	t.Parallel()
	if _, err := runInstalled(t, engine(t).withDocker(t), "node", "--test", "container.test.mjs"); err != nil {
		t.Error(err)
	}
}

// npmLimits are the largest sizes that the packages may have, in bytes.
const (
	mainPackageLimit    = 100 << 10
	programPackageLimit = 20 << 20
)

// npmFile matches what may be in a package without a program.
var npmFile = regexp.MustCompile(`^package/(package\.json|README\.md|LICENSE|dist/[a-z]+(\.js|\.mjs|\.d\.ts|\.d\.mts))$`)

func TestTheNPMPackagesHaveWhatTheyShould(t *testing.T) {
	t.Parallel()
	dir := npmTarballs(t)
	npmPlatform := strings.NewReplacer("amd64", "x64", "windows", "win32").Replace(runtime.GOOS + "-" + runtime.GOARCH)
	main := readTarball(t, dir, "ivschat-local-"+emulator.Version+".tgz", mainPackageLimit)
	for _, file := range main {
		if !npmFile.MatchString(file.Name) {
			t.Errorf("the package has %s", file.Name)
		}
		for _, unwanted := range []string{"sourceMappingURL", os.TempDir() + "/"} {
			if bytes.Contains(file.content, []byte(unwanted)) {
				t.Errorf("%s has %s", file.Name, unwanted)
			}
		}
	}
	for _, name := range strings.Fields("launcher.js index.js index.mjs index.d.ts index.d.mts playwright.d.mts") {
		content(t, main, "dist/"+name)
	}
	manifest := readManifest(t, main)
	if _, found := manifest.Dependencies["ws"]; !found || len(manifest.Dependencies) != 1 {
		t.Errorf("the package depends on %v, want ws alone", manifest.Dependencies)
	}
	programs := manifest.OptionalDependencies
	if _, found := programs["@ivschat-local/"+npmPlatform]; !found || len(programs) != 6 {
		t.Errorf("the programs are in %v, want six packages", programs)
	}
	for name, version := range programs {
		if version != emulator.Version {
			t.Errorf("the version of %s is %s, want %s", name, version, emulator.Version)
		}
	}

	files := readTarball(t, dir, "ivschat-local-"+npmPlatform+"-"+emulator.Version+".tgz", programPackageLimit)
	if len(files) != 5 {
		t.Errorf("the package of the program has %d files, want package.json, README.md, LICENSE, %s and the program",
			len(files), noticesName)
	}
	if string(content(t, files, noticesName)) != guides.Read(t, noticesName) {
		t.Errorf("the package of the program has another %s than the repository", noticesName)
	}
	manifest = readManifest(t, files)
	if platform := strings.Join(append(manifest.OS, manifest.CPU...), "-"); platform != npmPlatform {
		t.Errorf("the package of the program is for %s, want %s", platform, npmPlatform)
	}
	for _, file := range files {
		if strings.Contains(file.Name, "/bin/") && file.Mode&0o111 != 0o111 {
			t.Errorf("the mode of %s is %o, want an executable file", file.Name, file.Mode)
		}
	}
}

// A packageManifest is the part of a package.json that the tests check.
type packageManifest struct {
	Version, License                                             string
	Dependencies, DevDependencies, OptionalDependencies, Scripts map[string]string
	OS, CPU                                                      []string
}

// readManifest returns the package.json of a package, and checks what all packages have.
func readManifest(t *testing.T, files []tarFile) (m packageManifest) {
	t.Helper()
	if err := json.Unmarshal(content(t, files, "package.json"), &m); err != nil {
		t.Fatal(err)
	}
	if m.Version != emulator.Version || m.License != "Apache-2.0" {
		t.Errorf("the package has version %s and license %s, want %s and Apache-2.0", m.Version, m.License, emulator.Version)
	}
	if len(m.Scripts) > 0 || len(m.DevDependencies) > 0 {
		t.Errorf("the package has the scripts %v and the devDependencies %v", m.Scripts, m.DevDependencies)
	}
	if !bytes.Contains(content(t, files, "LICENSE"), []byte("Apache License")) {
		t.Error("the package has no license")
	}
	content(t, files, "README.md")
	return m
}

// readTarball returns the files of a package that is not larger than the limit.
func readTarball(t *testing.T, dir, name string, limit int) []tarFile {
	t.Helper()
	packed, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if len(packed) > limit {
		t.Errorf("%s has %d bytes, want at most %d", name, len(packed), limit)
	}
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return untar(t, unpacked)
}

// content returns a file of a package.
func content(t *testing.T, files []tarFile, name string) []byte {
	t.Helper()
	for _, file := range files {
		if file.Name == "package/"+name {
			return file.content
		}
	}
	t.Fatalf("the package does not have %s", name)
	return nil
}

func TestTheTypesOfTheAdminAPIAreUpToDate(t *testing.T) {
	t.Parallel()
	needNPM(t)
	command := exec.Command("npm", "run", "--silent", "types", "--", "--check")
	command.Dir = "npm"
	if err := execute(command); err != nil {
		t.Errorf("run npm run types in packages/npm: %v", err)
	}
}
