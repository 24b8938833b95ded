package emulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// Each benchmark goes through HTTP on the loopback interface. BenchmarkConstant
// is a handler of net/http that returns a constant of the size of a room: what
// the others take beside it is the emulator's own.

func BenchmarkConstant(b *testing.B) {
	constant := []byte(`{"room":"` + strings.Repeat("x", 240) + `"}`)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(constant)
	}))
	defer server.Close()
	perform(b, server.URL, "{}")
}

func BenchmarkCreateChatToken(b *testing.B) {
	e := running(b, "")
	perform(b, e.URL()+"/CreateChatToken", `{"roomIdentifier":"`+room1(b, e)+`","userId":"u","capabilities":["SEND_MESSAGE"],"attributes":{"k":"v"}}`)
}

func BenchmarkGetRoom(b *testing.B) {
	e := running(b, "")
	perform(b, e.URL()+"/GetRoom", `{"identifier":"`+room1(b, e)+`"}`)
}

func BenchmarkCreateRoomInMemory(b *testing.B) {
	perform(b, running(b, "").URL()+"/CreateRoom", `{"name":"benchmark"}`)
}

func BenchmarkCreateRoomOnDisk(b *testing.B) {
	perform(b, running(b, b.TempDir()).URL()+"/CreateRoom", `{"name":"benchmark"}`)
}

func running(b *testing.B, dir string) *emulator.Emulator {
	b.Helper()
	e, err := emulator.New(emulator.Config{DataDir: dir, RoomQuota: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = e.Close() })
	if err := e.Start(); err != nil {
		b.Fatal(err)
	}
	return e
}

func room1(b *testing.B, e *emulator.Emulator) (arn string) {
	b.Helper()
	return strings.Split(post(b, e, "/CreateRoom", ""), `"`)[3]
}

func perform(b *testing.B, url, body string) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		response, err := http.Post(url, "application/json", strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
}
