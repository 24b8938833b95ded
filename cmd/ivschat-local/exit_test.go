package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/ivschat-local/ivschat-local/crypto"
	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/store"
)

// settingExamples has a valid and an invalid value for each setting.
var settingExamples = map[string]struct{ valid, invalid string }{
	"listen":                      {"127.0.0.1:0", "somewhere"},
	"data":                        {":memory:", ""},
	"account":                     {"111111111111", "12345"},
	"region":                      {"eu-west-1", "US East"},
	"token-ttl":                   {"5m", "0s"},
	"session-duration":            {"1h", "1ms"},
	"room-quota":                  {"7", "0"},
	"logging-configuration-quota": {"7", "-1"},
	"logging-configuration-delay": {"10s", "-1s"},
	"message-attribute-bytes":     {"7", "0"},
	"journal-bytes":               {"1048576", "1048575"},
	"send-message-rate":           {"7", "-1"},
	"delete-message-rate":         {"7", "-1"},
	"disconnect-user-rate":        {"7", "-1"},
	"send-event-rate":             {"7", "-1"},
	"seed":                        {"", ""},
	"random-seed":                 {"7", "-1"},
	"admin-listen":                {"off", "somewhere"},
	"allow-host":                  {"ivschat.internal,*.svc.cluster.local", "http://ivschat"},
	"cors-origin":                 {"https://app.example.com,https://*.example.com,null,*", "example.com"},
	"ping-interval":               {"30s", "10ms"},
	"review-timeout":              {"1s", "1us"},
	"review-handler":              {"arn:aws:lambda:*:function:review=deny:darn,heck", "review=allow"},
	"lambda-endpoint":             {"http://localhost:4566", "localhost:4566"},
	"lambda-permission":           {"ignore", "deny"},
	"chat-logs":                   {"", ""},
	"chat-log-window":             {"1m", "1ms"},
	"chat-log-spool":              {"1048576", "1048575"},
	"s3-endpoint":                 {"http://KEY:SECRET@localhost:9000", "localhost:9000"},
	"cloudwatch-logs-endpoint":    {"http://localhost:4566", "localhost:4566"},
	"firehose-endpoint":           {"http://localhost:4566/", "ftp://localhost"},
	"aws-endpoint":                {"http://localhost:4566", "http://localhost:4566?x"},
	"tls":                         {"off", "on"},
	"tls-name":                    {"chat.test,192.168.1.5", "https://chat.test"},
	"auth":                        {"signatures", "on"},
	"credentials":                 {"", ""},
	"api-rates":                   {"aws", "gcp"},
	"nats":                        {"", "http://localhost:4222"},
	"nats-prefix":                 {"chat_1-a", "chat.1"},
	"nats-credentials":            {"", ""},
	"nats-tls":                    {"cert.pem,key.pem,ca.pem", "cert.pem,key.pem"},
	"cluster-secret":              {"sixteen letters.", "fifteen letters"},
	"node":                        {"node-1.example", "node 1"},
	"on-shutdown":                 {"close", "crash"},
	"log-format":                  {"json", "xml"},
	"log-level":                   {"error", "loud"},
}

// flags returns the flags of all settings.
func flags(t *testing.T) []*kong.Flag {
	t.Helper()
	var settings Settings
	parser, err := kong.New(&settings,
		kong.NoDefaultHelp(), kong.DefaultEnvars("IVSCHAT"), kong.Vars{"data": "DATA"})
	if err != nil {
		t.Fatal(err)
	}
	for _, flag := range parser.Model.Flags {
		if _, ok := settingExamples[flag.Name]; !ok {
			t.Fatalf("--%s has no example values", flag.Name)
		}
	}
	return parser.Model.Flags
}

// help matches the last line of a usage error.
var help = regexp.MustCompile(`^Try ivschat-local( [a-z-]+)* --help\.\n$`)

// checkUsageError checks for exit code 2, a line with the text, and a line that mentions --help.
func checkUsageError(t *testing.T, got outcome, text string) {
	t.Helper()
	line, rest, _ := strings.Cut(got.stderr, "\n")
	if got.code != 2 || got.stdout != "" || !help.MatchString(rest) ||
		!strings.HasPrefix(line, "ivschat-local: ") || !strings.Contains(line, text) {
		t.Errorf("got %+v, want exit code 2 and a line with %q", got, text)
	}
}

