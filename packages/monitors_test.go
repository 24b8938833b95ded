package packages

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// endMonitors ends the monitors, conmon, of an engine with this directory. Those of commands in containers and of health
// checks otherwise wait for minutes before they end.
func endMonitors(dir string) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline") // none on systems without podman
	for _, file := range files {
		line, err := os.ReadFile(file)
		name, args, _ := strings.Cut(string(line), "\x00")
		pid, notPID := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil || notPID != nil || filepath.Base(name) != "conmon" || !strings.Contains(args, dir+"/") {
			continue // also a process that has ended
		}
		if process, err := os.FindProcess(pid); err == nil {
			_ = process.Kill()
		}
	}
}

func TestOnlyTheMonitorsOfTheEngineAreEnded(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("there is no /proc")
	}
	dir := t.TempDir()
	for _, c := range []struct {
		name, dir string
		ended     bool
	}{
		{"/usr/bin/conmon", dir, true}, {"conmon", dir + "0", false}, {"podman", dir, false},
	} {
		process := exec.Command("sh")
		process.Args = []string{c.name, "-c", "echo; read end", c.name, "--bundle", c.dir + "/root"}
		input, err := process.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		output, err := process.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
		_, _ = output.Read(make([]byte, 1)) // its command line is that of the shell now
		endMonitors(dir)
		_ = input.Close()
		_ = process.Wait() // the status says it
		status := process.ProcessState.Sys().(syscall.WaitStatus)
		if status.Signaled() != c.ended {
			t.Errorf("%s with %s: it was ended: %t, want %t", c.name, c.dir, status.Signaled(), c.ended)
		}
	}
}
