package packages

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"debug/elf"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// snapshotDir is where make snapshot puts the files of the release.
const snapshotDir = "../dist/release"

// The packages for amd64.
const (
	debianPackage = "ivschat-local_" + emulator.Version + "_amd64.deb"
	rpmPackage    = "ivschat-local-" + emulator.Version + "-1.x86_64.rpm"
)

// snapshot returns the SHA-256 of each file of the release that make snapshot has made. It skips the test if it has not
// been run, because that takes minutes.
func snapshot(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(snapshotDir, "checksums.txt"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("make snapshot has not been run")
	}
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(text)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		sums[name] = sum
	}
	return sums
}

// snapshotFile returns a file of the snapshot.
func snapshotFile(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(snapshotDir, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestTheSnapshotHasAllFilesWithTheirChecksums(t *testing.T) {
	sums := snapshot(t)
	const v = emulator.Version
	want := []string{
		debianPackage, "ivschat-local_" + v + "_arm64.deb", rpmPackage, "ivschat-local-" + v + "-1.aarch64.rpm",
	}
	for _, goos := range []string{"darwin", "linux", "windows"} {
		for _, goarch := range []string{"amd64", "arm64"} {
			name := v + "_" + goos + "_" + goarch
			want = append(want, archiveName(goos, goarch),
				"ivschat-local_"+name+".cdx.json", "ivschat-load_"+name+".cdx.json")
		}
	}
	for _, name := range want {
		sum := sha256.Sum256(snapshotFile(t, name))
		if sums[name] != hex.EncodeToString(sum[:]) {
			t.Errorf("the checksum of %s is %x, in checksums.txt %s", name, sum, sums[name])
		}
		delete(sums, name)
	}
	if len(sums) > 0 {
		t.Errorf("checksums.txt has more files: %v", sums)
	}
	for _, name := range want[2:4] {
		if !bytes.HasPrefix(snapshotFile(t, name), []byte("\xed\xab\xee\xdb")) {
			t.Errorf("%s is no package of RPM", name)
		}
	}
}

// archiveName returns the name of the archive for a platform.
func archiveName(goos, goarch string) string {
	name := "ivschat-local_" + emulator.Version + "_" + goos + "_" + goarch
	if goos == "windows" {
		return name + ".zip"
	}
	return name + ".tar.gz"
}

func TestTheArchivesOfTheSnapshotHaveThePrograms(t *testing.T) {
	snapshot(t)
	for name, check := range map[string]func([]byte) error{
		archiveName("linux", "amd64"):   func(p []byte) error { return checkELF(p, elf.EM_X86_64) },
		archiveName("linux", "arm64"):   func(p []byte) error { return checkELF(p, elf.EM_AARCH64) },
		archiveName("darwin", "arm64"):  checkMachO,
		archiveName("windows", "amd64"): checkPE,
	} {
		archive := snapshotFile(t, name)
		files := untarGzip
		suffix := ""
		if strings.HasSuffix(name, ".zip") {
			files, suffix = unzip, ".exe"
		}
		found := files(t, archive)
		for _, program := range []string{"ivschat-local" + suffix, "ivschat-load" + suffix} {
			if err := check(found[program]); err != nil {
				t.Errorf("%s: %s: %v", name, program, err)
			}
			delete(found, program)
		}
		for _, text := range []string{
			"LICENSE", noticesName, "README.md",
			"completion/completion.bash", "completion/completion.fish", "completion/completion.zsh",
		} {
			if len(found[text]) == 0 {
				t.Errorf("%s: %s is empty or missing", name, text)
			}
			delete(found, text)
		}
		if len(found) > 0 || len(archive) > largestProgram {
			t.Errorf("%s has %d bytes and %d more files", name, len(archive), len(found))
		}
	}
}

func TestTheProgramsOfTheSnapshotRunAndAreThoseOfMakePrograms(t *testing.T) {
	snapshot(t)
	if platform != "linux/amd64" {
		t.Skip("they are run on linux/amd64")
	}
	dir := t.TempDir()
	program := untarGzip(t, snapshotFile(t, archiveName("linux", "amd64")))["ivschat-local"]
	path := filepath.Join(dir, "ivschat-local")
	if err := os.WriteFile(path, program, 0o700); err != nil {
		t.Fatal(err)
	}
	said := runIn(t, dir, path, "version")
	if !strings.HasPrefix(said, "ivschat-local "+emulator.Version+" (commit ") {
		t.Errorf("it says %s", said)
	}
	if _, err := exec.LookPath("dpkg-deb"); err == nil {
		runIn(t, snapshotDir, "dpkg-deb", "--extract", debianPackage, dir)
		if packaged := runIn(t, dir, filepath.Join(dir, "usr/bin/ivschat-local"), "version"); packaged != said {
			t.Errorf("the package has %s, the archive %s", packaged, said)
		}
	}
	// Source that has changed since then makes another program.
	here := runIn(t, dir, filepath.Join(programs(t), "linux-amd64", "ivschat-local"), "version")
	if here == said && !strings.Contains(said, "with changes") {
		made, err := os.ReadFile(filepath.Join(programs(t), "linux-amd64", "ivschat-local"))
		if err != nil || !bytes.Equal(made, program) {
			t.Errorf("make programs makes another program: %v", err)
		}
	}
}

func TestTheSBOMOfTheSnapshotHasTheModulesOfTheProgram(t *testing.T) {
	snapshot(t)
	name := strings.TrimSuffix(archiveName("linux", "amd64"), ".tar.gz")
	var bom struct {
		BomFormat  string
		Metadata   struct{ Component struct{ Name string } }
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal(snapshotFile(t, name+".cdx.json"), &bom); err != nil {
		t.Fatal(err)
	}
	program := untarGzip(t, snapshotFile(t, name+".tar.gz"))["ivschat-local"]
	info, err := buildinfo.Read(bytes.NewReader(program))
	if err != nil {
		t.Fatal(err)
	}
	var listed, built []string
	for _, component := range bom.Components {
		if component.Name != "std" {
			listed = append(listed, component.Name+"@"+component.Version)
		}
	}
	for _, dependency := range info.Deps {
		built = append(built, dependency.Path+"@"+dependency.Version)
	}
	slices.Sort(listed)
	slices.Sort(built)
	if bom.BomFormat != "CycloneDX" || bom.Metadata.Component.Name != info.Main.Path || !slices.Equal(listed, built) {
		t.Errorf("the SBOM of %s in %q has\n%q\nthe program\n%q", bom.Metadata.Component.Name, bom.BomFormat, listed, built)
	}
}

// The workflow of a release publishes the packages of npm by these names.
func TestTheSnapshotHasThePackagesOfAllLanguages(t *testing.T) {
	snapshot(t)
	const v = emulator.Version
	for pattern, want := range map[string]int{
		"npm/ivschat-local-*-*-" + v + ".tgz":      6,
		"npm/ivschat-local-" + v + ".tgz":          1,
		"npm/ivschat-local-testcontainers-*.tgz":   1,
		"npm/*.tgz":                                8,
		"python/ivschat_local-" + v + "-py3-*.whl": 7,
		"image/oci/index.json":                     1,
		"image/ivschat-local-linux-*.tar":          2,
		"java/io/github/ivschat-local/*/" + v:      3,
	} {
		found, err := filepath.Glob(filepath.Join(snapshotDir, "..", pattern))
		if err != nil || len(found) != want {
			t.Errorf("dist/%s is %q, not %d files: %v", pattern, found, want, err)
		}
	}
}

func TestTheCaskOfTheSnapshotHasTheChecksumsOfTheArchives(t *testing.T) {
	sums := snapshot(t)
	cask := string(snapshotFile(t, "homebrew/Casks/ivschat-local.rb"))
	pairs := regexp.MustCompile(`url "(.*)"\n *sha256 "(.*)"`).FindAllStringSubmatch(cask, -1)
	for _, pair := range pairs {
		url := strings.ReplaceAll(pair[1], "#{version}", emulator.Version)
		if sum := sums[url[strings.LastIndex(url, "/")+1:]]; sum != pair[2] {
			t.Errorf("%s has %s, the archive %s", url, pair[2], sum)
		}
	}
	if len(pairs) != 4 || !strings.Contains(cask, `version "`+emulator.Version+`"`) {
		t.Errorf("the cask has %d archives:\n%s", len(pairs), cask)
	}
}

// untarGzip returns the files of a compressed tar archive.
func untarGzip(t *testing.T, archive []byte) map[string][]byte {
	t.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, file := range untar(t, plain) {
		files[file.Name] = file.content
	}
	return files
}

// unzip returns the files of a zip archive.
func unzip(t *testing.T, archive []byte) map[string][]byte {
	t.Helper()
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, entry := range reader.File {
		file, err := entry.Open()
		if err == nil {
			files[entry.Name], err = io.ReadAll(file)
			file.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}
