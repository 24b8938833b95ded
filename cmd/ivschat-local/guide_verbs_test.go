package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/ivschat-local/ivschat-local/internal/guides"
)

// leaves returns the commands that do something, such as room create.
func leaves(t *testing.T) (paths []string) {
	t.Helper()
	parser, err := kong.New(new(commandLine), kong.Vars{"data": "DATA", "listen": "LISTEN"})
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range parser.Model.Leaves(true) {
		path := leaf.Name
		for parent := leaf.Parent; parent.Parent != nil; parent = parent.Parent {
			path = parent.Name + " " + path
		}
		paths = append(paths, path)
	}
	return paths
}

func TestTheDocumentationAndHelpHaveEveryCommand(t *testing.T) {
	document := guides.Read(t, "docs/terminal.md") + guides.Read(t, "docs/reference/settings.md")
	help := runSelf(t, nil, "--help").stdout
	for _, path := range leaves(t) {
		inTable := strings.Contains(document, "`"+path+" ") || strings.Contains(document, "`"+path+"`") ||
			strings.Contains(document, "`ivschat-local "+path+"`") || path == "serve"
		if !inTable {
			t.Errorf("the documentation does not have %s", path)
		}
		if !strings.Contains(help, "\n  "+path+" ") {
			t.Errorf("--help does not have %s:\n%s", path, help)
		}
	}
}

// inPath returns an environment in which ivschat-local is this test binary as the program, for the emulator.
func inPath(t *testing.T, running *process) []string {
	t.Helper()
	bin := t.TempDir()
	if err := os.Symlink(self(t, nil).Path, filepath.Join(bin, "ivschat-local")); err != nil {
		t.Fatal(err)
	}
	return append(self(t, nil).Env, "PATH="+bin+":"+os.Getenv("PATH"),
		"IVSCHAT_LISTEN="+strings.TrimPrefix(running.endpoint, "http://"))
}
