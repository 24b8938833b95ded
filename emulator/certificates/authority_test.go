package certificates

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const day = 24 * time.Hour

// newTestAuthority returns an authority for the usual names and others.
func newTestAuthority(t *testing.T, others ...string) *Authority {
	t.Helper()
	a, err := New(NewNames("us-east-1", others...))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// ask returns the certificate for a name, or nil.
func ask(t *testing.T, a *Authority, name string) *tls.Certificate {
	t.Helper()
	certificate, err := a.Certificate(&tls.ClientHelloInfo{ServerName: name})
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// verify returns why a client that trusts an authority does not accept a certificate for a host.
func verify(authority []byte, leaf *x509.Certificate, host string) error {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: host})
	return err
}

func TestAClientAcceptsTheCertificateForEachName(t *testing.T) {
	a := newTestAuthority(t, "Chat.Test", "192.168.1.5", "fd00::1")
	for _, test := range []struct{ asked, host string }{
		{"localhost", "localhost"}, {"LOCALHOST", "localhost"}, {"app.localhost", "app.localhost"},
		{"", "127.0.0.1"}, {"", "::1"}, {"", "localhost"}, {"", "192.168.1.5"}, {"", "fd00::1"},
		{"127.0.0.1", "127.0.0.1"}, // which some clients send, although it is not a name
		{"chat.test", "chat.test"}, {"CHAT.test", "chat.test"},
		{"ivschat.us-east-1.amazonaws.com", "ivschat.us-east-1.amazonaws.com"},
		{"edge.ivschat.eu-central-1.amazonaws.com", "edge.ivschat.eu-central-1.amazonaws.com"},
		{"ivschat.ap-northeast-2.api.aws", "ivschat.ap-northeast-2.api.aws"},
	} {
		certificate := ask(t, a, test.asked)
		if certificate == nil {
			t.Errorf("there is no certificate for %q", test.asked)
			continue
		}
		leaf := certificate.Leaf
		if err := verify(a.PEM(), leaf, test.host); err != nil {
			t.Errorf("asked for %q: %v", test.asked, err)
		}
		for _, name := range leaf.DNSNames {
			if strings.Contains(name, "*") || len(leaf.DNSNames) != 1 {
				t.Errorf("the certificate for %q has the names %v", test.asked, leaf.DNSNames)
			}
		}
		if life := leaf.NotAfter.Sub(leaf.NotBefore); life > 397*day {
			t.Errorf("the certificate for %q lasts %v", test.asked, life)
		}
	}
}

func TestOtherNamesHaveNoCertificate(t *testing.T) {
	a := newTestAuthority(t, "chat.test")
	for _, name := range []string{
		"example.com", "amazonaws.com", "us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com", "x.chat.test",
		"x.ivschat.us-east-1.amazonaws.com", "ivschat.us-gov-west-1.amazonaws.com", "edge.ivschat.us-east-1.api.aws",
		"localhost.example.com", "notlocalhost", "test", strings.Repeat("a", 244) + ".localhost", // 254 characters
	} {
		if ask(t, a, name) != nil {
			t.Errorf("there is a certificate for %s", name)
		}
	}
}

func TestTheRegionOfTheEmulatorHasCertificatesToo(t *testing.T) {
	a, err := New(NewNames("eu-north-1"))
	if err != nil {
		t.Fatal(err)
	}
	const host = "edge.ivschat.eu-north-1.amazonaws.com"
	if err := verify(a.PEM(), ask(t, a, host).Leaf, host); err != nil {
		t.Error(err)
	}
}

func TestTheAuthorityIsConstrained(t *testing.T) {
	a := newTestAuthority(t)
	c := a.certificate
	if !c.IsCA || !c.BasicConstraintsValid || !c.MaxPathLenZero || c.MaxPathLen != 0 || c.KeyUsage != x509.KeyUsageCertSign ||
		!slices.Equal(c.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}) || !c.PermittedDNSDomainsCritical {
		t.Errorf("%+v", c)
	}
	if life := c.NotAfter.Sub(c.NotBefore); life < 9*365*day || life > 11*365*day {
		t.Errorf("it lasts %v", life)
	}
	if !strings.HasPrefix(c.Subject.CommonName, "ivschat-local") || len(c.Subject.CommonName) > 64 ||
		strings.Contains(c.Subject.String(), "@") {
		t.Errorf("its subject is %s", c.Subject)
	}
	if key, ok := c.PublicKey.(*ecdsa.PublicKey); !ok || key.Curve != elliptic.P256() {
		t.Errorf("its key is %T", c.PublicKey)
	}
}

