package snapshot

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxValue is the maximum length of a resource in a JSON document, in bytes: that of the body of the
// request that creates one (decision D3). maxDepth limits how deep values may be nested. A document
// needs much less of both.
const (
	maxValue = 1 << 20
	maxDepth = 100
)

// A stream reads a JSON document and divides it into the members of the document and the resources in
// its lists, so that never more than one of them is in memory as text or as nodes. What it returns is a
// complete value, but it need not be valid JSON.
type stream struct {
	in   *bufio.Reader
	line int // of the next byte
	text []byte
}

func newStream(in io.Reader) *stream { return &stream{in: bufio.NewReaderSize(in, 1<<16), line: 1} }

// A piece is the text of a value and the line on which it begins.
type piece struct {
	text []byte
	line int
}

// next returns the next byte. At the end, the error is that the document ends too early.
func (s *stream) next() (byte, error) {
	c, err := s.in.ReadByte()
	switch {
	case errors.Is(err, io.EOF):
		return 0, invalidJSON(s.line, errors.New("it ends too early"))
	case err != nil:
		return 0, fmt.Errorf("line %d: the document cannot be read: %w", s.line, err)
	case c == '\n':
		s.line++
	}
	return c, nil
}

// back undoes a call of next that returned c.
func (s *stream) back(c byte) {
	_ = s.in.UnreadByte() // succeeds after ReadByte
	if c == '\n' {
		s.line--
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// token returns the next byte that is not white space.
func (s *stream) token() (byte, error) {
	for {
		if c, err := s.next(); err != nil || !isSpace(c) {
			return c, err
		}
	}
}

// peek is like token, but the byte is returned again.
func (s *stream) peek() (byte, error) {
	c, err := s.token()
	if err == nil {
		s.back(c)
	}
	return c, err
}

// unexpected says that a byte cannot be at this place, in the words of encoding/json.
func (s *stream) unexpected(c byte, place string) error {
	return invalidJSON(s.line, fmt.Errorf("invalid character %q %s", c, place))
}

// invalidJSON returns an error about the syntax.
func invalidJSON(line int, err error) error {
	return fmt.Errorf("line %d: the document is not valid JSON: %w", line, err)
}

// object reads an object and calls member for each of its names, with the line of the name. member reads
// the value.
func (s *stream) object(member func(name string, line int) error) error {
	return s.list('{', '}', "after object key:value pair", func(int) error {
		c, err := s.peek()
		if err != nil {
			return err
		}
		if c != '"' {
			return s.unexpected(c, "looking for beginning of object key string")
		}
		key, err := s.value(1)
		if err != nil {
			return err
		}
		var name string
		if err := json.Unmarshal(key.text, &name); err != nil {
			return invalidJSON(key.line, err)
		}
		if c, err := s.token(); err != nil {
			return err
		} else if c != ':' {
			return s.unexpected(c, "after object key")
		}
		return member(name, key.line)
	})
}

// array reads an array and calls item for each of its items, with its index. item reads the value.
func (s *stream) array(item func(i int) error) error {
	return s.list('[', ']', "after array element", item)
}

// list reads an object or an array.
func (s *stream) list(begin, end byte, place string, item func(i int) error) error {
	if c, err := s.token(); err != nil {
		return err
	} else if c != begin {
		return s.unexpected(c, "looking for beginning of value")
	}
	if c, err := s.token(); err != nil || c == end {
		return err
	} else {
		s.back(c)
	}
	for i := 0; ; i++ {
		if err := item(i); err != nil {
			return err
		}
		if c, err := s.token(); err != nil || c == end {
			return err
		} else if c != ',' {
			return s.unexpected(c, place)
		}
	}
}

// end checks that nothing follows but white space.
func (s *stream) end() error {
	for {
		c, err := s.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("line %d: the document cannot be read: %w", s.line, err)
		case c == '\n':
			s.line++
		case !isSpace(c):
			return invalidJSON(s.line, errors.New("there is more text after the JSON value"))
		}
	}
}

// value reads a value that is in so many arrays and objects. Its text is valid until the next call.
func (s *stream) value(depth int) (piece, error) {
	c, err := s.peek()
	if err != nil {
		return piece{}, err
	}
	p := piece{line: s.line}
	s.text = s.text[:0]
	switch c {
	case '{', '[':
		err = s.readNested(depth)
	case '"':
		err = s.readString()
	case ',', ':', ']', '}':
		err = s.unexpected(c, "looking for beginning of value")
	default:
		err = s.readScalar()
	}
	p.text = s.text
	return p, err
}

// read adds the next byte to the text.
func (s *stream) read() (byte, error) {
	c, err := s.next()
	if err != nil {
		return c, err
	}
	if len(s.text) == maxValue {
		return c, fmt.Errorf("line %d: a resource, or another value, has more than %d bytes of JSON, which is the "+
			"maximum", s.line, maxValue)
	}
	s.text = append(s.text, c)
	return c, nil
}

// readNested reads an object or an array, up to the byte that ends it.
func (s *stream) readNested(depth int) error {
	for open := 0; ; {
		c, err := s.next()
		if err != nil {
			return err
		}
		s.back(c)
		if c == '"' {
			if err := s.readString(); err != nil {
				return err
			}
			continue
		}
		if _, err := s.read(); err != nil {
			return err
		}
		switch c {
		case '{', '[':
			if open++; depth+open > maxDepth {
				return fmt.Errorf("line %d: the document must be nested at most %d levels deep", s.line, maxDepth)
			}
		case '}', ']':
			if open--; open == 0 {
				return nil
			}
		}
	}
}

func (s *stream) readString() error {
	_, err := s.read() // the quote
	for escaped := false; err == nil; {
		var c byte
		c, err = s.read()
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case c == '"':
			return err
		}
	}
	return err
}

// readScalar reads up to the next byte that cannot be in a number, true, false or null.
func (s *stream) readScalar() error {
	for {
		c, err := s.in.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("line %d: the document cannot be read: %w", s.line, err)
		}
		_ = s.in.UnreadByte() // succeeds after ReadByte
		switch c {
		case ' ', '\t', '\r', '\n', ',', ':', '[', ']', '{', '}', '"':
			return nil
		}
		if _, err := s.read(); err != nil {
			return err
		}
	}
}
