package policy

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/spelling"
)

// An operator is a condition operator without prefix and suffix (IAM User Guide: IAM JSON policy elements: Condition
// operators).
type operator struct {
	negated bool // such as StringNotEquals: true if it matches none of the values
	// compare reports whether the text of a request is equal to or like a pattern. Only such operators can have
	// variables.
	compare   func(p pattern, text string) bool
	wildcards bool // in the pattern
	arn       bool // the pattern is an ARN
	// parse is for operators without compare. It reads a value of the policy, and returns what compares it with a text
	// of the request.
	parse func(value string) (func(text string) bool, error)
}

// null is the operator that only checks whether a request has a key.
const null = "Null"

var operators = map[string]operator{
	"StringEquals":              {compare: equal},
	"StringNotEquals":           {compare: equal, negated: true},
	"StringEqualsIgnoreCase":    {compare: equalFold},
	"StringNotEqualsIgnoreCase": {compare: equalFold, negated: true},
	"StringLike":                {compare: match, wildcards: true},
	"StringNotLike":             {compare: match, wildcards: true, negated: true},
	"NumericEquals":             {parse: number(func(sign int) bool { return sign == 0 })},
	"NumericNotEquals":          {parse: number(func(sign int) bool { return sign == 0 }), negated: true},
	"NumericLessThan":           {parse: number(func(sign int) bool { return sign < 0 })},
	"NumericLessThanEquals":     {parse: number(func(sign int) bool { return sign <= 0 })},
	"NumericGreaterThan":        {parse: number(func(sign int) bool { return sign > 0 })},
	"NumericGreaterThanEquals":  {parse: number(func(sign int) bool { return sign >= 0 })},
	"DateEquals":                {parse: date(func(sign int) bool { return sign == 0 })},
	"DateNotEquals":             {parse: date(func(sign int) bool { return sign == 0 }), negated: true},
	"DateLessThan":              {parse: date(func(sign int) bool { return sign < 0 })},
	"DateLessThanEquals":        {parse: date(func(sign int) bool { return sign <= 0 })},
	"DateGreaterThan":           {parse: date(func(sign int) bool { return sign > 0 })},
	"DateGreaterThanEquals":     {parse: date(func(sign int) bool { return sign >= 0 })},
	"Bool":                      {parse: boolean},
	"BinaryEquals":              {parse: binary},
	"IpAddress":                 {parse: address},
	"NotIpAddress":              {parse: address, negated: true},
	"ArnEquals":                 {compare: matchARN, wildcards: true, arn: true},
	"ArnLike":                   {compare: matchARN, wildcards: true, arn: true},
	"ArnNotEquals":              {compare: matchARN, wildcards: true, arn: true, negated: true},
	"ArnNotLike":                {compare: matchARN, wildcards: true, arn: true, negated: true},
	null:                        {parse: boolean},
}

// A set is the prefix of an operator for keys with several values (IAM User Guide: Single-valued vs. multivalued
// context keys).
type set string

const (
	noSet        set = ""
	forAllValues set = "ForAllValues"
	forAnyValue  set = "ForAnyValue"
)

// parseOperator returns a condition with an operator such as ForAllValues:StringLikeIfExists.
func parseOperator(name string) (condition, error) {
	c, rest := condition{name: name}, name
	if before, after, found := strings.Cut(name, ":"); found {
		c.set, rest = set(before), after
		if c.set != forAllValues && c.set != forAnyValue {
			return c, fmt.Errorf("the prefix %.64q of an operator is unknown: it can be ForAllValues or ForAnyValue", before)
		}
	}
	base, ifExists := strings.CutSuffix(rest, "IfExists")
	known := false
	if c.operator, known = operators[base]; !known {
		return c, fmt.Errorf("the condition operator %.64q is unknown%s", name, suggestOperator(c.set, rest))
	}
	c.ifExists, c.isNull = ifExists, base == null
	if c.isNull && name != null {
		return c, errors.New("the operator Null has no prefix and no suffix")
	}
	return c, nil
}

