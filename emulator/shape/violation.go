package shape

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// A Violation is one way in which a value differs from its shape.
type Violation struct {
	Member string // name of the nearest enclosing member, for instance bucketName
	Path   string // from the outermost structure, for instance destinationConfiguration.s3.bucketName
	Why    string // what the value must be and what it is
}

// maxViolations limits the reply to a hostile request. No ordinary request has so many violations.
const maxViolations = 1000

// violations collects at most maxViolations violations.
type violations struct{ list []Violation }

func (v *violations) add(at position, why string, args ...any) {
	if len(v.list) == maxViolations {
		return
	}
	v.list = append(v.list, Violation{Member: at.name, Path: at.path, Why: fmt.Sprintf(why, args...)})
}

// A position is where in a request a value is.
type position struct {
	name string // of the nearest enclosing member
	path string
}

// member returns the position of a member of the structure at p.
func (p position) member(name string) position {
	if p.path == "" {
		return position{name: name, path: name}
	}
	return position{name: name, path: p.path + "." + name}
}

// index returns the position of an item of the list at p.
func (p position) index(i int) position {
	return position{name: p.name, path: p.path + "[" + strconv.Itoa(i) + "]"}
}

// key returns the position of an entry of the map at p. The caller chose the key, so it is quoted and
// shortened.
func (p position) key(key string) position {
	return position{name: p.name, path: p.path + "[" + quote(key) + "]"}
}

// bounds describes the range between two sizes. A largest size of 0 means that there is none.
func bounds(smallest, largest int) string {
	switch {
	case largest == 0:
		return fmt.Sprintf("of at least %d", smallest)
	case smallest == largest:
		return fmt.Sprintf("of exactly %d", smallest)
	default:
		return fmt.Sprintf("between %d and %d", smallest, largest)
	}
}

// quote quotes a value and shortens it, since the caller may have made it very long.
func quote(text string) string {
	const maxCodePoints = 64
	if runes := []rune(text); len(runes) > maxCodePoints {
		text = string(runes[:maxCodePoints]) + "…"
	}
	return strconv.Quote(text)
}

// kindOf names the kind of a JSON value, for messages.
func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	case string:
		return "a string"
	case []any:
		return "a list"
	default:
		return "an object"
	}
}
