package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/internal/guides"
)

func readme(t *testing.T) string {
	t.Helper()
	return guides.Read(t, "README.md")
}

// allGuides returns all guides, one after another.
func allGuides(t *testing.T) (text string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(guides.Root(t), "docs", "*.md"))
	if err != nil || len(paths) < 10 {
		t.Fatalf("%d guides: %v", len(paths), err)
	}
	for _, path := range paths {
		text += guides.Read(t, "docs/"+filepath.Base(path))
	}
	return text
}

func TestTheREADMEHasTheBanner(t *testing.T) {
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
	want := strings.ReplaceAll(out.String(), e.URL(), "http://127.0.0.1:4700")
	if !strings.Contains(readme(t), want) {
		t.Errorf("the README does not have\n%s", want)
	}
}

// The changelog may begin with a section for what is not released yet.
func TestTheNewestReleaseInTheChangelogIsTheVersion(t *testing.T) {
	text, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(text), "# Changelog\n\n## ") {
		t.Error("CHANGELOG.md does not begin with its title and a section")
	}
	sections := regexp.MustCompile(`(?m)^## (.+)$`).FindAllStringSubmatch(string(text), -1)
	if len(sections) > 0 && sections[0][1] == "Unreleased" {
		sections = sections[1:]
	}
	if len(sections) == 0 || sections[0][1] != emulator.Version {
		t.Errorf("the newest release in CHANGELOG.md is not %s: %q", emulator.Version, sections)
	}
}

func TestTheGuidesHaveTheExamplesOfHelp(t *testing.T) {
	help, documents := runSelf(t, nil, "--help").stdout, allGuides(t)
	for _, example := range helpExamples {
		if !strings.Contains(help, "    "+example+"\n") {
			t.Errorf("--help does not have %s:\n%s", example, help)
		}
		if !strings.Contains(documents, example) {
			t.Errorf("no guide has %s", example)
		}
	}
}

// A shell runs the examples, with the address of a running emulator.
func TestTheExamplesOfHelpForARunningEmulatorWork(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	running, examples := launchSelf(t, "--data", ":memory:"), 0
	environment := inPath(t, running)
	for _, example := range helpExamples {
		_, verb, isVerb := strings.Cut(example, "ivschat-local ")
		isVerb = isVerb && !strings.HasPrefix(verb, "-") && !strings.HasPrefix(verb, "exec") && verb != "tail"
		if !isVerb && !strings.HasPrefix(example, "curl ") || strings.HasPrefix(example, "curl -N ") {
			continue // curl -N and tail do not end
		}
		examples++
		line := strings.ReplaceAll(example, "http://127.0.0.1:4700", running.endpoint)
		line = strings.Replace(line, "curl ", "curl -sS --fail-with-body ", 1)
		command := exec.Command("sh", "-c", line)
		command.Dir, command.Env = running.command.Dir, environment
		if output, err := command.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", example, err, output)
		}
	}
	if examples < 10 {
		t.Errorf("%d examples were run", examples)
	}
}
