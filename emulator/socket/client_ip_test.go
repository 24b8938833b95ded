package socket

import (
	"net"
	"net/http/httptest"
	"testing"
	"testing/synctest"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestTheIPAddressOfAClientIsKnownWhenItsHandshakeIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := net.Pipe()
		defer client.Close()
		h, _ := newFakeHandler(t, newFakeToken())
		go h.ServeHTTP(memoryResponse{httptest.NewRecorder(), server}, newHandshake())
		synctest.Wait() // the answer waits for the client
		if open := h.Live.Sessions("", ivschat.ARN{}); len(open) != 1 || open[0].ClientIP() != "127.0.0.1" {
			t.Errorf("the sessions are %v", open)
		}
		_ = client.Close()
		h.Close(t.Context())
	})
}
