package crypto_test

import (
	"context"
	"encoding/base64"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/crypto"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// ctx is for calls that are not about contexts.
var ctx = context.Background()

// silent is for tests that are not about the log.
var silent = slog.New(slog.DiscardHandler)

var room = ivschat.ARN{
	Owner:        ivschat.Owner{AccountID: "123456789012", Region: "us-east-1"},
	ResourceType: ivschat.RoomResource,
	ID:           "AbCdEf012345",
}

// knownKey is the only secret in knownKeyset: an AesGcmKey message of Tink.
const knownKey = "GiAAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHw=="

const knownKeyset = `{"primaryKeyId":7,"key":[{"keyData":{` +
	`"typeUrl":"type.googleapis.com/google.crypto.tink.AesGcmKey","value":"` + knownKey + `","keyMaterialType":"SYMMETRIC"},` +
	`"status":"ENABLED","keyId":7,"outputPrefixType":"TINK"}]}`

func newKeyring(t testing.TB) *crypto.Keyring {
	t.Helper()
	k, err := crypto.NewKeyring()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func openKeyring(t testing.TB, dir string) *crypto.Keyring {
	t.Helper()
	k, err := crypto.OpenKeyring(dir, silent)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// knownKeyring returns a keyring that has the same key in every process, as fuzzing requires.
func knownKeyring(t testing.TB) *crypto.Keyring {
	t.Helper()
	dir := t.TempDir()
	writeKeyset(t, dir, knownKeyset)
	return openKeyring(t, dir)
}

func writeKeyset(t testing.TB, dir, text string) (path string) {
	t.Helper()
	path = filepath.Join(dir, crypto.KeysetFile)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func seal(t testing.TB, k *crypto.Keyring, token ivschat.ChatToken) string {
	t.Helper()
	text, err := k.SealChatToken(ctx, token)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func sealPage(t testing.TB, k *crypto.Keyring, list, position string) string {
	t.Helper()
	text, err := k.SealPageToken(ctx, list, []byte(position))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func opens(k *crypto.Keyring, text string) bool {
	_, err := k.OpenChatToken(ctx, text)
	return err == nil
}

func opensPage(k *crypto.Keyring, list, text string) bool {
	_, err := k.OpenPageToken(ctx, list, text)
	return err == nil
}

// small returns a token with required members only.
func small(userID string) ivschat.ChatToken {
	at := time.Unix(1_700_000_000, 0).UTC()
	return ivschat.ChatToken{
		Room: room, UserID: userID,
		IssueTime: at, TokenExpirationTime: at.Add(time.Hour), SessionExpirationTime: at.Add(2 * time.Hour),
	}
}

// full returns a token with all members.
func full() ivschat.ChatToken {
	token := small("José 👩‍👩‍👧 \"<&>\" \u2028 \x00")
	token.ID = "ZyXwVu987654"
	token.Capabilities = []ivschat.Capability{
		ivschat.CapabilitySendMessage, ivschat.CapabilityDisconnectUser, ivschat.CapabilityDeleteMessage,
	}
	token.Attributes = map[string]string{
		"": "", "name": "e\u0301\u00e9", "ключ": "値", "line": "a\r\nb",
	}
	return token
}

// The encodings of the two kinds of tokens.
var (
	chatText = base64.URLEncoding.WithPadding('!')
	pageText = base64.RawURLEncoding
)