func TestTheFormerNameOfAVariableIsRefused(t *testing.T) {
	got := runSelf(t, []string{"IVSCHAT_INSPECT_LISTEN=off"})
	checkUsageError(t, got, "IVSCHAT_INSPECT_LISTEN is now IVSCHAT_ADMIN_LISTEN")
}

// noSeed makes the program fail after its settings were checked.
const noSeed = "--seed=no-such-file"

// checkValid checks that a program with noSeed found no mistake in its settings.
func checkValid(t *testing.T, got outcome) {
	t.Helper()
	if got.code != 1 || !strings.Contains(got.stderr, "open no-such-file") {
		t.Errorf("got %+v, want exit code 1 because the seed file does not exist", got)
	}
}

func TestEverySettingIsCheckedAsFlagAndAsVariable(t *testing.T) {
	for _, flag := range flags(t) {
		t.Run(flag.Name, func(t *testing.T) {
			t.Parallel()
			example := settingExamples[flag.Name]
			if example.invalid == example.valid {
				t.Skip("every value is valid until the file is read")
			}
			argument := "--" + flag.Name + "="
			invalid := []string{flag.Envs[0] + "=" + example.invalid}
			checkUsageError(t, runSelf(t, nil, argument+example.invalid), "--"+flag.Name+" ")
			checkUsageError(t, runSelf(t, invalid), flag.Envs[0]+" ")
			// With valid settings, it gets as far as reading the seed file.
			checkValid(t, runSelf(t, invalid, noSeed, argument+example.valid))
			checkValid(t, runSelf(t, []string{flag.Envs[0] + "=" + example.valid}, noSeed))
		})
	}
}

func TestAnInvalidCommandLineIsRefused(t *testing.T) {
	for _, c := range []struct{ args, text string }{
		{"--no-such-flag", "--no-such-flag is not a flag"},
		{"--listn 127.0.0.1:0", "did you mean --listen 127.0.0.1:0?"},
		{"-listen 127.0.0.1:0", "did you mean --listen 127.0.0.1:0?"},
		{"-p 4711", "-p is not a flag: did you mean --listen localhost:4711?"},
		{"-p4711", "did you mean --listen localhost:4711?"},
		{"--port=4711", "did you mean --listen localhost:4711?"},
		{"--verbose", "did you mean --log-level debug?"},
		{"frobnicate", "frobnicate is not a command: the commands are serve, exec, "},
		{"helth", "did you mean health?"},
		{"start", "did you mean serve?"},
		{"version frobnicate", "unexpected argument frobnicate"},
		{"version --listen 127.0.0.1:0", "version does not take --listen"},
		{"keys list --listen 127.0.0.1:0", "keys list does not take --listen"},
		{"--room-quota 7 health", "health does not take --room-quota"},
		{"keys", "keys needs a command: list, rotate or create"},
		{"keys frobnicate", "frobnicate is not a command"},
		{"help frobnicate", "frobnicate is not a command"},
		{"--listen", "--listen needs a value"},
		{"--listen --account 1", "--listen needs a value; --account must be 12 digits"},
		{"--listen=", `--listen must be HOST:PORT, such as localhost:4700, but is ""`},
		{"--listen 4711", `but is "4711": did you mean localhost:4711?`},
		{"--listen localhost", `did you mean localhost:4700?`},
		{"--listen ::1", `did you mean [::1]:4700?`},
		{"--listen http://127.0.0.1:4711/", `did you mean 127.0.0.1:4711?`},
		{"--listen 127.0.0.1:65536", `"127.0.0.1:65536"`},
		{"--listen 127.0.0.1:http", `"127.0.0.1:http"`},
		{"--random-seed -5", "--random-seed must be 0 or more, but is -5"},
		{"--token-ttl soon", `--token-ttl must be a duration such as 90s or 1h30m, but is "soon"`},
		{"--session-duration -1h", "-1h"},
		{"--room-quota many", `--room-quota must be a whole number of at most 64 bits, but is "many"`},
		{"--log-level loud", `--log-level must be debug, info, warn or error, but is "loud"`},
		{"--lambda-permission check", "--lambda-permission check needs a server to ask: give its URL with --lambda-endpoint"},
		{"--lambda-endpoint http://127.0.0.1:9001/2015-03-31/functions/x/invocations", "did you mean http://127.0.0.1:9001?"},
		{"--review-handler review=allow", "did you mean 'arn:aws:lambda:*:function:review=allow'?"},
		{"--review-handler deny:darn", "did you mean '*=deny:darn'?"},
		{"--listen localhost:1 --admin-listen localhost:1", "--admin-listen must differ from --listen"},
		{"--listen localhost:1 --admin-listen 127.0.0.1:1", "--admin-listen must differ from --listen"},
		{"--listen [::1]:1 --admin-listen LOCALHOST:1", "--admin-listen must differ from --listen"},
		{"--listen :1 --admin-listen 192.0.2.1:1", `which is ":1", but is "192.0.2.1:1": leave it out`},
		{"health --listen nowhere", `"nowhere"`},
		{"env --region Mars", `--region must be a name such as us-east-1, but is "Mars"`},
		{"exec", "exec needs a command to run"},
		{"exec --", "exec needs a command to run"},
		{"exec --nope=x -- true", "--nope is not a flag"},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			checkUsageError(t, runSelf(t, nil, strings.Fields(c.args)...), c.text)
		})
	}
}

