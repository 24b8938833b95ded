package clients_test

import (
	"bufio"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/internal/need"
)

// pythonOfMoto returns the Python that has moto and boto3.
func pythonOfMoto(t *testing.T) (path string) {
	t.Helper()
	path, err := filepath.Abs("moto/venv/bin/python")
	if err != nil {
		t.Fatal(err)
	}
	need.Client(t, succeeds(path, "-c", "import moto.server, flask, docker, boto3"), "moto",
		"make conformance/clients/moto/venv")
	return path
}

// startMoto starts moto with the APIs of Lambda, S3, CloudWatch Logs and Firehose until the end of the test, and
// returns its URL.
func startMoto(t *testing.T) (url string) {
	t.Helper()
	server := launch(t, pythonOfMoto(t), []string{"server.py"}, "moto", awsEnvironment(t.TempDir())...)
	line, err := server.until("http://")
	if err != nil {
		t.Fatalf("moto ended before it was ready: %v", err)
	}
	return line
}

// startServerless starts serverless-offline with the functions review and failing until the end of the test. It
// returns the URL of its Lambda API.
func startServerless(t *testing.T) (url string) {
	t.Helper()
	need.Client(t, succeeds("node", "--version"), "Node.js", "https://nodejs.org, version 20 or later")
	program, err := filepath.Abs("serverless/node_modules/osls/bin/serverless.js")
	if err != nil {
		t.Fatal(err)
	}
	_, err = os.Stat(program)
	need.Client(t, err == nil, "serverless-offline", "npm ci --prefix conformance/clients/serverless")
	return startAtFreePort(t, func(address string) error {
		_, port, _ := net.SplitHostPort(address)
		args := []string{program, "offline", "start", "--lambdaPort", port, "--host", "127.0.0.1"}
		_, err := launch(t, "node", args, "serverless", "HOME="+t.TempDir()).until("* failing:")
		return err
	})
}

// buildRIE builds the Runtime Interface Emulator and its handlers, rie and failing, and returns the directory in
// which they are.
func buildRIE(t *testing.T) (dir string) {
	t.Helper()
	return buildModule(t, "rie", "Lambda Runtime Interface Emulator", ".", "./failing",
		"github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie")
}

// buildModule builds programs of a Go module in this directory, and returns the directory in which they are. The
// modules on which it depends are not downloaded.
func buildModule(t *testing.T, module, client string, packages ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	command := exec.Command("go", append([]string{"build", "-o", dir}, packages...)...)
	command.Dir = module
	command.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=readonly", "GOWORK=off")
	output, err := command.CombinedOutput()
	if err != nil {
		t.Logf("%s", output)
	}
	need.Client(t, err == nil, client, "cd conformance/clients/"+module+" && go mod download")
	return dir
}

// startRIE starts the Runtime Interface Emulator in a directory of buildRIE until the end of the test, with a
// handler there. It returns its URL.
func startRIE(t *testing.T, dir, handler string) (url string) {
	t.Helper()
	return startAtFreePort(t, func(address string) error {
		server := launch(t, filepath.Join(dir, "aws-lambda-rie"), []string{
			"--runtime-interface-emulator-address", address, "--runtime-api-address", freeAddress(t),
			filepath.Join(dir, handler),
		}, "", "AWS_LAMBDA_FUNCTION_NAME=function")
		return server.listens(address)
	})
}

// startAtFreePort starts a server that cannot choose a free port itself, and returns its URL. Another program
// may take the port before the server does, so it tries several times.
func startAtFreePort(t *testing.T, start func(address string) error) (url string) {
	t.Helper()
	var failures []error
	for range 5 {
		address := freeAddress(t)
		err := start(address)
		if err == nil {
			return "http://" + address
		}
		failures = append(failures, err)
	}
	t.Fatal(errors.Join(failures...))
	return ""
}

// freeAddress returns an address at which no program listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// A server is a program that runs until the end of the test.
type server struct {
	lines chan string   // of standard output and standard error; closed when both end
	ended chan struct{} // closed when the program has ended

	mu  sync.Mutex // guards log
	log strings.Builder
}

// launch starts a server in a directory. At the end of the test, its standard input ends, and it is killed if it
// does not end by that.
func launch(t *testing.T, name string, args []string, dir string, environment ...string) *server {
	t.Helper()
	s := &server{lines: make(chan string, 1000), ended: make(chan struct{})}
	command := exec.Command(name, args...)
	command.Dir, command.Env = dir, append(os.Environ(), environment...)
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stdout, command.Stderr = writer, writer
	err = command.Start()
	writer.Close()
	if err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() { // ends with the pipe
		defer close(read)
		defer close(s.lines)
		for scanner := bufio.NewScanner(reader); scanner.Scan(); {
			s.mu.Lock()
			s.log.WriteString(scanner.Text() + "\n")
			s.mu.Unlock()
			select {
			case s.lines <- scanner.Text():
			default: // nobody waits for a line any more
			}
		}
	}()
	go func() { // ends with the program
		_ = command.Wait()
		close(s.ended)
	}()
	t.Cleanup(func() {
		_ = stdin.Close()
		// The Runtime Interface Emulator and serverless-offline end their own programs on an interrupt.
		_ = command.Process.Signal(os.Interrupt)
		select {
		case <-s.ended:
		case <-time.After(10 * time.Second):
			_ = command.Process.Kill()
			<-s.ended
		}
		_ = reader.SetReadDeadline(time.Now()) // a program that it left behind may have the pipe open
		<-read
		_ = reader.Close()
		if t.Failed() {
			t.Logf("the log of %s:\n%s", filepath.Base(name), s.text())
		}
	})
	return s
}

// until returns the first line that contains a text. The error has the log, if the server ends before.
func (s *server) until(text string) (line string, err error) {
	for line := range s.lines {
		if strings.Contains(line, text) {
			return strings.TrimSpace(line), nil
		}
	}
	return "", errors.New(s.text())
}

// text returns what the server has written until now.
func (s *server) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// listens waits until the server accepts connections at an address. The error says that it has ended.
func (s *server) listens(address string) error {
	for {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-s.ended:
			return errors.New("it ended before it listened")
		case <-time.After(10 * time.Millisecond):
		}
	}
}
