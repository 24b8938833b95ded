package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/store"
)

// uniform returns a snapshot with that many rooms, which all have this name.
func uniform(name string, rooms int) string {
	items := make([]string, rooms)
	for i := range items {
		items[i] = fmt.Sprintf(`{"id": "%012d", "name": %q}`, i, name)
	}
	return `{"version": 1, "loggingConfigurations": [], "rooms": [` + strings.Join(items, ",") + `]}`
}

// restore restores a snapshot and reports whether the emulator acknowledged it.
func restore(t *testing.T, endpoint, document string) bool {
	t.Helper()
	url := endpoint + "/_ivschat/v1/snapshot"
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url, strings.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusNoContent
}

func TestAKillDuringARestoreLeavesTheOldOrTheNewState(t *testing.T) {
	const rooms = 2000
	dir, names := t.TempDir(), []string{"old", "new"}
	for range 4 {
		p := launchSelf(t, "--data", dir)
		if !restore(t, p.endpoint, uniform(names[0], rooms)) {
			t.Fatalf("the snapshot cannot be restored: %s", p.log())
		}
		ended, next := make(chan struct{}), make(chan struct{}, 1)
		go func() {
			defer close(ended)
			for i := 1; restore(t, p.endpoint, uniform(names[i%2], rooms)); i++ {
				select {
				case next <- struct{}{}:
				default:
				}
			}
		}()
		select {
		case <-next: // so another restore has begun, or is about to
		case <-ended:
			t.Fatalf("a snapshot cannot be restored: %s", p.log())
		}
		waitForWrite(t, filepath.Join(dir, store.File), ended)
		if err := p.command.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-ended
		_ = p.command.Wait()

		p = launchSelf(t, "--data", dir)
		if found := roomNames(t, p.endpoint); len(found) != 1 || found[names[0]]+found[names[1]] != rooms {
			t.Errorf("the numbers of rooms by their names are %v", found)
		}
		if err := p.command.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = p.command.Wait()
	}
}

// waitForWrite waits until the file has changed, or the channel is closed. The restore that changed it may
// not be finished then.
func waitForWrite(t *testing.T, path string, ended <-chan struct{}) {
	t.Helper()
	var before time.Time
	for {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if !before.IsZero() && info.ModTime() != before {
			return
		}
		before = info.ModTime()
		select {
		case <-ended:
			return
		default:
			runtime.Gosched()
		}
	}
}

// roomNames returns how many rooms have each name.
func roomNames(t *testing.T, endpoint string) map[string]int {
	t.Helper()
	response, err := http.Get(endpoint + "/_ivschat/v1/rooms")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var list struct{ Items []struct{ Name string } }
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, room := range list.Items {
		found[room.Name]++
	}
	return found
}
