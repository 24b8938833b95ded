package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// completed returns what a command line can be completed to, with an emulator.
func completed(t *testing.T, endpoint string, words ...string) []string {
	t.Helper()
	got := runSelf(t, []string{"AWS_ENDPOINT_URL_IVSCHAT=" + endpoint}, append([]string{"__complete", "--"}, words...)...)
	if got.code != 0 || got.stderr != "" {
		t.Errorf("%q: %+v", words, got)
	}
	var suggestions []string
	for line := range strings.Lines(got.stdout) {
		word, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		suggestions = append(suggestions, word)
	}
	return suggestions
}

func TestCommandsFlagsAndValuesAreCompleted(t *testing.T) {
	const nowhere = "http://127.0.0.1:1"
	for _, c := range []struct{ line, want string }{
		{"ro", "room"},
		{"room ", "create delete list show"},
		{"help room ", "create delete list show"},
		{"--lis", "--listen"},
		{"serve --lis", "--listen"},
		{"--endpoint x room l", "list"},
		{"room --endpoint=x l", "list"},
		{"room create --max", "--max-length --max-rate"},
		{"room create lobby --fall", "--fallback"},
		{"room create --fallback ", "ALLOW DENY"},
		{"room create --tag a=b --ta", "--tag"},
		{"room create --max-rate 5 --max", "--max-length"},
		{"--log-level=w", "--log-level=warn"},
		{"--seed ", ":file"},
		{"fault add --seed ", ""},
		{"fault add --frame d", "drop duplicate"},
		{"fault add --reset --fr", "--frame"},
		{"clock advance-to next-s", "next-session-end"},
		{"clock advance-to next ", "--account --endpoint --help --json --version"},
		{"token --as anna --can send,de", "send,delete"},
		{"token --as anna --can=send,de", "--can=send,delete"},
		{"tail --kind call,f", "call,fault call,frame"},
		{"clock due --kind session", "sessionExpiration"},
		{"snapshot load ", ":file"},
		{"exec --on-shutdown d", "drop"},
		{"exec ", ":file"},
		{"exec -- npm t", ":file"},
		{"exec npm --", ":file"},
		{"completion ", "bash fish zsh"},
		{"policy ", "explain suggest"},
		{"policy explain --action ivschat:Get", "ivschat:GetLoggingConfiguration ivschat:GetRoom"},
		{"policy explain --credentials ", ":file"},
		{"policy suggest --journal ", ":file"},
		{"room show ", ""},
		{"nothing at ", ""},
		{"__comp", ""},
	} {
		if got := strings.Join(completed(t, nowhere, strings.Split(c.line, " ")...), " "); got != c.want {
			t.Errorf("%q is completed with %q, want %q", c.line, got, c.want)
		}
	}
	if got := completed(t, nowhere, "reset", ""); !slices.Contains(got, "--to") {
		t.Errorf("after reset: %v", got)
	}
	if got := completed(t, nowhere, "trust", "ja"); !slices.Equal(got, []string{"java"}) {
		t.Errorf("trust: %v", got)
	}
	if got := completed(t, nowhere, "trust", ""); !slices.Contains(got, "node") || !slices.Contains(got, "export") {
		t.Errorf("trust without a word: %v", got)
	}
	if got := completed(t, nowhere); !slices.Contains(got, "chat") {
		t.Errorf("without a word: %v", got)
	}
}

// completedInTime is completed, but asks again: on a busy machine, the emulator may answer later than a user waits.
func completedInTime(t *testing.T, endpoint string, want []string, words ...string) (got []string) {
	t.Helper()
	for end := time.Now().Add(*transcriptWait); time.Now().Before(end); {
		if got = completed(t, endpoint, words...); slices.Equal(got, want) {
			break
		}
	}
	return got
}

func TestRoomsAreCompleted(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	chatRoom(t, p, `"name":"stage"`)
	lobby := chatRoom(t, p, `"name":"lobby"`)
	other := chatRoom(t, p, `"name":"lobby"`)
	for _, c := range []struct {
		words []string
		want  []string
	}{
		{[]string{"room", "show", "s"}, []string{"stage"}},
		{[]string{"chat", "--as", "anna", "s"}, []string{"stage"}},
		{[]string{"fault", "add", "--room", "s"}, []string{"stage"}},
		{[]string{"tail", "--account", "111111111111", ""}, nil},
		{[]string{"token", lobby[:len(lobby)-6]}, []string{lobby}},
	} {
		if got := completedInTime(t, p.endpoint, c.want, c.words...); !slices.Equal(got, c.want) {
			t.Errorf("%v is completed with %v, want %v", c.words, got, c.want)
		}
	}
	both := []string{lobby, other, "stage"}
	slices.Sort(both)
	if got := completedInTime(t, p.endpoint, both, "room", "delete", ""); !slices.Equal(got, both) {
		t.Errorf("got %v, want %v, because two rooms have the same name", got, both)
	}
}

