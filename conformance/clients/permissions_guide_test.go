package clients_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/internal/guides"
	"github.com/ivschat-local/ivschat-local/internal/need"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

func TestAGoTestChecksPermissions(t *testing.T) {
	t.Parallel()
	const callers = `
- accessKeyId: TOKENS
  secretAccessKey: tokens-secret
  policies:
    - Version: "2012-10-17"
      Statement: [{Effect: Allow, Action: "ivschat:CreateChatToken", Resource: "*"}]
`
	e := emulatortest.Start(t, emulator.Config{Auth: emulator.AuthIAM, Credentials: callers})
	room := e.Room() // needs no permission
	chat := ivschat.NewFromConfig(e.Config())
	if _, err := chat.CreateChatToken(t.Context(), &ivschat.CreateChatTokenInput{
		RoomIdentifier: &room, UserId: aws.String("anna"),
	}); err != nil {
		t.Error(err)
	}
	_, err := chat.DeleteRoom(t.Context(), &ivschat.DeleteRoomInput{Identifier: &room})
	if _, denied := errors.AsType[*types.AccessDeniedException](err); !denied {
		t.Errorf("the room can be deleted: %v", err)
	}
}

func TestTheGuideToPermissionsHasTheExampleInGoThatTheTestsRun(t *testing.T) {
	t.Parallel()
	guides.Open(t, "docs/permissions.md", "go").IsIn("permissions_guide_test.go", "go", "const callers")
}

// refusedCommand matches a command of the guide, and the comment that says how it is refused.
var refusedCommand = regexp.MustCompile(`(?m)^(.+?) +# (\w+)$`)

// mustFail is a function of the shell. It runs a command that must fail and print a text.
const mustFail = `mustfail() {
  if eval "$2" >output.txt 2>&1; then echo "was not refused: $2"; exit 1; fi
  grep -q "$1" output.txt || { cat output.txt; exit 1; }
  if [ "$1" = implicitDeny ]; then mv output.txt explained.txt; fi
}
`

// TestTheCommandsOfTheGuideToPermissions starts each emulator of the guide, and runs the commands with the one that
// has its credentials file.
func TestTheCommandsOfTheGuideToPermissions(t *testing.T) {
	t.Parallel()
	need.Client(t, succeeds("jq", "--version"), "jq", "apt-get install jq")
	need.Client(t, succeeds("aws", "--version"), "AWS CLI", "apt-get install awscli, or https://aws.amazon.com/cli")
	guide, dir := guides.Open(t, "docs/permissions.md", "sh", "yaml"), t.TempDir()
	callers := guide.Block("yaml", "accessKeyId")
	if err := os.WriteFile(filepath.Join(dir, "callers.yaml"), []byte(callers), 0o600); err != nil {
		t.Fatal(err)
	}
	var endpoint, script string
	for _, block := range guide.Blocks("sh") {
		flags, starts := strings.CutPrefix(block.Code, "ivschat-local --")
		if !starts {
			script += block.Code
			continue
		}
		if url := startInShell(t, dir, "--"+strings.TrimSpace(flags)); strings.Contains(flags, "callers.yaml") {
			endpoint = url
		}
	}
	refused := refusedCommand.FindAllString(script, -1)
	script = mustFail + refusedCommand.ReplaceAllString(script, `mustfail $2 '$1'`)
	command := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
	command.Dir = dir
	command.Env = append(os.Environ(), append(awsEnvironment(dir), "AWS_PAGER=",
		"IVSCHAT_LISTEN="+strings.TrimPrefix(endpoint, "http://"),
		"PATH="+filepath.Dir(program.Path(t))+string(os.PathListSeparator)+os.Getenv("PATH"))...)
	output, err := command.CombinedOutput()
	if err != nil || len(refused) < 8 {
		t.Fatalf("%d commands must be refused: %v\n%s\n%s", len(refused), err, script, output)
	}
	_, explained, _ := strings.Cut(guide.Text(), "The second one prints:\n\n```\n")
	explained, _, _ = strings.Cut(explained, "```")
	sameRoom := regexp.MustCompile(`room/\w{12}`)
	got := read(t, filepath.Join(dir, "explained.txt"))
	if sameRoom.ReplaceAllString(got, "") != sameRoom.ReplaceAllString(explained, "") {
		t.Errorf("policy explain prints\n%s", got)
	}
}
