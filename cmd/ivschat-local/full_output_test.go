package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestAVerbWhoseOutputCannotBeWrittenFails(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	p := launchSelf(t, "--data", ":memory:")
	chatRoom(t, p, `"name":"lobby"`)
	chatRoom(t, p, `"name":"other"`)
	for _, verb := range []string{
		"room create", "room create --json", "room list", "room show lobby", "room delete other", "token lobby --as anna",
		"token lobby --as anna --json", "chat lobby --as anna", "chat lobby --as anna --json", "tail --since all",
		"fault add --operation GetRoom --status 500", "fault list", "fault remove 1", "fault clear", "clock",
		"clock advance 1s --json", "clock due --json", "snapshot save", "reset", "reset --json",
	} {
		var stderr bytes.Buffer
		command := self(t, nil, append(strings.Fields(verb), "--endpoint", p.endpoint)...)
		command.Stdin, command.Stdout, command.Stderr = strings.NewReader("hello\n"), full, &stderr
		_ = command.Run() // its exit code is checked
		if code := command.ProcessState.ExitCode(); code != 1 || !strings.Contains(stderr.String(), "no space left") ||
			strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("%s: exit code %d: %s", verb, code, &stderr)
		}
	}
}

func TestNumbersThatJSONDoesNotHaveAreRefused(t *testing.T) {
	for _, args := range []string{
		"clock scale Inf", "clock scale NaN", "clock scale 1e999", "fault remove +1", "fault remove 007", "fault remove -1",
		"fault add --operation GetRoom --status 500 --probability NaN",
		"fault add --operation GetRoom --status 500 --probability 0x1p-2",
		"fault add --operation GetRoom --status 500 --seed 007",
	} {
		if got := runSelf(t, nil, strings.Fields(args)...); got.code != 2 {
			t.Errorf("%s: %+v", args, got)
		}
	}
}
