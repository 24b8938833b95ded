// Package plainjson parses the kind of JSON that nearly all requests have, several times faster than
// encoding/json.
//
// Parse either returns what encoding/json would return (with json.Decoder.UseNumber), or it refuses
// the text. A caller falls back to encoding/json for a refused text, which may be valid or not.
//
// AppendString and AppendMap write what encoding/json would write.
//
// TooDeep limits how deep the values of any JSON text may be nested, for all parsers of the emulator.
package plainjson

import (
	"bytes"
	"encoding/json"
)

// MaximumDepth is how many objects and arrays may be nested in each other in what a client sends
// (decision D52). encoding/json allows 10,000.
const MaximumDepth = 100

// TooDeep reports whether more objects and arrays than MaximumDepth are nested in each other in a JSON
// text. The text need not be valid or complete.
func TooDeep(text []byte) bool {
	if bytes.Count(text, []byte("{"))+bytes.Count(text, []byte("[")) <= MaximumDepth {
		return false // nearly every text
	}
	depth, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case inString && b == '\\':
			i++ // the next character does not end the string
		case b == '"':
			inString = !inString
		case inString:
		case b == '{', b == '[':
			if depth++; depth > MaximumDepth {
				return true
			}
		case b == '}', b == ']':
			depth--
		}
	}
	return false
}

// Parse parses a JSON text in valid UTF-8 that has no escapes, no null, no booleans, and no numbers
// except positive integers. It returns false for every other text, and for one that is nested deeper
// than MaximumDepth.
func Parse(text []byte) (value any, ok bool) {
	p := parser{text: text}
	value = p.value(0)
	p.skipSpace()
	return value, !p.failed && p.at == len(text)
}

// A parser parses a text until it finds something that it does not support.
type parser struct {
	text   []byte
	at     int // offset of the next byte
	failed bool
}

func (p *parser) skipSpace() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\n', '\t', '\r':
			p.at++
		default:
			return
		}
	}
}

// next skips white space and returns the next byte, or 0 at the end.
func (p *parser) next() byte {
	p.skipSpace()
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// accept skips white space, and then b if it is the next byte. It reports whether it is.
func (p *parser) accept(b byte) bool {
	if p.next() != b {
		return false
	}
	p.at++
	return true
}

// expect is like accept, but fails if b is not the next byte.
func (p *parser) expect(b byte) {
	if !p.accept(b) {
		p.failed = true
	}
}

func (p *parser) value(depth int) any {
	switch next := p.next(); {
	case depth == MaximumDepth:
	case next == '"':
		return p.string()
	case next == '{':
		return p.object(depth)
	case next == '[':
		return p.array(depth)
	case '1' <= next && next <= '9':
		return p.integer()
	}
	p.failed = true
	return nil
}

func (p *parser) object(depth int) map[string]any {
	p.expect('{')
	object := map[string]any{}
	if p.accept('}') {
		return object
	}
	for !p.failed {
		name := p.string()
		p.expect(':')
		object[name] = p.value(depth + 1)
		if p.accept('}') {
			break
		}
		p.expect(',')
	}
	return object
}

func (p *parser) array(depth int) []any {
	p.expect('[')
	array := []any{}
	if p.accept(']') {
		return array
	}
	for !p.failed {
		array = append(array, p.value(depth+1))
		if p.accept(']') {
			break
		}
		p.expect(',')
	}
	return array
}

func (p *parser) string() string {
	p.expect('"')
	for end := p.at; end < len(p.text) && p.text[end] >= ' ' && p.text[end] != '\\'; end++ {
		if p.text[end] == '"' {
			s := string(p.text[p.at:end])
			p.at = end + 1
			return s
		}
	}
	p.failed = true
	return ""
}

// integer parses digits. It stops at a fraction or an exponent, and then the caller fails, since it
// expects a comma or a bracket.
func (p *parser) integer() json.Number {
	start := p.at
	for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
		p.at++
	}
	return json.Number(p.text[start:p.at])
}
