package clients_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ivschat-local/ivschat-local/internal/need"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// The access keys of the program that startVerifying starts. The second is temporary, and the third has expired.
var (
	permanentKey = aws.Credentials{AccessKeyID: "AKIALOCALPERMANENT", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCY=="}
	temporaryKey = aws.Credentials{
		AccessKeyID: "ASIALOCALTEMPORARY", SecretAccessKey: "je7MtGbClwBF/2Zp9Utk", SessionToken: "IQoJb3JpZ2luX2VjE/a+b==",
	}
	expiredKey = aws.Credentials{AccessKeyID: "ASIALOCALEXPIRED", SecretAccessKey: "expired", SessionToken: "expired"}
)

// startVerifying starts the program, which verifies signatures. It returns environment variables for clients: URL, and
// those of AWS with the first key. The second is in TEMPORARY_ACCESS_KEY_ID, TEMPORARY_SECRET_ACCESS_KEY and
// TEMPORARY_SESSION_TOKEN.
func startVerifying(t *testing.T, home string) (environment []string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "credentials.yaml")
	text := "- accessKeyId: " + permanentKey.AccessKeyID + "\n  secretAccessKey: " + permanentKey.SecretAccessKey + "\n" +
		"- accessKeyId: " + temporaryKey.AccessKeyID + "\n  secretAccessKey: " + temporaryKey.SecretAccessKey + "\n" +
		"  sessionToken: " + temporaryKey.SessionToken + "\n  expiration: 2100-01-01T00:00:00Z\n" +
		"- accessKeyId: " + expiredKey.AccessKeyID + "\n  secretAccessKey: " + expiredKey.SecretAccessKey + "\n" +
		"  sessionToken: " + expiredKey.SessionToken + "\n  expiration: 2020-01-01T00:00:00Z\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	url := program.Start(t, "--auth", "signatures", "--credentials", file)
	return append(awsEnvironment(home),
		"URL="+url, "AWS_ENDPOINT_URL_IVSCHAT="+url,
		"AWS_ACCESS_KEY_ID="+permanentKey.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+permanentKey.SecretAccessKey,
		"TEMPORARY_ACCESS_KEY_ID="+temporaryKey.AccessKeyID, "TEMPORARY_SECRET_ACCESS_KEY="+temporaryKey.SecretAccessKey,
		"TEMPORARY_SESSION_TOKEN="+temporaryKey.SessionToken)
}

// valueOf returns the value of an environment variable.
func valueOf(environment []string, name string) string {
	for _, variable := range slices.Backward(environment) {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}

// TestSignaturesOfCommands runs the scripts in testdata/signatures, with the AWS CLI and curl. Each has its own program
// at $URL.
func TestSignaturesOfCommands(t *testing.T) {
	need.Client(t, succeeds("aws", "--version"), "AWS CLI", "apt-get install awscli, or https://aws.amazon.com/cli")
	need.Client(t, succeeds("curl", "--aws-sigv4", "aws:amz", "--version"), "curl", "apt-get install curl, version 7.87 or later")
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/signatures",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, startVerifying(t, env.WorkDir)...)
			env.Vars = append(env.Vars, "AWS_PAGER=", "AWS_DEFAULT_OUTPUT=json")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"save-stdout": saveStdout},
	})
}

// TestSignaturesOfTheSDKForJavaScript tests with @aws-sdk/client-ivschat.
func TestSignaturesOfTheSDKForJavaScript(t *testing.T) {
	t.Parallel()
	runNode(t, "signatures.test.mjs", startVerifying(t, t.TempDir())...)
}

// TestSignaturesOfTheSDKForJavaScriptVersion2 tests with aws-sdk.
func TestSignaturesOfTheSDKForJavaScriptVersion2(t *testing.T) {
	t.Parallel()
	runNode(t, "signatures-v2.test.mjs", startVerifying(t, t.TempDir())...)
}

// TestSignaturesOfBoto3 tests with the AWS SDK for Python.
func TestSignaturesOfBoto3(t *testing.T) {
	t.Parallel()
	run(t, pythonWith(t, "boto3"), []string{"signatures_test.py"}, "testdata", startVerifying(t, t.TempDir())...)
}

// TestSignaturesOfTheHTTPClientOfTheJDK tests with java.net.http, and with a signer as the guide of AWS describes it.
func TestSignaturesOfTheHTTPClientOfTheJDK(t *testing.T) {
	t.Parallel()
	need.Client(t, succeeds("java", "--version"), "Java", "apt-get install default-jdk-headless, version 17 or later")
	args := []string{"-XX:TieredStopAtLevel=1", "SignatureTest.java"}
	run(t, "java", args, "testdata", startVerifying(t, t.TempDir())...)
}

// TestSignaturesOfTheSDKForJava tests with the signer of the AWS SDK for Java 2. The HTTP client of the JDK sends the
// requests.
func TestSignaturesOfTheSDKForJava(t *testing.T) {
	t.Parallel()
	need.Client(t, succeeds("java", "--version"), "Java", "apt-get install default-jdk-headless, version 17 or later")
	libraries, err := filepath.Glob("java/lib/*.jar")
	need.Client(t, err == nil && len(libraries) > 0, "the signer of the AWS SDK for Java", "make conformance/clients/java/lib")
	args := []string{"-XX:TieredStopAtLevel=1", "-cp", "lib/*", "SdkSignatureTest.java"}
	run(t, "java", args, "java", startVerifying(t, t.TempDir())...)
}

