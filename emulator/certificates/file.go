package certificates

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// The files of an authority in the data directory.
const (
	CertificateFile = "ca.pem"
	KeyFile         = "ca-key.pem"
)

const lockFile = KeyFile + ".lock"

// maximumBytes is how long a file with a certificate or a key may be.
const maximumBytes = 1 << 20

// files are the files of an authority in a directory.
type files struct {
	certificate, key string
	logger           *slog.Logger
}

// Open opens the authority in a directory, and makes it if there is none. If it does not permit all of the names, or
// if it ends soon, it gets a new certificate, and the log says that clients must trust it again. A file that is damaged
// is not changed. Several processes can open the same one.
func Open(dir string, names Names, logger *slog.Logger) (*Authority, error) {
	f := files{filepath.Join(dir, CertificateFile), filepath.Join(dir, KeyFile), logger}
	lock := filepath.Join(dir, lockFile)
	if err := cmp.Or(checkRegular(lock), checkRegular(f.key), checkRegular(f.certificate)); err != nil {
		return nil, err
	}
	unlock, err := lockedfile.MutexAt(lock).Lock()
	if err != nil {
		return nil, fmt.Errorf("lock the certificate authority: %w", err)
	}
	defer unlock()
	if err := f.removeTemporary(dir); err != nil {
		return nil, err
	}
	key, err := f.openKey()
	if err != nil {
		return nil, err
	}
	certificate, err := f.openCertificate(key, names)
	if err != nil {
		return nil, err
	}
	return newAuthority(f.certificate, certificate, key, names), nil
}

// openKey reads the key. If there is neither a key nor a certificate, it makes one. The key is made first, so that a
// crash does not leave a certificate without its key.
func (f *files) openKey() (crypto.Signer, error) {
	text, err := f.read(f.key)
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
	if _, err := os.Lstat(f.certificate); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s exists, but its key %s is missing: restore it from a backup, or remove %[1]s, and a "+
			"new certificate authority is made at the next start, which clients must trust again", f.certificate, f.key)
	}
	made, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the key of the certificate authority: %w", err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(made)
	if err != nil {
		return nil, fmt.Errorf("make the key of the certificate authority: %w", err)
	}
	return made, write(f.key, pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: raw}), 0o600)
}

// openCertificate reads the certificate, and makes a new one with the same key if there is none that is good enough.
func (f *files) openCertificate(key crypto.Signer, names Names) (*x509.Certificate, error) {
	text, err := f.read(f.certificate)
	if errors.Is(err, fs.ErrNotExist) {
		return f.makeCertificate(key, names)
	}
	if err != nil {
		return nil, err
	}
	certificate, err := parseAuthority(text, key)
	if err != nil {
		return nil, f.damaged(f.certificate, err)
	}
	old := permitted(certificate)
	missing := names.missing(old)
	switch {
	case len(missing) > 0:
		f.logger.Warn("the certificate authority was replaced, because it did not permit all names: "+
			"clients must trust it again, see ivschat-local trust",
			"file", f.certificate, "missing", strings.Join(missing, " "))
	case time.Until(certificate.NotAfter) < leafLifetime:
		f.logger.Warn("the certificate authority was replaced, because it ends soon: "+
			"clients must trust it again, see ivschat-local trust",
			"file", f.certificate, "end", certificate.NotAfter)
	default:
		return certificate, nil
	}
	old.add(missing...)
	return f.makeCertificate(key, old)
}

func (f *files) makeCertificate(key crypto.Signer, names Names) (*x509.Certificate, error) {
	certificate, err := newCertificate(key, subject(), names)
	if err != nil {
		return nil, err
	}
	return certificate, write(f.certificate, certificatePEM(certificate), 0o644)
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

func (f *files) damaged(file string, err error) error {
	return fmt.Errorf("%s is damaged (%w); the file was not changed: restore it from a backup, or remove %s and %s, "+
		"and a new certificate authority is made at the next start, which clients must trust again",
		file, err, f.certificate, f.key)
}

// read reads a file that only its owner can change. If it is the key, only its owner can read it.
func (f *files) read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if path == f.key {
		f.protect(file)
	}
	text, err := io.ReadAll(io.LimitReader(file, maximumBytes))
	if err != nil {
		return nil, fmt.Errorf("read the certificate authority: %w", err)
	}
	return text, nil
}

// protect makes sure that only the owner can read the key, and says so if others could (decision D49).
func (f *files) protect(file *os.File) {
	const others = 0o077
	before, err := file.Stat()
	if err != nil || before.Mode()&others == 0 || runtime.GOOS == "windows" {
		return
	}
	err = file.Chmod(before.Mode().Perm() &^ others)
	after, statErr := file.Stat()
	if statErr != nil || after.Mode()&others != 0 {
		f.logger.Warn("others can read the key of the certificate authority, and this cannot be changed",
			"file", f.key, "mode", before.Mode().String(), "error", cmp.Or(err, statErr))
		return
	}
	f.logger.Warn("others could read the key of the certificate authority, so the mode of the file was changed: "+
		"if someone may have copied it, remove the key and "+CertificateFile+" beside it, and trust the new certificate "+
		"authority that the next start makes", "file", f.key, "mode", after.Mode().String(), "before", before.Mode().String())
}

// checkRegular refuses a path that is something else than a file (decision D49).
func checkRegular(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("read the certificate authority: %w", err)
	case info.Mode().Type() == fs.ModeSymlink:
		return fmt.Errorf("%s is a symbolic link: replace it with the file itself", path)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a file, but has the mode %s: move it away", path, info.Mode())
	}
	return nil
}

const temporarySuffix = ".tmp"

// write replaces a file in one step: a reader gets the old content or the new one, and so does the next start after
// a crash.
func write(path string, text []byte, mode fs.FileMode) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*"+temporarySuffix) // mode 0600
	if err != nil {
		return fmt.Errorf("write the certificate authority: %w", err)
	}
	defer os.Remove(file.Name()) // fails after the rename, when no such file exists
	_, err = io.Copy(file, bytes.NewReader(text))
	if err := errors.Join(err, file.Chmod(mode), file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("write the certificate authority: %w", err)
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return fmt.Errorf("write the certificate authority: %w", err)
	}
	return nil
}

// removeTemporary removes what an interrupted write has left. No other write is in progress, because of the lock.
func (f *files) removeTemporary(dir string) error {
	for _, path := range []string{f.certificate, f.key} {
		left, err := filepath.Glob(filepath.Join(dir, filepath.Base(path)+".*"+temporarySuffix))
		for _, name := range left {
			err = errors.Join(err, os.Remove(name))
		}
		if err != nil {
			return fmt.Errorf("remove what a crash has left of the certificate authority: %w", err)
		}
	}
	return nil
}
