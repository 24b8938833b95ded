package main

import (
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
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
