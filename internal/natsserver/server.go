// Package natsserver runs nats-server as a process, for tests.
package natsserver

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/need"
)

// A Server is a nats-server with JetStream that ends with the test. Only one goroutine may use its methods at a time.
type Server struct {
	// URL is the address of the server, also after Restart: nats://127.0.0.1:PORT.
	URL string

	t     testing.TB
	port  int
	store string   // the directory of JetStream
	flags []string // of Start

	command *exec.Cmd     // the process; nil while there is none
	ended   chan struct{} // closed when the process has ended

	mu  sync.Mutex // guards log
	log bytes.Buffer
}

// path builds the server, unless the build cache of Go has it, and returns its path. The modules on which it
// depends are not downloaded.
var path = sync.OnceValues(func() (path string, err error) {
	module, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", err
	}
	command := exec.Command("go", "tool", "-n", "nats-server")
	command.Dir = filepath.Join(filepath.Dir(strings.TrimSpace(string(module))), "conformance", "clients", "nats")
	command.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=readonly", "GOWORK=off")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	return strings.TrimSpace(string(output)), nil
})

// Start starts a server on a free port of 127.0.0.1, with its data in a directory of the test, until the end of the
// test. It returns when the server is ready. The test is skipped if the server cannot be built. flags are more flags
// of nats-server, for instance those for TLS.
func Start(t testing.TB, flags ...string) *Server {
	t.Helper()
	_, err := path()
	if err != nil {
		t.Log(err)
	}
	need.Client(t, err == nil, "nats-server", "cd conformance/clients/nats && go mod download")
	s := &Server{t: t, store: t.TempDir(), flags: flags}
	t.Cleanup(func() {
		s.Kill()
		if t.Failed() {
			lines := strings.Split(strings.TrimSpace(s.Log()), "\n")
			t.Logf("the end of the log of nats-server:\n%s", strings.Join(lines[max(0, len(lines)-20):], "\n"))
		}
	})
	for range 5 {
		// A port that the system never gives to an outgoing connection: only another server can take it while this
		// one is down, and a client that connects meanwhile never connects to itself.
		s.port = 10000 + rand.IntN(20000)
		if err = s.start(); err == nil {
			s.URL = "nats://127.0.0.1:" + strconv.Itoa(s.port)
			return s
		}
	}
	t.Fatal(err)
	return nil
}

// Process returns the process of the server, which must run.
func (s *Server) Process() *os.Process { return s.command.Process }

// Kill kills the server with a signal that it cannot handle, and waits for its end.
func (s *Server) Kill() {
	if s.command == nil {
		return
	}
	_ = s.command.Process.Kill()
	<-s.ended
	_ = s.command.Wait()
	s.command = nil
}

// Restart kills the server if it runs, and starts it again at the same address and with the same data. It returns
// when the server is ready.
func (s *Server) Restart() {
	s.t.Helper()
	s.Kill()
	if err := s.start(); err != nil {
		s.t.Fatal(err)
	}
}

// Log returns what the server has written until now.
func (s *Server) Log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// start starts a process, and waits until it is ready.
func (s *Server) start() error {
	path, err := path()
	if err != nil {
		return err
	}
	command := exec.Command(path, append([]string{
		"--addr", "127.0.0.1", "--port", strconv.Itoa(s.port), "--jetstream", "--store_dir", s.store,
	}, s.flags...)...)
	output, err := command.StderrPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	s.command, s.ended = command, make(chan struct{})
	ready := make(chan bool, 1)
	go func() { // ends with the process
		defer close(s.ended)
		s.read(output, ready)
	}()
	if !<-ready {
		s.Kill()
		return fmt.Errorf("nats-server ended before it was ready:\n%s", s.Log())
	}
	return nil
}

// read keeps the log of a process until its end, and says whether it became ready.
func (s *Server) read(output io.Reader, ready chan<- bool) {
	for lines := bufio.NewReader(output); ; {
		line, err := lines.ReadString('\n')
		s.mu.Lock()
		s.log.WriteString(line)
		s.mu.Unlock()
		if err != nil || strings.HasSuffix(line, "Server is ready\n") {
			select {
			case ready <- err == nil:
			default: // start does not wait any more
			}
		}
		if err != nil {
			return
		}
	}
}
