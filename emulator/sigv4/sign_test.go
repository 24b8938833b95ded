package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

func TestARequestIsSignedAsTheSDKForGoSignsIt(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	for _, test := range []struct{ method, target, body, token string }{
		{"POST", "/CreateRoom", `{"name":"ä"}`, ""},
		{"POST", "/CreateRoom", "", "token/of+a=session"},
		{"GET", "/tags/arn%3Aaws%3Aivschat%3Aus-east-1%3A000000000000%3Aroom%2FRoomNumber01", "", ""},
		{"GET", "/tags/arn:aws:ivschat:us-east-1:000000000000:room/RoomNumber01", "", ""},
		{"DELETE", "/tags/x?tagKeys=b%20c&tagKeys=a&tagKeys=%C3%A4", "", "token"},
	} {
		ours := httptest.NewRequest(test.method, "http://localhost:4700"+test.target, strings.NewReader(test.body))
		theirs := ours.Clone(t.Context())
		theirs.Body, theirs.ContentLength = io.NopCloser(strings.NewReader(test.body)), 0 // does not sign the length
		Sign(ours, []byte(test.body), Key{"AKIAIOSFODNN7EXAMPLE", "secret", test.token}, "eu-west-1", now)
		sum := sha256.Sum256([]byte(test.body))
		credentials := aws.Credentials{
			AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "secret", SessionToken: test.token,
		}
		err := v4.NewSigner().SignHTTP(
			t.Context(), credentials, theirs, hex.EncodeToString(sum[:]), "ivschat", "eu-west-1", now)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token"} {
			if got, want := ours.Header.Get(name), theirs.Header.Get(name); got != want {
				t.Errorf("%s %s: %s is\n%s, want\n%s", test.method, test.target, name, got, want)
			}
		}
	}
}
