package snapshot

import (
	"encoding/json"
	"regexp"
	"strconv"
)

// A node is a value in JSON or YAML with the line on which it begins. A member of an object has the line
// of its name.
type node struct {
	line    int
	object  map[string]*node // the members of an object; nil for other values
	names   []string         // the names of the members, in their order
	array   []*node
	isArray bool
	scalar  any // every other value, as json.Decoder.UseNumber returns it

	// unquoted is true for a scalar in YAML that is no string, but would be one in quotes.
	unquoted bool
}

// plain returns the value as json.Decoder would, without the lines.
func (n *node) plain() any {
	switch {
	case n.object != nil:
		members := make(map[string]any, len(n.object))
		for name, value := range n.object {
			members[name] = value.plain()
		}
		return members
	case n.isArray:
		items := make([]any, len(n.array))
		for i, item := range n.array {
			items[i] = item.plain()
		}
		return items
	default:
		return n.scalar
	}
}

// step matches a step of the path of a shape.Violation: a name, an index, or a key in quotes.
var step = regexp.MustCompile(`[^.\[\]"]+|"(?:[^"\\]|\\.)*"`)

// find returns the value at a path of a shape.Violation, or the nearest enclosing one if there is no
// such value.
func (n *node) find(path string) *node {
	for _, step := range step.FindAllString(path, -1) {
		var next *node
		switch key, err := strconv.Unquote(step); {
		case err == nil:
			next = n.object[key]
		case n.isArray:
			i, _ := strconv.Atoi(step) // of an item that exists
			next = n.array[i]
		default:
			next = n.object[step]
		}
		if next == nil {
			break
		}
		n = next
	}
	return n
}

// inQuotes returns the advice for a value that should be a string and is not, or "".
func (n *node) inQuotes() string {
	if n.unquoted {
		return "; put it in quotes"
	}
	return ""
}

// String describes the value in a message: a scalar as JSON, shortened.
func (n *node) String() string {
	const maxCodePoints = 64
	switch {
	case n.object != nil:
		return "an object"
	case n.isArray:
		return "an array"
	}
	text, _ := json.Marshal(n.scalar) // a scalar always encodes
	if runes := []rune(string(text)); len(runes) > maxCodePoints {
		return string(runes[:maxCodePoints]) + "…"
	}
	return string(text)
}