func TestEverythingThatIsWrongIsToldAtOnce(t *testing.T) {
	got := runSelf(t, []string{"IVSCHAT_ACCOUNT=1", "IVSCHAT_TOKEN_TTL=soon"},
		"--nope", "--region", "Mars", "--room-quota=many", "--listen", "4711")
	for _, text := range []string{
		"--nope is not a flag", `IVSCHAT_ACCOUNT must be 12 digits, but is "1"`, "IVSCHAT_TOKEN_TTL must be a duration",
		`--region must be a name such as us-east-1, but is "Mars"`, "--room-quota must be", "--listen must be",
	} {
		checkUsageError(t, got, text)
	}
}

func TestAValueThatCannotBeReadIsToldOnce(t *testing.T) {
	for _, args := range []string{"--token-ttl soon", "--token-ttl", "--room-quota many"} {
		got := runSelf(t, nil, strings.Fields(args)...)
		if n := strings.Count(got.stderr, "must") + strings.Count(got.stderr, "needs"); n != 1 {
			t.Errorf("%s: %s", args, got.stderr)
		}
	}
}

func TestALetterCaseOfAWordDoesNotMatter(t *testing.T) {
	for _, argument := range []string{
		"--log-level=WARN", "--log-format=Json", "--on-shutdown=Close", "--admin-listen=OFF", "--data=:Memory:",
	} {
		checkValid(t, runSelf(t, nil, noSeed, argument))
	}
}

func TestAnUnknownVariableIsAWarningWithTheNearestName(t *testing.T) {
	const noEffect = " is not a variable of ivschat-local and has no effect"
	for variable, want := range map[string]string{
		"IVSCHAT_LOGLEVEL=debug": "IVSCHAT_LOGLEVEL" + noEffect + ": did you mean IVSCHAT_LOG_LEVEL?",
		"IVSCHAT_PORT=4711":      "IVSCHAT_PORT" + noEffect + ": did you mean IVSCHAT_LISTEN=localhost:4711?",
		"IVSCHAT_COLOUR=blue":    "IVSCHAT_COLOUR" + noEffect,
		"IVSCHAT_MESSAGE_URL=ws": "IVSCHAT_MESSAGE_URL" + noEffect + ": did you mean IVSCHAT_MESSAGING_URL?",

		"IVSCHAT_MESSAGING_URL=ws://127.0.0.1:4700": "",
		"IVSCHAT_LOAD_VIEWERS=7":                    "",
		"IVSCHAT_SERVICE_PORT_HTTP=4700":            "", // set by Kubernetes for a service named ivschat
		"IVSCHAT_PORT=tcp://10.0.0.1:4700":          "",
		"IVSCHAT_PORT_4700_TCP_ADDR=10.0.0.1":       "",
		"IVSCHAT=x":                                 "",
	} {
		if want != "" {
			want = "ivschat-local: warning: " + want + "\n"
		}
		if got := runSelf(t, []string{variable}, "version"); got.code != 0 || got.stderr != want {
			t.Errorf("%s: %+v", variable, got)
		}
	}
}

