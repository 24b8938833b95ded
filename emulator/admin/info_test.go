package admin_test

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

func TestInfoHasTheDefaultsAndTheOwnersOfResources(t *testing.T) {
	e, err := emulator.New(emulator.Config{Account: "111122223333", Region: "eu-west-1", RandomSeed: 7})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	document := `{"version": 1, "rooms": [{"name": "a"}, {"name": "b"},
		{"name": "c", "account": "000000000001", "region": "us-west-2"}]}`
	if err := e.Seed(t.Context(), []byte(document)); err != nil {
		t.Fatal(err)
	}
	answer := request(t, e, "GET", admin.Prefix+"info", "")
	var got map[string]any
	if err := json.Unmarshal([]byte(answer.body), &got); err != nil {
		t.Fatal(err)
	}
	delete(got, "startTime")
	delete(got, "run")
	want := map[string]any{
		"version": emulator.Version, "randomSeed": 7.0, "account": "111122223333", "region": "eu-west-1",
		"tokenTTL": "1h0m0s", "seeded": true, "auth": "off", "tls": false, "chatLogs": map[string]any{"window": "5m0s"},
		"owners": []any{
			map[string]any{"account": "000000000001", "region": "us-west-2", "rooms": 1.0},
			map[string]any{"account": "111122223333", "region": "eu-west-1", "rooms": 2.0},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("info is %s, want %v", answer.body, want)
	}
}

func TestInfoHasTheSettingsOfTheEmulator(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "logs")
	synctest.Test(t, func(t *testing.T) {
		e := emulatortest.Start(t, emulator.Config{
			TokenTTL: 90 * time.Second, ChatLogs: folder, ChatLogWindow: time.Minute,
		})
		e.Advance(time.Hour) // which does not change when it was started
		info := call(t, e, 200, "GET", "info", "")
		for name, want := range map[string]any{
			"startTime": "2000-01-01T00:00:00Z", "tokenTTL": "1m30s", "seeded": false,
			"chatLogs": map[string]any{"window": "1m0s", "folder": folder},
		} {
			if !reflect.DeepEqual(info[name], want) {
				t.Errorf("%s is %v, want %v", name, info[name], want)
			}
		}
	})
}
