package emulator

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
)

// beginBody sends the header of a request with a long body, and the first bytes of the body.
func (t *slowTest) beginBody(path string, bytes int, sent *atomic.Int32) net.Conn {
	t.Helper()
	conn, err := t.dial(t.Context(), "tcp", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		_, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s",
			path, 1<<20, strings.Repeat(" ", bytes))
		if err == nil {
			sent.Add(1)
		}
	}()
	return conn
}

func TestOnlyAFewLongBodiesAreInMemoryAtTheSameTime(t *testing.T) {
	for _, path := range []string{"/CreateRoom", "/_ivschat/v1/faults"} {
		slowly(t, func(t *slowTest) {
			var sent atomic.Int32
			var first []net.Conn
			for range maximumLong {
				first = append(first, t.beginBody(path, 100_000, &sent))
			}
			synctest.Wait()
			for range 10 {
				t.beginBody(path, 100_000, &sent)
			}
			synctest.Wait()
			if n := sent.Load(); n != maximumLong {
				t.Errorf("%s: %d long bodies were read, want %d", path, n, maximumLong)
			}
			if _, err := t.plane.CreateRoom(t.Context(), chatclient.CreateRoomInput{}); err != nil {
				t.Errorf("a short request: %v", err)
			}
			for _, conn := range first {
				_ = conn.Close()
			}
			synctest.Wait()
			if n := sent.Load(); n != maximumLong+10 {
				t.Errorf("%s: %d long bodies were read after the first had ended", path, n)
			}
		})
	}
}

func TestALongBodyThatWaitsTooLongForOthersIsRefused(t *testing.T) {
	slowly(t, func(t *slowTest) {
		var sent atomic.Int32
		for range maximumLong {
			t.beginBody("/_ivschat/v1/faults", 100_000, &sent)
		}
		synctest.Wait()
		conn := t.beginBody("/CreateRoom", shortBody, &sent)
		began := time.Now()
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(response.Body)
		if took := time.Since(began); response.StatusCode != http.StatusRequestTimeout || took != bodyTimeout {
			t.Errorf("after %v: %s %s", took, response.Status, text)
		}
	})
}
