package snapshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// parseJSON parses one JSON value, with nothing after it.
func parseJSON(text []byte) (*node, error) {
	p := &parser{text: text, decoder: json.NewDecoder(bytes.NewReader(text)), line: 1}
	p.decoder.UseNumber()
	n, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := p.decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, p.invalid(errors.New("there is more text after the JSON value"))
	}
	return n, nil
}

// A parser parses JSON into nodes.
type parser struct {
	text    []byte
	decoder *json.Decoder
	counted int // offset up to which line breaks were counted
	line    int // line of that offset
}

// currentLine returns the line of the last token.
func (p *parser) currentLine() int {
	end := int(p.decoder.InputOffset())
	p.line += bytes.Count(p.text[p.counted:end], []byte("\n"))
	p.counted = end
	return p.line
}

// invalid returns an error with the line of the mistake.
func (p *parser) invalid(err error) error {
	line := p.currentLine()
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		line = 1 + bytes.Count(p.text[:min(int(syntax.Offset), len(p.text))], []byte("\n"))
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		line, err = 1+bytes.Count(p.text, []byte("\n")), errors.New("it ends too early")
	}
	return fmt.Errorf("line %d: the document is not valid JSON: %w", line, err)
}

// maxDepth limits how deep values may be nested. A document needs much less.
const maxDepth = 100

func (p *parser) value(depth int) (*node, error) {
	token, err := p.decoder.Token()
	if err != nil {
		return nil, p.invalid(err)
	}
	n := &node{line: p.currentLine()}
	if depth > maxDepth {
		return nil, fmt.Errorf("line %d: the document must be nested at most %d levels deep", n.line, maxDepth)
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
		return nil, p.invalid(err)
	}
	return n, nil
}

// member parses a member of the object n.
func (p *parser) member(n *node, depth int) error {
	token, err := p.decoder.Token()
	if err != nil {
		return p.invalid(err)
	}
	name := token.(string) // the decoder accepts nothing else here
	line := p.currentLine()
	if _, ok := n.object[name]; ok {
		return duplicate(line, name)
	}
	value, err := p.value(depth + 1)
	if err != nil {
		return err
	}
	value.line = line
	n.object[name] = value
	n.names = append(n.names, name)
	return nil
}

func duplicate(line int, name string) error {
	return fmt.Errorf("line %d: %s is a duplicate: the object already has this member; remove one",
		line, strconv.Quote(name))
}
