package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/internal/guides"
	"github.com/ivschat-local/ivschat-local/internal/need"
)

// TestTheCommandsOfTheGuidesWork runs the commands of each guide in a shell, from top to bottom.
func TestTheCommandsOfTheGuidesWork(t *testing.T) {
	need.Client(t, exec.Command("curl", "--version").Run() == nil, "curl", "apt-get install curl")
	need.Client(t, exec.Command("aws", "--version").Run() == nil, "AWS CLI",
		"apt-get install awscli, or https://aws.amazon.com/cli")
	for _, guide := range []*guides.Guide{
		guides.Open(t, "docs/frontend.md", "sh"),
		guides.Open(t, "docs/time.md", "sh"),
		guides.Open(t, "docs/faults.md", "sh"),
		guides.Open(t, "docs/moderation.md", "sh"),
		guides.Open(t, "docs/inspect.md", "sh"),
		guides.Open(t, "docs/state.md", "sh"),
		guides.Open(t, "docs/terminal.md", "sh"),
	} {
		title, _, _ := strings.Cut(guide.Text(), "\n")
		t.Run(strings.TrimPrefix(title, "# "), func(t *testing.T) {
			t.Parallel()
			runGuide(t, guide.Blocks("sh"))
		})
	}
}

// serving matches a command that starts an emulator.
var serving = regexp.MustCompile(`^ivschat-local( --.*)?\n$`)

// runGuide runs blocks of commands. A block that starts an emulator ends the script before it.
func runGuide(t *testing.T, blocks []guides.Block) {
	t.Helper()
	dir, flags, script := t.TempDir(), "", ""
	if err := os.WriteFile(filepath.Join(dir, "seed.yaml"), []byte(seedOfTheGuide(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, block := range blocks {
		if !serving.MatchString(block.Code) {
			script += block.Code
			continue
		}
		runScript(t, dir, flags, script)
		flags, script = strings.TrimPrefix(strings.TrimSpace(block.Code), "ivschat-local"), ""
	}
	runScript(t, dir, flags, script)
}

// endless is a function of the shell. It runs a command that does not end until the command prints something, while
// users chat.
const endless = `set -euo pipefail
ivschat-local room create tabs >/dev/null # as the page of the guide to front ends does
ivschat-local room create traffic >/dev/null
endless() {
  seen=$(mktemp)
  eval "exec $1" >"$seen" &
  until [ -s "$seen" ]; do
    kill -0 $! # fails if the command has ended
    echo hello | ivschat-local chat traffic --as ben >/dev/null
  done
  kill $!
  wait $! || true
}
`

// runScript runs commands with an emulator that has these flags, and the session 1. Their standard input is empty.
func runScript(t *testing.T, dir, flags, script string) {
	t.Helper()
	if script == "" && flags == "" {
		return
	}
	environment := inPath(t, &process{})
	running, err := launch(dir, environment, "sh", "-c",
		"exec ivschat-local --listen 127.0.0.1:0 --data :memory: "+flags)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = running.command.Process.Kill()
		_ = running.command.Wait()
	})
	connectForHours(t, running.endpoint, post(t, running.endpoint+"/CreateRoom", "{}").text("arn"))
	lines := endless
	for line := range strings.Lines(script) {
		if strings.HasPrefix(line, "curl -N ") || line == "ivschat-local tail\n" {
			line = "endless '" + strings.ReplaceAll(strings.TrimSpace(line), "'", `'\''`) + "'\n"
		}
		lines += line
	}
	lines = strings.ReplaceAll(lines, "http://127.0.0.1:4700", running.endpoint)
	lines = strings.NewReplacer("curl -N ", "curl -sS --fail -N ", "curl ", "curl -sS --fail-with-body ").Replace(lines)
	shell := exec.CommandContext(t.Context(), "bash", "-c", lines)
	shell.Dir = dir
	shell.Env = append(environment, "IVSCHAT_LISTEN="+strings.TrimPrefix(running.endpoint, "http://"), "AWS_PAGER=")
	output, err := shell.CombinedOutput()
	if err != nil || strings.Contains(string(output), `"timedOut":true`) {
		t.Errorf("%v\n%s\n%s", err, lines, output)
	}
}

// seedOfTheGuide returns the file seed.yaml of the guide.
func seedOfTheGuide(t *testing.T) string {
	t.Helper()
	return guides.Open(t, "docs/state.md", "yaml").Block("yaml", "rooms:")
}

// connectForHours connects a client to the room, in which it may stay for three hours: a guide moves the clock.
func connectForHours(t *testing.T, endpoint, room string) {
	t.Helper()
	body := `{"roomIdentifier":"` + room + `","userId":"ben","sessionDurationInMinutes":180}`
	token := post(t, endpoint+"/CreateChatToken", body).text("token")
	client, err := chatclient.Dial(t.Context(), endpoint, token, chatclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Drop)
}
