// Package testcache tells the Go command on which files a test depends that other processes read, for tests.
//
// The Go command keeps the result of a test that has passed, until its code changes, or a file of the module that it
// has opened. It does not see what the processes see that a test starts: without this package, a test that runs a
// changed program could answer "(cached)".
package testcache

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Tree makes a test depend on all files in directories, except for what a package manager installs there.
func Tree(t testing.TB, dirs ...string) {
	t.Helper()
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.IsDir() {
				return err
			}
			if installed(path) {
				return filepath.SkipDir
			}
			_, err = os.ReadDir(path) // so that the Go command looks at the entries
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// installed reports whether a directory has what a package manager or a build makes.
func installed(dir string) bool {
	return slices.Contains([]string{"node_modules", "venv", "__pycache__", "target", "dist"}, filepath.Base(dir))
}

// sources prints the directories of the packages of a program that are in its module, those of files that they embed,
// and that of the module.
const sources = `{{with .Module}}{{if .Main}}{{.Dir}}
{{$.Dir}}/.
{{range $.EmbedFiles}}{{$.Dir}}/{{.}}
{{end}}{{end}}{{end}}`

// Program makes all tests of the process depend on the source files of the program in a package.
func Program(mainPackage string) error {
	output, err := exec.Command("go", "list", "-deps", "-f", sources, mainPackage).Output()
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(output)) {
		line = strings.TrimSpace(line)
		if line == "" || seen[line] {
			continue
		}
		seen[line] = true
		if err := read(line); err != nil {
			return err
		}
	}
	return nil
}

// read looks at what a line of sources names.
func read(line string) error {
	info, err := os.Stat(line) // also of a file that is embedded
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return nil
	case strings.HasSuffix(line, "/."):
		_, err = os.ReadDir(filepath.Clean(line))
		return err
	}
	_, err = os.Stat(filepath.Join(line, "go.mod"))
	return err
}
