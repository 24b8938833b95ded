package packages

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/internal/need"
)

// A machine is for the commands of guides, in which ports are fixed: nothing listens on its ports, and all that runs
// on it ends with the test. It has the files of this machine, and podman as docker and podman, with the image.
type machine struct {
	t testing.TB
	// dir is the current directory of its commands, which is empty at first.
	dir string
	// variables are added to the environment of its commands.
	variables []string

	tools   string // a directory in PATH
	process string // the ID of a process on it
}

// firstProcess prints its ID outside its namespace of processes, and waits for those that have lost their parents. It
// ends with its input, also if the test process is killed, and the kernel ends all others then.
const firstProcess = `
set -e
read -r id rest < /proc/self/stat
mount -t proc proc /proc
mkdir -p /run/containers
mount -t tmpfs tmpfs /run/containers # of podman's networks
ip link set lo up
echo $id
exec 3<&0
cat <&3 &
wait
`

// newMachine starts a machine, until the end of the test.
func newMachine(t testing.TB) *machine {
	t.Helper()
	needPodman(t)
	_, missing := exec.LookPath("ip")
	need.Client(t, missing == nil, "iproute2", "apt-get install iproute2")
	images := images(t)
	root, err := os.MkdirTemp("", "machine") // t.TempDir can be too long for the path of a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(root); err != nil {
			t.Error(err)
		}
	})
	m := &machine{t: t, dir: filepath.Join(root, "dir"), tools: filepath.Join(root, "tools")}
	m.install(root)
	first := exec.Command("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", firstProcess)
	var log bytes.Buffer
	first.Stderr = &log
	input, noInput := first.StdinPipe()
	output, noOutput := first.StdoutPipe()
	if err := errors.Join(noInput, noOutput, first.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		input.Close()
		_ = first.Wait()
	})
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		_ = first.Wait()
		t.Fatalf("no machine: %v\n%s", err, &log)
	}
	m.process = strings.TrimSpace(line)
	// This also removes their cgroups. It fails if a container is to be removed before one that depends on it.
	t.Cleanup(func() { m.await("podman rm --all --force --time 0") })
	m.run("podman load --quiet --input " + filepath.Join(images, "ivschat-local-linux-"+runtime.GOARCH+".tar"))
	return m
}

// install writes the files of a machine.
func (m *machine) install(root string) {
	m.t.Helper()
	for _, dir := range []string{m.dir, m.tools, filepath.Join(root, "networks")} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			m.t.Fatal(err)
		}
	}
	podman, err := exec.LookPath("podman")
	if err != nil {
		m.t.Fatal(err)
	}
	settings := filepath.Join(root, "containers.conf")
	m.variables = []string{"CONTAINERS_CONF=" + settings}
	if err := os.WriteFile(settings, podmanSettings(filepath.Join(root, "networks")), 0o644); err != nil {
		m.t.Fatal(err)
	}
	script := fmt.Sprintf("exec %s --root %[2]s/root --runroot %[2]s/run --tmpdir %[2]s/tmp --storage-driver vfs \"$@\"",
		podman, root)
	m.tool("podman", script)
	m.tool("docker", script)
}

// tool adds a program to the machine, which is a shell script.
func (m *machine) tool(name, script string) {
	m.t.Helper()
	writeProgram(m.t, m.tools, name, script)
}

// write writes a file into the current directory of commands.
func (m *machine) write(name, content string) {
	m.t.Helper()
	write(m.t, m.dir, name, content)
}

// command returns a command that runs a script on the machine, and is killed after two minutes.
func (m *machine) command(script string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	m.t.Cleanup(cancel)
	command := exec.CommandContext(ctx, "nsenter", "--target", m.process, "--net", "--mount", "--pid",
		"bash", "-euo", "pipefail", "-c", "cd '"+m.dir+"'\n"+script)
	command.WaitDelay = 5 * time.Second // for a process that is not killed, but has its output
	command.Env = append(os.Environ(), append(m.variables,
		"PATH="+m.tools+string(os.PathListSeparator)+os.Getenv("PATH"))...)
	return command
}

// start runs a program on the machine until the end of the test.
func (m *machine) start(script string) {
	m.t.Helper()
	command := m.command("exec " + script)
	var log bytes.Buffer
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if m.t.Failed() {
			m.t.Log(&log)
		}
	})
}

// try runs a script on the machine and returns what it printed.
func (m *machine) try(script string) (output string, err error) {
	command := m.command(script)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return stdout.String(), fmt.Errorf("%w\n%s\n%s%s", err, script, &stdout, &stderr)
	}
	return stdout.String(), nil
}

// run is try for scripts that must succeed.
func (m *machine) run(script string) (output string) {
	m.t.Helper()
	output, err := m.try(script)
	if err != nil {
		m.t.Fatal(err)
	}
	return output
}

// await runs a script again until it succeeds, for at most a minute.
func (m *machine) await(script string) (output string) {
	m.t.Helper()
	for limit := time.Now().Add(time.Minute); ; {
		output, err := m.try(script)
		if err == nil {
			return output
		}
		if time.Now().After(limit) {
			m.t.Fatal(err)
		}
	}
}
