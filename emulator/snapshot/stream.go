package snapshot

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/ivschat-local/ivschat-local/emulator/plainjson"
)

// maxValue is the maximum length of a resource in a JSON document, in bytes: that of the body of the
// request that creates one (decision D3).
const maxValue = 1 << 20

// A stream parses a JSON document while it reads it. The members of the document, and the resources in its
// lists, are values that are parsed one at a time, so never more than one of them is in memory.
type stream struct {
	in      *bufio.Reader
	line    int               // of the next byte
	inValue bool              // whether text is that of the current value
	text    []byte            // of the value
	scalar  []byte            // of the last string, number or other scalar
	names   map[string]string // names of members, so that each is in memory once

	// What the first nodes of a value are made of. Most resources have no more. The next value uses them again.
	nodes   [32]node
	used    int              // of nodes
	members map[string]*node // of the first node, if it is an object
}

// readBuffer is large, because snapshots are.
const readBuffer = 1 << 16

func newStream(in io.Reader) *stream {
	return &stream{in: bufio.NewReaderSize(in, readBuffer), line: 1, names: map[string]string{}}
}

// next returns the next byte. At the end, the error is that the document ends too early.
func (s *stream) next() (byte, error) {
	c, err := s.in.ReadByte()
	switch {
	case errors.Is(err, io.EOF):
		return c, invalidJSON(s.line, errors.New("it ends too early"))
	case err != nil:
		return c, fmt.Errorf("line %d: the document cannot be read: %w", s.line, err)
	case c == '\n':
		s.line++
	}
	if s.inValue {
		if len(s.text) == maxValue {
			return c, s.tooLong()
		}
		s.text = append(s.text, c)
	}
	return c, nil
}

func (s *stream) tooLong() error {
	return fmt.Errorf("line %d: a resource, or another value, has more than %d bytes of JSON, "+
		"which is the maximum", s.line, maxValue)
}

