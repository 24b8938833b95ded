// Package plainjson parses the JSON that nearly every request consists of, several times faster than
// encoding/json.
//
// Its law: Parse either returns what encoding/json would (with json.Decoder.UseNumber), or it does
// not accept the text. So its caller can fall back to encoding/json for the rest, valid or not.
package plainjson

import "encoding/json"

// Parse parses a JSON text in valid UTF-8 that has no escapes, no null, no booleans, and no numbers
// but positive integers. It reports false for every other text.
func Parse(text []byte) (value any, ok bool) {
	p := parser{text: text}
	value = p.value(0)
	p.skipSpace()
	return value, !p.failed && p.at == len(text)
}

// A parser parses from a position on, until it finds something that it does not support.
type parser struct {
	text   []byte
	at     int
	failed bool
}

// maximumDepth is how deep values may be nested. The inputs of operations need less.
const maximumDepth = 8

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

// take moves past the byte if it is next.
func (p *parser) take(b byte) bool {
	if p.next() != b {
		return false
	}
	p.at++
	return true
}

func (p *parser) expect(b byte) {
	if !p.take(b) {
		p.failed = true
	}
}

func (p *parser) value(depth int) any {
	switch next := p.next(); {
	case depth == maximumDepth:
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
	if p.take('}') {
		return object
	}
	for !p.failed {
		name := p.string()
		p.expect(':')
		object[name] = p.value(depth + 1)
		if p.take('}') {
			break
		}
		p.expect(',')
	}
	return object
}

func (p *parser) array(depth int) []any {
	p.expect('[')
	array := []any{}
	if p.take(']') {
		return array
	}
	for !p.failed {
		array = append(array, p.value(depth+1))
		if p.take(']') {
			break
		}
		p.expect(',')
	}
	return array
}

func (p *parser) string() string {
	p.expect('"')
	for end := p.at; end < len(p.text); end++ {
		switch b := p.text[end]; {
		case b == '"':
			s := string(p.text[p.at:end])
			p.at = end + 1
			return s
		case b == '\\', b < ' ':
			p.failed = true
			return ""
		}
	}
	p.failed = true
	return ""
}

// integer stops at a fraction or an exponent, which then is not the comma or bracket that must
// follow.
func (p *parser) integer() json.Number {
	begin := p.at
	for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
		p.at++
	}
	return json.Number(p.text[begin:p.at])
}
