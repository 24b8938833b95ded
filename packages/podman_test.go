package packages

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/internal/need"
)

// A containerEngine is podman with storage, networks and settings of its own, so that it shares nothing with the
// containers of the machine, nor with another test process.
type containerEngine struct {
	dir string
	// host is the URL of the socket that has Docker's API.
	host string
	// image is the name of the emulator's image, which is loaded.
	image string

	service *exec.Cmd
	input   io.Closer    // of the service, whose end ends it
	log     bytes.Buffer // of the service; read it only after its end
}

// runService runs the service with the rest of the arguments, which are a command of podman. When its input ends, also
// because the test process was killed, it removes what the engine has made, and the directory of the first argument.
// The service gets the socket as systemd would pass it.
const runService = `
trap '' INT # of a terminal, which is also for the test process
dir=$1
shift
LISTEN_FDS=1 sh -c 'LISTEN_PID=$$ exec "$@"' sh "$@" system service --time 0 &
cat > /dev/null
"$@" rm --all --force --time 0 > /dev/null && "$@" network prune --force > /dev/null
result=$?
kill -9 $!
rm -rf "$dir"
exit $result
`

var running *containerEngine // for endEngine; nil if no test has needed it

// startEngine starts the engine once for all tests.
var startEngine = sync.OnceValues(func() (*containerEngine, error) {
	dir, err := os.MkdirTemp("", "podman") // t.TempDir can be too long for the path of a socket
	if err != nil {
		return nil, err
	}
	running = &containerEngine{dir: dir, host: "unix://" + filepath.Join(dir, "s")}
	return running, running.start()
})

