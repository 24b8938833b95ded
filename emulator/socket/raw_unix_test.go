//go:build unix

package socket

import (
	"syscall"
	"testing"
)

func TestAWriteToAFullSocketWritesNothingAndIsNoError(t *testing.T) {
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(pair[0])
	defer syscall.Close(pair[1])
	if err := syscall.SetNonblock(pair[0], true); err != nil {
		t.Fatal(err)
	}
	text := make([]byte, 1<<16)
	for n := 1; n > 0; {
		if n, err = writeOnce(uintptr(pair[0]), text); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := writeOnce(^uintptr(0), text); n > 0 || err == nil {
		t.Errorf("%d bytes are written to a socket that does not exist (%v)", n, err)
	}
}
