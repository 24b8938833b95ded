// Package shape describes what a JSON value must look like and tells every
// way in which one does not.
//
// Shapes are values, written down as tables. They mirror the constraint traits
// of AWS's service models: length, pattern, enum, range, required, union.
package shape

import (
	"regexp"
	"sync/atomic"
)

// A Shape is a constraint on a JSON value: String, Integer, List, Map or
// Structure.
type Shape interface {
	// check gives what is left of the value, which it may have changed.
	check(value any, at place, found *violations) (clean any)
}

// A String is a JSON string.
type String struct {
	Min, Max     int      // length in code points; Max 0 is unbounded
	Pattern      *Regexp  // from Pattern, nil allows all
	Enum         []string // nil allows all
	NotPrefix    string   // a beginning that is reserved, whatever its letter case
	Confidential bool     // violations do not quote the value
}

// An Integer is a JSON number without fraction or exponent.
type Integer struct{ Min, Max int64 }

// A List is a JSON array.
type List struct {
	Member   Shape
	Min, Max int // number of items; Max 0 is unbounded
}

// A Map is a JSON object with keys of the caller's choice.
type Map struct {
	Key, Value String
	Min, Max   int // number of entries; Max 0 is unbounded
	MaxBytes   int // keys and values together, in UTF-8; 0 is unbounded
}

// A Structure is a JSON object with the members that it names. Others are
// ignored, as AWS's services do.
type Structure struct {
	Members []Member
	Union   bool // exactly one member is given
}

// Member returns the shape of the member of that name, nil if there is no such member.
func (s Structure) Member(name string) Shape {
	for _, m := range s.Members {
		if m.Name == name {
			return m.Shape
		}
	}
	return nil
}

// A Member is one member of a Structure.
type Member struct {
	Name     string
	Shape    Shape
	Required bool
	In       Location // where it travels in the request
}

// A Location is the part of an HTTP request in which a member travels.
type Location int

// The locations. The zero value is the JSON body.
const (
	Body  Location = iota
	Path           // a label of the path
	Query          // query parameters of that name, one per item
)

// A Regexp is a pattern that remembers what matched it last: callers name the
// same room again and again.
type Regexp struct {
	*regexp.Regexp
	latest atomic.Pointer[string]
}

// Pattern compiles a pattern as AWS's models mean it: it covers the whole
// value.
func Pattern(p string) *Regexp { return &Regexp{Regexp: regexp.MustCompile(`^(?:` + p + `)$`)} }

// longestRemembered is how long a text may be that is remembered, in bytes.
const longestRemembered = 256

// MatchString reports whether the text matches.
func (r *Regexp) MatchString(text string) bool {
	if latest := r.latest.Load(); latest != nil && *latest == text {
		return true
	}
	matches := r.Regexp.MatchString(text)
	if matches && len(text) <= longestRemembered {
		r.latest.Store(&text)
	}
	return matches
}