// Someone who has the key of the authority cannot use it for anything else.
func TestAClientRefusesWhatTheAuthorityMayNotSign(t *testing.T) {
	a := newTestAuthority(t)
	server := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for name, template := range map[string]x509.Certificate{
		"example.com":              {DNSNames: []string{"example.com"}, ExtKeyUsage: server},
		"console.aws.amazon.com":   {DNSNames: []string{"console.aws.amazon.com"}, ExtKeyUsage: server},
		"8.8.8.8":                  {IPAddresses: []net.IP{net.IPv4(8, 8, 8, 8)}, ExtKeyUsage: server},
		"192.168.1.1":              {IPAddresses: []net.IP{net.IPv4(192, 168, 1, 1)}, ExtKeyUsage: server},
		"2001:db8::1":              {IPAddresses: []net.IP{net.ParseIP("2001:db8::1")}, ExtKeyUsage: server},
		"localhost and others too": {DNSNames: []string{"localhost", "example.com"}, ExtKeyUsage: server},
	} {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
		raw, err := x509.CreateCertificate(rand.Reader, &template, a.certificate, key.Public(), a.key)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(raw)
		if err != nil {
			t.Fatal(err)
		}
		if err := verify(a.PEM(), leaf, ""); err == nil {
			t.Errorf("a client accepts a certificate for %s", name)
		}
	}
}

// The connections of a load test must not make a certificate each.
func TestManyClientsGetOneCertificate(t *testing.T) {
	a := newTestAuthority(t)
	var all sync.Map
	var group sync.WaitGroup
	for i := range 10_000 {
		group.Go(func() {
			name := "localhost"
			if i%2 == 0 {
				name = "ivschat.us-east-1.amazonaws.com"
			}
			certificate, err := a.Certificate(&tls.ClientHelloInfo{ServerName: name})
			if err != nil {
				t.Error(err)
			}
			all.Store(certificate, true)
		})
	}
	group.Wait()
	made := 0
	all.Range(func(any, any) bool { made++; return true })
	if made != 2 {
		t.Errorf("%d certificates were made", made)
	}
}

func TestTheNumberOfCertificatesIsLimited(t *testing.T) {
	a := newTestAuthority(t)
	for i := range maximumLeaves + 50 {
		name := fmt.Sprintf("app%d.localhost", i)
		if err := verify(a.PEM(), ask(t, a, name).Leaf, name); err != nil {
			t.Fatal(err)
		}
		if len(a.leaves) > maximumLeaves {
			t.Fatalf("there are %d certificates", len(a.leaves))
		}
	}
}

// A local is a connection to an address of this machine.
type local struct {
	net.Conn
	address net.Addr
}

// LocalAddr implements net.Conn.
func (c local) LocalAddr() net.Addr { return c.address }

func TestAClientOfAnUnusualLoopbackAddressAcceptsTheCertificate(t *testing.T) {
	a := newTestAuthority(t)
	for _, ip := range []string{"127.0.0.2", "127.8.8.8", "127.0.0.1", "::1"} {
		certificate, err := a.Certificate(&tls.ClientHelloInfo{Conn: local{address: &net.TCPAddr{IP: net.ParseIP(ip)}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range []string{ip, "127.0.0.1", "::1", "localhost"} {
			if err := verify(a.PEM(), certificate.Leaf, host); err != nil {
				t.Errorf("connected to %s: %v", ip, err)
			}
		}
	}
	if _, err := a.Certificate(&tls.ClientHelloInfo{Conn: local{address: &net.UnixAddr{Name: "memory"}}}); err != nil {
		t.Error(err)
	}
}

func TestACertificateIsRenewedBeforeItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newTestAuthority(t)
		first := ask(t, a, "localhost")
		time.Sleep(leafLifetime - renewBefore - backdated - time.Second)
		if ask(t, a, "localhost") != first {
			t.Error("the certificate was renewed early")
		}
		time.Sleep(time.Second)
		second := ask(t, a, "localhost")
		if second == first {
			t.Error("the certificate was not renewed")
		}
		for range 9 * 12 { // nine years
			time.Sleep(30 * day)
			leaf := ask(t, a, "localhost").Leaf
			if err := verify(a.PEM(), leaf, "localhost"); err != nil {
				t.Fatal(err)
			}
			if left := time.Until(leaf.NotAfter); left < renewBefore {
				t.Fatalf("after %s, the certificate ends in %v", time.Now(), left)
			}
		}
	})
}

func TestOpenSSLAcceptsTheCertificates(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	dir := t.TempDir()
	a := newTestAuthority(t, "192.168.1.5")
	authority := filepath.Join(dir, CertificateFile)
	if err := os.WriteFile(authority, a.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range [][3]string{
		{"localhost", "-verify_hostname", "localhost"}, {"", "-verify_ip", "127.0.0.1"}, {"", "-verify_ip", "::1"},
		{"", "-verify_ip", "192.168.1.5"},
		{"ivschat.us-west-2.api.aws", "-verify_hostname", "ivschat.us-west-2.api.aws"},
	} {
		leaf := filepath.Join(dir, "leaf.pem")
		if err := os.WriteFile(leaf, certificatePEM(ask(t, a, test[0]).Leaf), 0o600); err != nil {
			t.Fatal(err)
		}
		output, err := exec.Command(openssl, "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", authority,
			test[1], test[2], leaf).CombinedOutput()
		if err != nil {
			t.Errorf("%v: %v\n%s", test, err, output)
		}
	}
}
