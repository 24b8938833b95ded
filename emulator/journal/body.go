package journal

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// MaximumBody is the size in bytes beyond which an entry does not have the body of a call, only its
// size.
const MaximumBody = 16 << 10

// A Body is the body of a request or an answer, unchanged. It is decoded only when it is read, because
// most never are.
type Body []byte

// MarshalJSON returns the body if it is JSON, otherwise its text as a string.
func (b Body) MarshalJSON() ([]byte, error) {
	if json.Valid(b) {
		return b, nil
	}
	return json.Marshal(string(b))
}

// UnmarshalJSON keeps the text of a JSON value.
func (b *Body) UnmarshalJSON(text []byte) error {
	*b = bytes.Clone(text)
	return nil
}

// decode returns the value of a body that is JSON, otherwise nil.
func (b Body) decode() (value any) {
	_ = json.Unmarshal(b, &value)
	return value
}

// contains reports whether a value is what was wanted. An object may have more members than that, also
// inside other objects. All other values must be equal.
func contains(value, wanted any) bool {
	if text, ok := wanted.(string); ok { // most are, and DeepEqual is slow
		return value == text
	}
	members, ok := wanted.(map[string]any)
	if !ok {
		return reflect.DeepEqual(value, wanted)
	}
	object, ok := value.(map[string]any)
	for name, member := range members {
		found, exists := object[name]
		if !exists || !contains(found, member) {
			return false
		}
	}
	return ok
}

// WithRequest returns the entry with the body of a request. If that is too long, the entry only has its
// size.
func (e Entry) WithRequest(body []byte) Entry {
	e.Request, e.RequestBytes = keep(body)
	return e
}

// WithResponse is like WithRequest for the body of an answer.
func (e Entry) WithResponse(body []byte) Entry {
	e.Response, e.ResponseBytes = keep(body)
	return e
}

// A chat token, which package crypto describes, also one of AWS, matches AQICAH[A-Za-z0-9_-]{30,}!*(#[0-9])?.
var (
	chatTokenStart = []byte("AQICAH")
	hidden         = []byte("***")
)

// minimumToken is how many characters of base64 follow chatTokenStart at least.
const minimumToken = 30

// keep returns a copy of a body or, if it is too long, its size. The copy has no chat tokens, wherever
// they are: in an answer, in what a fault answers, in the path of an unknown operation (decision D39).
func keep(body []byte) (kept Body, size int) {
	switch {
	case len(body) > MaximumBody:
		return nil, len(body)
	case bytes.Contains(body, chatTokenStart):
		return withoutTokens(body), 0
	default:
		return bytes.Clone(body), 0
	}
}

// withoutTokens returns a copy of a body with *** in place of each chat token.
func withoutTokens(body []byte) Body {
	var buffer [512]byte // enough for nearly every body that has a token, without it
	kept := buffer[:0]
	for {
		start := bytes.Index(body, chatTokenStart)
		if start < 0 {
			return bytes.Clone(append(kept, body...))
		}
		kept = append(kept, body[:start]...)
		body = body[start:]
		if n := chatTokenLength(body); n > 0 {
			kept = append(kept, hidden...)
			body = body[n:]
		} else {
			kept = append(kept, chatTokenStart...)
			body = body[len(chatTokenStart):]
		}
	}
}

// chatTokenLength returns the length of the chat token with which a text that has chatTokenStart begins, or 0
// if that is not one.
func chatTokenLength(text []byte) int {
	n := len(chatTokenStart)
	for n < len(text) && base64[text[n]] {
		n++
	}
	if n-len(chatTokenStart) < minimumToken {
		return 0
	}
	for n < len(text) && text[n] == '!' {
		n++
	}
	if n+1 < len(text) && text[n] == '#' && '0' <= text[n+1] && text[n+1] <= '9' {
		n += 2
	}
	return n
}

// base64 has the characters of URL-safe base64.
var base64 = func() (has [256]bool) {
	for _, b := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") {
		has[b] = true
	}
	return has
}()
