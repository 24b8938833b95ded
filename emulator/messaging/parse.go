package messaging

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/plainjson"
)

// The limits of what a client sends, in code points. The Messaging API does not document them. Those of
// Reason and UserId are the limits of the same members elsewhere in the service (decision D24). That of
// RequestId is decision D57.
const (
	maximumReasonLength    = 256
	maximumUserIDLength    = ivschat.MaximumUserIDLength
	maximumRequestIDLength = 128
)

// Parse parses a text frame of a client. If it fails, the request still has the Action and the
// RequestId, as far as they could be read and are not too long. Parse does not limit Content, whose
// limit depends on the room, and Attributes, whose limit is a setting. The request may share memory with
// a copy of the frame.
func Parse(frame []byte) (Request, *Error) {
	if !utf8.Valid(frame) {
		return Request{}, malformed("the frame must be text in UTF-8, but is not valid UTF-8")
	}
	if plain, ok := parsePlain(string(frame)); ok {
		return (&parser{plain: plain}).request()
	}
	return parseAny(frame)
}

// parseAny parses a frame in valid UTF-8.
func parseAny(frame []byte) (Request, *Error) {
	if plainjson.TooDeep(frame) {
		return Request{}, malformed(fmt.Sprintf(
			"the frame must be nested at most %d levels deep", plainjson.MaximumDepth))
	}
	var value any
	if err := json.Unmarshal(frame, &value); err != nil {
		return Request{}, malformed("the frame must be a JSON object, but is not valid JSON")
	}
	object, ok := value.(map[string]any)
	if !ok {
		return Request{}, malformed("the frame must be a JSON object, but is another JSON value")
	}
	return (&parser{members: withLowerCaseNames(object)}).request()
}

// withLowerCaseNames returns the members under lower-case names, because the service accepts names
// in any letter case. Of names that differ only in letter case, the last in byte order wins
// (decision D24).
func withLowerCaseNames(object map[string]any) map[string]any {
	members := make(map[string]any, len(object))
	for _, name := range slices.Sorted(maps.Keys(object)) {
		members[strings.ToLower(name)] = object[name]
	}
	return members
}

// A parser reads members and keeps the first error.
type parser struct {
	plain   plainFrame
	members map[string]any // by lower-case name; nil if the frame is plain
	err     *Error
}

// request returns the request that the members make.
func (p *parser) request() (Request, *Error) {
	request := Request{RequestID: p.requestID()}
	request.Action = ivschat.Action(p.requiredString("Action"))
	switch request.Action {
	case ivschat.ActionSendMessage:
		request.Content = p.requiredString("Content")
		request.Attributes = p.attributes()
	case ivschat.ActionDeleteMessage:
		request.ID = p.messageID()
		request.Reason = p.reason()
	case ivschat.ActionDisconnectUser:
		request.UserID = p.userID()
		request.Reason = p.reason()
	default:
		p.fail(malformed(fmt.Sprintf(
			"Action must be SEND_MESSAGE, DELETE_MESSAGE or DISCONNECT_USER, but is %.40q", request.Action)))
	}
	return request, p.err
}

func (p *parser) fail(err *Error) {
	if p.err == nil {
		p.err = err
	}
}

// optionalString returns the member, or "" if it is missing or null.
func (p *parser) optionalString(name string) string {
	if p.members == nil {
		return p.plain.text(name)
	}
	value := p.members[strings.ToLower(name)]
	text, ok := value.(string)
	if !ok && value != nil {
		p.fail(malformed(name + " must be a string"))
	}
	return text
}

// requiredString returns the member, which must not be empty.
func (p *parser) requiredString(name string) string {
	text := p.optionalString(name)
	if text == "" {
		p.fail(malformed(name + " is required"))
	}
	return text
}

// requestID returns the RequestId, or "" if it is too long: part of it could be the RequestId of another
// request (decision D57).
func (p *parser) requestID() string {
	id := p.optionalString("RequestId")
	if utf8.RuneCountInString(id) > maximumRequestIDLength {
		p.fail(malformed(fmt.Sprintf("RequestId must have at most %d characters", maximumRequestIDLength)))
		return ""
	}
	return id
}

func (p *parser) messageID() string {
	id := p.requiredString("Id")
	if !ivschat.IsID(id) {
		p.fail(malformed("Id must be the ID of a message: 12 letters and digits"))
	}
	return id
}

func (p *parser) userID() string {
	return p.limit(p.requiredString("UserId"), "UserId", maximumUserIDLength)
}

func (p *parser) reason() string {
	return p.limit(p.optionalString("Reason"), "Reason", maximumReasonLength)
}

// limit fails if a member has more code points than the maximum, and returns the member.
func (p *parser) limit(text, name string, maximum int) string {
	if utf8.RuneCountInString(text) > maximum {
		p.fail(tooLarge(name, maximum, "characters"))
	}
	return text
}

// attributes returns the Attributes of a message, or nil if they are missing or null.
func (p *parser) attributes() map[string]string {
	if p.members == nil {
		return p.plain.attributes
	}
	value := p.members["attributes"]
	if value == nil {
		return nil
	}
	object, ok := value.(map[string]any)
	if !ok {
		p.fail(malformed("Attributes must be an object"))
		return nil
	}
	attributes := make(map[string]string, len(object))
	for key, value := range object {
		text, ok := value.(string)
		switch {
		case value == nil: // decision D19
			p.fail(malformed("the values of Attributes must be strings, but one is null: " +
				"leave out keys without a value"))
		case !ok:
			p.fail(malformed("the values of Attributes must be strings"))
		}
		attributes[key] = text
	}
	return attributes
}

func malformed(why string) *Error { return &Error{ivschat.ErrorCodeBadRequest, why} }

// CheckAttributes returns an error if the Attributes of a message have more bytes of UTF-8 than the
// maximum, keys and values together.
func CheckAttributes(attributes map[string]string, maximum int) *Error {
	bytes := 0
	for key, value := range attributes {
		bytes += len(key) + len(value)
	}
	if bytes > maximum {
		return tooLarge("Attributes", maximum, "bytes")
	}
	return nil
}

func tooLarge(member string, maximum int, unit string) *Error {
	return &Error{
		ivschat.ErrorCodeTooLarge,
		fmt.Sprintf("%s must have at most %d %s", member, maximum, unit),
	}
}
