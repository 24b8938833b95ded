package crypto

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
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
		"":             "decode a chat token: its content has another form",
	} {
		_, err := readChatToken([]byte(plain))
		if !errors.Is(err, ivschat.ErrInvalidToken) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v, want %s", plain, err, want)
		}
	}
}

// Later versions open the tokens of earlier ones, so the content must stay.
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
	const start = "\x01\x0cZyXwVu987654\x38arn:aws:ivschat:us-east-1:123456789012:room/AbCdEf012345\x04anna"
	const times = "\x80\xc4\x9f\xd5\x0c" + "\xa0\xfc\x9f\xd5\x0c" + "\xc0\xb4\xa0\xd5\x0c"
	if got, want := content(t, k, token), start+times+"\x00\x00"; got != want {
		t.Errorf("the content is\n%q, want\n%q", got, want)
	}
	token.Capabilities = []ivschat.Capability{ivschat.CapabilitySendMessage}
	token.Attributes = map[string]string{"name": "Anna"}
	want := start + times + "\x01\x0cSEND_MESSAGE" + "\x01\x04name\x04Anna"
	if got := content(t, k, token); got != want {
		t.Errorf("the content is\n%q, want\n%q", got, want)
	}
	for n := range want {
		if _, err := readChatToken([]byte(want[:n])); !errors.Is(err, ivschat.ErrInvalidToken) {
			t.Errorf("the first %d bytes are read as a token (%v)", n, err)
		}
	}
	for _, other := range []string{"\x02" + want[1:], want + "\x00"} {
		if _, err := readChatToken([]byte(other)); !errors.Is(err, ivschat.ErrInvalidToken) {
			t.Errorf("%q is read as a token (%v)", other, err)
		}
	}
}

// A content is authenticated, so only a mistake can make one that has another form. It must not end the
// program.
func FuzzReadChatToken(f *testing.F) {
	f.Add([]byte("\x01\x01i\x38arn:aws:ivschat:us-east-1:123456789012:room/AbCdEf012345" +
		"\x01u\x00\x00\x00\x01\x01c\x01\x01k\x01v"))
	f.Add([]byte("\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Add([]byte(`{"id":"i"}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		token, err := readChatToken(content)
		if err != nil || content[0] == '{' {
			return
		}
		again, err := readChatToken(appendChatToken(nil, token))
		if err != nil || !reflect.DeepEqual(again, token) {
			t.Errorf("%+v is read as %+v (%v)", token, again, err)
		}
	})
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
