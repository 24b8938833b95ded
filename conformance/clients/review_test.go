package clients_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/review"
	"github.com/ivschat-local/ivschat-local/internal/guides"
	"github.com/ivschat-local/ivschat-local/internal/need"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// handlers are the files of the guide. Tests run all of them.
var handlers = []string{
	"testdata/message-review/review.mjs", "testdata/message-review/review.py", "testdata/message-review/review.go",
	"testdata/message-review/lambda.mjs", "testdata/message-review/server.mjs",
	"serverless/handler.js", "rie/main.go",
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheGuideHasTheHandlersThatTheTestsRun(t *testing.T) {
	t.Parallel()
	guide := guides.Open(t, "docs/message-review.md", "js", "python", "go", "yaml")
	for _, path := range handlers {
		guide.HasFile(path)
	}
	if !strings.HasPrefix(read(t, "serverless/serverless.yml"), guide.Block("yaml", "serverless-offline")) {
		t.Error("the guide has another configuration for serverless-offline")
	}
	guide.IsIn("review_test.go", "go", "e := emulatortest.Start")
}

func TestAGoTestAnswersForAFunction(t *testing.T) {
	e := emulatortest.Start(t, emulator.Config{ReviewTimeout: time.Minute}) // a busy machine must not matter
	e.SetReviewer(review.Func(func(_ context.Context, event review.Event) (review.Answer, error) {
		if strings.Contains(event.Content, "darn") {
			reason := map[string]string{"Reason": "Please do not swear."}
			return review.Answer{ReviewResult: review.Deny, Attributes: reason}, nil
		}
		return review.Answer{ReviewResult: review.Allow, Content: event.Content}, nil
	}))
	function := aws.String("arn:aws:lambda:us-east-1:123456789012:function:review")
	room, err := ivschat.NewFromConfig(e.Config()).CreateRoom(t.Context(), &ivschat.CreateRoomInput{
		MessageReviewHandler: &types.MessageReviewHandler{Uri: function},
	})
	if err != nil {
		t.Fatal(err)
	}
	anna := e.Connect(*room.Arn, "anna", "SEND_MESSAGE")
	anna.SendMessage("hello")
	anna.SendMessage("darn")
	if frame := anna.Receive(); frame.Content != "hello" {
		t.Errorf("%q arrived", frame.Raw)
	}
	frame := anna.Receive()
	if frame.ErrorCode != 406 || !strings.HasSuffix(frame.ErrorMessage, "Please do not swear.") {
		t.Errorf("%q arrived", frame.Raw)
	}
}

// directory returns a directory with all files of the guide, and with its program in Go.
func directory(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, path := range handlers {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), []byte(read(t, path)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run(t, "go", []string{"build", "-o", "review", "review.go"}, dir)
	return dir
}

// TestTheCommandsOfTheGuide starts the emulator with the flags in the guide, and runs the examples for curl.
func TestTheCommandsOfTheGuide(t *testing.T) {
	t.Parallel()
	need.Client(t, succeeds("node", "--version"), "Node.js", "https://nodejs.org, version 20 or later")
	need.Client(t, succeeds("curl", "--version"), "curl", "apt-get install curl")
	dir := directory(t)
	tried := map[string]int{}
	var commands string
	for _, block := range guides.Open(t, "docs/message-review.md", "sh").Blocks("sh") {
		commands += block.Code
	}
	for line := range strings.Lines(commands) {
		name, arguments, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch name {
		case "ivschat-local":
			start := "cd " + dir + " && exec " + program.Path(t) + " --listen 127.0.0.1:0 --data :memory: " + arguments
			server := launch(t, "sh", []string{"-c", start}, "")
			if _, err := server.until("Ready."); err != nil {
				t.Errorf("%s%v", line, err)
			}
		case "curl":
			url := program.Start(t)
			chatIn(t, url, functions+"review", "ALLOW").says("hello", "hello") // for those that wait for a review
			text := "curl -sS --fail-with-body " + strings.ReplaceAll(arguments, "http://127.0.0.1:4700", url)
			if output, err := exec.Command("sh", "-c", text).CombinedOutput(); err != nil {
				t.Errorf("%s%v\n%s", line, err, output)
			}
		default:
			continue
		}
		tried[name]++
	}
	if tried["ivschat-local"] < 8 || tried["curl"] < 5 {
		t.Errorf("these commands were tried: %v", tried)
	}
}

// TestTheHandlersOfTheGuide tests the handlers that run without Lambda. TestTheRuntimeInterfaceEmulator and
// TestServerlessOfflineReviewsMessages test the others.
func TestTheHandlersOfTheGuide(t *testing.T) {
	t.Parallel()
	need.Client(t, succeeds("node", "--version"), "Node.js", "https://nodejs.org, version 20 or later")
	need.Client(t, succeeds("python3", "--version"), "Python", "apt-get install python3")
	dir := directory(t)
	in := func(file string) string { return "'" + filepath.Join(dir, file) + "'" }
	for target, reason := range map[string]string{
		"command:node " + in("review.mjs"):   "Please do not swear.",
		"command:python3 " + in("review.py"): "Please do not swear.",
		"command:" + in("review"):            "Please do not swear.",
		"command:node " + in("lambda.mjs"):   "Please do not swear.",
		"deny:darn":                          `The message contains "darn", which is not allowed.`,
	} {
		t.Run(strings.ReplaceAll(target, dir+"/", ""), func(t *testing.T) {
			emulator := program.Start(t, "--review-handler", "*="+target, "--review-timeout", patient)
			anna := chatIn(t, emulator, functions+"review", "DENY")
			anna.says("hello", "hello")
			anna.says("darn", "406 the message was rejected by the message review handler: "+reason)
			if strings.HasPrefix(target, "command:") {
				anna.says("what the heck", "what the h***")
			}
		})
	}
	t.Run("server", func(t *testing.T) {
		url := startAtFreePort(t, func(address string) error {
			_, port, _ := net.SplitHostPort(address)
			path := filepath.Join(t.TempDir(), "server.mjs")
			text := replace(t, read(t, "testdata/message-review/server.mjs"), "3000", port)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return launch(t, "node", []string{path}, "").listens(address)
		})
		emulator := program.Start(t, "--review-handler", "*="+url, "--review-timeout", patient)
		chatIn(t, emulator, functions+"review", "DENY").says("what the heck", "what the h***")
	})
}
