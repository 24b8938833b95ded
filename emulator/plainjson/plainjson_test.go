package plainjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
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