// back undoes a call of token.
func (s *stream) back() {
	_ = s.in.UnreadByte() // succeeds after ReadByte
	if s.inValue {
		s.text = s.text[:len(s.text)-1]
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
		s.back()
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
	return s.list('}', "after object key:value pair", func(int) error {
		if c, err := s.peek(); err != nil || c != '"' {
			return cmp.Or(err, s.unexpected(c, "looking for beginning of object key string"))
		}
		line := s.line
		name, err := s.name()
		if err != nil {
			return err
		}
		if c, err := s.token(); err != nil || c != ':' {
			return cmp.Or(err, s.unexpected(c, "after object key"))
		}
		return member(name, line)
	})
}

// array reads an array and calls item for each of its items, with its index. item reads the value.
func (s *stream) array(item func(i int) error) error {
	return s.list(']', "after array element", item)
}

// list reads an object or an array, at whose first byte the caller has looked.
func (s *stream) list(end byte, place string, item func(i int) error) error {
	_, _ = s.token()
	if c, err := s.token(); err != nil || c == end {
		return err
	} else {
		s.back()
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

// value parses a value that is in so many arrays and objects. Its nodes are valid until the next call.
func (s *stream) value(depth int) (*node, error) {
	_, _ = s.peek() // white space before the value is not part of it; node returns the error
	s.text, s.inValue, s.used = s.text[:0], true, 0
	defer func() { s.inValue = false }()
	return s.node(depth)
}

// resourceMembers is more than most resources have.
const resourceMembers = 12

func (s *stream) node(depth int) (*node, error) {
	c, _ := s.peek() // literal returns the error
	if (c == '{' || c == '[') && depth == plainjson.MaximumDepth {
		return nil, tooDeep(s.line)
	}
	n := s.newNode()
	var err error
	switch c {
	case '{':
		if n == &s.nodes[0] {
			n.object, n.names = s.firstMembers(), make([]string, 0, resourceMembers)
		} else {
			n.object = map[string]*node{}
		}
		err = s.object(func(name string, line int) error { return s.member(n, depth, name, line) })
	case '[':
		n.isArray = true
		err = s.array(func(int) error {
			item, err := s.node(depth + 1)
			n.array = append(n.array, item)
			return err
		})
	case '"':
		n.scalar, err = s.string()
	default:
		n.scalar, err = s.literal()
	}
	return n, err
}

func (s *stream) newNode() *node {
	if s.used == len(s.nodes) {
		return &node{line: s.line}
	}
	n := &s.nodes[s.used]
	s.used++
	*n = node{line: s.line}
	return n
}

// firstMembers returns an empty map for the members of the first node of a value.
func (s *stream) firstMembers() map[string]*node {
	if s.members == nil || len(s.members) > resourceMembers { // so that clear never takes long
		s.members = make(map[string]*node, resourceMembers)
	}
	clear(s.members)
	return s.members
}

// member parses a member of the object n.
func (s *stream) member(n *node, depth int, name string, line int) error {
	if n.object[name] != nil {
		return duplicate(line, name)
	}
	value, err := s.node(depth + 1)
	if err != nil {
		return err
	}
	value.line = line
	n.object[name] = value
	n.names = append(n.names, name)
	return nil
}

func tooDeep(line int) error {
	return fmt.Errorf("line %d: the document must be nested at most %d levels deep", line, plainjson.MaximumDepth)
}

func duplicate(line int, name string) error {
	return fmt.Errorf("line %d: %q is a duplicate: the object already has this member; remove one", line, name)
}

// string parses a string.
func (s *stream) string() (string, error) {
	line := s.line
	plain, err := s.quoted()
	switch {
	case err != nil:
		return "", err
	case plain:
		return string(s.scalar[1 : len(s.scalar)-1]), nil
	}
	return s.unescape(line)
}

// unescape returns the string that was read, which began on this line.
func (s *stream) unescape(line int) (text string, err error) {
	if err := json.Unmarshal(s.scalar, &text); err != nil {
		return "", invalidJSON(line, err)
	}
	return text, nil
}

// maxNames is how many names are kept. Resources have fewer.
const maxNames = 64

// name parses the name of a member.
func (s *stream) name() (string, error) {
	line := s.line
	plain, err := s.quoted()
	switch {
	case err != nil:
		return "", err
	case !plain:
		return s.unescape(line)
	}
	text := s.scalar[1 : len(s.scalar)-1]
	name, known := s.names[string(text)]
	if !known {
		name = string(text)
		if len(s.names) < maxNames {
			s.names[name] = name
		}
	}
	return name, nil
}

// quoted reads a string with its quotes, and reports whether it has no escapes and is valid.
func (s *stream) quoted() (plain bool, err error) {
	s.scalar, plain = s.scalar[:0], true
	for escaped := true; ; { // the first quote does not end the string
		c, err := s.next()
		if err != nil {
			return false, err
		}
		if len(s.scalar) == maxValue {
			return false, s.tooLong()
		}
		s.scalar = append(s.scalar, c)
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped, plain = true, false
		case c == '"':
			return plain && utf8.Valid(s.scalar), nil
		case c < ' ':
			plain = false // which encoding/json refuses
		}
		if !escaped {
			s.ordinary()
		}
	}
}

// ordinary reads those characters of a string that have no meaning, as many as are there.
func (s *stream) ordinary() {
	there, _ := s.in.Peek(s.in.Buffered())
	n := 0
	for n < len(there) && there[n] >= ' ' && there[n] != '"' && there[n] != '\\' {
		n++
	}
	if len(s.scalar)+n > maxValue || s.inValue && len(s.text)+n > maxValue {
		return // next finds that it is too long
	}
	s.scalar = append(s.scalar, there[:n]...)
	if s.inValue {
		s.text = append(s.text, there[:n]...)
	}
	_, _ = s.in.Discard(n) // what is there
}

// literal parses a number, true, false or null.
func (s *stream) literal() (any, error) {
	s.scalar = s.scalar[:0]
	for {
		c, err := s.in.ReadByte()
		if err == nil {
			_ = s.in.UnreadByte() // succeeds after ReadByte
		}
		if err != nil || strings.IndexByte(" \t\r\n,:[]{}\"", c) >= 0 {
			break // next says what the error is, if the value must be followed by something
		}
		if _, err := s.next(); err != nil {
			return nil, err
		}
		s.scalar = append(s.scalar, c)
	}
	switch string(s.scalar) {
	case "":
		c, err := s.next()
		return nil, cmp.Or(err, s.unexpected(c, "looking for beginning of value"))
	case "null":
		return nil, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	var number json.Number
	if err := json.Unmarshal(s.scalar, &number); err != nil {
		return nil, invalidJSON(s.line, err)
	}
	return number, nil
}
