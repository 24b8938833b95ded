//go:build unix

package benchmark_test

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// The kinds of servers. Those that have a column in the table are named as there.
const (
	emulatorInMemory = "ivschat-local"
	emulatorOnDisk   = "ivschat-local on disk"
	verifyingPeer    = "ivschat-local with signatures"
	writePumpPeer    = "write pump"       // a goroutine and a channel for each connection
	bareLoopPeer     = "bare write loop"  // a write call for each delivery, and nothing else
	constantPeer     = "constant handler" // the same answer to every request
	bunPeer          = "Bun"              // the WebSocket server of Bun, see bun/server.js
	handlerPeer      = "review handler"   // a message review handler, see review_test.go
)

// A peer is a server in a process of its own: Bun, or this test program, started again with peerVariable
// set.
type peer struct {
	url, room string // room is an ARN
	process   *exec.Cmd
	stdin     io.WriteCloser
	stdout    *bufio.Reader
}

// Environment variables of a peer.
const (
	peerVariable    = "IVSCHAT_BENCHMARK_PEER"    // its kind
	dataVariable    = "IVSCHAT_BENCHMARK_DATA"    // its data directory
	handlerVariable = "IVSCHAT_BENCHMARK_HANDLER" // the URL that reviews its messages; "" means none
	awsVariable     = "IVSCHAT_BENCHMARK_AWS"     // the URL that gets its chat logs; "" means that they are files
	tlsVariable     = "IVSCHAT_BENCHMARK_TLS"     // its clients use TLS; "" means that they do not
	profileVariable = "IVSCHAT_BENCHMARK_PROFILE" // where to write CPU profiles of emulators; "" means nowhere
)

// TestMain serves as a peer if it is told to. Otherwise it runs the tests and writes the table.
func TestMain(m *testing.M) {
	if kind := os.Getenv(peerVariable); kind != "" {
		if err := servePeer(kind); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	flag.Parse()
	code := m.Run()
	if err := results.write(*tableFile); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// servePeer serves until its standard input ends. It prints its URL, and for each line of the input the
// CPU time that it has used, in nanoseconds. The line "collect" makes it collect garbage first. Another line is
// the beginning of what is measured, so a CPU profile starts with the first of these.
func servePeer(kind string) error {
	url, err := startServer(kind)
	if err != nil {
		return err
	}
	fmt.Println(url)
	profile := sync.OnceValue(func() error { return startProfile(kind) })
	defer pprof.StopCPUProfile()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if lines.Text() == "collect" {
			debug.FreeOSMemory()
		} else if err := profile(); err != nil {
			return err
		}
		var used syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
			return err
		}
		fmt.Println(used.Utime.Nano() + used.Stime.Nano())
	}
	return nil
}

// startProfile starts a CPU profile of an emulator, if that is wanted, in a file with the process ID in its
// name.
func startProfile(kind string) error {
	path := os.Getenv(profileVariable)
	if path == "" || kind != emulatorInMemory && kind != emulatorOnDisk && kind != verifyingPeer {
		return nil
	}
	file, err := os.Create(fmt.Sprintf("%s.%d", path, os.Getpid()))
	if err != nil {
		return err
	}
	return pprof.StartCPUProfile(file)
}

// startServer starts a server that ends with the process.
func startServer(kind string) (url string, err error) {
	switch kind {
	case emulatorInMemory:
		return startEmulator(emulator.Config{})
	case emulatorOnDisk:
		return startEmulator(emulator.Config{DataDir: os.Getenv(dataVariable)})
	case verifyingPeer:
		return startEmulator(emulator.Config{Auth: emulator.AuthSignatures, Credentials: credentials})
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	handlers := map[string]http.Handler{
		writePumpPeer: chat(func() fanOut { return new(writePump) }),
		bareLoopPeer:  chat(func() fanOut { return new(bareLoop) }),
		constantPeer:  http.HandlerFunc(constant),
		handlerPeer:   http.HandlerFunc(allow),
	}
	if os.Getenv(tlsVariable) != "" {
		return httptest.NewTLSServer(handlers[kind]).URL, nil
	}
	go func() { panic(http.Serve(listener, handlers[kind])) }()
	return "http://" + listener.Addr().String(), nil
}

func startEmulator(config emulator.Config) (url string, err error) {
	if os.Getenv(tlsVariable) != "" {
		config.TLS = emulator.TLSAuto
	}
	if nats := os.Getenv(natsVariable); nats != "" {
		config.NATS, config.ClusterSecret = []string{nats}, "a secret of the benchmarks"
	}
	config.RoomQuota, config.AWSEndpoint = 1<<30, os.Getenv(awsVariable)
	if handler := os.Getenv(handlerVariable); handler != "" {
		config.ReviewHandler = []string{"*=" + handler}
	}
	e, err := emulator.New(config)
	if err != nil {
		return "", err
	}
	if err := e.Start(); err != nil {
		return "", err
	}
	return e.URL(), nil
}

// startPeer starts a peer, which ends with the benchmark, and creates a room in it.
func startPeer(b testing.TB, kind string) *peer {
	b.Helper()
	return startCommand(b, kind, commandOf(kind)...)
}

// startPeerOnOneCPU starts a peer that uses the first CPU only, so that it has GOMAXPROCS=1 if it is a Go
// program.
func startPeerOnOneCPU(b testing.TB, kind string) *peer {
	b.Helper()
	return startCommand(b, kind, append([]string{"taskset", "-c", "0"}, commandOf(kind)...)...)
}

// startPeerWithTLS starts a peer whose clients use TLS.
func startPeerWithTLS(b testing.TB, kind string) *peer {
	b.Helper()
	return startCommand(b, kind, append([]string{"env", tlsVariable + "=yes"}, commandOf(kind)...)...)
}

// bunProgram is where npm installs Bun.
const bunProgram = "bun/node_modules/.bin/bun"

// commandOf returns the command that starts a peer.
func commandOf(kind string) []string {
	if kind == bunPeer {
		return []string{bunProgram, "bun/server.js"}
	}
	return []string{os.Args[0]}
}

var sayThatBunIsMissing = sync.OnceFunc(func() {
	fmt.Println("Bun is left out, because it is not installed. To install it: npm ci --prefix emulator/benchmark/bun")
})

// present returns those of the kinds of peers that can be started: Bun may not be installed.
func present(kinds ...string) []string {
	if _, err := os.Stat(bunProgram); err == nil {
		return kinds
	}
	sayThatBunIsMissing()
	return slices.DeleteFunc(kinds, func(kind string) bool { return kind == bunPeer })
}

func startCommand(b testing.TB, kind string, command ...string) *peer {
	b.Helper()
	p := &peer{process: exec.Command(command[0], command[1:]...)}
	p.process.Env = append(os.Environ(), peerVariable+"="+kind, dataVariable+"="+b.TempDir())
	p.process.Stderr = os.Stderr
	out, err := p.process.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if p.stdin, err = p.process.StdinPipe(); err != nil {
		b.Fatal(err)
	}
	if err := p.process.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = p.stdin.Close()
		_ = p.process.Wait()
	})
	p.stdout = bufio.NewReader(out)
	p.url = p.line(b)
	if kind != constantPeer && kind != handlerPeer {
		p.room = p.createRoom(b, "{}")
	}
	return p
}

