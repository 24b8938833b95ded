package certificates

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/ivschat-local/ivschat-local/internal/secretfile"
)

// The files of an authority in the data directory.
const (
	CertificateFile = "ca.pem"
	KeyFile         = "ca-key.pem"
)

// maximumBytes is how long a file with a certificate or a key may be.
const maximumBytes = 1 << 20

// files are the files of an authority in a directory.
type files struct{ certificate, key secretfile.File }

// Open opens the authority in a directory, and makes it if there is none. If it does not permit all of the names, or
// if it ends soon, it gets a new certificate, and the log says that clients must trust it again. A file that is damaged
// is not changed. Several processes can open the same one.
func Open(dir string, names Names, logger *slog.Logger) (*Authority, error) {
	f := files{
		certificate: secretfile.File{
			Path: filepath.Join(dir, CertificateFile), Secret: "the certificate authority", Public: true,
		},
		key: secretfile.File{
			Path: filepath.Join(dir, KeyFile), Secret: "the key of the certificate authority",
			Renew: "run ivschat-local trust uninstall, and let clients trust the authority that the next start makes",
		},
	}
	for _, file := range []*secretfile.File{&f.certificate, &f.key} {
		file.Maximum, file.Logger = maximumBytes, logger
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the data directory: %w", err)
	}
	unlock, err := lockedfile.MutexAt(f.key.Path + ".lock").Lock()
	if err != nil {
		return nil, fmt.Errorf("lock the certificate authority: %w", err)
	}
	defer unlock()
	key, err := f.openKey()
	if err != nil {
		return nil, err
	}
	certificate, err := f.openCertificate(key, names)
	if err != nil {
		return nil, err
	}
	return newAuthority(f.certificate.Path, certificate, key, names), nil
}

// openKey reads the key. If there is neither a key nor a certificate, it makes one. The key is made first, so that a
// crash does not leave a certificate without its key.
func (f *files) openKey() (crypto.Signer, error) {
	text, err := f.key.Read()
	if err == nil {
		var key crypto.Signer
		if key, err = parseKey(text); err != nil {
			return nil, f.damaged(f.key, err)
		}
		return key, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if _, err := os.Lstat(f.certificate.Path); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s exists, but its key %s is missing: restore it from a backup, or remove %[1]s, and a "+
			"new certificate authority is made at the next start, which clients must trust again",
			f.certificate.Path, f.key.Path)
	}
	made, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the key of the certificate authority: %w", err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(made)
	if err != nil {
		return nil, fmt.Errorf("make the key of the certificate authority: %w", err)
	}
	return made, f.key.Write(pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: raw}))
}

// openCertificate reads the certificate, and makes a new one with the same key if it is missing or too old, or permits
// too few names.
func (f *files) openCertificate(key crypto.Signer, names Names) (*x509.Certificate, error) {
	text, err := f.certificate.Read()
	if errors.Is(err, fs.ErrNotExist) {
		return f.makeCertificate(key, subject(), names)
	}
	if err != nil {
		return nil, err
	}
	certificate, err := parseAuthority(text, key)
	if err != nil {
		return nil, f.damaged(f.certificate, err)
	}
	if len(certificate.PermittedDNSDomains) == 0 { // someone else made it, and it permits every name
		return certificate, nil
	}
	old := permitted(certificate)
	missing := names.missing(old)
	switch {
	case len(missing) > 0:
		f.key.Logger.Warn("the certificate authority permits more names now: clients must trust it again to use them, "+
			"see ivschat-local trust", "file", f.certificate.Path, "names", strings.Join(missing, " "))
	case time.Until(certificate.NotAfter) < leafLifetime:
		f.key.Logger.Warn("the certificate authority was replaced, because it ends soon: clients must trust it again, "+
			"see ivschat-local trust", "file", f.certificate.Path, "end", certificate.NotAfter)
	default:
		return certificate, nil
	}
	old.add(missing...)
	return f.makeCertificate(key, certificate.Subject, old)
}

// makeCertificate makes a new certificate. Because of the same subject and key, clients that trust an old one still
// accept the names that it permits.
func (f *files) makeCertificate(key crypto.Signer, subject pkix.Name, names Names) (*x509.Certificate, error) {
	certificate, err := newCertificate(key, subject, names)
	if err != nil {
		return nil, err
	}
	return certificate, f.certificate.Write(certificatePEM(certificate))
}

// parseAuthority returns the certificate of an authority with a key.
func parseAuthority(text []byte, key crypto.Signer) (*x509.Certificate, error) {
	chain, err := parseChain(text)
	if err != nil {
		return nil, err
	}
	certificate := chain[0]
	switch {
	case !certificate.IsCA:
		return nil, errors.New("it is not that of a certificate authority")
	case !belong(certificate, key):
		return nil, fmt.Errorf("it does not belong to the key in %s", KeyFile)
	}
	return certificate, nil
}

func (f *files) damaged(file secretfile.File, err error) error {
	return fmt.Errorf("%s is damaged (%w); the file was not changed: restore it from a backup, or remove %s and %s, "+
		"and a new certificate authority is made at the next start, which clients must trust again",
		file.Path, err, f.certificate.Path, f.key.Path)
}
