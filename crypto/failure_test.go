package crypto

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Every operation on the keys must say that it failed, whatever of it failed. A file in place of the
// directory makes everything fail that uses it.
func TestEveryStepOfAWriteOfTheKeysThatFailsIsAFailure(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	created, err := NewKeyring()
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.DiscardHandler)
	inFile := &Keyring{path: filepath.Join(file, KeysetFile), logger: logger}
	inFile.keys.Store(created.keys.Load())
	missing := &Keyring{path: filepath.Join(t.TempDir(), "gone", KeysetFile), logger: logger}
	notReadable := &Keyring{path: filepath.Join(file, KeysetFile), logger: logger}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	notReadable.keys.Store(&keys{handle: created.keys.Load().handle, file: info})
	_, rotateErr := notReadable.Rotate(t.Context())
	_, lockErr := inFile.lock()
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"the keys are written":         {inFile.write(created.keys.Load().handle), "write the keys: "},
		"the keys are created":         {inFile.create(), "write the keys: "},
		"the directory is synced":      {syncDir(missing.path), "write the keys: "},
		"the path is checked":          {checkRegular(inFile.path), "read the keys: "},
		"the keys are read":            {missing.read(), "read the keys: open " + missing.path + ": "},
		"the keys are read in a file":  {inFile.read(), "read the keys: "},
		"the keys are read again":      {notReadable.Check(), "read the keys: lstat "},
		"old files are removed":        {missing.removeTemporary(), "look for keys that a crash has left: "},
		"the lock is taken":            {lockErr, "read the keys: "},
		"the keys are rotated":         {rotateErr, "read the keys: "},
		"what a crash left is removed": {inFile.Clean(), "read the keys: "},
	} {
		if test.err == nil || !strings.HasPrefix(test.err.Error(), test.want) {
			t.Errorf("%s: the error is %v, want %s", name, test.err, test.want)
		}
	}
}

func TestATokenWhoseContentIsNotOneOfOursIsRefused(t *testing.T) {
	t.Parallel()
	for plain, want := range map[string]string{
		"{":            "decode a chat token: unexpected end of JSON input",
		`{"Room":"x"}`: "decode a chat token: ",
	} {
		_, err := readChatToken([]byte(plain))
		if !errors.Is(err, ivschat.ErrInvalidToken) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v, want %s", plain, err, want)
		}
	}
}

// Later versions open the tokens of earlier ones, so the names of the members must stay.
func TestAChatTokenHasTheSameContentAsInEarlierVersions(t *testing.T) {
	t.Parallel()
	k, err := NewKeyring()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1_700_000_000, 0)
	token := ivschat.ChatToken{
		Room: ivschat.ARN{
			Owner:        ivschat.Owner{AccountID: "123456789012", Region: "us-east-1"},
			ResourceType: ivschat.RoomResource, ID: "AbCdEf012345",
		},
		ID: "ZyXwVu987654", UserID: "anna",
		IssueTime: at, TokenExpirationTime: at.Add(time.Hour), SessionExpirationTime: at.Add(2 * time.Hour),
	}
	const start = `{"id":"ZyXwVu987654","room":"arn:aws:ivschat:us-east-1:123456789012:room/AbCdEf012345","user":"anna",`
	const times = `"issued":1700000000,"tokenExpires":1700003600,"sessionExpires":1700007200}`
	if got, want := content(t, k, token), start+times; got != want {
		t.Errorf("the content is\n%s, want\n%s", got, want)
	}
	token.Capabilities = []ivschat.Capability{ivschat.CapabilitySendMessage}
	token.Attributes = map[string]string{"name": "Anna"}
	want := start + `"capabilities":["SEND_MESSAGE"],"attributes":{"name":"Anna"},` + times
	if got := content(t, k, token); got != want {
		t.Errorf("the content is\n%s, want\n%s", got, want)
	}
}

// content seals a chat token and returns what was encrypted.
func content(t *testing.T, k *Keyring, token ivschat.ChatToken) string {
	t.Helper()
	text, err := k.SealChatToken(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	blob, err := chatTokenText.DecodeString(strings.TrimSuffix(text, suffix))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := k.keys.Load().aead.Decrypt(blob[len(blobHeader):], []byte(chatTokenPurpose))
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}