func TestInJSONFormatFailuresAreJSON(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		text string
	}{
		{"--log-format json --nope", 2, "--nope is not a flag"},
		{"--nope --log-format=JSON", 2, "--nope is not a flag"},
		{"--log-format json --listen 127.0.0.1:0 --data /dev/null/x", 1, "create the data directory"},
		{"exec --log-format json -- no-such-command", 127, "no-such-command"},
		{"exec --log-format json -- /bin/false", 1, "ivschat-journal.json has the journal"},
	} {
		got := runSelf(t, nil, strings.Fields(c.args)...)
		lines := objects(t, got.stderr)
		if got.code != c.code || len(lines) != 1 || lines[0]["level"] != "ERROR" ||
			!strings.Contains(lines[0]["msg"].(string), c.text) {
			t.Errorf("%s: %+v", c.args, got)
		}
	}
	got := runSelf(t, []string{"IVSCHAT_LOG_FORMAT=json", "IVSCHAT_COLOUR=blue"}, "health", "--listen", "127.0.0.1:0")
	if lines := objects(t, got.stderr); len(lines) != 2 || lines[0]["level"] != "WARN" || lines[1]["level"] != "ERROR" {
		t.Errorf("%+v", got)
	}
}

// listedFlag matches a flag in the text of --help.
var listedFlag = regexp.MustCompile(`(?m)^ +(?:-h, )?--([a-z-]+)(?:=|   )`)

func TestACommandListsOnlyItsOwnFlags(t *testing.T) {
	for command, want := range map[string][]string{
		"version":     {},
		"health":      {"listen", "process"},
		"env":         {"listen", "account", "region", "tls", "auth", "credentials", "data"},
		"doctor":      {"endpoint", "origin", "try", "json"},
		"trust java":  {"data", "region", "tls-name", "json"},
		"keys":        {"data", "nats", "nats-prefix", "nats-credentials", "nats-tls", "cluster-secret"},
		"keys list":   {"data", "nats", "nats-prefix", "nats-credentials", "nats-tls", "cluster-secret"},
		"keys rotate": {"data", "nats", "nats-prefix", "nats-credentials", "nats-tls", "cluster-secret"},
		"room list":   {"endpoint", "account", "region", "json", "search"},
		"clock due":   {"endpoint", "json", "account", "kind", "count"},
		"completion":  {},
	} {
		for _, args := range []string{command + " --help", "help " + command} {
			got := runSelf(t, nil, strings.Fields(args)...)
			var listed []string
			for _, match := range listedFlag.FindAllStringSubmatch(got.stdout, -1) {
				listed = append(listed, match[1])
			}
			if want := append([]string{"help", "version"}, want...); got.code != 0 || !slices.Equal(listed, want) {
				t.Errorf("%s: %d, %v, want %v", args, got.code, listed, want)
			}
		}
	}
}

func TestHelpNamesEveryFlagAndItsVariable(t *testing.T) {
	got := runSelf(t, nil, "--help")
	if got.code != 0 || got.stderr != "" {
		t.Errorf("got %+v", got)
	}
	for _, flag := range flags(t) {
		flagAndVariable := regexp.MustCompile(`--` + flag.Name + `=[^$]*\$` + flag.Envs[0] + `\)`)
		if !flagAndVariable.MatchString(got.stdout) {
			t.Errorf("--help does not have --%s with %s:\n%s", flag.Name, flag.Envs[0], got.stdout)
		}
	}
}

// checkFailure checks for exit code 1 and a single line with the text.
func checkFailure(t *testing.T, got outcome, text string) {
	t.Helper()
	if got.code != 1 || got.stdout != "" || strings.Count(got.stderr, "\n") != 1 ||
		!strings.HasPrefix(got.stderr, "ivschat-local: ") || !strings.Contains(got.stderr, text) {
		t.Errorf("got %+v, want exit code 1 and one line with %q", got, text)
	}
}

