package certificates

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"strings"
	"time"
)

const (
	// leafLifetime is how long the certificate of a name can be used. Apple's platforms allow 825 days for the
	// authority of a user, and browsers 398 for any.
	leafLifetime = 90 * 24 * time.Hour
	// renewBefore is how long before its end a certificate is replaced.
	renewBefore = 30 * 24 * time.Hour
	// maximumLeaves is how many certificates are kept. Clients can ask for any name that ends with .localhost.
	maximumLeaves = 200
)

// A leaf is the certificate of a name.
type leaf struct {
	*tls.Certificate
	from, until time.Time // when it is used, in the machine's time
}

// Certificate returns the certificate for the name that a client asks for. A client that asks for none, because it
// knows only an IP address, gets that of all addresses: behind a proxy, it is not known to which it connected. The
// certificate is nil if the name is not among the names of the authority. It is a GetCertificate of tls.Config.
func (a *Authority) Certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name := strings.ToLower(hello.ServerName)
	if net.ParseIP(name) != nil { // an address is not allowed here, but some clients send it
		name = ""
	}
	var local net.IP // only if it is not in every certificate without a name
	if name == "" {
		local = unusualLoopback(hello.Conn)
	} else if !a.names.hasName(name) {
		return nil, nil // which fails with the alert unrecognized_name
	}
	key := name
	if local != nil {
		key = local.String()
	}
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	if found := a.leaves[key]; found != nil && !now.Before(found.from) && now.Before(found.until) {
		return found.Certificate, nil
	}
	made, err := a.makeLeaf(name, local, now)
	if err != nil {
		return nil, err
	}
	for other := range a.leaves { // any of them
		if len(a.leaves) < maximumLeaves {
			break
		}
		delete(a.leaves, other)
	}
	a.leaves[key] = made
	return made.Certificate, nil
}

// unusualLoopback returns the local address of a connection if it is a loopback address other than 127.0.0.1
// and ::1.
func unusualLoopback(conn net.Conn) net.IP {
	if conn == nil {
		return nil
	}
	tcp, ok := conn.LocalAddr().(*net.TCPAddr)
	if !ok || !tcp.IP.IsLoopback() || tcp.IP.Equal(ipv4) || tcp.IP.Equal(net.IPv6loopback) {
		return nil
	}
	return tcp.IP
}

var ipv4 = net.IPv4(127, 0, 0, 1)

// makeLeaf makes the certificate of a name, or with "" that of the addresses, which may be one more than usual.
func (a *Authority) makeLeaf(name string, local net.IP, now time.Time) (*leaf, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the key of a certificate: %w", err)
	}
	template := &x509.Certificate{
		NotBefore:   now.Add(-backdated),
		NotAfter:    now.Add(leafLifetime - backdated),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{cmp.Or(name, localhost)},
		Subject:     pkix.Name{Organization: []string{organization}},
	}
	if name == "" {
		template.IPAddresses = append([]net.IP{ipv4, net.IPv6loopback}, a.names.addresses...)
		if local != nil {
			template.IPAddresses = append(template.IPAddresses, local)
		}
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	parsed, err := x509.ParseCertificate(raw)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	return &leaf{
		Certificate: &tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key, Leaf: parsed},
		from:        parsed.NotBefore,
		until:       parsed.NotAfter.Add(-renewBefore),
	}, nil
}