// asked makes ivschat-local a function of the shell that prints its arguments, except for what the completion asks.
const asked = `ivschat-local() {
  if [ "$1" = __complete ]; then command ivschat-local "$@"; else printf '<%s>' "$@"; echo ' end'; fi
}`

func TestShellsComplete(t *testing.T) {
	p := launchSelf(t, "--data", ":memory:")
	room := chatRoom(t, p, `"name":"lobby"`)
	for shell, load := range map[string]string{
		"bash": `source <(ivschat-local completion bash); ` + asked,
		"zsh":  `source <(ivschat-local completion zsh); ` + asked,
		"fish": `ivschat-local completion fish | source; function ivschat-local; if test $argv[1] = __complete; ` +
			`command ivschat-local $argv; else; printf '<%s>' $argv; echo ' end'; end; end`,
	} {
		t.Run(shell, func(t *testing.T) {
			if _, err := exec.LookPath(shell); err != nil && os.Getenv("REQUIRE_CLIENTS") == "" {
				t.Skip(shell + " is not installed")
			}
			t.Parallel()
			s := startShell(t, p, shell)
			s.press(t, load+"; echo loa''ded\r")
			s.wait(t, "loaded")
			for _, c := range []struct{ typed, want string }{
				{"snaps", "<snapshot>"},
				{"room show lob", "<room><show><lobby>"},
				{"clock advance-to next-se", "<clock><advance-to><next-session-end>"},
				{"room create --fallback=D", "<room><create><--fallback=DENY>"},
				{"room show " + room[:len(room)-4], "<room><show><" + room + ">"},
				{"snapshot load se", "<snapshot><load><seed.yaml>"},
				{"room list --reg", "<room><list><--region>"},
			} {
				s.complete(t, c.typed, c.want)
			}
		})
	}
}

// A shell is an interactive shell in a terminal.
type shell struct {
	*transcript
	keys *os.File
}

// startShell starts a shell in a directory with the file seed.yaml.
func startShell(t *testing.T, p *process, name string) shell {
	t.Helper()
	args := map[string][]string{
		"bash": {"--norc", "--noprofile", "-i"}, "zsh": {"-f", "-i"}, "fish": {"--no-config", "-i"},
	}[name]
	command := exec.Command(name, args...)
	command.Dir = t.TempDir()
	command.Env = append(inPath(t, p), "TERM=xterm", "HOME="+command.Dir, "LC_ALL=C.UTF-8")
	if err := os.WriteFile(filepath.Join(command.Dir, "seed.yaml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := shell{transcript: newTranscript()}
	var err error
	if s.keys, err = pty.StartWithSize(command, &pty.Winsize{Rows: 40, Cols: 200}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = s.keys.Close()
		_ = command.Wait()
	})
	go func() { _, _ = io.Copy(s, s.keys) }() // ends when the terminal is closed
	return s
}

// press types keys.
func (s shell) press(t *testing.T, keys string) {
	t.Helper()
	if _, err := io.WriteString(s.keys, keys); err != nil {
		t.Fatal(err)
	}
}

// arguments matches what asked prints.
var arguments = regexp.MustCompile(`(?:<[^<>\s]*>)+ end`)

// complete types a command, and has it completed and run, until the arguments are what is wanted: on a busy machine,
// the emulator may answer later than a user waits.
func (s shell) complete(t *testing.T, typed, want string) {
	t.Helper()
	got := ""
	for end := time.Now().Add(*transcriptWait); got != want+" end" && time.Now().Before(end); {
		before := len(arguments.FindAllString(s.String(), -1))
		s.press(t, "ivschat-local "+typed+"\t\r")
		s.wait(t, fmt.Sprintf(`(?s)(?:%s.*?){%d}`, arguments, before+1))
		got = arguments.FindAllString(s.String(), -1)[before]
	}
	if got != want+" end" {
		t.Errorf("%s is completed to %s, want %s", typed, got, want)
	}
}
