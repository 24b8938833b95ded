package plainjson

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// encoded encodes with encoding/json.
func encoded(t *testing.T, value any) string {
	t.Helper()
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(buffer.String(), "\n")
}

func TestEveryByteIsWrittenAsEncodingJSONDoes(t *testing.T) {
	for b := range 256 {
		for _, s := range []string{string([]byte{byte(b)}), "a" + string([]byte{byte(b)}), string(rune(b)) + "z"} {
			if got, want := string(AppendString([]byte("x"), s)), "x"+encoded(t, s); got != want {
				t.Errorf("%q is %s, want %s", s, got, want)
			}
		}
	}
}

// FuzzAppend checks that strings and objects are written as encoding/json does.
func FuzzAppend(f *testing.F) {
	for _, s := range []string{
		"", "a", `"`, `\`, "\n\t\r\b\f\x00\x1f ~\x7f", "é値🍳", "\u2028\u2029", "\xff", "a\xe2\x80", "<&>", "x\n",
	} {
		f.Add("", s, "k")
		f.Add("{", "k", s)
	}
	f.Fuzz(func(t *testing.T, text, a, b string) {
		if got, want := string(AppendString([]byte(text), a)), text+encoded(t, a); got != want {
			t.Errorf("%q is %s, want %s", a, got, want)
		}
		for _, object := range []map[string]string{nil, {}, {a: b}, {a: b, b: a}, {a: b, "a": "", "b": a, b: ""}} {
			if got, want := string(AppendMap([]byte(text), object)), text+encoded(t, object); got != want {
				t.Errorf("%q is %s, want %s", object, got, want)
			}
		}
	})
}

func TestAnObjectCanHaveManyMembers(t *testing.T) {
	object := map[string]string{}
	for i := range 1000 {
		object[strings.Repeat("k", i)] = "v"
	}
	if got, want := string(AppendMap(nil, object)), encoded(t, object); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAnOrdinaryStringIsWrittenWithoutAnAllocation(t *testing.T) {
	text, object := make([]byte, 0, 1000), map[string]string{"a": "1", "b": "2", "c": "3"}
	if n := testing.AllocsPerRun(100, func() { AppendMap(AppendString(text, "text ~"), object) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
