package plainjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestOrdinaryRequestsAreParsed(t *testing.T) {
	for _, text := range []string{
		`{}`, ` { "name" : "n" , "tags" : { } } `, "{\n\t\"a\": [\"b\", \"c\"],\r\n\t\"n\": 180\n}",
		`{"roomIdentifier":"arn:aws:ivschat:us-east-1:000000000000:room/abcdefghijkl","userId":"anna 🙂",` +
			`"capabilities":["SEND_MESSAGE"],"sessionDurationInMinutes":60,"attributes":{"k":"v","k":"w"}}`,
	} {
		if _, ok := Parse([]byte(text)); !ok {
			t.Errorf("%s is refused", text)
		}
	}
}

// nested returns so many arrays in each other.
func nested(levels int) string { return strings.Repeat("[", levels) + strings.Repeat("]", levels) }

func TestMoreThanAHundredLevelsAreTooDeep(t *testing.T) {
	for text, want := range map[string]bool{
		nested(100): false,
		nested(101): true,
		`{"a":` + strings.Repeat(`{"a":`, 99) + `1` + strings.Repeat(`}`, 100):         false,
		`{"a":` + strings.Repeat(`{"a":`, 100) + `1` + strings.Repeat(`}`, 101):        true,
		`[` + strings.Repeat(`[],`, 1000) + `1]`:                                       false,
		`[` + strings.Repeat(`{},`, 1000) + `1]`:                                       false,
		`["` + strings.Repeat(`[`, 1000) + `"]`:                                        false,
		`["\"` + strings.Repeat(`[`, 1000) + `"]`:                                      false,
		`["\\",` + nested(100) + `]`:                                                   true,
		strings.Repeat(`{"a":[`, 60):                                                   true,
		strings.Repeat("[", 100) + strings.Repeat("]", 100) + strings.Repeat("[", 100): false,
	} {
		if got := TooDeep([]byte(text)); got != want {
			t.Errorf("%.200s: %v", text, got)
		}
	}
}

// depth returns how many objects and arrays are nested in each other in a valid text.
func depth(text []byte) (deepest int) {
	decoder, level := json.NewDecoder(bytes.NewReader(text)), 0
	for {
		token, err := decoder.Token()
		if err != nil {
			return deepest
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			level++
			deepest = max(deepest, level)
		case json.Delim('}'), json.Delim(']'):
			level--
		}
	}
}

// FuzzTooDeep checks that TooDeep counts the levels that encoding/json decodes.
func FuzzTooDeep(f *testing.F) {
	for _, text := range []string{
		nested(100), nested(101), nested(9_000), `["` + nested(101) + `"]`, `["\"",` + nested(100) + `]`,
		`{"[":` + nested(99) + `}`, `{"[":` + nested(100) + `}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) {
			return
		}
		if levels := depth(text); TooDeep(text) != (levels > MaximumDepth) {
			t.Errorf("%q has %d levels: too deep is %v", text, levels, TooDeep(text))
		}
	})
}

// FuzzParse checks that encoding/json parses every text that Parse accepts to the same value.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		``, `{}`, `[]`, ` { } `, `{"a":"b"}`, `{"a":"b",}`, `{"a":1,"a":[2,"3"]}`, `{"a":01}`, `{"a":-1}`,
		`{"a":1.5}`, `{"a":1e3}`, `{"a":0}`, `{"a":1 2}`, `{"a":null}`, `{"a":"\u0041"}`, "{\"a\":\"\n\"}",
		`{"a"}`, `{"a":}`, `{:1}`, `{a:1}`, `{"a":1}{`, `[1,2`, `[1,,2]`, `"`,
		`{"":{"":{"":{"":[[[[[1]]]]]}}}}`, "{\"\xff\":1}",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		value, ok := Parse(text)
		if !ok || !utf8.Valid(text) { // callers check that the text is UTF-8
			return
		}
		if want, err := standard(text); err != nil || !reflect.DeepEqual(value, want) {
			t.Errorf("%q is %#v, but with encoding/json %#v (%v)", text, value, want, err)
		}
	})
}

// standard parses with encoding/json.
func standard(text []byte) (value any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than one value")
	}
	return value, nil
}
