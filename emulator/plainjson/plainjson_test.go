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
		`{}`, `[]`, `"a"`, `1`, ` { "name" : "n" , "tags" : { } } `,
		"{\n\t\"a\": [\"b\", \"c\"],\r\n\t\"n\": 180\n}", `[1,9,10,19,90,1234567890]`, `{" !":"["}`,
		`{"roomIdentifier":"arn:aws:ivschat:us-east-1:000000000000:room/abcdefghijkl","userId":"anna 🙂",` +
			`"capabilities":["SEND_MESSAGE"],"sessionDurationInMinutes":60,"attributes":{"k":"v","k":"w"}}`,
		nested(100), strings.Repeat(`{"a":`, 99) + `{}` + strings.Repeat(`}`, 99),
	} {
		got, ok := Parse([]byte(text))
		if want, err := standard([]byte(text)); !ok || err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %#v and %v, want %#v", text, got, ok, want)
		}
	}
}

func TestATextThatIsNotOrdinaryIsRefused(t *testing.T) {
	for what, text := range map[string]string{
		"nothing":                        "",
		"only white space":               " \n",
		"too many lists":                 nested(101),
		"too many objects":               strings.Repeat(`{"a":`, 100) + `{}` + strings.Repeat(`}`, 100),
		"an escape":                      `"\n"`,
		"a line break in a string":       "\"\n\"",
		"a string without an end":        `"a`,
		"a list without an end":          `["a"`,
		"a list with a comma too many":   `["a",]`,
		"a list without a comma":         `["a""b"]`,
		"numbers without a comma":        `[1 2]`,
		"an object without an end":       `{"a":1`,
		"an object with a comma":         `{"a":1,}`,
		"an object without a comma":      `{"a":"b""c":"d"}`,
		"an object without a colon":      `{"a""b"}`,
		"a number instead of a colon":    `{"a"1}`,
		"a name without quotes":          `{a":1}`,
		"a name that is a number":        `{1:1}`,
		"zero":                           `0`,
		"a number that begins with zero": `01`,
		"a negative number":              `-1`,
		"a fraction":                     `1.5`,
		"an exponent":                    `[1e3]`,
		"a character before the digits":  `[/]`,
		"a character after the digits":   `[:]`,
		"a colon in a number":            `[1:]`,
		"a slash in a number":            `[1/]`,
		"a closing bracket":              `]`,
		"a closing brace":                `}`,
		"the wrong bracket":              `[}`,
		"the wrong brace":                `{]`,
		"null":                           `null`,
		"a boolean":                      `true`,
		"two values":                     `{}{}`,
		"another kind of space":          "\v{}",
	} {
		if value, ok := Parse([]byte(text)); ok {
			t.Errorf("%s: %.99s is %v", what, text, value)
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
