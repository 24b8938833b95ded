package admin

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
)

// maximumBody is the maximum length of a request body in bytes: enough for a snapshot of 50,000
// rooms.
const maximumBody = 256 << 20

// readBody returns the body of a request.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maximumBody))
	if err != nil {
		return nil, badRequest("the body cannot be read: %v", err)
	}
	return text, nil
}

// decodeBody decodes the body of a request, see decode.
func decodeBody(w http.ResponseWriter, r *http.Request, value any) error {
	text, err := readBody(w, r)
	if err != nil {
		return err
	}
	return decode(text, value)
}

// decode decodes one JSON value. A member that the Go value does not have is an error.
func decode(text []byte, value any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(value)
	if mistyped, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return badRequest("%s must be a JSON %s, but is %s",
			cmp.Or(mistyped.Field, "the body"), jsonType(mistyped.Type), mistyped.Value)
	}
	if errors.Is(err, io.EOF) {
		return badRequest("the body must be a JSON object, but is empty")
	}
	if err != nil {
		return badRequest("the body cannot be decoded: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return badRequest("the body must be one JSON value, but has more text after it")
	}
	return nil
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
