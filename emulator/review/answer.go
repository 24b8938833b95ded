package review

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/ivschat-local/ivschat-local/emulator/plainjson"
)

// A Result is the decision of a handler.
type Result string

// The results (User Guide: Chat Message Review Handler).
const (
	Allow Result = "ALLOW"
	Deny  Result = "DENY"
)

// An Answer is what a handler returns (User Guide: Chat Message Review Handler). It is checked like the answer
// of a Lambda function.
type Answer struct {
	ReviewResult Result
	// Content replaces the content of the message. ALLOW needs it, DENY does not: 1 code point to the
	// maximumMessageLength of the room.
	Content string
	// Attributes replace those of the message. nil keeps them. With DENY, the member Reason gets into the
	// ERROR frame for the sender. Keys and values have at most 1,024 bytes of UTF-8 together.
	Attributes map[string]string
}

// reasonAttribute is the member of Attributes that says why a message was denied.
const reasonAttribute = "Reason"

// maximumAttributeBytes limits the Attributes of an answer, keys and values together, in bytes of UTF-8 (User
// Guide: Chat Message Review Handler).
const maximumAttributeBytes = 1024

// encode returns the answer in JSON.
func (a Answer) encode() []byte { return encode(a) }

// parseAnswer checks an answer for a room in which a message may have that many code points (decision D63).
// The error says what is wrong with it, and not what it contains.
func parseAnswer(text []byte, maximumLength int) (Answer, error) {
	var members map[string]json.RawMessage
	if plainjson.TooDeep(text) {
		return Answer{}, fmt.Errorf("the answer is nested more than %d levels deep", plainjson.MaximumDepth)
	}
	if err := json.Unmarshal(text, &members); err != nil || members == nil {
		return Answer{}, fmt.Errorf("the answer must be a JSON object, but is %s", describe(text))
	}
	var a Answer
	if text, ok := members["ReviewResult"]; !ok {
		return a, fmt.Errorf("the answer has no ReviewResult, which must be ALLOW or DENY%s", hint(members))
	} else if json.Unmarshal(text, &a.ReviewResult) != nil || a.ReviewResult != Allow && a.ReviewResult != Deny {
		return a, fmt.Errorf("the ReviewResult must be ALLOW or DENY, in capital letters")
	}
	// A null would leave an empty string in place of the value, so it is found by decoding to pointers.
	var attributes map[string]*string
	if text, ok := members["Attributes"]; ok && json.Unmarshal(text, &attributes) != nil {
		return a, fmt.Errorf("the Attributes must be an object of strings, or null")
	}
	size := 0
	if attributes != nil {
		a.Attributes = make(map[string]string, len(attributes))
	}
	for key, value := range attributes {
		if value == nil {
			return a, fmt.Errorf("the Attributes must be an object of strings, but a value is null")
		}
		a.Attributes[key] = *value
		size += len(key) + len(*value)
	}
	if size > maximumAttributeBytes {
		return a, fmt.Errorf("the Attributes can have at most %d bytes, keys and values together, but have %d",
			maximumAttributeBytes, size)
	}
	if a.ReviewResult == Deny {
		return a, nil
	}
	var content *string
	if text, ok := members["Content"]; !ok {
		return a, fmt.Errorf("the answer has no Content, which ALLOW needs")
	} else if json.Unmarshal(text, &content) != nil || content == nil {
		return a, fmt.Errorf("the Content must be a string")
	}
	a.Content = *content
	if n := utf8.RuneCountInString(a.Content); n < 1 || n > maximumLength {
		return a, fmt.Errorf("the Content must have 1 to %d code points, but has %d", maximumLength, n)
	}
	return a, nil
}

// hint says what is probably wrong with an answer that has no ReviewResult.
func hint(members map[string]json.RawMessage) string {
	for name := range members {
		if strings.EqualFold(name, "ReviewResult") {
			return ": names are case-sensitive"
		}
	}
	if members["statusCode"] != nil {
		return ": return it at the top level, and not in the body of a response for API Gateway"
	}
	return ""
}

// describe says what a text is that is not a JSON object.
func describe(text []byte) string {
	text = bytes.TrimSpace(text)
	switch {
	case len(text) == 0:
		return "empty"
	case !json.Valid(text):
		return "not JSON"
	case text[0] == '[':
		return "an array"
	case text[0] == '"':
		return "a string"
	case text[0] == 'n':
		return "null"
	case text[0] == 't' || text[0] == 'f':
		return "a boolean"
	default:
		return "a number"
	}
}
