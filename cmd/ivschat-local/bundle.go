package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ivschat-local/ivschat-local/cmd/internal/remote"
	"github.com/ivschat-local/ivschat-local/internal/shortfile"
)

// bundleFile is a file beside the certificate of the authority, with the authorities of the system and that one. It is
// for variables that replace the authorities of the system.
const bundleFile = "ca-bundle.pem"

// nodeVariable names a file with authorities that Node.js trusts in addition to those that it knows.
const nodeVariable = "NODE_EXTRA_CA_CERTS"

// bundleVariables name a file with the only authorities that a program trusts: the AWS CLI and SDKs, Go, Ruby, Python
// and others with OpenSSL, the requests library of Python, and curl.
var bundleVariables = []string{"AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}

// systemBundles are files that have the authorities of a system, as in package crypto/x509.
var systemBundles = []string{
	"/etc/ssl/certs/ca-certificates.crt",                // Debian, Arch Linux
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Fedora
	"/etc/pki/tls/certs/ca-bundle.crt",                  // older ones of Fedora
	"/etc/ssl/ca-bundle.pem",                            // openSUSE
	"/etc/ssl/cert.pem",                                 // Alpine Linux, macOS
	"/usr/local/etc/ssl/cert.pem",                       // FreeBSD
}

// A trust is the files with which clients trust a certificate authority.
type trust struct {
	authority string // file with its certificate
	bundle    string // file with the authorities of the system, too; "" if those of the system are not in a file
	// The variables that cannot be replaced, because what they name cannot be read.
	unreadable []string
	// Whether NODE_EXTRA_CA_CERTS names other authorities, which are in the bundle, too.
	nodeHasOthers bool
}

// newTrust writes the bundle for a file with the certificate of an authority into a directory. It has what the
// variables of the environment name, so that what was trusted still is.
func newTrust(authority, dir string) (trust, error) {
	t := trust{authority: authority, bundle: filepath.Join(dir, bundleFile)}
	own, err := readCertificates(authority)
	if err != nil {
		return trust{}, err
	}
	system, err := systemCertificates()
	if err != nil {
		t.bundle = ""
		return t, nil
	}
	others := system
	for _, variable := range append(slices.Clone(bundleVariables), nodeVariable) {
		path := os.Getenv(variable)
		if path == "" || path == authority {
			continue
		}
		found, err := readCertificates(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // left by an emulator that has removed it, for instance
		}
		if err != nil {
			t.unreadable = append(t.unreadable, variable)
			continue
		}
		others = append(others, found...)
		t.nodeHasOthers = t.nodeHasOthers || variable == nodeVariable
	}
	text := encodeCertificates(append(own, withoutReplaced(others, own)...))
	if old, err := shortfile.Read(t.bundle, remote.MaximumBundle); err == nil && bytes.Equal(old, text) {
		return t, nil
	}
	return t, replaceBundle(t.bundle, text)
}

// systemCertificates returns the authorities of the system.
func systemCertificates() (certificates [][]byte, err error) {
	for _, path := range systemBundles {
		if certificates, err = readCertificates(path); err == nil {
			return certificates, nil
		}
	}
	return nil, err
}

// withoutReplaced returns certificates without those of an authority that has another certificate now, and each once.
func withoutReplaced(certificates, now [][]byte) (left [][]byte) {
	own, seen := map[string]bool{}, map[string]bool{}
	for _, certificate := range now {
		own[subjectOf(certificate)] = true
	}
	for _, certificate := range certificates {
		subject := subjectOf(certificate)
		isOwn := subject != "" && own[subject]
		if !isOwn && !seen[string(certificate)] {
			seen[string(certificate)] = true
			left = append(left, certificate)
		}
	}
	return left
}

// subjectOf returns the name of an authority, as DER. It is "" for a certificate that this library refuses, such as one
// with a negative serial number. Files of systems have some.
func subjectOf(certificate []byte) string {
	parsed, err := x509.ParseCertificate(certificate)
	if err != nil {
		return ""
	}
	return string(parsed.RawSubject)
}

// readCertificates returns the certificates in a file with PEM, at least one, as DER.
func readCertificates(path string) (certificates [][]byte, err error) {
	text, err := shortfile.Read(path, remote.MaximumBundle)
	if err != nil {
		return nil, err
	}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			certificates = append(certificates, block.Bytes)
		}
	}
	if len(certificates) == 0 {
		return nil, fmt.Errorf("%s has no certificate in PEM", path)
	}
	return certificates, nil
}

func encodeCertificates(certificates [][]byte) []byte {
	var text bytes.Buffer
	for _, certificate := range certificates {
		_ = pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: certificate}) // never fails
	}
	return text.Bytes()
}

// replaceBundle replaces a file with certificates in one step, since programs may read it at any time.
func replaceBundle(path string, text []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // fails after the rename, when no such file exists
	_, err = file.Write(text)
	if err := errors.Join(err, file.Chmod(0o644), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// variables returns the environment variables with which clients trust the authority.
func (t trust) variables() (all [][2]string) {
	node := t.authority
	if t.nodeHasOthers {
		node = t.bundle
	}
	all = [][2]string{{nodeVariable, node}}
	if t.bundle == "" {
		return all
	}
	for _, variable := range bundleVariables {
		all = append(all, [2]string{variable, t.bundle})
	}
	return slices.DeleteFunc(all, func(variable [2]string) bool { return slices.Contains(t.unreadable, variable[0]) })
}

// warning says which variables are left out, "" if none are.
func (t trust) warning() string {
	if len(t.unreadable) > 0 {
		return fmt.Sprintf("what %s says cannot be read as certificates in PEM, so clients that use it do not trust the "+
			"emulator: ivschat-local trust says how to change that", strings.Join(t.unreadable, " and "))
	}
	if t.bundle == "" {
		return fmt.Sprintf("no file has the authorities of this system, so %s are not set, which would replace them: "+
			"ivschat-local trust says how to make clients trust the emulator", strings.Join(bundleVariables, ", "))
	}
	return ""
}

// inheritedTrust returns the variables with which clients trust an authority, as the environment has them. exec sets
// them for an emulator in memory.
func inheritedTrust() (all [][2]string) {
	for _, variable := range append([]string{nodeVariable}, bundleVariables...) {
		if value := os.Getenv(variable); value != "" {
			all = append(all, [2]string{variable, absolute(value)})
		}
	}
	return all
}

// absolute returns a path that does not depend on the working directory, or the path itself if that is unknown.
func absolute(path string) string {
	if absolute, err := filepath.Abs(path); err == nil {
		return absolute
	}
	return path
}
