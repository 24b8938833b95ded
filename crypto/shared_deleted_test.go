package crypto_test

import (
	"context"
	"slices"
	"testing"

	"github.com/ivschat-local/ivschat-local/crypto"
)

// watched is a Shared whose watcher is called by the test.
type watched struct {
	*memory
	changed func([]byte, uint64)
}

func (w *watched) Watch(changed func([]byte, uint64)) { w.changed = changed }

// look calls the watcher with the value that there is now.
func (w *watched) look(t *testing.T) {
	t.Helper()
	value, revision, err := w.Load(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	w.changed(value, revision)
}

func TestKeysThatWereDeletedAreStoredAgainByThoseWhoHaveThem(t *testing.T) {
	t.Parallel()
	shared := &watched{memory: new(memory)}
	k := openShared(t, shared)
	before := keys(t, k)
	shared.value, shared.revision = nil, 0
	shared.look(t)
	if late := keys(t, openShared(t, &watched{memory: shared.memory})); !slices.Equal(late, before) {
		t.Errorf("a node that starts later has the keys %v, not %v", late, before)
	}
	shared.look(t)
	rotated, err := k.Rotate(ctx)
	if err != nil || len(keys(t, k)) != 2 || !rotated.Primary {
		t.Error(rotated, err, keys(t, k))
	}
}

func TestKeysThatAnotherNodeHasMadeAfterAllWereDeletedAreUsed(t *testing.T) {
	t.Parallel()
	shared := &watched{memory: new(memory)}
	k := openShared(t, shared)
	if _, err := k.Rotate(ctx); err != nil {
		t.Fatal(err)
	}
	shared.value, shared.revision = nil, 0
	other := openShared(t, &watched{memory: shared.memory}) // has the same revision as the first keys
	shared.look(t)
	if got, want := keys(t, k), keys(t, other); !slices.Equal(got, want) {
		t.Errorf("the keys are %v, not those of the other node %v", got, want)
	}
}

var _ crypto.Shared = (*watched)(nil)
