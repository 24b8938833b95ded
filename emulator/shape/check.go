package shape

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Violation is one way in which a value misses its shape.
type Violation struct {
	Member string // name of the nearest enclosing member, for instance bucketName
	Path   string // from the outermost structure, for instance destinationConfiguration.s3.bucketName
	Why    string // what the value must be and what it is
}

// Check compares a JSON object, decoded with json.Decoder.UseNumber, with the
// structure. It gives all violations, in the order of the members (the keys
// of a map in sorted order), and takes everything out of the object that the
// shape does not know, nulls included: in AWS's JSON protocols a null member is
// an absent one.
func Check(s Structure, members map[string]any) []Violation {
	var v violations
	s.check(members, place{}, &v)
	return v.list
}

type violations struct{ list []Violation }

// enough keeps the answer to a hostile request within reason. No honest one
// has that many violations.
const enough = 1000

func (v *violations) add(at place, why string, args ...any) {
	if len(v.list) == enough {
		return
	}
	v.list = append(v.list, Violation{Member: at.member, Path: at.path, Why: fmt.Sprintf(why, args...)})
}

// A place is where in a request a value stands.
type place struct{ member, path string }

func (p place) inMember(name string) place {
	if p.path == "" {
		return place{member: name, path: name}
	}
	return place{member: name, path: p.path + "." + name}
}

func (p place) atIndex(i int) place {
	return place{member: p.member, path: p.path + "[" + strconv.Itoa(i) + "]"}
}

// atKey quotes the key, which is the caller's, and cuts it short.
func (p place) atKey(key string) place {
	return place{member: p.member, path: p.path + "[" + quote(key) + "]"}
}

func (s String) check(value any, at place, found *violations) any {
	text, ok := value.(string)
	if !ok {
		found.add(at, "must be a string, but is %s", kind(value))
		return nil
	}
	if n := utf8.RuneCountInString(text); outside(n, s.Min, s.Max) {
		found.add(at, "must have a length %s, but has %d", bounds(s.Min, s.Max), n)
	}
	if s.Pattern != nil && !s.Pattern.MatchString(text) {
		found.add(at, "must match the pattern %s%s", s.Pattern, s.butIs(text))
	}
	if s.Enum != nil && !slices.Contains(s.Enum, text) {
		found.add(at, "must be one of %s%s", strings.Join(s.Enum, ", "), s.butIs(text))
	}
	if s.NotPrefix != "" && len(text) >= len(s.NotPrefix) && strings.EqualFold(text[:len(s.NotPrefix)], s.NotPrefix) {
		found.add(at, "must not begin with %s, which is reserved%s", s.NotPrefix, s.butIs(text))
	}
	return text
}

func (s String) butIs(text string) string {
	if s.Confidential {
		return ""
	}
	return ", but is " + quote(text)
}

func (s Integer) check(value any, at place, found *violations) any {
	number, ok := value.(json.Number)
	if !ok {
		found.add(at, "must be an integer, but is %s", kind(value))
		return nil
	}
	n, err := strconv.ParseInt(number.String(), 10, 64)
	if err != nil && n == 0 { // out of range leaves the nearest bound in n
		found.add(at, "must be an integer, but is %.40s", number)
		return nil
	}
	if n < s.Min || n > s.Max {
		found.add(at, "must be between %d and %d, but is %.40s", s.Min, s.Max, number)
	}
	return number
}

func (s List) check(value any, at place, found *violations) any {
	items, ok := value.([]any)
	if !ok {
		found.add(at, "must be a list, but is %s", kind(value))
		return nil
	}
	if outside(len(items), s.Min, s.Max) {
		found.add(at, "must have a number of items %s, but has %d", bounds(s.Min, s.Max), len(items))
		return nil // the items of a list without end are not worth a violation each
	}
	for i, item := range items {
		items[i] = s.Member.check(item, at.atIndex(i), found)
	}
	return items
}

func (s Map) check(value any, at place, found *violations) any {
	entries, ok := value.(map[string]any)
	if !ok {
		found.add(at, "must be an object, but is %s", kind(value))
		return nil
	}
	if outside(len(entries), s.Min, s.Max) {
		found.add(at, "must have a number of entries %s, but has %d", bounds(s.Min, s.Max), len(entries))
		return nil
	}
	before := len(found.list)
	s.checkEntries(maps.Keys(entries), entries, at, found)
	if len(found.list) > before+1 { // seldom enough to look again, in a stable order
		found.list = found.list[:before]
		s.checkEntries(slices.Values(slices.Sorted(maps.Keys(entries))), entries, at, found)
	}
	bytes := 0
	for key, value := range entries {
		text, _ := value.(string)
		bytes += len(key) + len(text)
	}
	if s.MaxBytes > 0 && bytes > s.MaxBytes {
		found.add(at, "must have at most %d bytes in its keys and values together, but has %d", s.MaxBytes, bytes)
	}
	return entries
}

func (s Map) checkEntries(keys iter.Seq[string], entries map[string]any, at place, found *violations) {
	for key := range keys {
		where := at
		if !s.Key.Confidential {
			where = at.atKey(key)
		}
		s.Key.check(key, where, found)
		s.Value.check(entries[key], where, found)
	}
}

func (s Structure) check(value any, at place, found *violations) any {
	given, ok := value.(map[string]any)
	if !ok {
		found.add(at, "must be an object, but is %s", kind(value))
		return nil
	}
	known := 0
	for _, m := range s.Members {
		if v := given[m.Name]; v != nil {
			known++
			given[m.Name] = m.Shape.check(v, at.inMember(m.Name), found)
		} else if m.Required {
			found.add(at.inMember(m.Name), "is required")
		}
	}
	if known < len(given) {
		s.takeOutUnknown(given)
	}
	if s.Union && known != 1 {
		found.add(at, "must have exactly one of the members %s, but has %d", s.memberNames(), known)
	}
	return given
}

func (s Structure) takeOutUnknown(given map[string]any) {
	maps.DeleteFunc(given, func(name string, value any) bool {
		return value == nil || !slices.ContainsFunc(s.Members, func(m Member) bool { return m.Name == name })
	})
}

func (s Structure) memberNames() string {
	names := make([]string, len(s.Members))
	for i, m := range s.Members {
		names[i] = m.Name
	}
	return strings.Join(names, ", ")
}

func outside(n, least, most int) bool { return n < least || most > 0 && n > most }

func bounds(least, most int) string {
	switch {
	case most == 0:
		return fmt.Sprintf("of at least %d", least)
	case least == most:
		return fmt.Sprintf("of exactly %d", least)
	default:
		return fmt.Sprintf("between %d and %d", least, most)
	}
}

// quote cuts a value short that the caller may have made very long.
func quote(text string) string {
	const readable = 64
	if runes := []rune(text); len(runes) > readable {
		text = string(runes[:readable]) + "…"
	}
	return strconv.Quote(text)
}

func kind(value any) string {
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
