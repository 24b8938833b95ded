package cli

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// A Wrong is an error about the value of a flag. If the value is from an environment variable, the
// message names that.
type Wrong struct {
	Flag    string // without the hyphens
	Problem string // continues the sentence, such as: must be 12 digits, but is "1"
}

// Error returns the problem with the name of the flag.
func (w *Wrong) Error() string { return "--" + w.Flag + " " + w.Problem }

// Wrongf returns an error about the value of a flag.
func Wrongf(flag, format string, args ...any) error {
	return &Wrong{flag, fmt.Sprintf(format, args...)}
}

// A mapper reads the value of a flag. It keeps an invalid value as an error of the reader, so that kong
// goes on with the other flags.
type mapper struct {
	kong.Mapper
	enum   string // the values that are allowed, separated by commas; "" allows all
	reader *reader
}

// Decode implements kong.Mapper.
func (m *mapper) Decode(ctx *kong.DecodeContext, target reflect.Value) error {
	given := ctx.Scan.Peek()
	problem := ""
	if m.enum != "" {
		ctx.Scan.Pop()
		problem = oneOf(strings.Split(m.enum, ","), given.String(), target)
	} else if err := m.Mapper.Decode(ctx, target); err != nil {
		problem = fmt.Sprintf("%s, but is %q", rule(target.Type()), given)
	}
	if problem != "" {
		m.reader.invalid[ctx.Value.Name] = true
		m.reader.wrong = append(m.reader.wrong, Wrongf(ctx.Value.Name, "%s", problem))
	}
	return nil
}

// oneOf sets the target to the allowed value that was given, in any letter case. Otherwise it returns the
// problem.
func oneOf(allowed []string, given string, target reflect.Value) (problem string) {
	for _, value := range allowed {
		if strings.EqualFold(value, given) {
			target.SetString(value)
			return ""
		}
	}
	allowed = slices.DeleteFunc(allowed, func(value string) bool { return value == "" }) // a default that means nothing
	return fmt.Sprintf("must be %s, but is %q", anyOf(allowed), given)
}

// anyOf joins the words, such as "a, b or c". There is at least one.
func anyOf(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// rule says what values of the type must be.
func rule(of reflect.Type) string {
	switch of.Kind() {
	case reflect.Bool:
		return "must be true or false"
	case reflect.Float64:
		return "must be a number"
	case reflect.Int64:
		if of == reflect.TypeFor[time.Duration]() {
			return "must be a duration such as 90s or 1h30m"
		}
		fallthrough
	case reflect.Int:
		return "must be a whole number of at most 64 bits"
	case reflect.Map:
		return "must be KEY=VALUE"
	default:
		return "must be valid"
	}
}
