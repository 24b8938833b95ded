//go:build unix

package emulator_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
)

// clients connect over the transports that a port speaks.
var clients = map[string]func(address string) (net.Conn, error){
	"plain": func(address string) (net.Conn, error) { return net.Dial("tcp", address) },
	"TLS": func(address string) (net.Conn, error) {
		return tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, ServerName: "localhost"})
	},
}

const handshakeText = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: %s\r\n\r\n"

// maskedFrame returns a short text frame of a client, with a mask of zeros.
func maskedFrame(text string) string {
	return "\x81" + string([]byte{0x80 | byte(len(text))}) + "\x00\x00\x00\x00" + text
}

func TestAFaultResetsAConnection(t *testing.T) {
	for transport, dial := range clients {
		for name, test := range map[string]struct {
			operation string
			send      func(token string) string
		}{
			"of a request": {"ListRooms", func(string) string {
				return "POST /ListRooms HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"
			}},
			"of a handshake": {fault.Handshake, func(token string) string {
				return fmt.Sprintf(handshakeText, token)
			}},
			"of a session": {"SEND_MESSAGE", func(token string) string {
				return fmt.Sprintf(handshakeText, token) + maskedFrame(helloFrame)
			}},
		} {
			t.Run(name+" over "+transport, func(t *testing.T) {
				e := newEmulator(t, emulator.Config{TLS: emulator.TLSAuto, Listen: "127.0.0.1:0"})
				if err := e.Start(); err != nil {
					t.Fatal(err)
				}
				token := createToken(t, e, createRoom(t, e, ""), "anna", "")
				if _, err := e.Faults().Add(fault.Rule{Operation: test.operation, Effect: fault.ResetConnection{}}); err != nil {
					t.Fatal(err)
				}
				client, err := dial(e.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				defer client.Close()
				if _, err := io.WriteString(client, test.send(token)); err != nil {
					t.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, client); !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("the connection ended with %v", err)
				}
			})
		}
	}
}
