//go:build !race

package crypto_test

import "testing"

func TestOpeningAChatTokenAllocatesLittle(t *testing.T) {
	k := newKeyring(t)
	text := seal(t, k, small("u"))
	allocations := testing.AllocsPerRun(100, func() {
		if !opens(k, text) {
			t.Error("the token does not open")
		}
	})
	const maximum = 6
	if allocations > maximum {
		t.Errorf("opening a chat token takes %v allocations, and not at most %d", allocations, maximum)
	}
}
