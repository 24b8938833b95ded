package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/crypto"
	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/store"
)

func health(handler http.Handler) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/health", nil))
	return w
}

// A token opens one connection only, so its use must be on the disk before the client is connected.
func TestAChatClientIsNotConnectedIfTheUseOfItsTokenCannotBeStored(t *testing.T) {
	t.Parallel()
	var log logBuffer
	dir := t.TempDir()
	n := serveInMemory(t, emulator.Config{DataDir: dir, Logger: log.logger()})
	token := createToken(t, n, createRoom(t, n, ""), "anna", "")
	database := filepath.Join(dir, store.File)
	if err := os.Rename(database, database+".moved"); err != nil {
		t.Fatal(err)
	}
	if _, refused := n.dial(t, token); refused == nil || refused.Status != http.StatusInternalServerError {
		t.Errorf("the handshake is answered with %v", refused)
	}
	if !strings.Contains(log.String(), database+" was deleted") {
		t.Errorf("the log does not name the database: %s", log.String())
	}
	if err := os.Rename(database+".moved", database); err != nil {
		t.Fatal(err)
	}
	n.connectWith(t, token)
}

func TestHealthSaysWhyNothingCanBeStored(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		damage func(dir string) error
		want   string // in the answer
	}{
		"the data directory is deleted": {os.RemoveAll, "the database was deleted"},
		"the database is truncated": {
			func(dir string) error { return os.Truncate(filepath.Join(dir, store.File), 0) },
			"the database cannot be read any more",
		},
		"the keys are deleted": {
			func(dir string) error { return os.Remove(filepath.Join(dir, crypto.KeysetFile)) },
			"the keys cannot be read",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log logBuffer
			dir := t.TempDir()
			e := newEmulator(t, emulator.Config{DataDir: dir, Logger: log.logger()})
			if w := health(e); w.Code != http.StatusOK {
				t.Errorf("before the damage: %d %s", w.Code, w.Body)
			}
			if err := test.damage(dir); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				w := health(e)
				if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), test.want) {
					t.Errorf("got %d %s", w.Code, w.Body)
				}
				if strings.Contains(w.Body.String(), dir) {
					t.Errorf("web pages of any origin learn the path: %s", w.Body)
				}
			}
			if lines := strings.Count(log.String(), dir); lines != 1 {
				t.Errorf("%d lines of the log have the path: %s", lines, log.String())
			}
		})
	}
}

func TestKeysThatCannotBeReadAreAnInternalError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n := serveInMemory(t, emulator.Config{DataDir: dir})
	room := createRoom(t, n, "")
	createRoom(t, n, "")
	token := createToken(t, n, room, "anna", "")
	keys := filepath.Join(dir, crypto.KeysetFile)
	first := post(t, n, "ListRooms", `{"maxResults":1}`)
	_, next, _ := strings.Cut(first, `"nextToken":"`)
	next, _, _ = strings.Cut(next, `"`)
	if err := os.Rename(keys, keys+".moved"); err != nil || next == "" {
		t.Fatal(err, first)
	}
	for operation, body := range map[string]string{
		"CreateChatToken": `{"roomIdentifier":"` + room + `","userId":"anna"}`,
		"ListRooms":       `{"maxResults":1,"nextToken":"` + next + `"}`,
	} {
		if w := call(n, operation, body); w.Code != http.StatusInternalServerError {
			t.Errorf("%s: %d %s", operation, w.Code, w.Body)
		}
	}
	if _, refused := n.dial(t, token); refused == nil || refused.Status != http.StatusInternalServerError {
		t.Errorf("the handshake is answered with %v", refused)
	}
	if err := os.Rename(keys+".moved", keys); err != nil {
		t.Fatal(err)
	}
	n.connectWith(t, token)
}
