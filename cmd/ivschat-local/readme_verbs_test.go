package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
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

func TestTheREADMEAndHelpHaveEveryCommand(t *testing.T) {
	help := runSelf(t, nil, "--help").stdout
	for _, path := range leaves(t) {
		inTable := strings.Contains(readme(t), "`"+path+" ") || strings.Contains(readme(t), "`"+path+"`") ||
			strings.Contains(readme(t), "`ivschat-local "+path+"`") || path == "serve"
		if !inTable {
			t.Errorf("the README does not have %s", path)
		}
		if !strings.Contains(help, "\n  "+path+" ") {
			t.Errorf("--help does not have %s:\n%s", path, help)
		}
	}
}

// A shell runs the examples one after another, with a running emulator.
func TestTheExamplesOfVerbsInTheREADMEWork(t *testing.T) {
	running := launchSelf(t, "--data", ":memory:")
	_, section, _ := strings.Cut(readme(t), "\n## In the terminal\n")
	section, _, _ = strings.Cut(section, "\n## ")
	script, examples := "set -e\n", 0
	for i, block := range strings.Split(section, "```") {
		endless := strings.Contains(block, "\nivschat-local tail\n")
		if code, isShell := strings.CutPrefix(block, "sh\n"); isShell && i%2 == 1 && !endless {
			script += code
			examples += strings.Count(code, "\n")
		}
	}
	command := exec.Command("bash", "-c", script)
	command.Dir, command.Env = t.TempDir(), inPath(t, running)
	if output, err := command.CombinedOutput(); err != nil || examples < 3 {
		t.Errorf("%d lines: %v\n%s", examples, err, output)
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
