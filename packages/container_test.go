package packages

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
)

// A container runs the emulator's image. Its port is published at a free port of this machine.
type container struct {
	*containerEngine
	t       *testing.T
	id      string
	address string // HOST:PORT
}

// emulate starts a container with options of podman run and flags of the emulator, until the end of the test. It
// returns as soon as the emulator is ready.
func (e *containerEngine) emulate(t *testing.T, options []string, flags ...string) container {
	t.Helper()
	args := append([]string{"run", "--detach", "--publish", "127.0.0.1::4700"}, options...)
	c := container{e, t, e.run(t, append(append(args, e.image), flags...)...), ""}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(c.logs())
		}
		e.run(t, "rm", "--force", "--time", "0", "--volumes", c.id)
	})
	e.awaitReady(t, c.id)
	c.address = e.run(t, "port", c.id, "4700/tcp")
	return c
}

// logs returns what the emulator has written so far.
func (c container) logs() string {
	output, _ := c.command("logs", c.id).CombinedOutput()
	return string(output)
}

// ivschat runs a command of the program in the container.
func (c container) ivschat(args ...string) string {
	c.t.Helper()
	return c.run(c.t, append([]string{"exec", c.id, "/ivschat-local"}, args...)...)
}

// join creates a room and connects a chat client to it.
func (c container) join() *chatclient.Client {
	c.t.Helper()
	service := chatclient.ControlPlane{
		Endpoint: "http://" + c.address, AccountID: "123456789012", Region: "us-east-1",
	}
	room, err := service.CreateRoom(c.t.Context(), chatclient.CreateRoomInput{})
	if err != nil {
		c.t.Fatal(err)
	}
	token, err := service.CreateChatToken(c.t.Context(), chatclient.CreateChatTokenInput{
		RoomIdentifier: room, UserID: "anna", Capabilities: []string{"SEND_MESSAGE"},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	client, err := chatclient.Dial(c.t.Context(), "ws://"+c.address, token, chatclient.Options{})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { client.Close() })
	return client
}

// volume returns the name of a new volume, which is removed at the end of the test.
func (e *containerEngine) volume(t *testing.T) (name string) {
	t.Helper()
	name = e.run(t, "volume", "create")
	t.Cleanup(func() { e.run(t, "volume", "rm", name) })
	return name
}

// within returns a context for a step that must end, but may be slow on a busy machine.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestAContainerServesChatClientsOfTheMachine(t *testing.T) {
	t.Parallel()
	client := engine(t).emulate(t, nil).join()
	if _, err := client.SendMessage("hello", nil); err != nil {
		t.Fatal(err)
	}
	frame, err := client.Receive(within(t))
	if err != nil || frame.Content != "hello" {
		t.Errorf("the client received %+v: %v", frame, err)
	}
}

func TestAVolumeKeepsTheRoomsOfAContainer(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]string{
		"of the user of the image": nil,
		"of another user":          {"--user", "1000:1000"},
		"without any privileges": {
			"--read-only", "--read-only-tmpfs=false", "--cap-drop", "all", "--security-opt", "no-new-privileges",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := engine(t)
			options := append(options, "--volume", e.volume(t)+":/data")
			first := e.emulate(t, options)
			room := first.ivschat("room", "create", "lobby")
			first.run(t, "stop", "--time", "60", first.id)
			second := e.emulate(t, options)
			if found := second.ivschat("room", "list"); !strings.Contains(found, room) {
				t.Errorf("the rooms are %s, want %s", found, room)
			}
		})
	}
}

func TestAFolderOfTheMachineCanBeTheVolumeOfItsOwner(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.Chown(folder, 1234, 1234); err != nil {
		t.Skip("only root can give folders away:", err)
	}
	c := engine(t).emulate(t, []string{"--user", "1234:1234", "--volume", folder + ":/data"})
	c.ivschat("room", "create", "lobby")
	if files, err := os.ReadDir(folder); err != nil || len(files) == 0 {
		t.Errorf("the folder has %v: %v", files, err)
	}
}

// The health check of the image is process 1's, which may have another address.
func TestTheHealthCheckOfAContainerFollowsItsEmulator(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string][]string{
		"of the image":         nil,
		"with another address": {"--listen", "0.0.0.0:5000"},
		"with TLS":             {"--tls", "auto"},
		"in memory":            {"--data", ":memory:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := engine(t).emulate(t, nil, flags...)
			if output, err := c.command("healthcheck", "run", c.id).CombinedOutput(); err != nil {
				t.Errorf("the container is not healthy: %s", output)
			}
			c.run(t, "kill", "--signal", "STOP", c.id) // its process does not answer any more
			defer c.run(t, "kill", "--signal", "CONT", c.id)
			if c.command("healthcheck", "run", c.id).Run() == nil {
				t.Error("the container is healthy although its emulator does not answer")
			}
		})
	}
}

func TestAContainerThatIsStoppedEndsItsConnections(t *testing.T) {
	t.Parallel()
	c := engine(t).emulate(t, nil)
	client := c.join()
	c.run(t, "stop", "--time", "60", c.id)
	if code := c.run(t, "inspect", "--format", "{{.State.ExitCode}}", c.id); code != "0" {
		t.Errorf("the exit code is %s", code)
	}
	if _, err := client.WaitClosed(within(t)); err != nil {
		t.Error(err)
	}
}

func TestContainersFindTheEmulatorByItsName(t *testing.T) {
	t.Parallel()
	e := engine(t)
	network := "n" + rand.Text()
	e.run(t, "network", "create", network)
	t.Cleanup(func() { e.run(t, "network", "rm", "--force", network) })
	c := e.emulate(t, []string{"--network", network, "--network-alias", "chat"}, "--tls", "auto", "--tls-name", "chat")
	room := c.ivschat("room", "create", "lobby")
	// Podman's DNS server knows no names for a moment whenever a container starts.
	other := func(args ...string) string {
		t.Helper()
		args = append([]string{"run", "--rm", "--network", network, e.image}, args...)
		for ctx := within(t); ; {
			output, err := e.command(args...).Output()
			if err == nil {
				return string(output)
			}
			if ctx.Err() != nil {
				t.Fatalf("podman %q: %v\n%s", args, err, err.(*exec.ExitError).Stderr)
			}
		}
	}
	other("health", "--listen", "chat:4700")
	if rooms := other("room", "list", "--endpoint", "http://chat:4700"); !strings.Contains(rooms, room) {
		t.Errorf("another container sees the rooms %s", rooms)
	}
	// The admin API checks the Host header.
	other("clock", "advance", "61m", "--endpoint", "http://chat:4700")

	// A client of this machine takes the certificate from the admin API, as for a container without a volume.
	answer, err := http.Get("http://" + c.address + "/_ivschat/v1/ca")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	authority, err := io.ReadAll(answer.Body)
	roots := x509.NewCertPool()
	if err != nil || !roots.AppendCertsFromPEM(authority) {
		t.Fatalf("the authority is %s: %v", authority, err)
	}
	for _, name := range []string{"chat", "localhost"} {
		connection, err := tls.Dial("tcp", c.address, &tls.Config{RootCAs: roots, ServerName: name})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		connection.Close()
	}
}
