package certificates

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/ivschat-local/ivschat-local/internal/shortfile"
)

// Load reads a certificate chain, the server's first, and its private key from two files in PEM, which can be the same.
// The errors say what to do. A certificate that clients will not accept at this time is only a warning in the log.
func Load(certificateFile, keyFile string, logger *slog.Logger) (*tls.Certificate, error) {
	certificateText, err := shortfile.Read(certificateFile, maximumBytes)
	if err != nil {
		return nil, fmt.Errorf("the certificate: %w", err)
	}
	keyText, err := shortfile.Read(keyFile, maximumBytes)
	if err != nil {
		return nil, fmt.Errorf("the key of the certificate: %w", err)
	}
	chain, err := parseChain(certificateText)
	if err != nil {
		if _, keyErr := parseKey(certificateText); keyErr == nil {
			if _, swappedErr := parseChain(keyText); swappedErr == nil {
				return nil, fmt.Errorf("%s has a key, and %s a certificate: give them in the other order",
					certificateFile, keyFile)
			}
		}
		return nil, fmt.Errorf("%s must have a certificate in PEM, but %w", certificateFile, err)
	}
	key, err := parseKey(keyText)
	if errors.Is(err, errEncrypted) {
		return nil, fmt.Errorf("the key in %s is protected by a password: remove it with openssl pkey -in %[1]s -out FILE, "+
			"and give that file", keyFile)
	}
	if err != nil {
		return nil, fmt.Errorf("%s must have a private key in PEM, but %w", keyFile, err)
	}
	for i, certificate := range chain {
		if belong(certificate, key) {
			if i > 0 {
				return nil, fmt.Errorf("%s must begin with the certificate of the key in %s, but that is number %d: "+
					"change the order", certificateFile, keyFile, i+1)
			}
			warn(certificateFile, certificate, logger)
			made := &tls.Certificate{PrivateKey: key, Leaf: certificate}
			for _, one := range chain {
				made.Certificate = append(made.Certificate, one.Raw)
			}
			return made, nil
		}
	}
	return nil, fmt.Errorf("the key in %s does not belong to the certificate in %s: give the key with which the "+
		"certificate was made", keyFile, certificateFile)
}

// warn warns of a certificate that clients will not accept.
func warn(file string, certificate *x509.Certificate, logger *slog.Logger) {
	if len(NamesOf(certificate)) == 0 { // clients ignore the common name
		logger.Warn("the TLS certificate has no name, so clients will not accept it: make one with a subjectAltName, "+
			"such as DNS:localhost", "file", file)
	}
	switch now := time.Now(); {
	case now.After(certificate.NotAfter):
		logger.Warn("the TLS certificate has expired, so clients will not accept it: make a new one",
			"file", file, "end", certificate.NotAfter)
	case now.Before(certificate.NotBefore):
		logger.Warn("the TLS certificate is not valid yet, so clients will not accept it: is the clock right?",
			"file", file, "begin", certificate.NotBefore)
	}
}

// NamesOf returns the names of a certificate: host names, which may be patterns, and IP addresses.
func NamesOf(certificate *x509.Certificate) []string {
	names := slices.Clone(certificate.DNSNames)
	for _, ip := range certificate.IPAddresses {
		names = append(names, ip.String())
	}
	return names
}