func TestAFailureIsReportedInOneLine(t *testing.T) {
	running := launchSelf(t, "--data", t.TempDir())
	address := strings.TrimPrefix(running.endpoint, "http://")
	data := running.command.Args[len(running.command.Args)-1]
	file, missing := filepath.Join(t.TempDir(), "file"), filepath.Join(t.TempDir(), "missing")
	if err := os.WriteFile(file, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	const admin, memory = "choose another address with --admin-listen", "--data :memory: keeps everything in memory"
	port := address[strings.LastIndex(address, ":")+1:]
	for _, c := range []struct{ name, text, args string }{
		{"address in use", address + ": ivschat-local " + emulator.Version + " ", "--data :memory: --listen " + address},
		{"address of the admin API in use", admin, "--data :memory: --listen 127.0.0.1:0 --admin-listen " + address},
		{"localhost of the admin API in use", admin, "--data :memory: --listen localhost:0 --admin-listen localhost:" + port},
		{"no such address", "choose another address with --listen", "--data :memory: --listen 192.0.2.1:0"},
		{"data directory in use", data, "--listen 127.0.0.1:0 --data " + data},
		{"a file in place of the data directory", memory, "--listen 127.0.0.1:0 --data " + file},
		{"no keys to list", missing, "keys list --data " + missing},
		{"no keys to rotate", missing, "keys rotate --data " + missing},
		{"keys in memory to list", ":memory:", "keys list --data :memory:"},
		{"keys in memory to rotate", ":memory:", "keys rotate --data :memory:"},
	} {
		t.Run(c.name, func(t *testing.T) { checkFailure(t, runSelf(t, nil, strings.Fields(c.args)...), c.text) })
	}
	if _, err := os.Stat(missing); !os.IsNotExist(err) {
		t.Errorf("the keys commands created a directory: %v", err)
	}
	if got := runSelf(t, nil, "health", "--listen", address); got != (outcome{0, "ok\n", ""}) {
		t.Errorf("health of the running emulator: %+v", got)
	}
	running.stop(signals["TERM"])
	checkFailure(t, runSelf(t, nil, "health", "--listen", address), address)
}

func TestAMessageHasNoControlCharacters(t *testing.T) {
	seed := filepath.Join(t.TempDir(), "seed.yaml")
	if err := os.WriteFile(seed, []byte(`{"\u001b[2J\r": 1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	got := runSelf(t, []string{"IVSCHAT_\x1b[2J=1"}, "--data", ":memory:", "--listen", "127.0.0.1:0", "--seed", seed)
	if got.code != 1 || strings.ContainsAny(got.stderr, "\x1b\r") ||
		!strings.Contains(got.stderr, `IVSCHAT_\x1b[2J is not`) || !strings.Contains(got.stderr, `\x1b[2J\r: is not`) {
		t.Errorf("got %+v", got)
	}
}

func TestTheProgramThatUsesTheAddressIsNamed(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Server", "nginx/1.29")
	}))
	defer web.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	go func() { // ends when the listener is closed
		for {
			connection, err := silent.Accept()
			if err != nil {
				return
			}
			connection.Close()
		}
	}()
	for address, want := range map[string]string{
		web.Listener.Addr().String(): `an HTTP server (nginx/1.29`,
		silent.Addr().String():       "another program ",
	} {
		got := runSelf(t, nil, "--listen", address, "--data", ":memory:")
		checkFailure(t, got, want)
		process := fmt.Sprintf("process %d, ", os.Getpid())
		if runtime.GOOS == "linux" && !strings.Contains(got.stderr, process) {
			t.Errorf("got %s, want %s", got.stderr, process)
		}
	}
}

func TestADamagedFileIsNamedAndNotChanged(t *testing.T) {
	for _, name := range []string{store.File, crypto.KeysetFile} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			launchSelf(t, "--data", dir).stop(signals["TERM"])
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, []byte("shopping list"), 0o600); err != nil {
				t.Fatal(err)
			}
			checkFailure(t, runSelf(t, nil, "--listen", "127.0.0.1:0", "--data", dir), path)
			if text, err := os.ReadFile(path); err != nil || string(text) != "shopping list" {
				t.Errorf("the file was changed to %q: %v", text, err)
			}
		})
	}
}
