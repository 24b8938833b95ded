package policy

import (
	"slices"
	"strconv"
)

// A condition is one key of one operator.
type condition struct {
	name     string // the operator as it was written, such as ForAnyValue:StringLikeIfExists
	line     int
	set      set
	ifExists bool
	isNull   bool
	operator operator
	key      string // in AWS's letter case
	values   []value
}

// A value is one value of a condition in the policy.
type value struct {
	text    template
	matches func(text string) bool // nil if the operator compares with the text
}

// holds evaluates the condition with the values that a request has for the key.
func (c *condition) holds(r *Request, got []string) bool {
	test := func(text string) bool { return c.test(r, text) }
	switch {
	case c.isNull:
		return test(strconv.FormatBool(len(got) == 0))
	case len(got) == 0:
		return c.ifExists || c.set == forAllValues || c.set == noSet && c.operator.negated
	case c.set == forAllValues || c.set == noSet && c.operator.negated:
		return !slices.ContainsFunc(got, func(text string) bool { return !test(text) })
	default:
		return slices.ContainsFunc(got, test)
	}
}

// test compares one text of the request with all values: a negated operator needs that none matches (IAM User Guide:
// Evaluation logic for negated matching condition operators).
func (c *condition) test(r *Request, text string) bool {
	return slices.ContainsFunc(c.values, func(v value) bool { return c.matches(r, v, text) }) != c.operator.negated
}

func (c *condition) matches(r *Request, v value, text string) bool {
	if v.matches != nil {
		return v.matches(text)
	}
	p, ok := v.text.expand(r)
	return ok && c.operator.compare(p, text)
}
