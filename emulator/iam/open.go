package iam

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"

	"github.com/ivschat-local/ivschat-local/internal/secretfile"
)

// File is the name of the file in the data directory with the access key that the emulator has made. It is a
// credentials file.
const File = "access-key.json"

// Open returns the callers of a data directory: one access key that may do everything in the account. The first time,
// it makes the key. "" keeps the key in memory only.
func Open(dir, account string, logger *slog.Logger) (*Callers, error) {
	if dir == "" {
		return Parse(newKey(), account)
	}
	file := fileIn(dir, logger)
	text, err := file.Read()
	if errors.Is(err, fs.ErrNotExist) {
		text = newKey()
		err = file.Write(text)
	}
	if err != nil {
		return nil, err
	}
	return parseFile(file.Path, text, account)
}

// Load is like Open, but does not make a key. If there is none, the error is fs.ErrNotExist.
func Load(dir, account string, logger *slog.Logger) (*Callers, error) {
	file := fileIn(dir, logger)
	text, err := file.Read()
	if err != nil {
		return nil, err
	}
	return parseFile(file.Path, text, account)
}

func fileIn(dir string, logger *slog.Logger) secretfile.File {
	return secretfile.File{
		Path: filepath.Join(dir, File), Secret: "the access key", Maximum: MaximumBytes, Logger: logger,
		Renew: "remove the file, and the next start makes a new one",
	}
}

func parseFile(path string, text []byte, account string) (*Callers, error) {
	callers, err := Parse(text, account)
	if err != nil {
		return nil, fmt.Errorf("%s is damaged (%w); the file was not changed: restore it from a backup, or remove it, and "+
			"the next start makes a new access key", path, err)
	}
	return callers, nil
}

// newKey returns a credentials file with a new access key. Its ID begins with LOCAL, so that no one, and no program
// that looks for secrets, takes it for a key of AWS. The lengths are those of AWS. The secret has only letters and
// digits: a program could take one that begins with - for an option.
func newKey() []byte {
	id, secret := make([]byte, 10), make([]byte, 25)
	_, _ = rand.Read(id) // never fails
	_, _ = rand.Read(secret)
	text, _ := json.MarshalIndent([]map[string]any{{ // always encodes
		accessKeyIDMember:     "LOCAL" + base32.StdEncoding.EncodeToString(id)[:15],
		secretAccessKeyMember: base32.StdEncoding.EncodeToString(secret),
		policiesMember:        []string{"IVSFullAccess"},
	}}, "", "  ")
	return append(text, '\n')
}