// engine returns the container engine of this test process, with the emulator's image. It skips the test if there is no
// podman.
func engine(t testing.TB) *containerEngine {
	t.Helper()
	needPodman(t)
	needModules(t, "image") // with which the image is made
	e, err := startEngine()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// needPodman skips a test if there is no podman.
func needPodman(t testing.TB) {
	t.Helper()
	_, missing := exec.LookPath("podman")
	_, missingFirewall := exec.LookPath("iptables")
	need.Client(t, missing == nil && missingFirewall == nil && os.Getuid() == 0, "podman",
		"apt-get install podman runc netavark aardvark-dns iptables, and run the tests as root")
}

// endEngine removes what the engine has made. It is called after all tests.
func endEngine() {
	if running == nil {
		return
	}
	if running.service != nil {
		running.input.Close()
		if err := running.service.Wait(); err != nil {
			fmt.Fprintf(os.Stderr, "the end of podman: %v\n%s", err, &running.log)
		}
	}
	endMonitors(running.dir)
	_ = os.RemoveAll(running.dir)
}

// variables returns the environment of a client of Docker's API.
func (e *containerEngine) variables() []string {
	return append(os.Environ(),
		"CONTAINERS_CONF="+e.path("containers.conf"), // for clients that run podman
		"DOCKER_HOST="+e.host,
		"TESTCONTAINERS_RYUK_DISABLED=true",      // its image cannot be pulled without a network
		"TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1", // also if this machine looks like a container itself
		"IVSCHAT_IMAGE="+e.image,
	)
}

// withDocker returns variables in whose PATH the program docker is this podman.
func (e *containerEngine) withDocker(t testing.TB) []string {
	t.Helper()
	dir := t.TempDir()
	writeProgram(t, dir, "docker", "exec '"+strings.Join(e.command().Args, "' '")+"' \"$@\"")
	return append(e.variables(), "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// command returns a command of podman.
func (e *containerEngine) command(args ...string) *exec.Cmd {
	command := exec.Command("podman", append([]string{
		"--root", e.path("root"), "--runroot", e.path("run"), "--tmpdir", e.path("tmp"), "--storage-driver", "vfs",
	}, args...)...)
	command.Env = append(os.Environ(), "CONTAINERS_CONF="+e.path("containers.conf"))
	return command
}

// run runs a command of podman and returns its standard output, without space around it.
func (e *containerEngine) run(t testing.TB, args ...string) string {
	t.Helper()
	command := e.command(args...)
	var log bytes.Buffer
	command.Stderr = &log
	output, err := command.Output()
	if err != nil {
		t.Fatalf("podman %q: %v\n%s%s", args, err, output, &log)
	}
	return string(bytes.TrimSpace(output))
}

// awaitReady waits until the emulator in a container says that it is ready, for at most a minute.
func (e *containerEngine) awaitReady(t testing.TB, container string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := e.command("logs", "--follow", container)
	logs := exec.CommandContext(ctx, command.Path, command.Args[1:]...)
	logs.Env = command.Env
	output, err := logs.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := logs.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cancel(); _ = logs.Wait() }()
	var log []string
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if log = append(log, lines.Text()); lines.Text() == "Ready." {
			return
		}
	}
	t.Fatalf("the emulator is not ready: %s\n%s", strings.Join(log, "\n"), e.run(t, "inspect", container))
}

func (e *containerEngine) path(name string) string { return filepath.Join(e.dir, name) }

// start configures podman, starts the server of Docker's API, and loads the image.
func (e *containerEngine) start() error {
	if err := e.configure(); err != nil {
		return err
	}
	listener, err := net.Listen("unix", e.path("s"))
	if err != nil {
		return err
	}
	defer listener.Close()
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	socket, err := listener.(*net.UnixListener).File()
	if err != nil {
		return err
	}
	defer socket.Close()
	// So clients can connect at once, and wait until it answers.
	podman := e.command()
	service := exec.Command("sh", append([]string{"-c", runService, "sh", e.dir}, podman.Args...)...)
	service.Env = podman.Env
	if e.input, err = service.StdinPipe(); err != nil {
		return err
	}
	service.ExtraFiles = []*os.File{socket}
	service.Stdout, service.Stderr = &e.log, &e.log
	if err := service.Start(); err != nil {
		return err
	}
	e.service = service
	return e.load()
}

// configure writes the settings of podman: limits and a runtime that also work in a sandbox, and a default network
// whose bridge and addresses are not those of another podman on the machine.
func (e *containerEngine) configure() error {
	number := make([]byte, 2)
	_, _ = rand.Read(number) // never fails
	subnet := fmt.Sprintf("10.%d.%d", 128+number[0]%64, number[1])
	network, err := json.Marshal(map[string]any{
		"name": "podman", "id": fmt.Sprintf("%064x", number), "driver": "bridge",
		"network_interface": fmt.Sprintf("ivschat%x", number), "created": "2026-01-01T00:00:00Z",
		"subnets":      []map[string]string{{"subnet": subnet + ".0/24", "gateway": subnet + ".1"}},
		"ipv6_enabled": false, "internal": false, "dns_enabled": false,
		"ipam_options": map[string]string{"driver": "host-local"},
	})
	if err != nil {
		return err
	}
	if err := os.Mkdir(e.path("networks"), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(e.path("networks/podman.json"), network, 0o644); err != nil {
		return err
	}
	return os.WriteFile(e.path("containers.conf"), podmanSettings(e.path("networks")), 0o644)
}

// podmanSettings returns a containers.conf for a sandbox, with a directory of networks.
func podmanSettings(networks string) []byte {
	return fmt.Appendf(nil, `
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=1000:1000"]
[network]
network_backend = "netavark"
network_config_dir = %q
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
events_logger = "file"
lock_type = "file"
`, networks)
}

// load loads the emulator's image for this platform.
func (e *containerEngine) load() error {
	dir, err := buildImages()
	if err != nil {
		return err
	}
	e.image = imageName
	archive := filepath.Join(dir, "ivschat-local-linux-"+runtime.GOARCH+".tar")
	return execute(e.command("load", "--quiet", "--input", archive))
}
