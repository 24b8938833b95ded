//go:build unix

package benchmark_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// The servers.
const (
	emulatorInMemory = "ivschat-local"
	emulatorOnDisk   = "ivschat-local on disk"
	writePumpPeer    = "write pump"      // a goroutine and a channel for each connection
	bareLoopPeer     = "bare write loop" // a write call for each delivery, and nothing else
	constantPeer     = "constant handler"
)

// A peer is a server in a process of its own.
type peer struct {
	url, room string
	command   *exec.Cmd
	stdin     io.WriteCloser
	stdout    *bufio.Reader
}

const asPeer = "IVSCHAT_BENCHMARK_PEER"

func TestMain(m *testing.M) {
	if kind := os.Getenv(asPeer); kind != "" {
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

// servePeer serves until its standard input ends, and answers each line there
// with the CPU time that it has taken.
func servePeer(kind string) error {
	url, err := listenAs(kind)
	if err != nil {
		return err
	}
	fmt.Println(url)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if lines.Text() == "collect" {
			debug.FreeOSMemory()
		}
		var used syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
			return err
		}
		fmt.Println(used.Utime.Nano() + used.Stime.Nano())
	}
	return nil
}

func listenAs(kind string) (url string, err error) {
	switch kind {
	case emulatorInMemory:
		return startEmulator(emulator.Config{})
	case emulatorOnDisk:
		return startEmulator(emulator.Config{DataDir: os.Getenv(dataOfPeer)})
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	handlers := map[string]http.Handler{
		writePumpPeer: chat(new(writePump)), bareLoopPeer: chat(new(bareLoop)), constantPeer: http.HandlerFunc(constant),
	}
	go func() { panic(http.Serve(listener, handlers[kind])) }() // until the process ends
	return "http://" + listener.Addr().String(), nil
}

func startEmulator(config emulator.Config) (url string, err error) {
	config.RoomQuota = 1 << 30
	e, err := emulator.New(config)
	if err != nil {
		return "", err
	}
	if err := e.Start(); err != nil {
		return "", err
	}
	return e.URL(), nil
}

const dataOfPeer = "IVSCHAT_BENCHMARK_DATA"

func startPeer(b testing.TB, kind string) *peer {
	b.Helper()
	p := &peer{command: exec.Command(os.Args[0])}
	p.command.Env = append(os.Environ(), asPeer+"="+kind, dataOfPeer+"="+b.TempDir())
	p.command.Stderr = os.Stderr
	out, err := p.command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if p.stdin, err = p.command.StdinPipe(); err != nil {
		b.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = p.stdin.Close()
		_ = p.command.Wait()
	})
	p.stdout = bufio.NewReader(out)
	p.url = p.line(b)
	if kind != constantPeer {
		var room struct{ ARN string }
		if err := json.Unmarshal(p.call(b, "CreateRoom", "{}"), &room); err != nil {
			b.Fatal(err)
		}
		p.room = room.ARN
	}
	return p
}

func (p *peer) line(b testing.TB) string {
	b.Helper()
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// ask has the peer do what the line says and gives the CPU time that it has
// taken so far.
func (p *peer) ask(b testing.TB, line string) (used time.Duration) {
	b.Helper()
	if _, err := fmt.Fprintln(p.stdin, line); err != nil {
		b.Fatal(err)
	}
	if _, err := fmt.Sscan(p.line(b), &used); err != nil {
		b.Fatal(err)
	}
	return used
}

func (p *peer) cpu(b testing.TB) time.Duration { return p.ask(b, "") }

// resident is the memory, in KiB, that the peer holds after a collection.
func (p *peer) resident(b testing.TB) float64 {
	b.Helper()
	p.ask(b, "collect")
	return residentKiB(b, p.command.Process.Pid)
}

// residentKiB is what Linux says that a process holds in memory.
func residentKiB(b testing.TB, pid int) (kib float64) {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Skip("only Linux tells how much memory a process has")
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		b.Fatal(err)
	}
	return kib
}

func (p *peer) call(b testing.TB, operation, body string) []byte {
	b.Helper()
	response, err := http.Post(p.url+"/"+operation, "application/json", strings.NewReader(body))
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

// token gives what opens a connection.
func (p *peer) token(b testing.TB) string {
	b.Helper()
	var reply struct{ Token string }
	if err := json.Unmarshal(p.call(b, "CreateChatToken", `{"userId":"viewer","roomIdentifier":"`+p.room+`"}`), &reply); err != nil {
		b.Fatal(err)
	}
	return reply.Token
}
