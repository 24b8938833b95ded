package emulator_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/internal/natsserver"
)

// linesIn returns the lines of all files in a directory.
func linesIn(t *testing.T, dir string) (lines []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		lines = append(lines, strings.Split(strings.TrimSpace(string(text)), "\n")...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestARecordOfAChatLogIsWrittenOnceForAllNodes(t *testing.T) {
	server, folder := natsserver.Start(t), t.TempDir()
	var nodes []*emulator.Emulator
	for _, name := range []string{"a", "b", "c"} {
		e := newEmulator(t, emulator.Config{
			NATS: []string{server.URL}, ClusterSecret: "a secret for tests", Node: name, ChatLogs: folder,
		})
		if err := e.Start(); err != nil {
			t.Fatal(err)
		}
		nodes = append(nodes, e)
	}
	a, b, c := nodes[0], nodes[1], nodes[2]
	arn := create(t, a, "CreateLoggingConfiguration",
		`{"destinationConfiguration":{"cloudWatchLogs":{"logGroupName":"group"}}}`)
	room := createRoom(t, b, fmt.Sprintf(`{"loggingConfigurationIdentifiers":[%q]}`, arn))
	say := func(at *emulator.Emulator, text string) {
		t.Helper()
		client, err := chatclient.Dial(t.Context(), at.URL(), createToken(t, at, room, text, ""), chatclient.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		if _, err := client.SendMessage(text, nil); err != nil {
			t.Fatal(err)
		}
	}
	for i, e := range nodes {
		say(e, fmt.Sprint("message-", i))
	}
	records := entries(t, b, "chat-logs/records?count=3&timeout=30s&room="+url.QueryEscape(room))
	if len(records) != 3 {
		t.Fatalf("node b shows %d records", len(records))
	}
	if answer := adminAnswer(c, "POST", "clock", `{"advance":"1m"}`); answer.Code >= http.StatusBadRequest {
		t.Fatal(answer.Code, answer.Body)
	}
	expect := func(count int) {
		t.Helper()
		lines := linesIn(t, folder)
		if len(lines) != count {
			t.Fatalf("the folder has %d records, want %d: %s", len(lines), count, lines)
		}
		for i, line := range lines {
			if !strings.Contains(line, fmt.Sprint("message-", i)) {
				t.Errorf("record %d is %s", i, line)
			}
		}
	}
	expect(3)
	say(b, "message-3")
	if err := a.Close(); err != nil { // which has written the first ones
		t.Fatal(err)
	}
	say(c, "message-4")
	began := time.Now()
	if answer := adminAnswer(b, "POST", "chat-logs/flush", ""); answer.Code != http.StatusOK {
		t.Fatal(answer.Code, answer.Body)
	}
	expect(5)
	if waited := time.Since(began); waited > 5*time.Second {
		t.Errorf("the flush has taken %v", waited)
	}
}
