package pipenet_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/pipenet"
)

func TestAcceptReturnsTheOtherEndOfWhatDialReturns(t *testing.T) {
	n := pipenet.New()
	go func() {
		server, err := n.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = server.Write([]byte("x"))
		_ = server.Close()
	}()
	client, err := n.Dial(t.Context(), "tcp", "any.example:80")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(client); string(text) != "x" || err != nil {
		t.Errorf("read %q, %v", text, err)
	}
}

func TestAClosedNetworkRefusesConnections(t *testing.T) {
	n := pipenet.New()
	for range 2 {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := n.Dial(t.Context(), "", ""); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Dial: %v", err)
	}
	if _, err := n.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept: %v", err)
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := pipenet.New().Dial(ctx, "", ""); !errors.Is(err, context.Canceled) {
		t.Errorf("Dial: %v", err)
	}
}
