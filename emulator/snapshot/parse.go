package snapshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// node parses the value.
func (text piece) node() (*node, error) {
	p := &parser{piece: text, decoder: json.NewDecoder(bytes.NewReader(text.text)), current: text.line}
	p.decoder.UseNumber()
	n, err := p.value()
	if err != nil {
		return nil, err
	}
	if _, err := p.decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, p.invalid(err)
	}
	return n, nil
}

// A parser parses JSON into nodes. The text is not nested deeper than maxDepth.
type parser struct {
	piece
	decoder *json.Decoder
	counted int // offset up to which line breaks were counted
	current int // line of that offset
}

// currentLine returns the line of the last token.
func (p *parser) currentLine() int {
	end := int(p.decoder.InputOffset())
	p.current += bytes.Count(p.text[p.counted:end], []byte("\n"))
	p.counted = end
	return p.current
}

// invalid returns an error with the line of the mistake.
func (p *parser) invalid(err error) error {
	line := p.currentLine()
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		line = p.line + bytes.Count(p.text[:min(int(syntax.Offset), len(p.text))], []byte("\n"))
	}
	return invalidJSON(line, err)
}

func (p *parser) value() (*node, error) {
	token, err := p.decoder.Token()
	if err != nil {
		return nil, p.invalid(err)
	}
	n := &node{line: p.currentLine()}
	switch token {
	case json.Delim('{'):
		n.object = map[string]*node{}
		for p.decoder.More() {
			if err := p.member(n); err != nil {
				return nil, err
			}
		}
	case json.Delim('['):
		n.isArray = true
		for p.decoder.More() {
			item, err := p.value()
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
func (p *parser) member(n *node) error {
	token, err := p.decoder.Token()
	if err != nil {
		return p.invalid(err)
	}
	name := token.(string) // the decoder accepts nothing else here
	line := p.currentLine()
	if _, ok := n.object[name]; ok {
		return duplicate(line, name)
	}
	value, err := p.value()
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
