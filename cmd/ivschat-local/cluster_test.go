package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/store"
)

const longSecret = "HushHushHushHush"

func TestWhatIsWrongWithTheSettingsOfAClusterIsTold(t *testing.T) {
	const nats = "--nats nats://127.0.0.1:1 "
	for _, c := range []struct{ args, text string }{
		{"--nats nats://127.0.0.1:1", "--cluster-secret must not be empty with --nats: it encrypts the keys"},
		{nats + "--cluster-secret Hush", "--cluster-secret must have at least 16 characters"},
		{nats + "--cluster-secret @", "--cluster-secret must have the name of a file after @, such as @secret.txt"},
		{"--nats localhost:4222", `but is "localhost:4222": it does not begin with nats:// or tls://`},
		{"--nats ws://localhost:8080", `but is "ws://localhost:8080": NATS over WebSockets is not supported`},
		{"--nats nats://localhost:4222/x", "it has more than a host and a port"},
		{"--nats nats://", "it has no host"},
		{"--nats nats://a:4222,tls://b,c", `separated by commas, but is "c": it does not begin with`},
		{"--nats nats://a,b:Hush@c", "but number 2 is not: it does not begin with nats:// or tls://"},
		{"--nats nats://anna:Hush,Hush@localhost", "but number 1 is not: it is not valid"},
		{"--nats nats://anna:Hush#Hush@localhost", "number 1 is not: it is not valid: write % / ? # , @ and a space in a"},
		{"--nats-prefix a.b", `--nats-prefix must have only letters, digits, - and _, and at most 64 of them, but is "a.b"`},
		{"--nats-tls a,b", `such as cert.pem,key.pem,ca.pem, but is "a,b"`},
		{"--nats-tls a,,b", `such as cert.pem,key.pem,ca.pem, but is "a,,b"`},
		{"--node=-a", `begin with a letter or a digit, and have at most 64 characters, but is "-a"`},
		{nats + "--cluster-secret " + longSecret + " --auth iam",
			"--auth iam needs --credentials with --nats: each node would make an access key of its own"},
		{"--nats nats://Hush@127.0.0.1:1 --cluster-secret " + longSecret + " --nats-credentials user.creds",
			"--nats-credentials must not be given together with a user name, a password or a token in the URLs"},
		{"--cluster-secrt Hush", "--cluster-secrt is not a flag: did you mean --cluster-secret VALUE?"},
		{"--natz=nats://anna:Hush@localhost", "--natz is not a flag: did you mean --nats VALUE?"},
		{"exec --nats nats://127.0.0.1:1 -- true", "exec does not take --nats"},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			got := runSelf(t, nil, strings.Fields(c.args)...)
			checkUsageError(t, got, c.text)
			if strings.Contains(got.stderr, "Hush") {
				t.Errorf("it has a secret: %s", got.stderr)
			}
		})
	}
}

func TestAFileCanHaveTheSecretOfACluster(t *testing.T) {
	dir := t.TempDir()
	secret, short, link := filepath.Join(dir, "secret"), filepath.Join(dir, "short"), filepath.Join(dir, "link")
	for path, text := range map[string]string{secret: longSecret + "\n", short: "Hush\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(secret, link); err != nil { // as Kubernetes does it
		t.Skip(err)
	}
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	read := func(setting string) (string, error) {
		s := Settings{ClusterSettings: ClusterSettings{ClusterSecret: setting}}
		if config := s.config(nil); setting != "" && len(config.ClusterSecret) < emulator.MinimumSecret {
			t.Errorf("%s is refused before it is read", setting)
		}
		return s.readSecret(logger)
	}
	for _, setting := range []string{longSecret, "@" + secret, "@" + link} {
		if got, err := read(setting); got != longSecret || err != nil {
			t.Errorf("%s: got %q (%v)", setting, got, err)
		}
	}
	for setting, want := range map[string]string{
		"@" + short:       short + ": the secret of a cluster must have at least 16 characters",
		"@" + dir:         "read the secret of the cluster: " + dir + " is not a file",
		"@" + dir + "/no": "read the secret of the cluster: there is no file " + dir + "/no: check --cluster-secret",
	} {
		if got, err := read(setting); got != "" || err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %q (%v), want %s", setting, got, err, want)
		}
	}
	if log.Len() > 0 {
		t.Errorf("it logged %s", &log)
	}
	if err := os.Chmod(secret, 0o644); err != nil {
		t.Fatal(err)
	}
	warning := "others could read the secret of the cluster"
	if _, err := read("@" + link); err != nil || !strings.Contains(log.String(), warning) {
		t.Errorf("it logged %s (%v)", &log, err)
	}
}

func TestSettingsOfAClusterThatHaveNoEffectAreTold(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, store.File), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cluster := ClusterSettings{NATS: []string{"nats://anna:Hush@localhost"}, ClusterSecret: longSecret}
	for _, c := range []struct {
		settings Settings
		want     []string
	}{
		{Settings{}, nil},
		{Settings{Data: dir}, nil},
		{Settings{TLS: emulator.TLSAuto}, nil},
		{Settings{ClusterSettings: ClusterSettings{ClusterSecret: longSecret, NATSTLS: "ca.pem"}, Node: "n"},
			[]string{"--nats-tls is not used", "--cluster-secret is not used", "--node is not used"}},
		{Settings{Data: inMemory, ClusterSettings: cluster}, nil},
		{Settings{Data: t.TempDir(), ClusterSettings: cluster, Node: "n"}, nil},
		{Settings{Data: dir, ClusterSettings: cluster, TLS: emulator.TLSAuto},
			[]string{"the rooms in the data directory are not used", "a certificate authority of its own"}},
	} {
		var log strings.Builder
		c.settings.warnAboutCluster(c.settings.config(slog.New(slog.NewTextHandler(&log, nil))))
		if lines := strings.Count(log.String(), "\n"); lines != len(c.want) || strings.Contains(log.String(), "Hush") {
			t.Errorf("%+v: it logged %d lines: %s", c.settings, lines, &log)
		}
		for _, want := range c.want {
			if !strings.Contains(log.String(), want) {
				t.Errorf("%+v: it did not log %s, but %s", c.settings, want, &log)
			}
		}
	}
}

func TestTheBannerSaysThatAnEmulatorIsANodeWithoutSecrets(t *testing.T) {
	settings := Settings{
		ClusterSettings: ClusterSettings{
			NATS:       []string{"nats://anna:Hush@nats-1:4222", "tls://HushToken@nats-2", ""},
			NATSPrefix: "chat", ClusterSecret: longSecret,
		},
		Node: "node-1",
	}
	const want = "node-1, of the cluster chat at nats://nats-1:4222, tls://nats-2"
	if got := describeNode(settings.config(nil), "node-1"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	settings.Data = inMemory
	if got := settings.describeData(); got != "in NATS" {
		t.Errorf("the data is %s", got)
	}
	settings.Data = "dir"
	if got := settings.describeData(); got != "in NATS; certificates and chat logs are in dir" {
		t.Errorf("the data is %s", got)
	}
	if got := describeNode(Settings{Node: "node-1"}.config(nil), ""); got != "" {
		t.Errorf("an emulator that works alone is %s", got)
	}
}
