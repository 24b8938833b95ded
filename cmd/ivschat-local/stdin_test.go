package main

import (
	"io"
	"net/http"
	"testing"
)

func TestTheEmulatorStopsWhenItsStandardInputEndsIfThatWasAskedFor(t *testing.T) {
	p := launchSelf(t, "--stop-with-stdin", "--data", inMemory)
	if _, err := io.WriteString(p.stdin, "what is written is ignored\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := http.Get(p.endpoint + "/health")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	p.stdin.Close()
	if err := p.command.Wait(); err != nil {
		t.Errorf("the emulator ended with %v", err)
	}
}
