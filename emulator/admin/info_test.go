package admin_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/admin"
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
	want := map[string]any{
		"version": emulator.Version, "randomSeed": 7.0, "account": "111122223333", "region": "eu-west-1",
		"tokenTTL": "1h0m0s", "seeded": true,
		"owners": []any{
			map[string]any{"account": "000000000001", "region": "us-west-2", "rooms": 1.0},
			map[string]any{"account": "111122223333", "region": "eu-west-1", "rooms": 2.0},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("info is %s, want %v", answer.body, want)
	}
}
