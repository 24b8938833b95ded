package plainjson

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// AppendString appends a string to a JSON text, as encoding/json writes it without SetEscapeHTML.
func AppendString(text []byte, s string) []byte {
	ascii := true
	for i := range len(s) {
		b := s[i]
		if b < ' ' || b == '"' || b == '\\' {
			return appendEscaped(text, s)
		}
		ascii = ascii && b < utf8.RuneSelf
	}
	if !ascii && (!utf8.ValidString(s) || strings.Contains(s, "\u2028") || strings.Contains(s, "\u2029")) {
		return appendEscaped(text, s)
	}
	text = append(text, '"')
	text = append(text, s...)
	return append(text, '"')
}

// appendEscaped is AppendString for a string that needs escapes. Few do, so encoding/json is fast enough.
func appendEscaped(text []byte, s string) []byte {
	buffer := bytes.NewBuffer(text)
	encoder := json.NewEncoder(buffer)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s) // a string never fails
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
}

// AppendMap is AppendString for an object whose members are strings. They are in the order of their names.
func AppendMap(text []byte, object map[string]string) []byte {
	if object == nil {
		return append(text, "null"...)
	}
	var few [16]string // most objects have no more members
	names := slices.AppendSeq(few[:0], maps.Keys(object))
	slices.Sort(names)
	text = append(text, '{')
	for i, name := range names {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(AppendString(text, name), ':')
		text = AppendString(text, object[name])
	}
	return append(text, '}')
}
