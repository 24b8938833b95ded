package control

import (
	"reflect"
	"testing"
	"unicode/utf8"
)

func TestWhatRequestsAreMadeOfIsPlain(t *testing.T) {
	for _, text := range []string{
		`{}`, ` { "name" : "n" , "tags" : { } } `, "{\n\t\"a\": [\"b\", \"c\"],\r\n\t\"n\": 180\n}",
		`{"roomIdentifier":"arn:aws:ivschat:us-east-1:000000000000:room/abcdefghijkl","userId":"anna 🙂","capabilities":["SEND_MESSAGE"],"sessionDurationInMinutes":60,"attributes":{"k":"v","k":"w"}}`,
	} {
		if _, ok := parsePlain([]byte(text)); !ok {
			t.Errorf("%s is odd", text)
		}
	}
}

// FuzzPlainJSON holds the fast way to the one of encoding/json.
func FuzzPlainJSON(f *testing.F) {
	for _, text := range []string{
		``, `{}`, `[]`, `{"a":"b"}`, `{"a":"b",}`, `{"a":1,"a":[2,"3"]}`, `{"a":01}`, `{"a":-1}`, `{"a":1.5}`, `{"a":1e3}`, `{"a":0}`, `{"a":1 2}`, `{"a":null}`,
		`{"a":"\u0041"}`, "{\"a\":\"\n\"}", `{"a"}`, `{"a":}`, `{:1}`, `{a:1}`, `{"a":1}{`, `[1,2`, `[1,,2]`, `"`, `{"":{"":{"":{"":[[[[[1]]]]]}}}}`, ` { } `, "{\"\xff\":1}",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		value, ok := parsePlain(text)
		if !ok || !utf8.Valid(text) { // what is no UTF-8 does not come so far
			return
		}
		if want, err := parseAny(text); err != nil || !reflect.DeepEqual(value, want) {
			t.Errorf("%q is %#v, but %#v to encoding/json (%v)", text, value, want, err)
		}
	})
}
