//go:build unix

package natsserver_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/internal/natsserver"
)

func TestAServerHasJetStreamAndEndsWithItsTest(t *testing.T) {
	var url string
	t.Run("a test with a server", func(t *testing.T) {
		server := natsserver.Start(t)
		url = server.URL
		dial(t, url)
	})
	if conn, err := net.Dial("tcp", strings.TrimPrefix(url, "nats://")); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("after the test, the server's address answers %v, %v", conn, err)
	}
}

func TestARestartedServerHasItsAddressAndItsData(t *testing.T) {
	server := natsserver.Start(t)
	dial(t, server.URL).request("$JS.API.STREAM.CREATE.kept", `{"name":"kept","subjects":["kept"]}`, `"name":"kept"`)
	server.Kill()
	if conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "nats://")); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("after Kill, the server's address answers %v, %v", conn, err)
	}
	for range 2 { // the second time without Kill
		server.Restart()
		dial(t, server.URL).request("$JS.API.STREAM.INFO.kept", "", `"name":"kept"`)
	}
}

func TestAPausedServerAnswersLater(t *testing.T) {
	server := natsserver.Start(t)
	conn := dial(t, server.URL)
	server.Pause()
	conn.send("PING\r\n")
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	if text, err := conn.lines.ReadString('\n'); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a paused server sent %q, %v", text, err)
	}
	server.Continue()
	_ = conn.SetReadDeadline(time.Time{})
	conn.until("PONG")
}

func TestAServerTakesMoreFlags(t *testing.T) {
	server := natsserver.Start(t, "--user", "alice", "--pass", "secret")
	conn := dial(t, server.URL)
	conn.send("CONNECT {}\r\n")
	conn.until("-ERR 'Authorization Violation'")
}

// A connection speaks NATS's protocol, which is text.
type connection struct {
	net.Conn
	t     *testing.T
	lines *bufio.Reader
}

// dial connects to a server, which must have JetStream.
func dial(t *testing.T, url string) *connection {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "nats://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	c := &connection{conn, t, bufio.NewReader(conn)}
	if info := c.until("INFO"); !strings.Contains(info, `"jetstream":true`) {
		t.Errorf("the server has no JetStream: %s", info)
	}
	return c
}

func (c *connection) send(text string) {
	c.t.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

// until returns the first line that contains a text.
func (c *connection) until(text string) (line string) {
	c.t.Helper()
	for {
		line, err := c.lines.ReadString('\n')
		if err != nil {
			c.t.Fatalf("%v before %q", err, text)
		}
		if strings.Contains(line, text) {
			return line
		}
	}
}

// request sends a request, and waits for an answer that contains a text.
func (c *connection) request(subject, body, answer string) {
	c.t.Helper()
	c.send(fmt.Sprintf("CONNECT {}\r\nSUB answer 1\r\nPUB %s answer %d\r\n%s\r\n", subject, len(body), body))
	c.until(answer)
}
