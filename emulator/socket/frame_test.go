package socket

import (
	"bytes"
	"fmt"
	"testing"
)

// RFC 6455, section 5.2: "the minimal number of bytes MUST be used to encode the length".
func TestAFrameHasTheShortestHeader(t *testing.T) {
	for length, want := range map[int]string{
		0: "8100", 125: "817d", 126: "817e007e", 65535: "817effff", 65536: "817f0000000000010000",
	} {
		payload := bytes.Repeat([]byte("x"), length)
		frame := appendFrame(nil, payload)
		header, ok := bytes.CutSuffix(frame, payload)
		if got := fmt.Sprintf("%x", header); !ok || got != want {
			t.Errorf("%d bytes: the header is %s, want %s", length, got, want)
		}
	}
}
