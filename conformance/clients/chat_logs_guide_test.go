package clients_test

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/internal/guides"
	"github.com/ivschat-local/ivschat-local/internal/need"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// consumers are the programs of the guide. Tests run all of them.
var consumers = []string{"testdata/chat-logs/consumer.py", "testdata/chat-logs/events.py"}

func TestTheGuideToChatLogsHasTheProgramsThatTheTestsRun(t *testing.T) {
	t.Parallel()
	guide := guides.Open(t, "docs/chat-logs.md", "python", "go")
	for _, path := range consumers {
		guide.HasFile(path)
	}
	guide.IsIn("chat_logs_guide_test.go", "go", "folder := ")
}

func TestAGoTestReadsAChatLog(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	e := emulatortest.Start(t, emulator.Config{ChatLogs: folder})
	chat := ivschat.NewFromConfig(e.Config())
	logs, err := chat.CreateLoggingConfiguration(t.Context(), &ivschat.CreateLoggingConfigurationInput{
		DestinationConfiguration: &types.DestinationConfigurationMemberS3{
			Value: types.S3DestinationConfiguration{BucketName: aws.String("chat-logs")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	room, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{
		LoggingConfigurationIdentifiers: []string{*logs.Arn},
	})
	if err != nil {
		t.Fatal(err)
	}
	anna := e.Connect(*room.Arn, "anna", "SEND_MESSAGE")
	anna.SendMessage("hello")
	for _, entry := range e.WaitLogRecords(*room.Arn, 1) {
		if !strings.Contains(string(entry.Log.Record), `"Content":"hello"`) {
			t.Errorf("got the record %s", entry.Log.Record)
		}
	}
	e.Advance(5 * time.Minute) // writes the file, below s3/chat-logs in the folder
	lines := recordsIn(t, filepath.Join(folder, "s3/chat-logs"))
	if len(lines) != 1 || !strings.Contains(lines[0], `"hello"`) {
		t.Errorf("the folder has %q", lines)
	}
}

// recordsIn returns the records in the objects below a folder, in the order of their names.
func recordsIn(t *testing.T, folder string) (lines []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			lines = append(lines, decompressed(t, []byte(read(t, path)))...)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// TestTheCommandsOfTheGuideToChatLogs runs the commands of each section, with the room at the top of the guide, and
// with the first emulator that the section starts.
func TestTheCommandsOfTheGuideToChatLogs(t *testing.T) {
	t.Parallel()
	need.Client(t, succeeds("curl", "--version"), "curl", "apt-get install curl")
	need.Client(t, succeeds("jq", "--version"), "jq", "apt-get install jq")
	need.Client(t, succeeds("aws", "--version"), "AWS CLI", "apt-get install awscli, or https://aws.amazon.com/cli")
	python := pythonOfMoto(t)
	var room string
	var titles []string
	flags, commands := map[string][]string{}, map[string]string{}
	for _, block := range guides.Open(t, "docs/chat-logs.md", "sh").Blocks("sh") {
		arguments, starts := strings.CutPrefix(block.Code, "ivschat-local ")
		switch {
		case block.Section == "":
			room += block.Code
		case starts:
			flags[block.Section] = append(flags[block.Section], strings.TrimSpace(arguments))
		default:
			if commands[block.Section] == "" {
				titles = append(titles, block.Section)
			}
			commands[block.Section] += block.Code
		}
	}
	for _, title := range titles {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			flags := flags[title]
			moto := "http://127.0.0.1:5000"
			if strings.Contains(commands[title]+strings.Join(flags, ""), moto) {
				moto = startMoto(t)
			}
			dir := t.TempDir()
			for _, path := range consumers {
				err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), []byte(read(t, path)), 0o600)
				if err != nil {
					t.Fatal(err)
				}
			}
			var emulator string
			for _, each := range append(flags, "")[:max(len(flags), 1)] {
				url := startInShell(t, dir, strings.ReplaceAll(each, "http://127.0.0.1:5000", moto))
				if emulator == "" {
					emulator = url
				}
			}
			script := strings.NewReplacer("http://127.0.0.1:4700", emulator, "http://127.0.0.1:5000", moto,
				"\ncurl ", "\ncurl -sS --fail-with-body ").Replace("\n" + room + "\n" + commands[title])
			expectGoals(t, dir, script, filepath.Dir(python))
		})
	}
	if len(titles) < 4 {
		t.Errorf("only the sections %q have commands", titles)
	}
}

// startInShell starts the emulator with flags as a shell reads them, in a directory, and returns its URL.
func startInShell(t *testing.T, dir, flags string) (endpoint string) {
	t.Helper()
	if !strings.Contains(flags, "--data") {
		flags = "--data :memory: " + flags
	}
	start := "cd " + dir + " && exec " + program.Path(t) + " --listen 127.0.0.1:0 " + flags
	emulator := launch(t, "sh", []string{"-c", start}, "")
	line, err := emulator.until("Endpoint:")
	if err != nil {
		t.Fatalf("%s: %v", flags, err)
	}
	_, endpoint, _ = strings.Cut(line, "Endpoint:")
	endpoint = strings.TrimSpace(endpoint)
	if _, err := url.Parse(endpoint); err != nil {
		t.Fatal(err)
	}
	return endpoint
}

// expectGoals runs a script in a directory, with a Python that has boto3. Whatever prints a payload in it must print
// that of the event in the guide.
func expectGoals(t *testing.T, dir, script, python string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
	command.Dir = dir
	command.Env = append(os.Environ(), append(awsEnvironment(dir), "NO_PROXY=*", "AWS_PAGER=",
		"PATH="+python+string(os.PathListSeparator)+os.Getenv("PATH"))...)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, script, output)
	}
	want := strings.Count(script, "jq .payload")
	if got := strings.Count(string(output), `"EventName": "goal"`); got != want {
		t.Errorf("%d payloads were printed, want %d, by\n%s\n%s", got, want, script, output)
	}
}
