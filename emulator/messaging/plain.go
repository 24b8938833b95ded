package messaging

import "strings"

// maximumPlainMembers is how many members a plain frame may have. Requests have at most five.
const maximumPlainMembers = 8

// A plainFrame has the members of a plain frame, which is a JSON object as nearly all clients write it: the
// names are ASCII and differ in more than their letter case, and the values are strings, except for
// Attributes, which is an object of strings. There are no escapes. Reading it takes a small part of the
// time that encoding/json takes.
type plainFrame struct {
	members    [maximumPlainMembers]plainMember
	count      int
	attributes map[string]string // nil if there are none
}

type plainMember struct{ name, text string }

// parsePlain parses a frame in valid UTF-8 if it is plain. Every other frame, valid or not, it refuses.
func parsePlain(frame string) (p plainFrame, ok bool) {
	s := scanner{text: frame}
	if !s.accept('{') || s.accept('}') {
		return p, false
	}
	for {
		name, ok := s.string()
		if !ok || !s.accept(':') || p.has(name) || !isASCII(name) || p.count == maximumPlainMembers {
			return p, false
		}
		member := plainMember{name: name}
		if strings.EqualFold(name, "Attributes") {
			p.attributes, ok = s.strings()
		} else {
			member.text, ok = s.string()
		}
		if !ok {
			return p, false
		}
		p.members[p.count] = member
		p.count++
		if s.accept('}') {
			return p, s.next() == 0 && s.at == len(frame)
		}
		if !s.accept(',') {
			return p, false
		}
	}
}

// has reports whether there is a member with this name, in any letter case.
func (p *plainFrame) has(name string) bool {
	for i := range p.members[:p.count] {
		if strings.EqualFold(p.members[i].name, name) {
			return true
		}
	}
	return false
}

// text returns the member with this name, in any letter case, or "" if there is none.
func (p *plainFrame) text(name string) string {
	for i := range p.members[:p.count] {
		if strings.EqualFold(p.members[i].name, name) {
			return p.members[i].text
		}
	}
	return ""
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// A scanner reads a plain JSON text.
type scanner struct {
	text string
	at   int // offset of the next byte
}

// next skips white space and returns the next byte, or 0 at the end.
func (s *scanner) next() byte {
	for ; s.at < len(s.text); s.at++ {
		switch b := s.text[s.at]; b {
		case ' ', '\n', '\t', '\r':
		default:
			return b
		}
	}
	return 0
}

// accept skips white space, and then b if it is the next byte. It reports whether it is.
func (s *scanner) accept(b byte) bool {
	if s.next() != b {
		return false
	}
	s.at++
	return true
}

// string returns a string without escapes, or false if there is something else.
func (s *scanner) string() (text string, ok bool) {
	if !s.accept('"') {
		return "", false
	}
	for end := s.at; end < len(s.text); end++ {
		switch b := s.text[end]; {
		case b == '"':
			text, s.at = s.text[s.at:end], end+1
			return text, true
		case b == '\\', b < ' ':
			return "", false
		}
	}
	return "", false
}

// strings returns an object of such strings, or false if there is something else.
func (s *scanner) strings() (object map[string]string, ok bool) {
	if !s.accept('{') {
		return nil, false
	}
	object = map[string]string{}
	if s.accept('}') {
		return object, true
	}
	for {
		name, ok := s.string()
		if !ok || !s.accept(':') {
			return nil, false
		}
		if object[name], ok = s.string(); !ok {
			return nil, false
		}
		if s.accept('}') {
			return object, true
		}
		if !s.accept(',') {
			return nil, false
		}
	}
}
