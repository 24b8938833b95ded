package packages

import (
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/guides"
)

var update = flag.Bool("update", false, "write the file "+noticesName)

// noticesName is the file with the licenses of other projects that every package with the program has.
const noticesName = "THIRD_PARTY_NOTICES"

func TestTheNoticesHaveTheLicensesOfAllModulesOfThePrograms(t *testing.T) {
	t.Parallel()
	noticeChanges(t)
	want := notices(t)
	path := filepath.Join("..", noticesName)
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s is not current: run make docs (%v)", noticesName, err)
	}
}

// licenseFile matches the names of files with a license, or with what the Apache License calls a NOTICE.
var licenseFile = regexp.MustCompile(`(?i)^(licen[sc]e|copying|notice)(\.\w+)?$`)

// notices returns the licenses of all modules that are linked into the programs of a release, on any platform, of Go
// itself, and of the console's libraries. A text that several projects have is there once.
func notices(t *testing.T) string {
	t.Helper()
	dirs := map[string]string{"Go": strings.TrimSpace(runIn(t, "..", "go", "env", "GOROOT"))}
	for _, goos := range []string{"darwin", "linux", "windows"} {
		list := exec.Command("go", "list", "-deps",
			"-f", `{{with .Module}}{{if not .Main}}{{.Path}} {{.Dir}}{{end}}{{end}}`,
			"./cmd/ivschat-local", "./cmd/ivschat-load")
		list.Dir, list.Env = "..", append(os.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
		output, err := list.Output()
		if err != nil {
			t.Fatalf("%v: %v", list, err)
		}
		for line := range strings.Lines(string(output)) {
			if module, dir, found := strings.Cut(strings.TrimSpace(line), " "); found {
				dirs[module] = dir
			}
		}
	}
	projects := map[string][]string{} // by the text of the license
	for _, project := range slices.Sorted(maps.Keys(dirs)) {
		texts := licenses(t, dirs[project])
		if len(texts) == 0 {
			t.Errorf("%s has no license", project)
		}
		for _, text := range texts {
			projects[text] = append(projects[text], project)
		}
	}
	var out strings.Builder
	out.WriteString("The programs ivschat-local and ivschat-load contain code of other projects, under these licenses.\n")
	add := func(names []string, text string) {
		out.WriteString("\n" + strings.Repeat("=", 80) + "\n" + strings.Join(names, "\n") + "\n\n" + text + "\n")
	}
	for _, text := range slices.SortedFunc(maps.Keys(projects), func(a, b string) int {
		return slices.Compare(append(projects[a], a), append(projects[b], b))
	}) {
		add(projects[text], text)
	}
	_, vendored, _ := strings.Cut(guides.Read(t, "emulator/console/vendor.md"), "\nhtm is ")
	add([]string{"htm and Preact"}, "htm is "+strings.TrimSpace(vendored))
	return out.String()
}

// licenses returns the texts of the licenses in a directory.
func licenses(t *testing.T, dir string) (texts []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !licenseFile.MatchString(entry.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")))
	}
	return texts
}
