package main

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// roundsPerCheck is after how many rounds a kill test of chat logs lets the destinations work, and checks them.
const roundsPerCheck = 10

// killWhileTalking kills the program while clients talk in its rooms, again and again. Now and then it lets the
// program deliver everything, and calls check with what is known.
func killWhileTalking(t *testing.T, s *spoken, random *rand.Rand, flags func(works bool) []string, check func()) {
	t.Helper()
	s.forget()
	dir := t.TempDir()
	var rooms []string
	for i := range *killRounds {
		r := &talkRound{spoken: s, t: t, rooms: rooms, p: launchSelf(t, append(flags(false), "--data", dir)...)}
		if i == 0 {
			rooms = createLoggedRooms(t, r.p.endpoint, 2)
			r.rooms = rooms
		}
		r.killDuring(random)
		if i%roundsPerCheck == roundsPerCheck-1 || i == *killRounds-1 {
			r.p = launchSelf(t, append(flags(true), "--data", dir)...)
			r.sayInEveryRoom() // or a file would perhaps get no record any more, and would stay as the kill left it
			flushAll(t, r.p)
			_ = r.p.command.Process.Kill()
			_ = r.p.command.Wait()
			check()
			s.forget()
		}
		if t.Failed() {
			t.Fatalf("in round %d of seed %d", i, *killSeed)
		}
	}
}

// The program is killed while clients talk, and while destinations fail in all ways in which a server can fail.
func TestWhatClientsReceivedIsInTheChatLogsAfterAKill(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(*killSeed, 1))
	s := &spoken{}
	server := startUnreliable(t, rand.New(rand.NewPCG(*killSeed, 2)), func() { s.count(func() {}) })
	flags := func(works bool) (flags []string) {
		server.setReliable(works)
		for _, flag := range []string{"--s3-endpoint", "--cloudwatch-logs-endpoint", "--firehose-endpoint"} {
			url := server.url
			if !works && random.IntN(8) == 0 {
				url = "http://127.0.0.1:1" // where nothing listens
			}
			flags = append(flags, flag, url)
		}
		return append(flags, "--chat-log-window", "1m")
	}
	received, duplicates, treated := 0, 0, map[string]int{}
	killWhileTalking(t, s, random, flags, func() {
		records, counts := server.take()
		received += len(s.received)
		duplicates += s.check(t, records)
		for way, count := range counts {
			treated[way] += count
		}
	})
	t.Logf("%d frames were received; %d records were delivered more than once; the destinations treated requests as "+
		"follows: %v", received, duplicates, treated)
	for _, way := range ways {
		if treated[way] == 0 {
			t.Errorf("no request met a destination that %s", way)
		}
	}
	if duplicates == 0 {
		t.Error("no record was delivered more than once, so no failure had an effect")
	}
}

// The program is killed while it writes chat logs to files.
func TestFilesOfChatLogsAreWholeAfterAKill(t *testing.T) {
	t.Parallel()
	random, dir := rand.New(rand.NewPCG(*killSeed, 3)), filepath.Join(t.TempDir(), "logs")
	s := &spoken{}
	flags := func(bool) []string {
		tear(t, dir)
		return []string{"--chat-logs", dir, "--chat-log-window", "1s"}
	}
	received, duplicates := 0, 0
	killWhileTalking(t, s, random, flags, func() {
		records := collected{}
		readChatLogs(t, dir, records)
		received += len(s.received)
		duplicates += s.check(t, records)
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("%d frames were received; %d records were delivered more than once", received, duplicates)
}

// tear leaves in each file with lines what a kill in the middle of a write can leave.
func tear(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // nothing was written yet
		}
		if err != nil || !strings.HasSuffix(path, ".jsonl") {
			return err
		}
		lines, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		torn, _, _ := bytes.Cut(lines, []byte(`,"version"`))
		return os.WriteFile(path, append(lines, torn...), 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// readChatLogs reads the chat logs of a folder, all of which must be whole.
func readChatLogs(t *testing.T, dir string, into collected) {
	t.Helper()
	kinds := map[string]string{"s3": "s3", "cloudwatch-logs": "cloudWatchLogs", "firehose": "firehose"}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		folder, name, _ := strings.Cut(filepath.ToSlash(name), "/")
		if folder == "s3" && err == nil {
			text, err = gunzip(text)
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		if folder == "firehose" {
			name = ""
		}
		if !into.addLines(kinds[folder], name, text) {
			t.Errorf("%s does not have whole lines", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
