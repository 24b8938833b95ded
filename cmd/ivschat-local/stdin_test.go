package main

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestTheEmulatorStopsWhenItsStandardInputEndsIfThatWasAskedFor(t *testing.T) {
	command := exec.Command(os.Args[0], "--stop-with-stdin", "--listen", "127.0.0.1:0", "--data", inMemory)
	command.Env = append(os.Environ(), asProgram+"=1", endAtOnce)
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() })
	var endpoint string
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "Ready." {
		if _, rest, found := strings.Cut(lines.Text(), "Endpoint: "); found {
			endpoint = rest
		}
	}
	if _, err := in.Write([]byte("what is written is ignored\n")); err != nil {
		t.Fatal(err)
	}
	answer, err := http.Get(endpoint + "/health")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	in.Close()
	if err := command.Wait(); err != nil {
		t.Errorf("the emulator ended with %v", err)
	}
}
