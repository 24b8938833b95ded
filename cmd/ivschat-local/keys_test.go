package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/crypto"
	"github.com/ivschat-local/ivschat-local/internal/natsserver"
)

// copyOfKeys returns a keyring with a copy of the keys that the directory has now.
func copyOfKeys(t *testing.T, dir string) *crypto.Keyring {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, crypto.KeysetFile))
	if err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, crypto.KeysetFile), text, 0o600); err != nil {
		t.Fatal(err)
	}
	keyring, err := crypto.LoadKeyring(other, slog.Default())
	if err != nil {
		t.Fatal(err)
	}
	return keyring
}

func TestARunningEmulatorUsesARotatedKeyForItsNextToken(t *testing.T) {
	dir := t.TempDir()
	url := launchSelf(t, "--data", dir).endpoint
	room := post(t, url+"/CreateRoom", "{}").text("arn")
	token := func() string {
		return post(t, url+"/CreateChatToken", `{"userId":"u","roomIdentifier":"`+room+`"}`).text("token")
	}
	first, before := token(), copyOfKeys(t, dir)

	rotated := runSelf(t, nil, "keys", "rotate", "--data", dir)
	id := regexp.MustCompile(`[0-9]+`).FindString(rotated.stdout)
	if rotated.code != 0 || id == "" {
		t.Fatalf("got %+v", rotated)
	}
	listed := runSelf(t, nil, "keys", "list", "--data", dir)
	encrypting := regexp.MustCompile(`(?m)^` + id + ` +ENABLED +encrypts and decrypts chat tokens$`)
	rows := strings.Count(listed.stdout, "ENABLED")
	if listed.code != 0 || rows != 2 || !encrypting.MatchString(listed.stdout) {
		t.Errorf("there are not two keys, or key %s does not encrypt: %+v", id, listed)
	}

	second := token()
	if _, err := before.OpenChatToken(t.Context(), first); err != nil {
		t.Errorf("the old key does not decrypt the token from before the rotation: %v", err)
	}
	if _, err := before.OpenChatToken(t.Context(), second); err == nil {
		t.Error("the old key decrypts the token from after the rotation")
	}
	for _, token := range []string{first, second} {
		if _, err := copyOfKeys(t, dir).OpenChatToken(t.Context(), token); err != nil {
			t.Errorf("both keys together do not decrypt %s: %v", token, err)
		}
	}
}

func TestADamagedKeyIsNotPrinted(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, crypto.KeysetFile)
	launchSelf(t, "--data", dir).stop(signals["TERM"])
	intact, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	key := regexp.MustCompile(`"value":"([^"]+)"`).FindSubmatch(intact)[1]
	damaged := strings.Replace(string(intact), string(key), "*"+string(key[1:]), 1)

	p := launchSelf(t, "--data", dir)
	room := post(t, p.endpoint+"/CreateRoom", "{}").text("arn")
	if err := os.WriteFile(path, []byte(damaged), 0o600); err != nil {
		t.Fatal(err)
	}
	r := post(t, p.endpoint+"/CreateChatToken", `{"userId":"u","roomIdentifier":"`+room+`"}`)
	if r.status != 500 {
		t.Errorf("without keys it answered %d", r.status)
	}
	p.stop(signals["TERM"])
	printed := p.log()
	for _, args := range [][]string{{"keys", "list"}, {"keys", "rotate"}, {"--listen", "127.0.0.1:0"}} {
		got := runSelf(t, nil, append(args, "--data", dir)...)
		checkFailure(t, got, path)
		printed += got.stderr
	}
	if strings.Count(printed, path) != 4 || strings.Contains(printed, string(key[1:20])) {
		t.Errorf("the file is not named four times, or the key %s is printed:\n%s", key, printed)
	}
}

func TestTheKeysOfAClusterAreListedRotatedAndCreated(t *testing.T) {
	server := natsserver.Start(t)
	keys := func(secret string, args ...string) outcome {
		t.Helper()
		env := []string{"IVSCHAT_NATS=" + server.URL, "IVSCHAT_CLUSTER_SECRET=" + secret}
		got := runSelf(t, env, append([]string{"keys"}, args...)...)
		if strings.Contains(got.stdout+got.stderr, secret) {
			t.Errorf("it has the secret: %+v", got)
		}
		return got
	}
	checkFailure(t, keys(longSecret, "list"), "there are no keys in the cluster: its first node makes them when it starts")
	if got := keys(longSecret, "create"); got.code != 0 || !strings.HasSuffix(got.stdout, "Older tokens are invalid.\n") {
		t.Errorf("got %+v", got)
	}
	checkFailure(t, keys(longSecret, "create"), "the cluster has keys: ivschat-local keys rotate adds one")
	if got := keys(longSecret, "rotate"); got.code != 0 || !strings.HasSuffix(got.stdout, "Older tokens stay valid.\n") {
		t.Errorf("got %+v", got)
	}
	listed := keys(longSecret, "list")
	if listed.code != 0 || strings.Count(listed.stdout, "ENABLED") != 2 {
		t.Errorf("there are not two keys: %+v", listed)
	}
	checkFailure(t, keys(longSecret+"!", "rotate"), "the keys of the cluster were encrypted with another secret")
	checkFailure(t, keys(longSecret, "list", "--nats-prefix", "other"), "there are no keys in the cluster")
	checkUsageError(t, keys("Hush", "list"), "IVSCHAT_CLUSTER_SECRET must have at least 16 characters")
}
