package awsapi

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// A brokenConn is a connection whose writes fail, from which an answer can be read once the server has sent it.
type brokenConn struct {
	net.Conn // nil
	answers  chan string
}

var errBroken = errors.New("broken pipe")

func (c *brokenConn) Write(data []byte) (int, error) { return len(data) / 2, errBroken }

func (c *brokenConn) Read(buffer []byte) (int, error) {
	answer, ok := <-c.answers
	if !ok {
		return 0, io.EOF
	}
	return copy(buffer, answer), nil
}

func (c *brokenConn) Close() error { return errBroken }

func TestAWriteThatFailsWaitsUntilTheAnswerIsRead(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(c *patientConn, answers chan string)
		took time.Duration
	}{
		"the server ends": {func(c *patientConn, answers chan string) {
			time.Sleep(time.Second)
			answers <- "403"
			time.Sleep(time.Second)
			close(answers)
		}, 2 * time.Second},
		"the client ends": {func(c *patientConn, _ chan string) {
			time.Sleep(time.Second)
			if err := c.Close(); err != errBroken {
				t.Errorf("got %v", err)
			}
		}, time.Second},
		"nobody ends": {func(*patientConn, chan string) {}, patience},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				answers := make(chan string)
				c := &patientConn{Conn: &brokenConn{answers: answers}, ended: make(chan struct{})}
				read := make(chan struct{})
				go func() {
					defer close(read)
					buffer := make([]byte, 10)
					for {
						if n, err := c.Read(buffer); err != nil {
							return
						} else if string(buffer[:n]) != "403" {
							t.Errorf("read %q", buffer[:n])
						}
					}
				}()
				go test.end(c, answers)
				began := time.Now()
				if n, err := c.Write([]byte("body")); n != 2 || err != errBroken {
					t.Errorf("got %d, %v", n, err)
				}
				if took := time.Since(began); took != test.took {
					t.Errorf("it took %v", took)
				}
				if name != "the server ends" {
					close(answers)
				}
				<-read
			})
		})
	}
}

// versitygw does this: it closes the connection without reading a long body.
func TestARefusalBeforeTheBodyIsReadIsTheReply(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
				_, _ = io.WriteString(c, "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")
			}
			_ = c.Close()
		}
	}()
	defer func() {
		_ = listener.Close()
		<-ended
	}()
	client := clientOf(t, "http://"+listener.Addr().String(), S3)
	for range 20 {
		reply, err := client.Do(t.Context(), Request{
			Account: account, Region: "eu-west-1", Method: http.MethodPut, Path: "/a", Body: make([]byte, 8<<20),
		})
		if err != nil || reply.Status != http.StatusForbidden || string(reply.Body) != "no" {
			t.Fatalf("got %+v, %v", reply, err)
		}
	}
}
