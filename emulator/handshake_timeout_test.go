package emulator_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

func TestAClientThatDoesNotReadTheAnswerToItsHandshakeIsDisconnectedAfterTwoSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logBuffer
		n := serveInMemory(t, emulator.Config{Logger: log.logger()})
		room := createRoom(t, n, "")
		token := createToken(t, n, room, "anna", "")
		conn, err := n.netDial(t.Context(), "tcp", "memory")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		began := time.Now()
		if _, err := fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: memory\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: %s\r\n\r\n",
			token); err != nil {
			t.Fatal(err)
		}
		entries := n.Journal().Wait(t.Context(), 0, 1, journal.Filter{Kind: journal.Handshake})
		if took := time.Since(began); len(entries) != 1 || entries[0].Status != 400 || took != 2*time.Second {
			t.Errorf("after %v: %+v", took, entries)
		}
		synctest.Wait()
		want := fmt.Sprintf(`level=WARN msg="a WebSocket handshake failed" error="write pipe: i/o timeout" room=%s`, room)
		if got := log.lines(); len(got) == 0 || got[0] != want {
			t.Errorf("the log is\n%s\nwant\n%s", strings.Join(got, "\n"), want)
		}
	})
}
