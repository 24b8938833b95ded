package admin

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/mistakes"
	"github.com/ivschat-local/ivschat-local/emulator/plainjson"
)

// maximumBody is the maximum length of a request body in bytes, except for snapshots.
const maximumBody = 1 << 20

// readBody returns the body of a request.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maximumBody))
	if err != nil {
		return nil, bodyError(err, r, "the body cannot be read: %v", err)
	}
	return text, nil
}

// bodyError returns the answer to a body that cannot be read or used for this reason. A body that is too
// long is an answer of its own.
func bodyError(err error, r *http.Request, format string, args ...any) error {
	if long, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return newStatusError(http.StatusRequestEntityTooLarge, "the body of %s %s can have at most %d bytes",
			r.Method, r.URL.Path, long.Limit)
	}
	return badRequest(format, args...)
}

// checkNoBody refuses a body, also one that does not arrive completely.
func checkNoBody(w http.ResponseWriter, r *http.Request) error {
	if r.Body == nil { // a client in the same process may leave it out
		return nil
	}
	err := io.EOF
	if r.ContentLength <= 0 { // the length is not known, or there is no body
		_, err = io.ReadFull(r.Body, make([]byte, 1))
	}
	if r.ContentLength > 0 || !errors.Is(err, io.EOF) {
		w.Header().Set("Connection", "close") // or the answer waits for the rest of the body
		return badRequest("%s %s takes no body", r.Method, r.URL.Path)
	}
	return nil
}

// decodeBody decodes the body of a request, see decode.
func decodeBody(w http.ResponseWriter, r *http.Request, value any) error {
	text, err := readBody(w, r)
	if err != nil {
		return err
	}
	return decode(text, value)
}

// decode decodes one JSON value. A member that the Go value does not have is an error, and so is a
// member that an object has twice. Names are case-sensitive.
func decode(text []byte, value any) error {
	if plainjson.TooDeep(text) {
		return badRequest("the body must be nested at most %d levels deep", plainjson.MaximumDepth)
	}
	if json.Valid(text) { // otherwise, the decoder below says why not
		if err := checkMembers(json.NewDecoder(bytes.NewReader(text)), reflect.TypeOf(value), "the body"); err != nil {
			return err
		}
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	err := decoder.Decode(value)
	if mistyped, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return badRequest("%s must be a JSON %s, but is %s",
			cmp.Or(mistyped.Field, "the body"), jsonType(mistyped.Type), withArticle(mistyped.Value))
	}
	if errors.Is(err, io.EOF) {
		return badRequest("the body must be a JSON object, but is empty")
	}
	if err != nil {
		return badRequest("the body is not valid JSON: %v", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return badRequest("the body must be one JSON value, but has more text after it")
	}
	return nil
}

// decodeOneOrMore decodes a value, or an array of values, each with a function. The errors about one of several
// have the noun and its number.
func decodeOneOrMore[Value any](
	text []byte, decodeOne func([]byte, *Value) error, noun string,
) ([]Value, error) {
	if !bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) {
		values := make([]Value, 1)
		return values, decodeOne(text, &values[0])
	}
	var texts []json.RawMessage
	if err := decode(text, &texts); err != nil {
		return nil, err
	}
	values := make([]Value, len(texts))
	for i, text := range texts {
		if err := decodeOne(text, &values[i]); err != nil {
			return nil, badRequest("%v", mistakes.Numbered(noun, i, len(texts), err))
		}
	}
	return values, nil
}

// checkPlaces refuses an object in which one of these members, which say where it applies, is empty: without an
// account, for instance, it applies to every one, which the client did not ask for.
func checkPlaces(text []byte, noun string, names ...string) error {
	return refuseEmpty(text, "leave it out for "+noun+" that does not depend on it", names...)
}

// refuseEmpty refuses an object in which one of these members is "" or null, with advice. It was decoded before.
func refuseEmpty(text []byte, advice string, names ...string) error {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(text, &members)
	for _, name := range names {
		if value := string(members[name]); value == `""` || value == "null" {
			return badRequest("%s must not be %s: %s", name, value, advice)
		}
	}
	return nil
}

// checkMembers checks the members of the next value, which has a name for messages. Decoding does not
// do this: it ignores letter case, and the last of several members with the same name counts. The
// text must be valid, so that it is not nested too deeply for a recursion.
func checkMembers(decoder *json.Decoder, t reflect.Type, of string) error {
	for t != nil && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice) {
		t = t.Elem()
	}
	token, _ := decoder.Token()
	switch token {
	case json.Delim('['):
		for decoder.More() {
			if err := checkMembers(decoder, t, of); err != nil {
				return err
			}
		}
		_, _ = decoder.Token()
	case json.Delim('{'):
		known, seen := membersOf(t), map[string]bool{}
		for decoder.More() {
			token, _ := decoder.Token()
			name, _ := token.(string)
			member, ok := known[name]
			if !ok && known != nil {
				return badRequest("%s", unknownName("member", name, of, slices.Sorted(maps.Keys(known))))
			}
			if seen[name] {
				return badRequest("the member %.40q is in %s twice: remove one", name, of)
			}
			seen[name] = true
			if err := checkMembers(decoder, member, name); err != nil {
				return err
			}
		}
		_, _ = decoder.Token()
	}
	return nil
}

// membersOf returns the types of the members of a structure by their names in JSON, which each has in a
// tag. It returns nil for a type that is not a structure.
func membersOf(t reflect.Type) map[string]reflect.Type {
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	members := map[string]reflect.Type{}
	for _, field := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		members[name] = field.Type
	}
	return members
}

// withArticle returns a kind of JSON value, such as "number 1.5" or "array", with its article.
func withArticle(kind string) string {
	if strings.HasPrefix(kind, "array") || strings.HasPrefix(kind, "object") {
		return "an " + kind
	}
	return "a " + strings.Replace(kind, "bool", "boolean", 1)
}

// jsonType returns the JSON name of a Go type.
func jsonType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Struct, reflect.Map:
		return "object"
	case reflect.Slice:
		return "array"
	case reflect.Float64:
		return "number"
	default:
		return "integer"
	}
}
