package packages

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// execute runs a command. Its error has what the command printed.
func execute(command *exec.Cmd) error {
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", command, err, output)
	}
	return nil
}

// mustExecute runs a command that must succeed, and returns what it printed.
func mustExecute(t testing.TB, command *exec.Cmd) (output string) {
	t.Helper()
	text, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", command, err, text)
	}
	return string(text)
}

// runIn runs a program in a directory and returns what it printed.
func runIn(t testing.TB, dir, name string, args ...string) (output string) {
	t.Helper()
	command := exec.Command(name, args...)
	command.Dir = dir
	return mustExecute(t, command)
}

// write writes a file, whose directory it makes.
func write(t testing.TB, dir, name, content string) {
	t.Helper()
	writeFile(t, filepath.Join(dir, name), content, 0o644)
}

// writeProgram writes a program that is a shell script. Its directory is made.
func writeProgram(t testing.TB, dir, name, script string) {
	t.Helper()
	writeFile(t, filepath.Join(dir, name), "#!/bin/sh\n"+script+"\n", 0o755)
}

func writeFile(t testing.TB, path, content string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}
