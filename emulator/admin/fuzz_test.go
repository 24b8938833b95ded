package admin_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/admin"
)

// FuzzDocuments checks that every body is either accepted as a whole, or refused with a message and
// without an effect.
func FuzzDocuments(f *testing.F) {
	for _, seed := range []string{
		`{"operation":"CreateRoom","times":1,"exception":"PendingVerification"}`,
		`[{"operation":"MESSAGE","frame":"drop"},{"operation":"x"}]`,
		`{"version":1,"rooms":[{"id":"abcdefghijkl","tags":{"a":"b"}}]}`,
		`{"rooms":[{"id":"abcdefghijkl"},{"id":"abcdefghijkl"}]}`,
		`{"loggingConfigurations":[{"id":"abcdefghijkl",` +
			`"destinationConfiguration":{"s3":{"bucketName":"abc"}}}],` +
			`"rooms":[{"id":"abcdefghijkl","loggingConfigurationIdentifiers":["abcdefghijkl"]}]}`,
		`{"advance":"1h"}`,
		`{"scale":0.5}`,
		`[[[`,
		`{"rooms":[{"id":"abcdefghijkl","name":7}]}`,
		"{\"\xff\":1}",
		`{"to":"seed"}`,
		"rooms:\n- name: lobby\n  tags: {a: b}",
		"rooms: [&a {name: a}, *a]",
		"rooms: [{name: a b, region: EU, x: 1}, {id: x}, 7]\nloggingConfigurations: [{name: [], tags: 1}]",
		`{"expire":true}`,
		`{"close":4000}`,
	} {
		f.Add(seed)
	}
	e, err := emulator.New(emulator.Config{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = e.Close() })
	f.Fuzz(func(t *testing.T, document string) {
		checkRequest(t, e, "POST", "faults", document)
		checkRequest(t, e, "PUT", "snapshot", document)
		checkRequest(t, e, "POST", "clock", document)
		checkRequest(t, e, "POST", "tokens/inspect", document)
		checkRequest(t, e, "POST", "reset", document)
		checkRequest(t, e, "POST", "seed", document)
		checkRequest(t, e, "POST", "sessions/1", document)
		checkSeed(t, e, document)
	})
}

// checkRequest sends the body, and checks the answer and that a refused body changes nothing. It
// leaves the emulator empty.
func checkRequest(t *testing.T, e *emulator.Emulator, method, path, body string) {
	before := snapshot(t, e)
	rules := len(e.Faults().Rules(""))
	r := request(t, e, method, admin.Prefix+path, body)
	if r.status >= 500 || r.status >= 400 && !strings.Contains(r.body, `"message":"`) {
		t.Errorf("%s: %d %s", path, r.status, r.body)
	}
	if r.status < 400 && path == "snapshot" {
		checkRestore(t, e)
	}
	if r.status < 400 {
		_ = e.Reset(t.Context(), "")
		return
	}
	after := snapshot(t, e)
	if rules != len(e.Faults().Rules("")) || !bytes.Equal(withoutHeader(before), withoutHeader(after)) {
		t.Errorf("%s was refused, but changed something", path)
	}
}

// checkSeed is like checkRequest for a seed in Go, whose error names a line.
func checkSeed(t *testing.T, e *emulator.Emulator, document string) {
	switch err := e.Seed(t.Context(), []byte(document)); {
	case err == nil:
		checkRestore(t, e)
	case !strings.HasPrefix(err.Error(), "line "):
		t.Errorf("the seed was refused without its line: %v", err)
	default:
		resources, err := e.Resources(t.Context(), "")
		if err != nil || len(resources.Rooms)+len(resources.LoggingConfigurations) != 0 {
			t.Errorf("the seed was refused, but the emulator has %+v: %v", resources, err)
		}
	}
	_ = e.Reset(t.Context(), "")
}

// checkRestore checks that a snapshot that is restored changes nothing.
func checkRestore(t *testing.T, e *emulator.Emulator) {
	t.Helper()
	before := snapshot(t, e)
	if err := e.Restore(t.Context(), "", before); err != nil {
		t.Errorf("%v\n%s", err, before)
	}
	if after := snapshot(t, e); !bytes.Equal(withoutHeader(before), withoutHeader(after)) {
		t.Errorf("the snapshot was\n%s\nand is\n%s", before, after)
	}
}

func snapshot(t *testing.T, e *emulator.Emulator) []byte {
	t.Helper()
	text, err := e.Snapshot(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// withoutHeader returns the resources of a snapshot, without its version and time.
func withoutHeader(snapshot []byte) []byte {
	_, rest, _ := bytes.Cut(snapshot, []byte("loggingConfigurations"))
	return rest
}
