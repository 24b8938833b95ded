package shape_test

import (
	"encoding/json"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/shape"
)

func TestASchemaHasTheConstraintsOfItsShape(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		shape shape.Shape
		want  string
	}{
		{shape.String{}, `{"type":"string"}`},
		{
			shape.String{Min: 1, Max: 9, Pattern: shape.Pattern("a|b")},
			`{"type":"string","minLength":1,"maxLength":9,"pattern":"^(?:a|b)$"}`,
		},
		{shape.String{Enum: []string{"A", "B"}}, `{"type":"string","enum":["A","B"]}`},
		{
			shape.String{NotPrefix: "a.É:"},
			`{"type":"string","not":{"type":"string","pattern":"^[aA]\\.[éÉ]:"}}`,
		},
		{shape.Integer{Min: 0, Max: 3}, `{"type":"integer","minimum":0,"maximum":3}`},
		{
			shape.List{Member: shape.Integer{Min: -1}, Min: 1, Max: 2},
			`{"type":"array","minItems":1,"maxItems":2,"items":{"type":"integer","minimum":-1,"maximum":0}}`,
		},
		{
			shape.Map{Key: shape.String{Min: 1}, Value: shape.String{Max: 2}, Min: 3, Max: 4},
			`{"type":"object","minProperties":3,"maxProperties":4,` +
				`"propertyNames":{"type":"string","minLength":1},` +
				`"additionalProperties":{"type":"string","maxLength":2}}`,
		},
		{
			shape.Map{MaxBytes: 1024},
			`{"description":"Keys and values together have at most 1024 bytes in UTF-8.","type":"object",` +
				`"propertyNames":{"type":"string"},"additionalProperties":{"type":"string"}}`,
		},
		{
			shape.Map{MaxBytes: 1},
			`{"description":"Keys and values together have at most 1 bytes in UTF-8.","type":"object",` +
				`"propertyNames":{"type":"string"},"additionalProperties":{"type":"string"}}`,
		},
		{
			structure(
				shape.Member{Name: "a", Shape: shape.Integer{}, Required: true},
				shape.Member{Name: "b", Shape: shape.String{Enum: []string{"B"}}},
			),
			`{"type":"object","required":["a"],"properties":{` +
				`"a":{"type":"integer","minimum":0,"maximum":0},` +
				`"b":{"type":["string","null"],"enum":["B",null]}},"additionalProperties":false}`,
		},
	} {
		if got, err := json.Marshal(shape.JSONSchema(test.shape)); err != nil || string(got) != test.want {
			t.Errorf("%+v\ngot  %s\nwant %s (%v)", test.shape, got, test.want, err)
		}
	}
}

func TestASchemaAcceptsNullOnlyForAnOptionalMember(t *testing.T) {
	t.Parallel()
	s := structure(
		shape.Member{Name: "required", Shape: shape.String{}, Required: true},
		shape.Member{Name: "text", Shape: shape.String{NotPrefix: "x", Pattern: shape.Pattern("a")}},
		shape.Member{Name: "enum", Shape: shape.String{Enum: []string{"A"}}},
		shape.Member{Name: "list", Shape: shape.List{Member: shape.String{}, Min: 1}},
		shape.Member{Name: "map", Shape: shape.Map{Min: 1}},
	)
	for text, valid := range map[string]bool{
		`{"required":"","text":null,"enum":null,"list":null,"map":null}`: true,
		`{"required":null}`:                   false,
		`{"required":"","list":[null]}`:       false,
		`{"required":"","map":{"key":null}}`:  false,
		`{"required":"","list":[]}`:           false,
		`{"required":"","text":"a"}`:          true,
		`{"required":"","text":"b"}`:          false,
		`{"required":"","enum":"a"}`:          false,
		`{"required":"","map":{"key":"v"}}`:   true,
		`{"required":"","map":{"key":["v"]}}`: false,
	} {
		_, found := check(t, s, text)
		if err := matchesSchema(t, s, text); (err == nil) != valid || (found == nil) != valid {
			t.Errorf("%s: the schema returns %v, and Check %q", text, err, found)
		}
	}
}

func TestASchemaRefusesUnknownMembers(t *testing.T) {
	t.Parallel()
	s := one(structure(shape.Member{Name: "known", Shape: shape.String{}}))
	for _, text := range []string{
		`{"other":1}`, `{"V":{}}`, `{"v":{"other":1}}`, `{"v":{"known":"","Known":""}}`,
	} {
		if matchesSchema(t, s, text) == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}
