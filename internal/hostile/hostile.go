// Package hostile has web servers that do not follow the protocol, for tests of clients.
package hostile

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// Server returns the URL of a server that does something to each connection after it has read a request, and then
// closes it. The end of the test ends the server.
func Server(t testing.TB, do func(net.Conn)) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer connection.Close()
				if request, err := http.ReadRequest(bufio.NewReader(connection)); err == nil {
					_, _ = io.Copy(io.Discard, request.Body)
					do(connection)
				}
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		all.Wait()
	})
	return "http://" + listener.Addr().String()
}

// Saying returns the URL of a Server that sends a text.
func Saying(t testing.TB, text string) (url string) {
	t.Helper()
	return Server(t, func(c net.Conn) { _, _ = io.WriteString(c, text) })
}

// Hanging returns the URL of a Server that sends a text and then nothing more, and a function for the context of one
// request to it, which ends when the server has sent the text.
func Hanging(t testing.TB, text string) (url string, untilItHangs func() context.Context) {
	t.Helper()
	began := make(chan struct{}, 1)
	url = Server(t, func(c net.Conn) {
		_, _ = io.WriteString(c, text)
		began <- struct{}{}
		UntilClosed(c)
	})
	return url, func() context.Context {
		ctx, giveUp := context.WithCancel(t.Context())
		go func() {
			<-began
			giveUp()
		}()
		return ctx
	}
}

// UntilClosed waits until the client closes the connection.
func UntilClosed(connection net.Conn) { _, _ = io.Copy(io.Discard, connection) }

// Endless sends a body without an end, until the client closes the connection.
func Endless(connection net.Conn) {
	_, err := io.WriteString(connection, "HTTP/1.1 200 OK\r\n\r\n")
	for text := strings.Repeat("x", 64<<10); err == nil; {
		_, err = io.WriteString(connection, text)
	}
}

// Garbage has answers that are not valid, by their names.
var Garbage = map[string]string{
	"nothing":       "",
	"no HTTP":       "hello\x00\x1b[2J\r\n",
	"half a header": "HTTP/1.1 200 OK\r\nContent-Le",
	"half a body":   "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
	"no length":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	"long headers":  "HTTP/1.1 200 OK\r\n" + strings.Repeat("a: b\r\n", 100_000) + "\r\n",
}

// Slow has beginnings of answers after which a server may say nothing more, by their names.
var Slow = map[string]string{
	"no answer":     "",
	"a slow header": "HTTP/1.1 200 OK\r\n",
	"a slow body":   "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
}
