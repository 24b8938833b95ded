package clients_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/internal/need"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// functions is the beginning of the ARNs of functions in the account and region of the rooms.
const functions = "arn:aws:lambda:us-east-1:000000000000:function:"

// patient is a timeout of reviews that is longer than any handler in these tests needs, also on a busy machine.
const patient = "60s"

// A chat is a client in a room whose messages are reviewed.
type chat struct {
	t      *testing.T
	client *chatclient.Client
	room   string // ARN
}

// chatIn connects a client to a new room with a function and a fallback result.
func chatIn(t *testing.T, emulator, function, fallback string) *chat {
	t.Helper()
	var room, token struct{ ARN, Token string }
	post(t, emulator+"/CreateRoom",
		fmt.Sprintf(`{"messageReviewHandler":{"uri":%q,"fallbackResult":%q}}`, function, fallback), &room)
	post(t, emulator+"/CreateChatToken",
		fmt.Sprintf(`{"roomIdentifier":%q,"userId":"anna","capabilities":["SEND_MESSAGE"]}`, room.ARN), &token)
	client, err := chatclient.Dial(t.Context(), emulator, token.Token, chatclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return &chat{t, client, room.ARN}
}

// says sends a message, and checks what its sender receives: the content of the message, or the code and the text
// of an error.
func (c *chat) says(content, want string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 2*time.Minute)
	defer cancel()
	if _, err := c.client.SendMessage(content, nil); err != nil {
		c.t.Error(err)
		return
	}
	frame, err := c.client.Receive(ctx)
	got := frame.Content
	if frame.ErrorCode != 0 {
		got = fmt.Sprint(frame.ErrorCode, " ", frame.ErrorMessage)
	}
	if err != nil || got != want {
		c.t.Errorf("after %q, %q arrived, want %q; %v", content, got, want, err)
	}
}

// What the sender of a message receives.
const (
	denied = "406 the message was rejected by the message review handler: Please do not swear."
	failed = "406 the message was rejected, because its review failed and the fallbackResult of the room is DENY"
)

// expectFailures checks why the function did not decide, in each review of the room.
func (c *chat) expectFailures(emulator, want string) {
	c.t.Helper()
	response, err := http.Get(emulator + "/_ivschat/v1/rooms/" + c.room + "/reviews")
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	var list struct {
		Items []struct{ Review struct{ Failure string } }
	}
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil {
		c.t.Fatal(err)
	}
	var failures []string
	for _, item := range list.Items {
		failures = append(failures, item.Review.Failure)
	}
	if got := strings.Join(failures, ","); got != want {
		c.t.Errorf("the failures are %q, want %q", got, want)
	}
}

// TestTheRuntimeInterfaceEmulator tests with the Runtime Interface Emulator of Lambda, which has one function,
// and ends when a second call comes while one runs.
func TestTheRuntimeInterfaceEmulator(t *testing.T) {
	t.Parallel()
	dir := buildRIE(t)
	start := func(t *testing.T, handler string) (emulator string) {
		t.Parallel()
		return program.Start(t, "--lambda-endpoint", startRIE(t, dir, handler), "--review-timeout", patient)
	}
	t.Run("reviews messages", func(t *testing.T) {
		emulator := start(t, "rie")
		for _, function := range []string{"function", "review", "review:live", "review:7"} {
			anna := chatIn(t, emulator, functions+function, "DENY")
			anna.says("hello", "hello")
			anna.says("what the heck", "what the h***")
			anna.says("darn", denied)
		}
	})
	t.Run("survives a function that fails", func(t *testing.T) {
		emulator := start(t, "failing")
		anna := chatIn(t, emulator, functions+"review", "DENY")
		ben := chatIn(t, emulator, functions+"review", "ALLOW")
		for _, content := range []string{"hello", "panic", "hello again"} {
			anna.says(content, failed)
			ben.says(content, content)
		}
		anna.expectFailures(emulator, "function error,function error,function error")
	})
	t.Run("survives many rooms", func(t *testing.T) {
		emulator := start(t, "rie")
		var rooms sync.WaitGroup
		for range 4 {
			anna := chatIn(t, emulator, functions+"review", "DENY")
			rooms.Go(func() {
				for range 10 {
					anna.says("what the heck", "what the h***")
				}
			})
		}
		rooms.Wait()
	})
}

func TestServerlessOfflineReviewsMessages(t *testing.T) {
	t.Parallel()
	emulator := program.Start(t, "--lambda-endpoint", startServerless(t), "--review-timeout", patient)
	for _, function := range []string{"review", "review:live", "review:7"} {
		anna := chatIn(t, emulator, functions+function, "DENY")
		anna.says("hello", "hello")
		anna.says("what the heck", "what the h***")
		anna.says("darn", denied)
	}
	for function, failure := range map[string]string{"failing": "function error", "other": "not invoked"} {
		anna, ben := chatIn(t, emulator, functions+function, "DENY"), chatIn(t, emulator, functions+function, "ALLOW")
		anna.says("hello", failed)
		ben.says("darn", "darn")
		anna.expectFailures(emulator, failure)
		ben.expectFailures(emulator, failure)
	}
}

