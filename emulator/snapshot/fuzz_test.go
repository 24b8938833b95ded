package snapshot_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ivschat-local/ivschat-local/emulator/snapshot"
)

// FuzzDecode checks that the schema accepts each document that Decode accepts, and that the resources
// survive encoding. A refused document must have a line in its error, and is not called invalid JSON if
// encoding/json accepts it.
func FuzzDecode(f *testing.F) {
	f.Add(string(snapshot.Encode(version1(), defaults.Now)))
	for _, mistakes := range [][]mistake{inSchema, beyondSchema, notJSON} {
		for _, m := range mistakes {
			f.Add(m.document)
		}
	}
	for _, scalar := range []string{`-0.5e+7`, `01`, `-`, `1.`, `.5`, `1e`, `+1`, `tru`, `True`, `nul`, `null`,
		`"\u00e9\ud83c"`, `"\x"`, "\"\x01\"", "\"\xff\"", `"a"b`, `1"a"`, `[1 2]`, `{"a" 1}`, `{"a":1,}`, `[1,]`, `{,}`} {
		f.Add(`{"rooms": [{"name": ` + scalar + `}]}`)
		f.Add(`{"version": ` + scalar + `}`)
	}
	f.Fuzz(func(t *testing.T, document string) {
		resources, err := decode(document)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "line ") {
				t.Errorf("the error has no line: %v", err)
			}
			if strings.Contains(err.Error(), "not valid JSON") && json.Valid([]byte(document)) {
				t.Errorf("the document is valid JSON: %v", err)
			}
			return
		}
		if utf8.ValidString(document) {
			if err := validate(t, document); err != nil {
				t.Errorf("the schema refuses a valid document: %v", err)
			}
		}
		again, err := decode(string(snapshot.Encode(resources, defaults.Now)))
		if err != nil || !reflect.DeepEqual(again, resources) {
			t.Errorf("got  %+v (%v)\nwant %+v", again, err, resources)
		}
	})
}
