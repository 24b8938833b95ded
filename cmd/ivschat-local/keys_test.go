package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/crypto"
)

// keysBefore is a keyring of the keys that the directory has now, whatever
// becomes of them.
func keysBefore(t *testing.T, dir string) *crypto.Keyring {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, crypto.KeysetFile))
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := t.TempDir()
	if err := os.WriteFile(filepath.Join(elsewhere, crypto.KeysetFile), text, 0o600); err != nil {
		t.Fatal(err)
	}
	keyring, err := crypto.LoadKeyring(elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	return keyring
}

func TestARotatedKeySealsTheNextTokenOfARunningEmulator(t *testing.T) {
	dir := t.TempDir()
	url := launchSelf(t, "--data", dir).endpoint
	room := post(t, url+"/CreateRoom", "{}").text("arn")
	token := func() string {
		return post(t, url+"/CreateChatToken", `{"userId":"u","roomIdentifier":"`+room+`"}`).text("token")
	}
	first, before := token(), keysBefore(t, dir)

	rotated := runSelf(t, nil, "keys", "rotate", "--data", dir)
	id := regexp.MustCompile(`[0-9]+`).FindString(rotated.stdout)
	if rotated.code != 0 || id == "" {
		t.Fatalf("got %+v", rotated)
	}
	listed := runSelf(t, nil, "keys", "list", "--data", dir)
	sealing := regexp.MustCompile(`(?m)^` + id + ` +ENABLED +opens and seals tokens$`)
	if rows := strings.Count(listed.stdout, "ENABLED"); listed.code != 0 || rows != 2 || !sealing.MatchString(listed.stdout) {
		t.Errorf("key %s does not seal, or there are not two: %+v", id, listed)
	}

	second := token()
	if _, err := before.OpenChatToken(t.Context(), first); err != nil {
		t.Errorf("the old key does not open the token before the rotation: %v", err)
	}
	if _, err := before.OpenChatToken(t.Context(), second); err == nil {
		t.Error("the old key opens the token after the rotation")
	}
	for _, token := range []string{first, second} {
		if _, err := keysBefore(t, dir).OpenChatToken(t.Context(), token); err != nil {
			t.Errorf("both keys together do not open %s: %v", token, err)
		}
	}
}

func TestADamagedKeyIsNotRepeated(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, crypto.KeysetFile)
	launchSelf(t, "--data", dir).stop(signals["TERM"])
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	key := regexp.MustCompile(`"value":"([^"]+)"`).FindSubmatch(sound)[1]
	damaged := strings.Replace(string(sound), string(key), "*"+string(key[1:]), 1)

	p := launchSelf(t, "--data", dir)
	room := post(t, p.endpoint+"/CreateRoom", "{}").text("arn")
	if err := os.WriteFile(path, []byte(damaged), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := post(t, p.endpoint+"/CreateChatToken", `{"userId":"u","roomIdentifier":"`+room+`"}`); r.status != 500 {
		t.Errorf("without keys it answers %d", r.status)
	}
	p.stop(signals["TERM"])
	said := p.log()
	for _, args := range [][]string{{"keys", "list"}, {"keys", "rotate"}, {"--listen", "127.0.0.1:0"}} {
		got := runSelf(t, nil, append(args, "--data", dir)...)
		fails(t, got, path)
		said += got.stderr
	}
	if strings.Count(said, path) != 4 || strings.Contains(said, string(key[1:20])) {
		t.Errorf("it does not name the file four times, or it names the key %s:\n%s", key, said)
	}
}
