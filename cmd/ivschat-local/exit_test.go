package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/ivschat-local/ivschat-local/crypto"
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
	"message-attribute-bytes":     {"7", "0"},
	"send-message-rate":           {"7", "-1"},
	"delete-message-rate":         {"7", "-1"},
	"disconnect-user-rate":        {"7", "-1"},
	"send-event-rate":             {"7", "-1"},
	"seed":                        {"", ""},
	"random-seed":                 {"7", "-1"},
	"admin-listen":                {"off", "somewhere"},
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

// checkUsageError checks for exit code 2, a line with the text, and a line that mentions --help. The
// text may have spaces in place of hyphens, and any letter case.
func checkUsageError(t *testing.T, got outcome, text string) {
	t.Helper()
	normalize := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "-", " ") }
	line, rest, _ := strings.Cut(got.stderr, "\n")
	if got.code != 2 || got.stdout != "" || rest != "Try ivschat-local --help.\n" ||
		!strings.HasPrefix(line, "ivschat-local: ") || !strings.Contains(normalize(line), normalize(text)) {
		t.Errorf("got %+v, want exit code 2 and a line with %q", got, text)
	}
}

func TestTheFormerNameOfAVariableIsRefused(t *testing.T) {
	got := runSelf(t, []string{"IVSCHAT_INSPECT_LISTEN=off"}, "version")
	checkUsageError(t, got, "IVSCHAT_INSPECT_LISTEN is now IVSCHAT_ADMIN_LISTEN")
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
			checkUsageError(t, runSelf(t, nil, "version", argument+example.invalid), flag.Name)
			checkUsageError(t, runSelf(t, invalid, "version"), flag.Name)
			checkUsageError(t, runSelf(t, invalid), flag.Name)
			got := runSelf(t, invalid, "version", argument+example.valid)
			if got.code != 0 || got.stderr != "" {
				t.Errorf("the flag does not take precedence: %+v", got)
			}
			got = runSelf(t, []string{flag.Envs[0] + "=" + example.valid}, "version")
			if got.code != 0 || got.stderr != "" {
				t.Errorf("a valid value is refused: %+v", got)
			}
		})
	}
}

func TestAnInvalidCommandLineIsRefused(t *testing.T) {
	for _, c := range []struct{ args, text string }{
		{"--no-such-flag", "--no-such-flag"},
		{"frobnicate", "frobnicate"},
		{"version frobnicate", "frobnicate"},
		{"keys", `"list", "rotate"`},
		{"keys frobnicate", "frobnicate"},
		{"--listen", "--listen"},
		{"--listen 127.0.0.1:65536", `"127.0.0.1:65536"`},
		{"--listen 127.0.0.1:http", `"127.0.0.1:http"`},
		{"--token-ttl soon", `"soon"`},
		{"--session-duration -1h", "-1h"},
		{"--room-quota many", `"many"`},
		{"health --listen nowhere", `"nowhere"`},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			checkUsageError(t, runSelf(t, nil, strings.Fields(c.args)...), c.text)
		})
	}
}

func TestAVariableThatIsNotASettingIsIgnored(t *testing.T) {
	if got := runSelf(t, []string{"IVSCHAT_COLOUR=blue"}, "version"); got.code != 0 || got.stderr != "" {
		t.Errorf("got %+v", got)
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
	for _, c := range []struct {
		name, text string
		args       []string
	}{
		{"address in use", address, []string{"--listen", address, "--data", ":memory:"}},
		{"data directory in use", data, []string{"--listen", "127.0.0.1:0", "--data", data}},
		{"a file in place of the data directory", file, []string{"--listen", "127.0.0.1:0", "--data", file}},
		{"no keys to list", missing, []string{"keys", "list", "--data", missing}},
		{"no keys to rotate", missing, []string{"keys", "rotate", "--data", missing}},
		{"keys in memory to list", ":memory:", []string{"keys", "list", "--data", ":memory:"}},
		{"keys in memory to rotate", ":memory:", []string{"keys", "rotate", "--data", ":memory:"}},
	} {
		t.Run(c.name, func(t *testing.T) { checkFailure(t, runSelf(t, nil, c.args...), c.text) })
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
