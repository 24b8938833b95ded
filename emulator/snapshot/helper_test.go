package snapshot_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/snapshot"
)

var defaults = snapshot.Defaults{
	Owner: ivschat.Owner{AccountID: "000000000000", Region: "us-east-1"},
	Now:   time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
}

// decode decodes a seed in JSON, which may leave out what a snapshot has.
func decode(text string) (ivschat.Resources, error) {
	if begin := strings.TrimLeft(text, " \t\r\n"); !strings.HasPrefix(begin, "{") {
		return snapshot.Decode(strings.NewReader(text), defaults) // it would be YAML
	}
	return snapshot.DecodeSeed([]byte(text), defaults)
}

// compiledSchema compiles snapshot.Schema with a validator that is not ours. It ignores formats, as
// validators do by default.
var compiledSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(snapshot.Schema))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("seed.json", schema); err != nil {
		return nil, err
	}
	return compiler.Compile("seed.json")
})

// validate validates a document with the schema.
func validate(t *testing.T, text string) error {
	t.Helper()
	schema, err := compiledSchema()
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(document)
}
