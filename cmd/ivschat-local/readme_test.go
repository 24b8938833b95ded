package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/ivschat-local/ivschat-local/emulator"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheREADMEHasTheTableOfSettings(t *testing.T) {
	var settings Settings
	parser, err := kong.New(&settings, kong.DefaultEnvars("IVSCHAT"), kong.Vars{"data": "DATA"})
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, flag := range parser.Model.Flags {
		if flag.Name == "help" {
			continue
		}
		def := "`" + flag.Default + "`"
		switch flag.Default {
		case "DATA":
			def = "`ivschat-local` in your state directory"
		case "":
			def = "none"
		}
		want = append(want, fmt.Sprintf("| `--%s` | `%s` | %s | %s |", flag.Name, flag.Envs[0], def, flag.Help))
	}
	_, table, _ := strings.Cut(readme(t), "| flag | variable | default | what it is |\n|---|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	if got := strings.Split(table, "\n"); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the README has\n%s\nthe program\n%s", table, strings.Join(want, "\n"))
	}
}

func TestTheREADMEShowsWhatTheProgramPrints(t *testing.T) {
	e, err := emulator.New(emulator.Config{RandomSeed: 42})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	announce(&out, e, Settings{Data: "/home/anna/.local/state/ivschat-local", Region: "us-east-1"})
	if want := strings.ReplaceAll(out.String(), e.URL(), "http://127.0.0.1:4700"); !strings.Contains(readme(t), want) {
		t.Errorf("the README does not have\n%s", want)
	}
}

func TestTheChangelogHasTheVersionOnTop(t *testing.T) {
	text, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(text), "# Changelog\n\n## "+emulator.Version+"\n") {
		t.Errorf("the newest version in CHANGELOG.md is not %s", emulator.Version)
	}
}

func TestHelpShowsLinesThatTheREADMEHasToo(t *testing.T) {
	help := runSelf(t, nil, "--help").stdout
	for _, example := range pastes {
		if !strings.Contains(help, "    "+example+"\n") {
			t.Errorf("--help does not have %s:\n%s", example, help)
		}
		if !strings.Contains(readme(t), example) {
			t.Errorf("the README does not have %s", example)
		}
	}
}

// The lines are pasted into a shell, with the address of an emulator that runs.
func TestTheLinesThatHelpShowsWork(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl")
	}
	running := launchSelf(t, "--data", ":memory:")
	for _, example := range pastes {
		if !strings.HasPrefix(example, "curl ") || strings.Contains(example, "curl -N") { // which does not end
			continue
		}
		command := exec.Command("sh", "-c", strings.Replace(strings.ReplaceAll(example, "http://127.0.0.1:4700", running.endpoint), "curl ", "curl -sS --fail-with-body ", 1))
		command.Dir = running.command.Dir
		if output, err := command.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", example, err, output)
		}
	}
}
