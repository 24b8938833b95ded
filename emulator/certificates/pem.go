package certificates

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// The types of blocks in PEM.
const (
	certificateBlock = "CERTIFICATE"
	keyBlock         = "PRIVATE KEY"
	encryptedBlock   = "ENCRYPTED PRIVATE KEY"
)

// parseChain returns the certificates in a file, of which there is at least one.
func parseChain(text []byte) (chain []*x509.Certificate, err error) {
	var other string
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != certificateBlock {
			other = block.Type
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		chain = append(chain, certificate)
	}
	switch {
	case len(chain) > 0:
		return chain, nil
	case other != "":
		return nil, fmt.Errorf("it has no certificate, but a block of the type %s", other)
	}
	return nil, errors.New("it has no -----BEGIN CERTIFICATE-----")
}

// errEncrypted is the error for a key that is protected by a password.
var errEncrypted = errors.New("the key is encrypted")

// parseKey returns the private key in a file.
func parseKey(text []byte) (crypto.Signer, error) {
	var other string
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		switch {
		case block.Type == encryptedBlock, strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
			return nil, errEncrypted
		case block.Type == keyBlock, strings.HasSuffix(block.Type, " "+keyBlock):
			return parsePrivateKey(block)
		}
		other = block.Type
	}
	if other != "" {
		return nil, fmt.Errorf("it has no private key, but a block of the type %s", other)
	}
	return nil, errors.New("it has no -----BEGIN PRIVATE KEY-----")
}

// parsePrivateKey parses a key in one of the three forms that there are.
func parsePrivateKey(block *pem.Block) (crypto.Signer, error) {
	var key any
	var err error
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a key of the type %T cannot sign", key)
	}
	return signer, nil
}

// belong reports whether a key is that of a certificate.
func belong(certificate *x509.Certificate, key crypto.Signer) bool {
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(certificate.PublicKey)
}
