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
	v.list = append(v.list, Violation{Member: at.name, Path: at.String(), Why: fmt.Sprintf(why, args...)})
}

// A position is where in a request a value is. Its path is put together only for a violation.
type position struct {
	name string // of the nearest enclosing member
	path string // of what the value is a part of
	part part
	i    int    // of an item
	key  string // of an entry
}

// A part is what a value is of the value around it.
type part int

const (
	all    part = iota // the whole request
	member             // a member of a structure
	item               // an item of a list
	entry              // an entry of a map
)

// String returns the path of the value. The caller chose the key of an entry, so it is quoted and shortened.
func (p position) String() string {
	switch {
	case p.part == item:
		return p.path + "[" + strconv.Itoa(p.i) + "]"
	case p.part == entry:
		return p.path + "[" + quote(p.key) + "]"
	case p.part == member && p.path != "":
		return p.path + "." + p.name
	default:
		return p.name
	}
}

// member returns the position of a member of the structure at p.
func (p position) member(name string) position {
	return position{name: name, path: p.String(), part: member}
}

// item returns the position of an item of the list at p.
func (p position) item(i int) position {
	return position{name: p.name, path: p.String(), part: item, i: i}
}

// entry returns the position of an entry of the map at p.
func (p position) entry(key string) position {
	return position{name: p.name, path: p.String(), part: entry, key: key}
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
