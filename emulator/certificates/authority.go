// Package certificates makes the certificates with which clients reach the emulator over TLS: an authority of the
// emulator's own, and certificates for the names that it permits. It also reads certificates that someone else made.
package certificates

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// authorityLifetime is how long an authority can be used. Clients have to trust each new one.
	authorityLifetime = 10 * 365 * 24 * time.Hour
	// backdated is how long ago a certificate became valid when it is made, for clients whose clock is behind.
	backdated = 24 * time.Hour
)

// organization is how people find the authority in a list of authorities.
const organization = "ivschat-local"

// An Authority issues certificates for its names, when a client asks for one (decision D76). It is safe for concurrent
// use.
type Authority struct {
	// Static after New and Open.
	file        string // of the certificate, "" in memory
	certificate *x509.Certificate
	key         crypto.Signer
	names       Names

	mu     sync.Mutex       // guards leaves; held while a certificate is made, so that each is made once
	leaves map[string]*leaf // by the name for which a client asked, "" for none
}

// New returns an authority for names that is in memory only.
func New(names Names) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the key of the certificate authority: %w", err)
	}
	certificate, err := newCertificate(key, subject(), names)
	if err != nil {
		return nil, err
	}
	return newAuthority("", certificate, key, names), nil
}

func newAuthority(file string, certificate *x509.Certificate, key crypto.Signer, names Names) *Authority {
	return &Authority{
		file: file, certificate: certificate, key: key, names: names, leaves: map[string]*leaf{},
	}
}

// Root returns the certificate of the authority. It must not be changed.
func (a *Authority) Root() *x509.Certificate { return a.certificate }

// PEM returns the certificate of the authority, which clients have to trust, as a file in PEM.
func (a *Authority) PEM() []byte { return certificatePEM(a.certificate) }

// File returns the name of the file with the certificate, "" in memory.
func (a *Authority) File() string { return a.file }

// Names returns the names for which there are certificates.
func (a *Authority) Names() Names { return a.names }

func certificatePEM(certificate *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: certificateBlock, Bytes: certificate.Raw})
}

// subject returns the subject of a new authority. It has the name of the machine, because people may trust the
// authorities of several.
func subject() pkix.Name {
	const maximum = 64 // of a common name (RFC 5280, appendix A.1: ub-common-name)
	name := organization
	if host, err := os.Hostname(); err == nil {
		if host, _, _ = strings.Cut(host, "."); host != "" && len(host) < 40 {
			name += " on " + host
		}
	}
	return pkix.Name{Organization: []string{organization}, CommonName: name[:min(len(name), maximum)]}
}

// newCertificate makes the certificate of an authority that can only sign certificates of servers with these names.
// A client refuses any other, so someone who copies the key cannot use it for another server.
func newCertificate(key crypto.Signer, subject pkix.Name, names Names) (*x509.Certificate, error) {
	now := time.Now()
	template := &x509.Certificate{
		Subject:                     subject,
		NotBefore:                   now.Add(-backdated),
		NotAfter:                    now.Add(authorityLifetime - backdated),
		KeyUsage:                    x509.KeyUsageCertSign,
		ExtKeyUsage:                 []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid:       true,
		IsCA:                        true,
		MaxPathLenZero:              true,
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         names.dns,
		PermittedIPRanges:           slices.Concat(loopback, names.networks()),
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make the certificate authority: %w", err)
	}
	return x509.ParseCertificate(raw)
}

// loopback is the addresses of this machine. An authority always permits them.
var loopback = []*net.IPNet{
	{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)},
	{IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)},
}
