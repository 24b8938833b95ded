package snapshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// A node is a JSON value that knows the line it stands in.
type node struct {
	line    int
	object  map[string]*node // of an object
	names   []string         // of its members, in their order
	array   []*node
	isArray bool
	scalar  any // of anything else, as json.Decoder.UseNumber gives it
}

// A parser reads JSON into nodes.
type parser struct {
	text    []byte
	decoder *json.Decoder
	counted int // bytes of which the lines are counted
	line    int
}

// parse reads one JSON value and nothing more.
func parse(text []byte) (*node, error) {
	p := &parser{text: text, decoder: json.NewDecoder(bytes.NewReader(text)), line: 1}
	p.decoder.UseNumber()
	n, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := p.decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, p.wrong(errors.New("there is more after the JSON value"))
	}
	return n, nil
}

// here is the line of what was read last.
func (p *parser) here() int {
	end := int(p.decoder.InputOffset())
	p.line += bytes.Count(p.text[p.counted:end], []byte("\n"))
	p.counted = end
	return p.line
}

func (p *parser) wrong(err error) error {
	line := p.here()
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		line = 1 + bytes.Count(p.text[:min(int(syntax.Offset), len(p.text))], []byte("\n"))
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		line, err = 1+bytes.Count(p.text, []byte("\n")), errors.New("it ends too early")
	}
	return fmt.Errorf("line %d: it is no JSON: %w", line, err)
}

const deepest = 100

func (p *parser) value(depth int) (*node, error) {
	token, err := p.decoder.Token()
	if err != nil {
		return nil, p.wrong(err)
	}
	n := &node{line: p.here()}
	if depth > deepest {
		return nil, fmt.Errorf("line %d: it nests too deeply", n.line)
	}
	switch token {
	case json.Delim('{'):
		n.object = map[string]*node{}
		for p.decoder.More() {
			if err := p.member(n, depth); err != nil {
				return nil, err
			}
		}
	case json.Delim('['):
		n.isArray = true
		for p.decoder.More() {
			item, err := p.value(depth + 1)
			if err != nil {
				return nil, err
			}
			n.array = append(n.array, item)
		}
	default:
		n.scalar = token
		return n, nil
	}
	if _, err := p.decoder.Token(); err != nil { // the end of the object or array
		return nil, p.wrong(err)
	}
	return n, nil
}

func (p *parser) member(n *node, depth int) error {
	token, err := p.decoder.Token()
	if err != nil {
		return p.wrong(err)
	}
	name := token.(string) // the decoder takes nothing else there
	if _, twice := n.object[name]; twice {
		return fmt.Errorf("line %d: %s is there twice", p.here(), strconv.Quote(name))
	}
	line := p.here()
	value, err := p.value(depth + 1)
	if err != nil {
		return err
	}
	value.line = line
	n.object[name] = value
	n.names = append(n.names, name)
	return nil
}

// plain gives the value without its lines.
func (n *node) plain() any {
	switch {
	case n.object != nil:
		members := make(map[string]any, len(n.object))
		for name, value := range n.object {
			members[name] = value.plain()
		}
		return members
	case n.isArray:
		items := make([]any, len(n.array))
		for i, item := range n.array {
			items[i] = item.plain()
		}
		return items
	default:
		return n.scalar
	}
}

// String gives the value as JSON has it, for messages.
func (n *node) String() string {
	text, err := json.Marshal(n.plain())
	if err != nil {
		return "?" // what was parsed can be written
	}
	return string(text)
}
