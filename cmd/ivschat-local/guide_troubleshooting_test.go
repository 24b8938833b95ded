package main

import (
	"context"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/internal/guides"
)

// A shell runs each block, with a running emulator for which everything is right.
func TestTheCommandsOfTheGuideToTroubleshootingWork(t *testing.T) {
	running := launchSelf(t, "--data", ":memory:")
	post(t, running.endpoint+"/CreateRoom", "{}") // for tail
	for _, block := range guides.Open(t, "docs/troubleshooting.md", "sh").Blocks("sh") {
		script := strings.ReplaceAll(block.Code, "http://127.0.0.1:4700", running.endpoint)
		script = strings.ReplaceAll(script, "curl ", "curl -sS --fail ")
		if strings.HasPrefix(script, "ivschat-local tail ") { // does not end
			script = "exec 3< <(exec " + strings.TrimSuffix(script, "\n") + "\n); read -ru 3; kill $!; echo $REPLY"
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		command := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", script)
		command.Dir, command.Env = t.TempDir(), append(inPath(t, running), doctorVariables(running.endpoint)...)
		output, err := command.CombinedOutput()
		cancel()
		if err != nil || len(output) == 0 {
			t.Errorf("%v\n%s\n%s", err, script, output)
		}
	}
}

// checkName matches the name of a check where doctor reports it.
var checkName = regexp.MustCompile(`(?m)const check(?:, advice)? = "([a-z-]+)"|x\.(?:ok|note|problem)\("([a-z-]+)"`)

func TestTheGuideToTroubleshootingHasEveryCheck(t *testing.T) {
	names := map[string]bool{}
	for _, file := range []string{"", "_aws", "_variables", "_network", "_emulator", "_try"} {
		for _, match := range checkName.FindAllStringSubmatch(guides.Read(t, "cmd/ivschat-local/doctor"+file+".go"), -1) {
			names[match[1]+match[2]] = true
		}
	}
	if len(names) < 18 {
		t.Errorf("doctor has only %d checks: %v", len(names), names)
	}
	guide := guides.Read(t, "docs/troubleshooting.md")
	_, table, _ := strings.Cut(guide, "| check | what it looks at |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	for name := range names {
		if !strings.Contains(table, "`"+name+"`") {
			t.Errorf("the guide does not have the check %s", name)
		}
	}
}