// suggestOperator returns the end of an error about an unknown operator.
func suggestOperator(prefix set, word string) string {
	names := slices.Sorted(maps.Keys(operators))
	all := slices.Clone(names)
	for _, name := range names {
		all = append(all, name+"IfExists")
	}
	nearest := spelling.Nearest(word, all)
	switch {
	case nearest == "":
		return ": use one of " + strings.Join(names, ", ")
	case prefix != noSet:
		nearest = string(prefix) + ":" + nearest
	}
	return ": did you mean " + nearest + "?"
}

func equal(p pattern, text string) bool     { return string(p) == text }
func equalFold(p pattern, text string) bool { return strings.EqualFold(string(p), text) }

// matchARN compares each of the six parts of an ARN, so no wildcard takes in a colon before the last part.
func matchARN(p pattern, text string) bool {
	if len(p) == 1 && p[0] == anyText {
		return true
	}
	for range arnColons {
		end := slices.Index(p, ':')
		part, rest, found := strings.Cut(text, ":")
		if end < 0 || !found || !match(p[:end], part) {
			return false
		}
		p, text = p[end+1:], rest
	}
	return match(p, text)
}

// plainNumber is the form of integers and decimals.
var plainNumber = regexp.MustCompile(`^[+-]?\d{1,40}(\.\d{1,40})?$`)

func parseNumber(text string) (*big.Rat, error) {
	if plainNumber.MatchString(text) {
		if value, ok := new(big.Rat).SetString(text); ok {
			return value, nil
		}
	}
	return nil, fmt.Errorf("%.64q is not a number such as 10 or 2.5", text)
}

// number compares numbers. It gets the sign of the number of the request minus that of the policy.
func number(matches func(sign int) bool) func(string) (func(string) bool, error) {
	return func(value string) (func(string) bool, error) {
		want, err := parseNumber(value)
		return func(text string) bool {
			got, err := parseNumber(text)
			return err == nil && matches(got.Cmp(want))
		}, err
	}
}

// dateLayouts are the formats of the W3C's note on dates and times, to which the IAM User Guide refers. Seconds can
// have a fraction.
var dateLayouts = []string{
	time.RFC3339, "2006-01-02T15:04Z07:00", time.DateOnly, "2006-01", "2006",
}

// epochTime is the form of seconds since 1970. Four digits are a year.
var epochTime = regexp.MustCompile(`^(\d{1,3}|\d{5,12})$`)

func parseDate(text string) (time.Time, error) {
	if epochTime.MatchString(text) {
		seconds, err := strconv.ParseInt(text, 10, 64)
		return time.Unix(seconds, 0), err
	}
	for _, layout := range dateLayouts {
		if moment, err := time.Parse(layout, text); err == nil {
			return moment, nil
		}
	}
	return time.Time{}, fmt.Errorf("%.64q is not a date such as 2026-01-31T12:00:00Z, and not seconds since 1970", text)
}

// date compares dates like number.
func date(matches func(sign int) bool) func(string) (func(string) bool, error) {
	return func(value string) (func(string) bool, error) {
		want, err := parseDate(value)
		return func(text string) bool {
			got, err := parseDate(text)
			return err == nil && matches(got.Compare(want))
		}, err
	}
}

func boolean(value string) (func(string) bool, error) {
	var err error
	if !strings.EqualFold(value, "true") && !strings.EqualFold(value, "false") {
		err = fmt.Errorf("%.64q is not true or false", value)
	}
	return func(text string) bool { return strings.EqualFold(value, text) }, err
}

func binary(value string) (func(string) bool, error) {
	want, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		err = fmt.Errorf("%.64q is not base64", value)
	}
	return func(text string) bool { return text == string(want) }, err
}

// address matches an IP address, or a range of them in CIDR notation.
func address(value string) (func(string) bool, error) {
	want, err := netip.ParsePrefix(value)
	if err != nil {
		var single netip.Addr
		if single, err = netip.ParseAddr(value); err == nil && single.Zone() == "" {
			want = netip.PrefixFrom(single, single.BitLen())
		} else {
			err = fmt.Errorf("%.64q is not an IP address, and not a range such as 203.0.113.0/24", value)
		}
	}
	return func(text string) bool {
		got, err := netip.ParseAddr(text)
		return err == nil && want.Contains(got.Unmap().WithZone(""))
	}, err
}
