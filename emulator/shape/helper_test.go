package shape_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ivschat-local/ivschat-local/emulator/shape"
)

// decoded returns a JSON object in the form that Check takes.
func decoded(t testing.TB, text string) (members map[string]any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&members); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return members
}

// check returns what Check leaves of a JSON object, and the violations as "path (member): why".
func check(t testing.TB, s shape.Structure, text string) (clean map[string]any, found []string) {
	t.Helper()
	clean = decoded(t, text)
	for _, v := range shape.Check(s, clean) {
		found = append(found, fmt.Sprintf("%s (%s): %s", v.Path, v.Member, v.Why))
	}
	return clean, found
}

// matchesSchema validates a JSON object with the JSON Schema of the structure. The validator is not
// ours.
func matchesSchema(t testing.TB, s shape.Structure, text string) error {
	t.Helper()
	encoded, err := json.Marshal(shape.JSONSchema(s))
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.UnmarshalJSON(strings.NewReader(string(encoded)))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("shape.json", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("shape.json")
	if err != nil {
		t.Fatalf("%s: %v", encoded, err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return compiled.Validate(value)
}

func structure(members ...shape.Member) shape.Structure { return shape.Structure{Members: members} }

// one returns a structure with one member, v.
func one(s shape.Shape) shape.Structure { return structure(shape.Member{Name: "v", Shape: s}) }

// A verdict is a value as JSON and what is wrong with it, "" if nothing is.
type verdict struct{ value, why string }

// expect compares the verdicts with those of Check, and with what the JSON Schema accepts.
func expect(t *testing.T, s shape.Shape, verdicts ...verdict) {
	t.Helper()
	expectOfCheck(t, s, verdicts...)
	for _, v := range verdicts {
		if err := matchesSchema(t, one(s), `{"v":`+v.value+`}`); (err == nil) != (v.why == "") {
			t.Errorf("%.200s: the JSON Schema returns %v, but Check %q", v.value, err, v.why)
		}
	}
}

// expectOfCheck compares the verdicts with those of Check only, where JSON Schema is less exact.
func expectOfCheck(t *testing.T, s shape.Shape, verdicts ...verdict) {
	t.Helper()
	for _, v := range verdicts {
		_, found := check(t, one(s), `{"v":`+v.value+`}`)
		var want []string
		if v.why != "" {
			want = []string{"v (v): " + v.why}
		}
		if !reflect.DeepEqual(found, want) {
			t.Errorf("%.200s: found %q, want %q", v.value, found, want)
		}
	}
}

// quoted returns the text as a JSON string.
func quoted(text string) string {
	q, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(q)
}
