package shape

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Check compares a JSON object, decoded with json.Decoder.UseNumber, with the structure. It returns
// all violations, in the order of the members (the keys of a map are sorted). It removes from the
// object what the shape does not have, and nulls, since in AWS's JSON protocols a null member counts
// as absent.
func Check(s Structure, members map[string]any) []Violation {
	var found violations
	s.check(members, position{}, &found)
	return found.list
}

func (s String) check(value any, at position, found *violations) {
	text, ok := value.(string)
	if !ok {
		found.add(at, "must be a string, but is %s", kindOf(value))
		return
	}
	if n := utf8.RuneCountInString(text); !within(n, s.Min, s.Max) {
		found.add(at, "must have a length %s, but has %d", bounds(s.Min, s.Max), n)
	}
	if s.Pattern != nil && !s.Pattern.MatchString(text) {
		found.add(at, "must match the pattern %s%s", s.Pattern, s.actual(text))
	}
	if s.Enum != nil && !slices.Contains(s.Enum, text) {
		found.add(at, "must be one of %s%s", strings.Join(s.Enum, ", "), s.actual(text))
	}
	if n := len(s.NotPrefix); n > 0 && len(text) >= n && strings.EqualFold(text[:n], s.NotPrefix) {
		found.add(at, "must not begin with %s, which is reserved%s", s.NotPrefix, s.actual(text))
	}
}

// actual returns the end of a message that quotes the value, or "" if the value is confidential.
func (s String) actual(text string) string {
	if s.Confidential {
		return ""
	}
	return ", but is " + quote(text)
}

func (s Integer) check(value any, at position, found *violations) {
	number, ok := value.(json.Number)
	if !ok {
		found.add(at, "must be an integer, but is %s", kindOf(value))
		return
	}
	n, err := strconv.ParseInt(number.String(), 10, 64)
	if err != nil && n == 0 { // for a number out of range, n is the nearest int64
		found.add(at, "must be an integer, but is %.40s", number)
		return
	}
	if n < s.Min || n > s.Max {
		found.add(at, "must be between %d and %d, but is %.40s", s.Min, s.Max, number)
	}
}

func (s List) check(value any, at position, found *violations) {
	items, ok := value.([]any)
	if !ok {
		found.add(at, "must be a list, but is %s", kindOf(value))
		return
	}
	if !within(len(items), s.Min, s.Max) {
		found.add(at, "must have a number of items %s, but has %d", bounds(s.Min, s.Max), len(items))
		return // without a violation for each item of a list that may be very long
	}
	for i, item := range items {
		s.Member.check(item, at.item(i), found)
	}
}

func (s Map) check(value any, at position, found *violations) {
	entries, ok := value.(map[string]any)
	if !ok {
		found.add(at, "must be an object, but is %s", kindOf(value))
		return
	}
	if !within(len(entries), s.Min, s.Max) {
		found.add(at, "must have a number of entries %s, but has %d", bounds(s.Min, s.Max), len(entries))
		return
	}
	bytes := 0
	var few [16]string // most maps have no more keys
	keys := slices.AppendSeq(few[:0], maps.Keys(entries))
	slices.Sort(keys)
	for _, key := range keys {
		place := at
		if !s.Key.Confidential {
			place = at.entry(key)
		}
		s.Key.check(key, place, found)
		s.Value.check(entries[key], place, found)
		text, _ := entries[key].(string)
		bytes += len(key) + len(text)
	}
	if s.MaxBytes > 0 && bytes > s.MaxBytes {
		found.add(at, "must have at most %d bytes in its keys and values together, but has %d", s.MaxBytes, bytes)
	}
}

func (s Structure) check(value any, at position, found *violations) {
	given, ok := value.(map[string]any)
	if !ok {
		found.add(at, "must be an object, but is %s", kindOf(value))
		return
	}
	known := 0
	for _, m := range s.Members {
		if v := given[m.Name]; v != nil {
			known++
			m.Shape.check(v, at.member(m.Name), found)
		} else if m.Required {
			found.add(at.member(m.Name), "is required")
		}
	}
	if known < len(given) {
		maps.DeleteFunc(given, func(name string, value any) bool { return value == nil || s.Member(name) == nil })
	}
	if s.Union && known != 1 {
		names := strings.Join(s.Names(), ", ")
		found.add(at, "must have exactly one of the members %s, but has %d", names, known)
	}
}

// within reports whether a size is in range. A largest size of 0 means that there is none.
func within(n, smallest, largest int) bool { return n >= smallest && (largest == 0 || n <= largest) }
