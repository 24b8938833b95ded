package main

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
)

func TestNoSecretReachesTheLog(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			p := launchSelf(t, "--data", ":memory:", "--log-level", "debug", "--log-format", format)
			chat := sdk(p.endpoint)
			room, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{})
			if err != nil {
				t.Fatal(err)
			}
			secret := map[string]string{"HushKey": "HushValue"}
			token, err := chat.CreateChatToken(t.Context(), &ivschat.CreateChatTokenInput{
				RoomIdentifier: room.Arn, UserId: aws.String("HushUser"), Attributes: secret,
			})
			if err != nil {
				t.Fatal(err)
			}
			_, _ = chat.SendEvent(t.Context(), &ivschat.SendEventInput{
				RoomIdentifier: room.Arn, EventName: aws.String("e"), Attributes: secret,
			})
			_, _ = chat.DisconnectUser(t.Context(), &ivschat.DisconnectUserInput{
				RoomIdentifier: room.Arn, UserId: aws.String("HushUser"), Reason: aws.String("HushReason"),
			})
			for _, body := range []string{
				`{"roomIdentifier":"` + *room.Arn + `","userId":"` + strings.Repeat("HushUser", 20) + `"}`,
				`{"roomIdentifier":"HushUser","userId":{"HushUser":1},"attributes":{"HushKey":7},"capabilities":["HushUser"]}`,
				`{"userId":"HushUser"`,
				`"HushUser"`,
			} {
				for range 2 {
					callAs(t, p.endpoint+"/CreateChatToken", "AKIAHUSHHUSHHUSHHUSH", body)
				}
			}
			if code, _ := p.stop(syscall.SIGTERM); code != 0 {
				t.Errorf("exit code %d", code)
			}
			printed := p.stdout + p.log()
			for _, secret := range []string{"Hush", "HUSH", *token.Token, (*token.Token)[10:40]} {
				if strings.Contains(printed, secret) {
					t.Errorf("it printed %s in\n%s", secret, printed)
				}
			}
			if n := strings.Count(printed, "looks real"); n != 1 {
				t.Errorf("it warned %d times about a key that looks real, want once", n)
			}
			if n := strings.Count(printed, "request_id"); n != 12 {
				t.Errorf("it logged %d requests, want 12", n)
			}
		})
	}
}

// callAs sends a request with the access key. Its signature is not valid, and is not checked.
func callAs(t *testing.T, url, accessKey, body string) {
	t.Helper()
	request, err := http.NewRequest("POST", url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+accessKey+
		"/20260101/us-east-1/ivschat/aws4_request, SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
}

// Also not if the request is refused, because the secret access key or the session token is wrong.
func TestNoSecretOfACallerReachesTheLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "credentials.yaml")
	if err := os.WriteFile(path, []byte(`
- accessKeyId: anna
  secretAccessKey: HushSecret
  sessionToken: HushToken
`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			p := launchSelf(t, "--data", ":memory:", "--log-level", "debug", "--log-format", format,
				"--auth", "iam", "--credentials", path)
			for _, key := range []aws.Credentials{
				{AccessKeyID: "anna", SecretAccessKey: "HushSecret", SessionToken: "HushToken"},
				{AccessKeyID: "anna", SecretAccessKey: "HushWrong", SessionToken: "HushToken"},
				{AccessKeyID: "anna", SecretAccessKey: "HushSecret", SessionToken: "HushOther"},
				{AccessKeyID: "anna", SecretAccessKey: "HushSecret"},
				{AccessKeyID: "ben", SecretAccessKey: "HushSecret", SessionToken: "HushToken"},
			} {
				body := `{"name":"lobby"}`
				sum := sha256.Sum256([]byte(body))
				hash := hex.EncodeToString(sum[:])
				for _, presigned := range []bool{false, true} {
					request, err := http.NewRequest("POST", p.endpoint+"/CreateRoom?X-Amz-Expires=60", strings.NewReader(body))
					if err != nil {
						t.Fatal(err)
					}
					if signer := v4.NewSigner(); presigned {
						var url string
						url, _, err = signer.PresignHTTP(t.Context(), key, request, hash, "ivschat", "us-east-1", time.Now())
						request, _ = http.NewRequest("POST", url, strings.NewReader(body))
					} else {
						err = signer.SignHTTP(t.Context(), key, request, hash, "ivschat", "us-east-1", time.Now())
					}
					if err != nil {
						t.Fatal(err)
					}
					response, err := http.DefaultClient.Do(request)
					if err != nil {
						t.Fatal(err)
					}
					text, err := io.ReadAll(response.Body)
					response.Body.Close()
					if err != nil || response.StatusCode != http.StatusForbidden || strings.Contains(string(text), "Hush") {
						t.Errorf("%s: %d %s (%v)", key.AccessKeyID, response.StatusCode, text, err)
					}
				}
			}
			for _, path := range []string{"journal", "callers", "info"} {
				response, err := http.Get(p.endpoint + "/_ivschat/v1/" + path)
				if err != nil {
					t.Fatal(err)
				}
				text, err := io.ReadAll(response.Body)
				response.Body.Close()
				if err != nil || response.StatusCode != http.StatusOK || strings.Contains(string(text), "Hush") {
					t.Errorf("%s: %d %s (%v)", path, response.StatusCode, text, err)
				}
			}
			if code, _ := p.stop(syscall.SIGTERM); code != 0 {
				t.Errorf("exit code %d", code)
			}
			if printed := p.stdout + p.log(); strings.Contains(printed, "Hush") ||
				!strings.Contains(printed, "the access key anna has no policies") ||
				!strings.Contains(printed, "a signature does not match") {
				t.Errorf("it printed\n%s", printed)
			}
		})
	}
}
