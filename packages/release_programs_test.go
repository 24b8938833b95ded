package packages

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// largestProgram is how many bytes a program of a release may have, so that a dependency that makes it much larger is
// noticed.
const largestProgram = 24e6

func TestTheProgramOfAReleaseSaysItsVersionAndCommit(t *testing.T) {
	commit := strings.TrimSpace(runIn(t, "..", "git", "rev-parse", "--short=12", "HEAD"))
	said := runIn(t, t.TempDir(), releaseProgram(t), "version")
	want := fmt.Sprintf("ivschat-local %s (commit %s", emulator.Version, commit)
	if !strings.HasPrefix(said, want) || !strings.HasSuffix(said, fmt.Sprintf("%s %s)\n", runtime.Version(), platform)) {
		t.Errorf("it says %s", said)
	}
}

func TestTheProgramsOfAReleaseAreForTheirPlatforms(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	runIn(t, "..", "make", "programs", "platforms=linux/amd64 darwin/arm64 windows/amd64", "into="+dir)
	for path, check := range map[string]func(program []byte) error{
		"linux-amd64/ivschat-local":       func(p []byte) error { return checkELF(p, elf.EM_X86_64) },
		"darwin-arm64/ivschat-local":      checkMachO,
		"windows-amd64/ivschat-local.exe": checkPE,
	} {
		program, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		if err := check(program); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if len(program) > largestProgram {
			t.Errorf("%s has %d bytes, at most %d", path, len(program), int(largestProgram))
		}
		here, _ := filepath.Abs("..")
		if bytes.Contains(program, []byte(here)) {
			t.Errorf("%s contains %s", path, here)
		}
	}
}

// checkELF says how a program differs from one for Linux that needs nothing but the kernel.
func checkELF(program []byte, machine elf.Machine) error {
	file, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		return err
	}
	interpreter := slices.ContainsFunc(file.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP })
	libraries, err := file.ImportedLibraries()
	if err != nil || file.Machine != machine || interpreter || len(libraries) > 0 {
		return fmt.Errorf("it is for %s, with an interpreter: %t, with libraries: %q, %v",
			file.Machine, interpreter, libraries, err)
	}
	return nil
}

// checkMachO says how a program differs from one for macOS on arm64 that needs only libraries of the system. macOS
// starts it only if it has a signature, for which that of the linker is enough.
func checkMachO(program []byte) error {
	file, err := macho.NewFile(bytes.NewReader(program))
	if err != nil {
		return err
	}
	libraries, err := file.ImportedLibraries()
	foreign := slices.DeleteFunc(libraries, func(path string) bool {
		return strings.HasPrefix(path, "/usr/lib/") || strings.HasPrefix(path, "/System/Library/")
	})
	const codeSignature = 0x1d // LC_CODE_SIGNATURE
	signed := slices.ContainsFunc(file.Loads, func(load macho.Load) bool {
		return file.ByteOrder.Uint32(load.Raw()) == codeSignature
	})
	if err != nil || file.Cpu != macho.CpuArm64 || len(foreign) > 0 || !signed {
		return fmt.Errorf("it is for %s, signed: %t, with libraries: %q, %v", file.Cpu, signed, foreign, err)
	}
	return nil
}

// checkPE says how a program differs from one for Windows on amd64 that needs only its kernel's library.
func checkPE(program []byte) error {
	file, err := pe.NewFile(bytes.NewReader(program))
	if err != nil {
		return err
	}
	symbols, err := file.ImportedSymbols()
	foreign := slices.DeleteFunc(symbols, func(symbol string) bool { return strings.HasSuffix(symbol, ":kernel32.dll") })
	if err != nil || file.Machine != pe.IMAGE_FILE_MACHINE_AMD64 || len(foreign) > 0 {
		return fmt.Errorf("it is for machine %#x, with symbols: %q, %v", file.Machine, foreign, err)
	}
	return nil
}

// The other build is of the same files in another directory.
func TestEveryoneBuildsTheSameProgram(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "programs")
	variables := []string{
		"platforms=" + platform, "commit=0123456789abcdef0123456789abcdef01234567", "date=2026-11-28T09:00:00Z",
	}
	name := filepath.Join(strings.Replace(platform, "/", "-", 1), "ivschat-local")
	var built [2][]byte
	for i, source := range []string{"..", sourceTree(t)} {
		into := fmt.Sprintf("%s-%d", dir, i)
		runIn(t, source, "make", append([]string{"programs", "into=" + into}, variables...)...)
		var err error
		if built[i], err = os.ReadFile(filepath.Join(into, name)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(built[0], built[1]) {
		t.Errorf("the programs differ: they have %d and %d bytes", len(built[0]), len(built[1]))
	}
}

const modulePath = "github.com/ivschat-local/ivschat-local"

// A module that has a replace directive, or files that no module may have, cannot be installed like this.
func TestGoInstallInstallsAReleaseOfTheModule(t *testing.T) {
	t.Parallel()
	const path, version = modulePath, "v" + emulator.Version
	home := t.TempDir()
	published := publish(t, module.Version{Path: path, Version: version})
	shared := strings.Fields(runIn(t, "..", "go", "env", "GOMODCACHE", "GOPROXY"))
	modules := filepath.Join(home, "modules")
	linkModules(t, shared[0], modules)
	command := exec.Command("go", "install", path+"/cmd/ivschat-local@"+version)
	command.Dir = home
	command.Env = append(os.Environ(),
		"GOPATH="+home, "GOMODCACHE="+modules, "GOBIN="+filepath.Join(home, "bin"),
		"GOPROXY="+published+","+shared[1], "GONOSUMDB="+path,
		// The Go command has compiled the dependencies like this for other tests. The files can be removed at the end.
		"CGO_ENABLED=0", "GOFLAGS=-trimpath -modcacherw")
	mustExecute(t, command)
	said := runIn(t, home, filepath.Join(home, "bin", "ivschat-local"), "version")
	want := fmt.Sprintf("ivschat-local %s (%s %s)\n", emulator.Version, runtime.Version(), platform)
	if said != want {
		t.Errorf("it says %s, want %s", said, want)
	}
}

// linkModules makes a cache of modules with those of another one, except this project's.
func linkModules(t *testing.T, from, to string) {
	t.Helper()
	own := []string{".", "github.com", "cache", "cache/download", "cache/download/github.com"}
	for _, dir := range own {
		if err := os.MkdirAll(filepath.Join(to, dir), 0o755); err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(filepath.Join(from, dir))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			path := filepath.Join(dir, entry.Name())
			if slices.Contains(own, filepath.ToSlash(path)) || entry.Name() == "ivschat-local" {
				continue
			}
			if err := os.Symlink(filepath.Join(from, path), filepath.Join(to, path)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// publish makes a proxy for modules with the module that the repository is, and returns its URL.
func publish(t *testing.T, version module.Version) string {
	t.Helper()
	proxy := t.TempDir()
	escaped, err := module.EscapePath(version.Path)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(proxy, filepath.FromSlash(escaped), "@v")
	source := sourceTree(t)
	var archive bytes.Buffer
	if err := modzip.CreateFromDir(&archive, version, source); err != nil {
		t.Fatal(err)
	}
	goMod, err := os.ReadFile(filepath.Join(source, "go.mod"))
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	for name, content := range map[string][]byte{
		version.Version + ".zip": archive.Bytes(), version.Version + ".mod": goMod,
		version.Version + ".info": fmt.Appendf(nil, `{"Version": %q}`, version.Version),
		"list":                    []byte(version.Version),
	} {
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), content, 0o600)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(proxy)}).String()
}
