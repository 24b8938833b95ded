package socket

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// overTLS says that connections use TLS. All tests of the package run over plain connections first, and then over
// TLS: they must not notice.
var overTLS bool

func TestMain(m *testing.M) {
	code := m.Run()
	if fuzz := flag.Lookup("test.fuzz"); code == 0 && fuzz.Value.String() == "" {
		overTLS = true
		if code = m.Run(); code != 0 {
			fmt.Println("These tests failed over TLS.")
		}
	}
	os.Exit(code)
}

// plainOnly skips a test over TLS, because it is about a plain connection.
func plainOnly(t *testing.T) {
	t.Helper()
	if overTLS {
		t.Skip("it is about plain connections")
	}
}

// serverTLS is the TLS of servers.
var serverTLS = newServerTLS()

func newServerTLS() *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(24 * time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: key}},
		// Tickets are sent after the handshake. In memory, they would wait for the first read of a client.
		SessionTicketsDisabled: true,
	}
}

// clientTLS is the TLS of clients, which trust every server.
var clientTLS = &tls.Config{InsecureSkipVerify: true}

// serverSide returns a server's side of the transport over a connection.
func serverSide(conn net.Conn) net.Conn {
	if overTLS {
		return NewTLS(conn, nil, serverTLS)
	}
	return conn
}

// clientSide returns a client's side of the transport over a connection.
func clientSide(conn net.Conn) net.Conn {
	if overTLS {
		return tls.Client(conn, clientTLS)
	}
	return conn
}

// tcp returns the TCP connection of a client.
func tcp(client net.Conn) *net.TCPConn {
	if encrypted, ok := client.(*tls.Conn); ok {
		client = encrypted.NetConn()
	}
	return client.(*net.TCPConn)
}

// pipe returns both sides of the transport over a connection in memory.
func pipe() (server, client net.Conn) {
	server, client = net.Pipe()
	return serverSide(server), clientSide(client)
}

// A transportListener accepts connections over the transport.
type transportListener struct{ net.Listener }

func (l transportListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return serverSide(conn), nil
}

// newServer starts a server over the transport.
func newServer(t *testing.T, handler http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Listener = transportListener{server.Listener}
	server.Start()
	return server
}

// newDialer returns a dialer for ws:// over the transport.
func newDialer(protocols ...string) *websocket.Dialer {
	return &websocket.Dialer{NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return clientSide(conn), nil
	}, Subprotocols: protocols}
}
