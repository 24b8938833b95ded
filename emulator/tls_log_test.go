package emulator

import (
	"crypto/tls"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheLogSaysWhyATLSHandshakeFails(t *testing.T) {
	plain := startTLS(t, false, Config{TLS: TLSOff})
	secure := startTLS(t, false, Config{})
	long := startTLS(t, false, Config{})
	stored := startTLS(t, false, Config{DataDir: t.TempDir()})
	for name, test := range map[string]struct {
		emulator *tlsTest
		config   *tls.Config
		want     string
	}{
		"TLS is off": {plain, &tls.Config{ServerName: "localhost"}, "use a URL with http:// or ws://, or start with --tls auto"},
		"a name that is not served": {secure, &tls.Config{ServerName: "chat.test"},
			"asked for a name without a certificate: if it is a name of this emulator, add it with --tls-name"},
		"a name that is too long": {long, &tls.Config{ServerName: strings.Repeat("a", 60_000) + ".localhost"},
			"asked for a name without a certificate: if it is a name of this emulator, add it with --tls-name"},
		"a client without the authority": {stored, &tls.Config{ServerName: "localhost"},
			"does not trust the certificate: ivschat-local trust says how to make it trust"},
		"a client without the authority in memory": {secure, &tls.Config{ServerName: "localhost"},
			"does not trust the certificate: make it trust the authority in memory, whose certificate GET /_ivschat/v1/ca answers"},
	} {
		t.Run(name, func(t *testing.T) {
			for range 20 {
				if err := tls.Client(test.emulator.connect(), test.config).Handshake(); err == nil {
					t.Fatal("the client is connected")
				}
			}
			if strings.HasPrefix(name, "a client without") { // its alert may arrive later
				waitForLog(t, test.emulator.log, test.want)
			}
			log := test.emulator.log.String()
			if strings.Count(log, test.want) != 1 || !strings.Contains(log, "level=WARN") {
				t.Errorf("the log is\n%s", log)
			}
		})
	}
	if log := secure.log.String(); !strings.Contains(log, "name=chat.test") {
		t.Errorf("the log does not have the name: %s", log)
	}
	if log := long.log.String(); len(log) > 2000 {
		t.Errorf("the log has %d bytes because of a long name", len(log))
	}
}

// waitForLog waits until the log has a text.
func waitForLog(t *testing.T, log *lockedBuffer, text string) {
	t.Helper()
	for !strings.Contains(log.String(), text) {
		if t.Context().Err() != nil {
			t.Fatalf("the log is %s", log)
		}
		time.Sleep(time.Millisecond)
	}
}

// OpenSSL, which many programs use, sends an alert that crypto/tls cannot decrypt.
func TestTheLogSaysThatCurlDoesNotTrustTheAuthority(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed")
	}
	for name, config := range map[string]Config{"IP address": {}, "name": {TLSName: []string{"chat.test"}}} {
		e := startTLS(t, false, config)
		host := strings.TrimPrefix(e.URL(), "https://")
		if name == "name" {
			host = "chat.test"
		}
		_ = exec.Command(curl, "-sS", "--connect-to", "::"+e.Addr().String(), "https://"+host).Run()
		waitForLog(t, e.log, "does not trust the certificate: make it trust the authority in memory")
	}
}

// Node.js sends no alert.
func TestTheLogExplainsAClientThatOnlyClosesTheConnection(t *testing.T) {
	e := startTLS(t, false, Config{DataDir: t.TempDir()})
	conn := e.connect()
	_ = tls.Client(conn, &tls.Config{ServerName: "localhost", InsecureSkipVerify: true,
		VerifyConnection: func(tls.ConnectionState) error { return conn.Close() },
	}).Handshake()
	waitForLog(t, e.log, "closed the connection in the handshake, as Node.js does if it does not trust the certificate: "+
		"ivschat-local trust says how to make it trust")
}

func TestTheLogRepeatsTheReasonOfAFailedHandshakeLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := startTLS(t, true, Config{TLS: TLSOff})
		for range 3 {
			for range 5 {
				conn := e.connect()
				go func() { _, _ = conn.Write([]byte{tlsHandshake}) }()
				_, _ = io.Copy(io.Discard, conn)
			}
			time.Sleep(logInterval)
		}
		if log := e.log.String(); strings.Count(log, "TLS client connected") != 3 {
			t.Errorf("the log is\n%s", log)
		}
	})
}