// The exceptions of signatures.
const (
	invalidSignature   = "InvalidSignatureException"
	missingToken       = "MissingAuthenticationTokenException"
	unrecognizedClient = "UnrecognizedClientException"
)

// newSDK returns a client of the AWS SDK for Go with a key, which tries each call once.
func newSDK(url string, key aws.Credentials, options ...func(*middleware.Stack) error) *ivschat.Client {
	return ivschat.New(ivschat.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(url), APIOptions: options, Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return key, nil }),
	})
}

// exceptionOf returns the status and the exception of an error of the SDK for Go.
func exceptionOf(err error) (status int, exception string) {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		exception = api.ErrorCode()
	}
	if response, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		status = response.HTTPStatusCode()
	}
	return status, exception
}

func TestSignaturesOfTheSDKForGo(t *testing.T) {
	t.Parallel()
	url := valueOf(startVerifying(t, ""), "URL")
	for _, key := range []aws.Credentials{permanentKey, temporaryKey} {
		chat := newSDK(url, key)
		room, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{Tags: map[string]string{"a b": "c", "é": "d"}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = chat.UntagResource(t.Context(), &ivschat.UntagResourceInput{
			ResourceArn: room.Arn, TagKeys: []string{"é", "z", "a b+c&d=e/é", "{", "%41"},
		})
		if err != nil {
			t.Error(err)
		}
		listed, err := chat.ListTagsForResource(t.Context(), &ivschat.ListTagsForResourceInput{ResourceArn: room.Arn})
		if err != nil || len(listed.Tags) != 1 || listed.Tags["a b"] != "c" {
			t.Errorf("the tags are %v, %v", listed, err)
		}
	}
}

func TestWrongKeysOfTheSDKForGo(t *testing.T) {
	t.Parallel()
	url := valueOf(startVerifying(t, ""), "URL")
	for name, test := range map[string]struct {
		key    aws.Credentials
		change func(*aws.Credentials)
		want   string
	}{
		"access key":        {temporaryKey, func(k *aws.Credentials) { k.AccessKeyID = "X" }, unrecognizedClient},
		"expired key":       {expiredKey, nil, "ExpiredTokenException"},
		"secret":            {temporaryKey, func(k *aws.Credentials) { k.SecretAccessKey = "x" }, invalidSignature},
		"no token":          {temporaryKey, func(k *aws.Credentials) { k.SessionToken = "" }, unrecognizedClient},
		"another token":     {temporaryKey, func(k *aws.Credentials) { k.SessionToken = "x" }, unrecognizedClient},
		"superfluous token": {permanentKey, func(k *aws.Credentials) { k.SessionToken = "x" }, unrecognizedClient},
	} {
		if test.change != nil {
			test.change(&test.key)
		}
		_, err := newSDK(url, test.key).ListRooms(t.Context(), nil)
		if status, got := exceptionOf(err); status != 403 || got != test.want {
			t.Errorf("%s: %d %s, want %s: %v", name, status, got, test.want, err)
		}
	}
}

func TestRequestsOfTheSDKForGoThatAreChanged(t *testing.T) {
	t.Parallel()
	url := valueOf(startVerifying(t, ""), "URL")
	for name, test := range map[string]struct {
		change func(*smithyhttp.Request)
		want   string
	}{
		"no signature": {func(r *smithyhttp.Request) { r.Header.Del("Authorization") }, missingToken},
		"path":         {func(r *smithyhttp.Request) { r.URL.Path, r.URL.RawPath = "/DeleteRoom", "" }, invalidSignature},
		"query":        {func(r *smithyhttp.Request) { r.URL.RawQuery = "a=b" }, invalidSignature},
		"time":         {func(r *smithyhttp.Request) { r.Header.Set("X-Amz-Date", "20260101T000000Z") }, invalidSignature},
		"body": {func(r *smithyhttp.Request) {
			changed, err := r.SetStream(strings.NewReader(`{"name":"b"}`))
			if err != nil {
				t.Error(err)
				return
			}
			*r = *changed
		}, invalidSignature},
	} {
		chat := newSDK(url, permanentKey, func(stack *middleware.Stack) error {
			return stack.Finalize.Add(afterSigning(test.change), middleware.After)
		})
		_, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{Name: aws.String("a")})
		if status, got := exceptionOf(err); status != 403 || got != test.want {
			t.Errorf("%s: %d %s, want %s: %v", name, status, got, test.want, err)
		}
	}
}

// afterSigning returns a middleware that changes a request after it was signed.
func afterSigning(change func(*smithyhttp.Request)) middleware.FinalizeMiddleware {
	return middleware.FinalizeMiddlewareFunc("change", func(
		ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
	) (middleware.FinalizeOutput, middleware.Metadata, error) {
		change(in.Request.(*smithyhttp.Request))
		return next.HandleFinalize(ctx, in)
	})
}

// TestSignaturesAreInTheTimeOfTheMachine moves the clock of the emulator.
func TestSignaturesAreInTheTimeOfTheMachine(t *testing.T) {
	t.Parallel()
	url := valueOf(startVerifying(t, ""), "URL")
	answer, err := http.Post(url+"/_ivschat/v1/clock", "application/json", strings.NewReader(`{"advance":"720h"}`))
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("the clock was not moved: %s", text)
	}
	for _, key := range []aws.Credentials{permanentKey, temporaryKey} {
		room, err := newSDK(url, key).CreateRoom(t.Context(), nil)
		if err != nil || time.Until(*room.CreateTime) < 29*24*time.Hour {
			t.Errorf("%s: %v %v", key.AccessKeyID, room, err)
		}
	}
}
