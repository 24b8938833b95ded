package crypto_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/ivschat-local/ivschat-local/crypto"
)

func TestNothingIsDoneWithAnEndedContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := writeKeyset(t, dir, knownKeyset)
	onDisk, err := crypto.LoadKeyring(dir, silent)
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	for mode, k := range map[string]*crypto.Keyring{"in memory": newKeyring(t), "on disk": onDisk} {
		chatToken, pageToken := seal(t, k, full()), sealPage(t, k, "list", "p")
		sealed, sealing := k.SealChatToken(ended, full())
		_, opening := k.OpenChatToken(ended, chatToken)
		sealedPage, sealingPage := k.SealPageToken(ended, "list", []byte("p"))
		_, openingPage := k.OpenPageToken(ended, "list", pageToken)
		_, listing := k.Keys(ended)
		_, rotating := k.Rotate(ended)
		if sealed != "" || sealedPage != "" {
			t.Errorf("%s: sealed %q and %q", mode, sealed, sealedPage)
		}
		for name, err := range map[string]error{
			"SealChatToken": sealing, "OpenChatToken": opening, "SealPageToken": sealingPage,
			"OpenPageToken": openingPage, "Keys": listing, "Rotate": rotating,
		} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s %s: the error is %v", name, mode, err)
			}
		}
	}
	if readFile(t, path) != knownKeyset {
		t.Error("the file was changed")
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("the directory has %v (%v)", files, err)
	}
}

// A countingContext ends after a number of checks.
type countingContext struct {
	context.Context
	checks, limit int
}

func (c *countingContext) Err() error {
	if c.checks++; c.checks > c.limit {
		return context.Canceled
	}
	return nil
}

func TestARotationWhoseContextEndsBeforeItHasTheLockIsNotMade(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	k := openKeyring(t, dir)
	path := filepath.Join(dir, crypto.KeysetFile)
	before := readFile(t, path)
	ends := &countingContext{Context: ctx, limit: 1} // the check before the lock
	if _, err := k.Rotate(ends); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if readFile(t, path) != before {
		t.Error("the file was changed")
	}
	rotate(t, k) // the lock is free
}

func TestARotationThatHasBegunIsFinished(t *testing.T) {
	t.Parallel()
	k := openKeyring(t, t.TempDir())
	ends := &countingContext{Context: ctx, limit: 2} // the checks before and after the lock
	added, err := k.Rotate(ends)
	if err != nil {
		t.Fatal(err)
	}
	if _, primary := keysOf(t, k); primary != added.ID {
		t.Errorf("%d is primary, want %d", primary, added.ID)
	}
}