// writePair writes the certificate of an authority for one name into files, and returns the value of Config.TLS.
func writePair(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	certificate, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	output, err := exec.Command(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
		"-keyout", key, "-out", certificate, "-subj", "/CN=test", "-addext", "subjectAltName="+name).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return certificate + "," + key
}

// The URL is one that a client on the same machine can use.
func TestTheURLHasAHostOfTheCertificate(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"IP:127.0.0.1", "https://127.0.0.1:"}, {"DNS:localhost", "https://localhost:"},
		{"DNS:localhost,IP:127.0.0.1", "https://127.0.0.1:"}, {"DNS:chat.test", "http://127.0.0.1:"},
	} {
		files := writePair(t, test.name)
		e := startTLS(t, false, Config{TLS: files, AdminListen: "127.0.0.1:0"})
		if !strings.HasPrefix(e.URL(), test.want) || !strings.HasPrefix(e.AdminURL(), test.want) ||
			!strings.HasPrefix(e.ConsoleURL(), test.want) {
			t.Errorf("%s: %s %s %s", test.name, e.URL(), e.AdminURL(), e.ConsoleURL())
		}
		if e.CertificateAuthority() != nil || len(e.CertificateNames()) == 0 {
			t.Errorf("%s: %s %v", test.name, e.CertificateAuthority(), e.CertificateNames())
		}
		conn := tls.Client(e.connect(), &tls.Config{InsecureSkipVerify: true})
		if status, err := health(conn); status != 200 || err != nil {
			t.Errorf("%d %v", status, err)
		}
	}
}

func TestTheAdminAddressSpeaksPlainHTTPAndTLS(t *testing.T) {
	e := startTLS(t, false, Config{AdminListen: "127.0.0.1:0"})
	address := strings.TrimPrefix(e.AdminURL(), "https://")
	for range 2 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if status, err := health(conn); status != 200 || err != nil {
			t.Errorf("%d %v", status, err)
		}
		secure, err := tls.Dial("tcp", address, e.clientTLS("127.0.0.1"))
		if err != nil {
			t.Fatal(err)
		}
		defer secure.Close()
		if status, err := health(secure); status != 200 || err != nil {
			t.Errorf("%d %v", status, err)
		}
	}
}

func TestFilesOfACertificateThatCannotBeReadAreRefused(t *testing.T) {
	_, err := New(Config{TLS: "missing.pem,key.pem"})
	if err == nil || !strings.Contains(err.Error(), "--tls: the certificate: open missing.pem") {
		t.Errorf("the error is %v", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ca-key.pem"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = New(Config{TLS: TLSAuto, DataDir: dir})
	if err == nil || !strings.Contains(err.Error(), "ca-key.pem is damaged") {
		t.Errorf("the error is %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "ca-key.pem")); err != nil {
		t.Fatal(err)
	}
	e, err := New(Config{TLS: TLSAuto, DataDir: dir}) // the database is not locked any more
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// A phone connects to the address of a machine in the network.
func TestTheAddressOfListenHasACertificate(t *testing.T) {
	e, err := New(Config{Listen: "192.168.1.5:4700", AdminListen: "[fd00::5]:4701", TLS: TLSAuto})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	certificate, err := e.TLSConfig().GetCertificate(&tls.ClientHelloInfo{})
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"192.168.1.5", "fd00::5", "127.0.0.1"} {
		if err := certificate.Leaf.VerifyHostname(host); err != nil {
			t.Error(err)
		}
	}
	for address, want := range map[string]string{
		"192.168.1.5:4700": "https://192.168.1.5:4700", "192.168.1.6:4700": "http://192.168.1.6:4700",
		"[::]:4700": "https://127.0.0.1:4700", "[::1]:4700": "https://[::1]:4700",
	} {
		tcp, err := net.ResolveTCPAddr("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.encryption.url(tcp); got != want {
			t.Errorf("%s has the URL %s, want %s", address, got, want)
		}
	}
}
