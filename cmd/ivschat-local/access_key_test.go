package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const tokensKey = `
- accessKeyId: TOKENS
  secretAccessKey: tokens-secret
  policies:
    - Version: "2012-10-17"
      Statement: [{Effect: Allow, Action: "ivschat:CreateChatToken", Resource: "*"}]
- accessKeyId: ADMIN
  secretAccessKey: admin-secret
  policies: [IVSFullAccess]
`

func TestAVerbSaysHowToGetAnAccessKeyOrAPermission(t *testing.T) {
	path := filepath.Join(t.TempDir(), "callers.yaml")
	if err := os.WriteFile(path, []byte(tokensKey), 0o600); err != nil {
		t.Fatal(err)
	}
	p := launchSelf(t, "--data", ":memory:", "--auth", "iam", "--credentials", path)
	with := func(key, secret string) []string {
		return []string{"AWS_ENDPOINT_URL_IVSCHAT=" + p.endpoint, "AWS_ACCESS_KEY_ID=" + key, "AWS_SECRET_ACCESS_KEY=" + secret}
	}
	const advice = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to an access key of the emulator"
	for name, test := range map[string]struct {
		environment []string
		args        string
		want        string
	}{
		"no access key":      {with("", ""), "room list", advice},
		"another access key": {with("NOBODY", "admin-secret"), "room list", advice},
		"a wrong secret":     {with("ADMIN", "tokens-secret"), "room list", advice},
		"a name":             {with("TOKENS", "tokens-secret"), "token lobby --as anna", "give the ARN of the room"},
	} {
		got := runSelf(t, test.environment, strings.Fields(test.args)...)
		if got.code != 1 || got.stdout != "" || !strings.Contains(got.stderr, test.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	got := runSelf(t, with("TOKENS", "tokens-secret"), "room", "create", "lobby")
	if got.code != 1 || strings.Contains(got.stderr, advice) {
		t.Errorf("without a permission: %+v", got)
	}
	if got := runSelf(t, with("ADMIN", "admin-secret"), "room", "create", "lobby"); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	if log := p.log(); !strings.Contains(log, `allowed_by="IVSFullAccess, statement IVSFullAccess"`) {
		t.Errorf("the log is\n%s", log)
	}
}

func TestAProfileDoesNotReplaceTheAccessKey(t *testing.T) {
	profile := []string{"AWS_PROFILE=work", "PATH=" + os.Getenv("PATH")}
	got := runSelf(t, profile, "exec", "--auth", "signatures", "--", "env")
	if got.code != 0 || strings.Contains(got.stdout, "AWS_PROFILE") || !strings.Contains(got.stdout, "AWS_ACCESS_KEY_ID=LOCAL") {
		t.Errorf("exec: %+v", got)
	}
	const warning = "AWS_PROFILE is set, and the AWS SDK for JavaScript prefers it to these credentials: unset it"
	for _, environment := range [][]string{profile, nil} {
		got := runSelf(t, environment, "env")
		if got.code != 0 || strings.Contains(got.stderr, warning) != (environment != nil) {
			t.Errorf("env with %v: %+v", environment, got)
		}
	}
}
