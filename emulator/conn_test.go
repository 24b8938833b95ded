package emulator_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator"
)

func TestTheLogSaysThatATLSClientConnectedToThePlainPort(t *testing.T) {
	for name, connect := range map[string]func(address string) error{
		"https": func(address string) error {
			_, err := http.Get("https://" + address)
			return err
		},
		"wss": func(address string) error {
			_, _, err := websocket.DefaultDialer.Dial("wss://"+address, nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log logBuffer
			e := newEmulator(t, emulator.Config{Logger: log.logger()})
			if err := e.Start(); err != nil {
				t.Fatal(err)
			}
			address := e.Addr().String()
			err := connect(address)
			if err == nil {
				t.Fatal("the client is connected")
			}
			// net/http's client replaces the error of a TLS client whose server answers with plain HTTP.
			record, ok := errors.AsType[tls.RecordHeaderError](err)
			if !ok && !strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") ||
				ok && string(record.RecordHeader[:]) != "HTTP/" {
				t.Errorf("the client does not see that the answer is plain HTTP: %v", err)
			}
			want := `level=WARN msg="a TLS client connected, but this port speaks plain HTTP: ` +
				`use a URL with http:// or ws://, or start with --tls auto" address=` + address
			if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), want) {
				t.Errorf("the log is\n%s", log.String())
			}
		})
	}
}

// Only the first byte of a connection counts.
func TestARequestWhoseBodyBeginsLikeATLSClientIsAnswered(t *testing.T) {
	var log logBuffer
	e := newEmulator(t, emulator.Config{Logger: log.logger()})
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", e.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	for _, part := range []struct {
		text   string
		status int
	}{
		{"POST /ListRooms HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", 100},
		{"\x16", 400}, // the server has read everything before, because it asked for this
	} {
		if _, err := io.WriteString(conn, part.text); err != nil {
			t.Fatal(err)
		}
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != part.status {
			t.Errorf("after %q: %s, want %d", part.text, answer.Status, part.status)
		}
	}
	if strings.Contains(log.String(), "TLS") {
		t.Errorf("the log is\n%s", log.String())
	}
}
