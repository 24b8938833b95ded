package control

import "encoding/json"

// parsePlain reads what nearly every request is made of: JSON without escapes,
// fractions, exponents and blanks in odd places. It gives what encoding/json
// would, in a fraction of the time, or ok false for everything else, right or
// wrong: encoding/json then has the last word.
func parsePlain(text []byte) (value any, ok bool) {
	p := plain{text: text}
	value = p.value(0)
	p.blank()
	return value, !p.odd && p.at == len(text)
}

// A plain reads JSON from where it is at, until it meets something odd.
type plain struct {
	text []byte
	at   int
	odd  bool
}

// deepest is how deeply an operation's input can be nested, and some more.
const deepest = 8

// next passes blanks and gives the byte behind them, 0 at the end.
func (p *plain) next() byte {
	p.blank()
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

func (p *plain) blank() {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\n' || p.text[p.at] == '\t' || p.text[p.at] == '\r') {
		p.at++
	}
}

// take passes the byte if it is next.
func (p *plain) take(b byte) bool {
	if p.next() != b {
		return false
	}
	p.at++
	return true
}

func (p *plain) expect(b byte) {
	if !p.take(b) {
		p.odd = true
	}
}

func (p *plain) value(depth int) any {
	switch next := p.next(); {
	case depth == deepest:
	case next == '"':
		return p.string()
	case next == '{':
		return p.object(depth)
	case next == '[':
		return p.array(depth)
	case '1' <= next && next <= '9':
		return p.integer()
	}
	p.odd = true
	return nil
}

func (p *plain) object(depth int) map[string]any {
	p.expect('{')
	object := map[string]any{}
	if p.take('}') {
		return object
	}
	for !p.odd {
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

func (p *plain) array(depth int) []any {
	p.expect('[')
	array := []any{}
	if p.take(']') {
		return array
	}
	for !p.odd {
		array = append(array, p.value(depth+1))
		if p.take(']') {
			break
		}
		p.expect(',')
	}
	return array
}

// string reads a string without escapes.
func (p *plain) string() string {
	p.expect('"')
	for end := p.at; end < len(p.text); end++ {
		switch b := p.text[end]; {
		case b == '"':
			s := string(p.text[p.at:end])
			p.at = end + 1
			return s
		case b == '\\', b < ' ':
			p.odd = true
			return ""
		}
	}
	p.odd = true
	return ""
}

func (p *plain) integer() json.Number {
	begin := p.at
	for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
		p.at++
	}
	return json.Number(p.text[begin:p.at]) // a fraction or an exponent is no comma, and so odd
}
