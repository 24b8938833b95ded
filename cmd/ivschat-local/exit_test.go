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

// examples has for each setting a value that is right and one that is not.
var examples = map[string]struct{ right, wrong string }{
	"listen":                      {"127.0.0.1:0", "somewhere"},
	"data":                        {":memory:", ""},
	"account":                     {"111111111111", "12345"},
	"region":                      {"eu-west-1", "US East"},
	"token-ttl":                   {"5m", "0s"},
	"session-duration":            {"1h", "1ms"},
	"room-quota":                  {"7", "0"},
	"logging-configuration-quota": {"7", "-1"},
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

func flags(t *testing.T) []*kong.Flag {
	t.Helper()
	var settings Settings
	parser, err := kong.New(&settings, kong.NoDefaultHelp(), kong.DefaultEnvars("IVSCHAT"), kong.Vars{"data": "DATA"})
	if err != nil {
		t.Fatal(err)
	}
	for _, flag := range parser.Model.Flags {
		if _, exists := examples[flag.Name]; !exists {
			t.Fatalf("there are no examples for --%s", flag.Name)
		}
	}
	return parser.Model.Flags
}

// refusesTheCommandLine wants exit code 2, one line that has the text, and
// where to find help.
func refusesTheCommandLine(t *testing.T, got outcome, text string) {
	t.Helper()
	line, rest, _ := strings.Cut(got.stderr, "\n")
	plain := strings.ReplaceAll(strings.ToLower(line), "-", " ")
	if got.code != 2 || got.stdout != "" || rest != "Try ivschat-local --help.\n" ||
		!strings.HasPrefix(line, "ivschat-local: ") || !strings.Contains(plain, strings.ReplaceAll(strings.ToLower(text), "-", " ")) {
		t.Errorf("want exit code 2 and a line with %q, but got %+v", text, got)
	}
}

func TestEverySettingIsCheckedWhereverItComesFrom(t *testing.T) {
	for _, flag := range flags(t) {
		t.Run(flag.Name, func(t *testing.T) {
			t.Parallel()
			example := examples[flag.Name]
			if example.wrong == example.right {
				t.Skip("any file may be there when it is needed")
			}
			wrong := []string{flag.Envs[0] + "=" + example.wrong}
			refusesTheCommandLine(t, runSelf(t, nil, "version", "--"+flag.Name+"="+example.wrong), flag.Name)
			refusesTheCommandLine(t, runSelf(t, wrong, "version"), flag.Name)
			refusesTheCommandLine(t, runSelf(t, wrong), flag.Name)
			if got := runSelf(t, wrong, "version", "--"+flag.Name+"="+example.right); got.code != 0 || got.stderr != "" {
				t.Errorf("the flag does not win: %+v", got)
			}
			if got := runSelf(t, []string{flag.Envs[0] + "=" + example.right}, "version"); got.code != 0 || got.stderr != "" {
				t.Errorf("what is right is refused: %+v", got)
			}
		})
	}
}

func TestACommandLineThatMakesNoSenseIsRefused(t *testing.T) {
	for _, c := range []struct{ args, names string }{
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
			refusesTheCommandLine(t, runSelf(t, nil, strings.Fields(c.args)...), c.names)
		})
	}
}

func TestAVariableThatIsNoSettingIsNoneOfItsBusiness(t *testing.T) {
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

// fails wants exit code 1 and a single line that has the text.
func fails(t *testing.T, got outcome, text string) {
	t.Helper()
	if got.code != 1 || got.stdout != "" || strings.Count(got.stderr, "\n") != 1 ||
		!strings.HasPrefix(got.stderr, "ivschat-local: ") || !strings.Contains(got.stderr, text) {
		t.Errorf("want exit code 1 and one line with %q, but got %+v", text, got)
	}
}

func TestWhatCannotBeDoneIsSaidInOneLine(t *testing.T) {
	running := launchSelf(t, "--data", t.TempDir())
	address := strings.TrimPrefix(running.endpoint, "http://")
	data := running.command.Args[len(running.command.Args)-1]
	file, missing := filepath.Join(t.TempDir(), "file"), filepath.Join(t.TempDir(), "missing")
	if err := os.WriteFile(file, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, names string
		args        []string
	}{
		{"address in use", address, []string{"--listen", address, "--data", ":memory:"}},
		{"data directory in use", data, []string{"--listen", "127.0.0.1:0", "--data", data}},
		{"a file in place of the data directory", file, []string{"--listen", "127.0.0.1:0", "--data", file}},
		{"no keys to list", missing, []string{"keys", "list", "--data", missing}},
		{"no keys to rotate", missing, []string{"keys", "rotate", "--data", missing}},
		{"keys in memory to list", ":memory:", []string{"keys", "list", "--data", ":memory:"}},
		{"keys in memory to rotate", ":memory:", []string{"keys", "rotate", "--data", ":memory:"}},
	} {
		t.Run(c.name, func(t *testing.T) { fails(t, runSelf(t, nil, c.args...), c.names) })
	}
	if _, err := os.Stat(missing); !os.IsNotExist(err) {
		t.Errorf("looking for keys made a directory: %v", err)
	}
	if got := runSelf(t, nil, "health", "--listen", address); got != (outcome{0, "ok\n", ""}) {
		t.Errorf("the one that runs is not well: %+v", got)
	}
	running.stop(signals["TERM"])
	fails(t, runSelf(t, nil, "health", "--listen", address), address)
}

func TestWhatIsDamagedIsNamedAndLeftAsItIs(t *testing.T) {
	for _, name := range []string{store.File, crypto.KeysetFile} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			launchSelf(t, "--data", dir).stop(signals["TERM"])
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, []byte("shopping list"), 0o600); err != nil {
				t.Fatal(err)
			}
			fails(t, runSelf(t, nil, "--listen", "127.0.0.1:0", "--data", dir), path)
			if text, err := os.ReadFile(path); err != nil || string(text) != "shopping list" {
				t.Errorf("it was changed to %q: %v", text, err)
			}
		})
	}
}
