package claims

import (
	"fmt"
	"strings"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// A size describes and creates the values of a bounded member.
type size struct {
	phrase string // completes “The member may …”; %s is a quantity such as “3 characters”
	unit   unit
	value  func(p *conformance.Probe, n int) any
}

// A unit is what is counted, in the singular and the plural.
type unit struct{ one, many string }

var (
	plain     = unit{}
	character = unit{" character", " characters"}
	byteUnit  = unit{" byte", " bytes"}
	entry     = unit{" entry", " entries"}
)

// describe returns the phrase with the quantity.
func (s size) describe(n int) string {
	name := s.unit.many
	if n == 1 {
		name = s.unit.one
	}
	return fmt.Sprintf(s.phrase, fmt.Sprint(n, name))
}

var (
	number = size{"be %s", plain, func(_ *conformance.Probe, n int) any { return n }}

	characters = size{"have %s", character, func(_ *conformance.Probe, n int) any {
		return strings.Repeat("a", n)
	}}
	emoji = size{"have %s", character, func(_ *conformance.Probe, n int) any {
		return strings.Repeat("🙂", n)
	}}

	attributeBytes = size{"have %s", byteUnit, func(_ *conformance.Probe, n int) any {
		return map[string]string{"key": strings.Repeat("x", n-len("key"))}
	}}

	tagEntries = size{"have %s", entry, func(_ *conformance.Probe, n int) any {
		return numberedTags(n)
	}}
	tagKey = size{"have a key of %s", character, func(_ *conformance.Probe, n int) any {
		return map[string]string{strings.Repeat("k", n): ""}
	}}
	tagValue = size{"have a value of %s", character, func(_ *conformance.Probe, n int) any {
		return map[string]string{"k": strings.Repeat("v", n)}
	}}

	keyEntries = size{"have %s", entry, func(_ *conformance.Probe, n int) any {
		keys := []string{}
		for i := range n {
			keys = append(keys, fmt.Sprint("k", i))
		}
		return keys
	}}
	keyEntry = size{"have an entry of %s", character, characters.value}

	// The resources of these ARNs do not exist. The reply to a valid ARN is 404.
	roomARN = size{"have %s", character, func(p *conformance.Probe, n int) any {
		return padded("arn:aws:ivschat:"+p.Region+":123456789012:room/", n)
	}}
	loggingARN = size{"have %s", character, func(p *conformance.Probe, n int) any {
		return padded("arn:aws:ivschat:"+p.Region+":123456789012:logging-configuration/", n)
	}}
	loggingEntry = size{"have an entry of %s", character, func(p *conformance.Probe, n int) any {
		return []any{loggingARN.value(p, n)}
	}}
	handlerURI = size{"have %s", character, func(p *conformance.Probe, n int) any {
		return padded(functionARN(p), n)
	}}

	attachments = size{"have %s", entry, func(p *conformance.Probe, n int) any {
		arns := []string{}
		for range n {
			arns = append(arns, *p.Logging().Arn)
		}
		return arns
	}}
)

// padded returns the text followed by letters, n characters in all.
func padded(text string, n int) string { return text + strings.Repeat("a", n-len(text)) }

// numberedTags returns n tags with empty values.
func numberedTags(n int) map[string]string {
	tags := map[string]string{}
	for i := range n {
		tags[fmt.Sprint("k", i)] = ""
	}
	return tags
}
