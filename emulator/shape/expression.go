package shape

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// An Expression is a regular expression for a whole value. Most consist of texts and of classes of
// characters one after another, and values in ASCII are then compared with those, which is much faster.
type Expression struct {
	*regexp.Regexp
	steps []step // nil if the expression has anything else
}

// A step matches a text, or characters of a class.
type step struct {
	text     string // "" for a class
	class    [utf8.RuneSelf]bool
	optional bool // the class need not match any character
	repeated bool // the class matches as many characters as there are
}

// Pattern compiles a pattern of AWS's models, which must match the whole value.
func Pattern(p string) *Expression {
	e := &Expression{Regexp: regexp.MustCompile(`^(?:` + p + `)$`)}
	parsed, _ := syntax.Parse(p, syntax.Perl) // regexp has parsed it, too
	parts := []*syntax.Regexp{parsed}
	if parsed.Op == syntax.OpConcat {
		parts = parsed.Sub
	}
	for _, part := range parts {
		next, ok := newStep(part)
		if !ok {
			e.steps = nil
			break
		}
		e.steps = append(e.steps, next)
	}
	return e
}

// newStep returns the step that a part of an expression is, and whether it is one.
func newStep(part *syntax.Regexp) (s step, ok bool) {
	if part.Op == syntax.OpLiteral && part.Flags&syntax.FoldCase == 0 {
		return step{text: string(part.Rune)}, true
	}
	if part.Op == syntax.OpPlus || part.Op == syntax.OpStar {
		s.repeated, s.optional = true, part.Op == syntax.OpStar
		part = part.Sub[0]
	}
	if part.Op != syntax.OpCharClass {
		return s, false
	}
	for i := 0; i < len(part.Rune); i += 2 { // pairs of the first and the last character
		for r := part.Rune[i]; r <= min(part.Rune[i+1], utf8.RuneSelf-1); r++ {
			s.class[r] = true
		}
	}
	return s, true
}

// MatchString reports whether the value matches. The steps find most matches, and everything else is left to
// the regular expression: values with other characters than ASCII, and matches that need another try.
func (e *Expression) MatchString(value string) bool {
	return e.follow(value) || e.Regexp.MatchString(value)
}

// follow reports whether the steps lead to the end of the value. If they do, it matches.
func (e *Expression) follow(value string) bool {
	for i := range e.steps {
		s := &e.steps[i]
		if s.text != "" {
			if !strings.HasPrefix(value, s.text) {
				return false
			}
			value = value[len(s.text):]
			continue
		}
		n := 0
		for n < len(value) && value[n] < utf8.RuneSelf && s.class[value[n]] && (n == 0 || s.repeated) {
			n++
		}
		if n == 0 && !s.optional {
			return false
		}
		value = value[n:]
	}
	return e.steps != nil && value == ""
}
