package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/internal/guides"
)

// A shell runs the examples one after another, with the address of a running emulator, a room with a session, a
// chat token, and the seed of the guide.
func TestTheCurlExamplesOfTheAdminAPIInTheGuidesWork(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	running := launchSelf(t, "--data", ":memory:")
	room := post(t, running.endpoint+"/CreateRoom", "{}").text("arn")
	token := post(t, running.endpoint+"/CreateChatToken", `{"roomIdentifier":"`+room+`","userId":"anna"}`).text("token")
	connectForHours(t, running.endpoint, room) // one example advances the clock by 61 minutes
	writeSeed(t, running.command.Dir)
	replacer := strings.NewReplacer("http://127.0.0.1:4700", running.endpoint, "ARN", room, "AQICAH…", token,
		"timeout=5s", "timeout=0s", "curl ", "curl -sS --fail-with-body ")
	var script string
	for _, guide := range []*guides.Guide{
		guides.Open(t, "docs/time.md", "sh"), guides.Open(t, "docs/faults.md", "sh"),
		guides.Open(t, "docs/moderation.md", "sh"), guides.Open(t, "docs/inspect.md", "sh"),
		guides.Open(t, "docs/state.md", "sh"),
	} {
		for _, block := range guide.Blocks("sh") {
			script += block.Code
		}
	}
	examples := 0
	for line := range strings.Lines(script) {
		if !strings.HasPrefix(line, "curl ") || strings.HasPrefix(line, "curl -N ") {
			continue // curl -N does not end
		}
		examples++
		command := exec.Command("sh", "-c", replacer.Replace(line))
		command.Dir = running.command.Dir
		output, err := command.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", line, err, output)
		}
		if strings.Contains(line, "with=") && !strings.Contains(string(output), `"request":{"roomIdentifier":`) {
			t.Errorf("%s: the answer has no such call: %s", line, output)
		}
	}
	if examples < 10 {
		t.Errorf("%d examples were run", examples)
	}
}

// connectForHours connects a client to the room, in which it may stay for three hours.
func connectForHours(t *testing.T, endpoint, room string) {
	t.Helper()
	body := `{"roomIdentifier":"` + room + `","userId":"ben","sessionDurationInMinutes":180}`
	token := post(t, endpoint+"/CreateChatToken", body).text("token")
	client, err := chatclient.Dial(t.Context(), endpoint, token, chatclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Drop)
}

// writeSeed writes the seed of the guide to a file in the directory, and returns its path.
func writeSeed(t *testing.T, dir string) (path string) {
	t.Helper()
	seed := guides.Open(t, "docs/state.md", "yaml").Block("yaml", "rooms:")
	path = filepath.Join(dir, "seed.yaml")
	if err := os.WriteFile(path, []byte(seed), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheSeedInTheGuideIsAccepted(t *testing.T) {
	path := writeSeed(t, t.TempDir())
	running := launchSelf(t, "--data", ":memory:", "--seed", path)
	if list := post(t, running.endpoint+"/ListRooms", "{}").body["rooms"]; fmt.Sprint(list) == "[]" {
		t.Error("no room was seeded")
	}
}
