package policy

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A template is a text of a policy with wildcards and policy variables (IAM User Guide: IAM policy elements: Variables
// and tags).
type template struct {
	text  string  // as it was written
	fixed pattern // the whole text, unless there are variables
	parts []part  // nil unless there are variables
}

// A part of a template is a pattern, and a variable after it.
type part struct {
	before   pattern
	variable string  // condition key; "" at the end of the template
	fallback *string // its default value
}

// A grammar says what has a meaning in a template.
type grammar struct {
	wildcards bool // * and ?
	variables bool // ${…}, since Version 2012-10-17
	knownOnly bool // variables must be condition keys of the service
}

// compile reads a template.
func (g grammar) compile(text string) (template, error) {
	t := template{text: text}
	var before pattern
	for rest := text; rest != ""; {
		if g.variables && strings.HasPrefix(rest, "${") {
			var p part
			var err error
			if p, rest, err = g.variable(rest); err != nil {
				return t, err
			}
			if p.variable == "" { // a special character
				before = append(before, p.before...)
				continue
			}
			p.before = before
			t.parts, before = append(t.parts, p), nil
			continue
		}
		character, size := utf8.DecodeRuneInString(rest)
		rest = rest[size:]
		before = append(before, g.wildcard(character))
	}
	if t.parts == nil {
		t.fixed = before
	} else {
		t.parts = append(t.parts, part{before: before})
	}
	return t, nil
}

// wildcard returns what a character means.
func (g grammar) wildcard(character rune) rune {
	switch {
	case g.wildcards && character == '*':
		return anyText
	case g.wildcards && character == '?':
		return anyCharacter
	default:
		return character
	}
}

// variable reads the variable with which a text begins, and returns what follows it.
func (g grammar) variable(text string) (p part, rest string, err error) {
	inner := text[len("${"):]
	if len(inner) > 1 && strings.ContainsRune("*?$", rune(inner[0])) && inner[1] == '}' {
		return part{before: pattern{rune(inner[0])}}, inner[2:], nil
	}
	end := strings.IndexAny(inner, ",}")
	if end < 0 {
		return part{}, "", fmt.Errorf("the variable %.64q has no }: a $ character is written ${$}", text)
	}
	name := strings.TrimSpace(inner[:end])
	rest = inner[end:]
	if rest[0] == ',' {
		value, after, closed := cutDefault(rest[1:])
		if !closed {
			return part{}, "", fmt.Errorf("the variable %.64q has no default value in quotes: "+
				"write it as in ${aws:username, 'nobody'}", text)
		}
		p.fallback, rest = &value, after
	}
	key, canonical, known := FindConditionKey(name)
	switch {
	case name == "" || g.knownOnly && !known:
		return part{}, "", fmt.Errorf("the variable ${%.64s} is unknown%s", name, suggestKey(name))
	case key.Multivalued:
		return part{}, "", fmt.Errorf("${%s} cannot be a variable, because the key can have several values", canonical)
	}
	p.variable = canonical
	return p, rest[1:], nil
}

// cutDefault returns the default value with which a text begins, and what follows it, which begins with }.
func cutDefault(text string) (value, rest string, closed bool) {
	text, opened := strings.CutPrefix(strings.TrimLeft(text, " "), "'")
	value, rest, closed = strings.Cut(text, "'")
	rest = strings.TrimLeft(rest, " ")
	return value, rest, opened && closed && strings.HasPrefix(rest, "}")
}

// expand returns the pattern with the values of the variables, which have no wildcards. It returns false if a variable
// has no value: nothing is equal to or like it (IAM User Guide: Policy variables with no value).
func (t *template) expand(r *Request) (pattern, bool) {
	if t.parts == nil {
		return t.fixed, true
	}
	var expanded pattern
	for _, p := range t.parts {
		expanded = append(expanded, p.before...)
		if p.variable == "" {
			break
		}
		values := r.values(p.variable)
		switch {
		case len(values) == 1:
			expanded = append(expanded, []rune(values[0])...)
		case len(values) == 0 && p.fallback != nil:
			expanded = append(expanded, []rune(*p.fallback)...)
		default:
			return nil, false
		}
	}
	return expanded, true
}

// values returns the values of a condition key; none if the request does not have it.
func (r *Request) values(key string) []string {
	if r.Value == nil {
		return nil
	}
	if values, found := r.Value(key); found {
		return values
	}
	return nil
}