// createRoom creates a room and returns its ARN.
func (p *peer) createRoom(b testing.TB, body string) (arn string) {
	b.Helper()
	var room struct{ ARN string }
	if err := json.Unmarshal(p.call(b, "CreateRoom", body), &room); err != nil {
		b.Fatal(err)
	}
	return room.ARN
}

// line reads a line that the peer prints.
func (p *peer) line(b testing.TB) string {
	b.Helper()
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// command sends the peer a line, see servePeer, and returns the CPU time that it has used so far.
func (p *peer) command(b testing.TB, line string) (used time.Duration) {
	b.Helper()
	if _, err := fmt.Fprintln(p.stdin, line); err != nil {
		b.Fatal(err)
	}
	if _, err := fmt.Sscan(p.line(b), &used); err != nil {
		b.Fatal(err)
	}
	return used
}

// cpu returns the CPU time that the peer has used so far.
func (p *peer) cpu(b testing.TB) time.Duration {
	b.Helper()
	return p.command(b, "")
}

// resident returns the resident memory of the peer after a garbage collection, in KiB.
func (p *peer) resident(b testing.TB) float64 {
	b.Helper()
	p.command(b, "collect")
	return memory(b, p.process.Process, residentLine)
}

// Lines of the status of a process.
const (
	residentLine = "VmRSS:"
	peakLine     = "VmHWM:" // the largest resident memory that there has been
)

// memory returns a line of the status of a process in KiB, as Linux reports it.
func memory(b testing.TB, process *os.Process, line string) (kib float64) {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process.Pid))
	if err != nil {
		b.Skip("the memory of a process is known on Linux only")
	}
	_, rest, _ := strings.Cut(string(text), line)
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		b.Fatal(err)
	}
	return kib
}

// anyTLS is the TLS of clients, which trust every server.
var anyTLS = &tls.Config{InsecureSkipVerify: true}

var httpClient = &http.Client{Transport: &http.Transport{TLSClientConfig: anyTLS}}

// dialHTTP connects a client for requests, over TLS if the peer's clients use it.
func (p *peer) dialHTTP() (net.Conn, error) {
	if address, ok := strings.CutPrefix(p.url, "https://"); ok {
		return tls.Dial("tcp", address, anyTLS)
	}
	return net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
}

// call calls an operation and returns the body of the answer.
func (p *peer) call(b testing.TB, operation, body string) []byte {
	b.Helper()
	response, err := httpClient.Do(p.sign(b, operation, body))
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	reply, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		b.Fatal(response.Status, err)
	}
	return reply
}

// token creates a chat token for the peer's first room, with which a client can only receive.
func (p *peer) token(b testing.TB) string {
	b.Helper()
	return p.newToken(b, p.room, "")
}

// tokenFor creates a chat token for a room, with which a client can also send messages.
func (p *peer) tokenFor(b testing.TB, room string) string {
	b.Helper()
	return p.newToken(b, room, `"SEND_MESSAGE"`)
}

func (p *peer) newToken(b testing.TB, room, capabilities string) string {
	b.Helper()
	var reply struct{ Token string }
	answer := p.call(b, "CreateChatToken", fmt.Sprintf(
		`{"userId":"viewer","capabilities":[%s],"roomIdentifier":%q}`, capabilities, room))
	if err := json.Unmarshal(answer, &reply); err != nil {
		b.Fatal(err)
	}
	return reply.Token
}
