// Package shape describes what a JSON value must look like. Check reports every way in which a value
// differs from its shape, and JSONSchema writes a shape as a JSON Schema.
//
// Shapes are values, written as tables. They follow the constraint traits of AWS's service models:
// length, pattern, enum, range, required, union.
package shape

// A Shape is a constraint on a JSON value: String, Integer, List, Map or Structure.
type Shape interface {
	// check adds to found what is wrong with the value, and removes from the value the members that the
	// shape does not have.
	check(value any, at position, found *violations)
	// schema returns the JSON Schema of the shape.
	schema() *Schema
}

// A String is a JSON string.
type String struct {
	Min, Max     int         // length in code points; Max 0 is unbounded
	Pattern      *Expression // from Pattern; nil allows all
	Enum         []string    // nil allows all
	NotPrefix    string      // a reserved prefix, refused in upper and lower case
	Confidential bool        // violations do not quote the value
}

// An Integer is a JSON number without fraction or exponent.
type Integer struct{ Min, Max int64 }

// A List is a JSON array.
type List struct {
	Member   Shape
	Min, Max int // number of items; Max 0 is unbounded
}

// A Map is a JSON object with keys that the caller chooses.
type Map struct {
	Key, Value String
	Min, Max   int // number of entries; Max 0 is unbounded
	MaxBytes   int // keys and values together, in UTF-8; 0 is unbounded
}

// A Structure is a JSON object with named members. Check removes all other members, since AWS's
// services ignore them.
type Structure struct {
	Members []Member
	Union   bool // exactly one member must be set
}

// Member returns the shape of the member with that name, or nil if there is no such member.
func (s Structure) Member(name string) Shape {
	for _, m := range s.Members {
		if m.Name == name {
			return m.Shape
		}
	}
	return nil
}

// Names returns the names of the members, in their order.
func (s Structure) Names() []string {
	names := make([]string, len(s.Members))
	for i, m := range s.Members {
		names[i] = m.Name
	}
	return names
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
