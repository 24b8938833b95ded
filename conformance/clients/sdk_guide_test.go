package clients_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/guides"
	"github.com/ivschat-local/ivschat-local/internal/need"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// withPrograms returns a PATH in which ivschat-local is the emulator, and npm asks the emulator of its environment
// whether it is ready.
func withPrograms(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	npm := "#!/bin/sh\ncurl -sS --fail-with-body \"$AWS_ENDPOINT_URL_IVSCHAT/health\"\n"
	if err := os.WriteFile(filepath.Join(dir, "npm"), []byte(npm), 0o700); err != nil {
		t.Fatal(err)
	}
	return strings.Join([]string{dir, filepath.Dir(program.Path(t)), os.Getenv("PATH")}, string(os.PathListSeparator))
}

// TestTheCommandsOfTheGuideToSDKs runs the commands one after another in one shell.
func TestTheCommandsOfTheGuideToSDKs(t *testing.T) {
	t.Parallel()
	need.Client(t, succeeds("curl", "--version"), "curl", "apt-get install curl")
	need.Client(t, succeeds("aws", "--version"), "AWS CLI", "apt-get install awscli, or https://aws.amazon.com/cli")
	url, dir, script := program.Start(t), t.TempDir(), ""
	for _, block := range guides.Open(t, "docs/sdk.md", "sh").Blocks("sh") {
		script += block.Code
	}
	shell := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c",
		strings.ReplaceAll(script, "http://127.0.0.1:4700", url)+"\necho $AWS_ENDPOINT_URL_IVSCHAT")
	shell.Dir = dir
	shell.Env = append(os.Environ(), "HOME="+dir, "AWS_PAGER=", "NO_PROXY=*", "PATH="+withPrograms(t),
		"IVSCHAT_LISTEN="+strings.TrimPrefix(url, "http://"))
	output, err := shell.CombinedOutput()
	if err != nil || !strings.Contains(string(output), `"rooms": []`) || !strings.HasSuffix(string(output), url+"\n") {
		t.Errorf("%v\n%s\n%s", err, script, output)
	}
}

// TestTheCodeOfTheGuideToSDKsForNode uses the AWS SDK for JavaScript, and connects the chat client with what exec says.
func TestTheCodeOfTheGuideToSDKsForNode(t *testing.T) {
	t.Parallel()
	needNode(t)
	guide, url := guides.Open(t, "docs/sdk.md", "js"), program.Start(t)
	calls := guide.Block("js", "new IvschatClient")
	code := strings.ReplaceAll(calls, "http://127.0.0.1:4700", url) + "console.log(room.name, token.length > 100);"
	runCode(t, code, "hello true", "node")
	code = `import "ws"; globalThis.WebSocket ??= (await import("ws")).default;
import { ChatRoom } from "amazon-ivs-chat-messaging";
import { IvschatClient, CreateRoomCommand, CreateChatTokenCommand } from "@aws-sdk/client-ivschat";
const tokenProvider = async () => {
  const chat = new IvschatClient({});
  const { arn } = await chat.send(new CreateRoomCommand({}));
  return chat.send(new CreateChatTokenCommand({ roomIdentifier: arn, userId: "anna" }));
};
` + guide.Block("js", "IVSCHAT_MESSAGING_URL") + `
const connected = new Promise((resolve) => room.addListener("connect", resolve));
room.connect();
await connected;
console.log("connected");
process.exit();`
	runCode(t, code, "connected", program.Path(t), "exec", "--", "node")
}

// runCode runs code in Node.js, started with these words, beside the packages of the tests.
func runCode(t *testing.T, code, want string, words ...string) {
	t.Helper()
	node := exec.CommandContext(t.Context(), words[0], append(words[1:], "--input-type=module", "--eval", code)...)
	node.Dir = "js"
	output, err := node.CombinedOutput()
	if err != nil || !strings.Contains(string(output), want+"\n") {
		t.Errorf("%v, want %q:\n%s\n%s", err, want, code, output)
	}
}

func TestTheCodeOfTheGuideToSDKsForPython(t *testing.T) {
	t.Parallel()
	code := guides.Open(t, "docs/sdk.md", "python").Block("python", "import boto3") +
		"print(room['name'], len(token) > 100)\n"
	code = strings.ReplaceAll(code, "http://127.0.0.1:4700", program.Start(t))
	python := exec.CommandContext(t.Context(), pythonWith(t, "boto3"), "-c", code)
	if output, err := python.CombinedOutput(); err != nil || string(output) != "hello True\n" {
		t.Errorf("%v\n%s\n%s", err, code, output)
	}
}