// Without Docker, moto runs no function. It answers what its own API was told to.
func TestMotoReviewsMessages(t *testing.T) {
	t.Parallel()
	moto := startMoto(t)
	emulator := program.Start(t, "--lambda-endpoint", moto, "--review-timeout", patient)
	for _, function := range []string{"review", "review:live", "review:7"} {
		answers(t, moto,
			`{"ReviewResult":"ALLOW","Content":"hello","Attributes":null}`,
			`{"ReviewResult":"ALLOW","Content":"what the h***"}`,
			`{"ReviewResult":"DENY","Attributes":{"Reason":"Please do not swear."}}`,
			`{"errorMessage":"boom","errorType":"Error"}`,
			`"Simple Lambda happy path OK"`,
		)
		anna := chatIn(t, emulator, functions+function, "DENY")
		anna.says("hello", "hello")
		anna.says("what the heck", "what the h***")
		anna.says("darn", denied)
		anna.says("fail", failed)
		anna.says("no object", failed)
		anna.expectFailures(emulator, ",,,function error,invalid answer")
	}
	ben := chatIn(t, emulator, functions+"review", "ALLOW")
	ben.says("moto answers the event", "moto answers the event")
}

// answers makes moto return answers, in this order. Every access key that moto does not know belongs to its
// default account.
func answers(t *testing.T, moto string, answers ...string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"results": answers, "region": "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(
		moto+"/moto-api/static/lambda-simple/response", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		t.Fatal(response.Status)
	}
}

// TestAPermissionOfLambda tests --lambda-permission check with moto, in which the AWS CLI creates a function and
// its permission.
func TestAPermissionOfLambda(t *testing.T) {
	t.Parallel()
	need.Client(t, succeeds("aws", "--version"), "AWS CLI", "apt-get install awscli, or https://aws.amazon.com/cli")
	moto := startMoto(t)
	emulator := program.Start(t, "--lambda-endpoint", moto, "--lambda-permission", "check")
	aws := func(args ...string) (string, error) {
		command := exec.Command("aws", args...)
		command.Env = append(os.Environ(), append(awsEnvironment(t.TempDir()), "AWS_PAGER=", "NO_PROXY=*")...)
		output, err := command.CombinedOutput()
		return string(output), err
	}
	const function = "arn:aws:lambda:eu-west-1:123456789012:function:review"
	create := func() (string, error) {
		return aws("--endpoint-url", emulator, "ivschat", "create-room", "--message-review-handler", "uri="+function)
	}
	refused := func(when string) {
		t.Helper()
		if output, err := create(); err == nil || !strings.Contains(output, "invalid lambda permission") {
			t.Errorf("%s, creating a room ends with %v: %s", when, err, output)
		}
	}
	lambda := func(args ...string) {
		t.Helper()
		if output, err := aws(append([]string{"--endpoint-url", moto}, args...)...); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, output)
		}
	}
	permit := func(id, principal string, more ...string) {
		t.Helper()
		lambda(append([]string{"lambda", "add-permission", "--function-name", "review", "--statement-id", id,
			"--action", "lambda:InvokeFunction", "--principal", principal}, more...)...)
	}
	refused("without a function")
	lambda("iam", "create-role", "--role-name", "review", "--assume-role-policy-document", "{}")
	lambda("lambda", "create-function", "--function-name", "review", "--runtime", "nodejs20.x",
		"--role", "arn:aws:iam::123456789012:role/review", "--handler", "handler.handler",
		"--zip-file", "fileb://"+emptyZip(t))
	refused("without a permission")
	permit("s3", "s3.amazonaws.com")
	refused("with a permission of another service")
	permit("other", "ivschat.amazonaws.com", "--source-account", "999999999999")
	refused("with a permission for another account")
	permit("chat", "ivschat.amazonaws.com", "--source-account", "123456789012",
		"--source-arn", "arn:aws:ivschat:eu-west-1:123456789012:room/*")
	if output, err := create(); err != nil {
		t.Errorf("with the permission, creating a room ends with %v: %s", err, output)
	}
	lambda("lambda", "remove-permission", "--function-name", "review", "--statement-id", "chat")
	refused("after the permission was removed")
}

// emptyZip returns the path of an archive with an empty file, which is the code of a function.
func emptyZip(t *testing.T) string {
	t.Helper()
	var text bytes.Buffer
	archive := zip.NewWriter(&text)
	if _, err := archive.Create("handler.js"); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "code.zip")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
