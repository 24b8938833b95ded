package messaging

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Limits on what a client sends. None is documented for the WebSocket
// (decision D24): they are those of the same members elsewhere in the service.
const (
	maximumAttributeBytes = 1024 // keys and values together
	maximumReasonLength   = 256  // code points
	maximumUserIDLength   = 128  // code points
)

// Parse reads a text frame. Even when it fails the action bears the RequestId,
// if there was one to be read. How long Content may be is up to the room.
func Parse(frame []byte) (Action, *Error) {
	if !utf8.Valid(frame) {
		return Action{}, malformed("the frame is not UTF-8")
	}
	var value any
	if err := json.Unmarshal(frame, &value); err != nil {
		return Action{}, malformed("the frame is not JSON")
	}
	object, ok := value.(map[string]any)
	if !ok {
		return Action{}, malformed("the frame is no JSON object")
	}
	p := parser{members: fold(object)}
	action := Action{RequestID: p.text("RequestId", optional)}
	action.Name = ivschat.Action(p.text("Action", required))
	switch action.Name {
	case ivschat.ActionSendMessage:
		action.Content = p.text("Content", required)
		action.Attributes = p.attributes()
	case ivschat.ActionDeleteMessage:
		action.ID = p.text("Id", required)
		p.check(ivschat.IsID(action.ID), malformed("Id must be the Id of a message"))
		action.Reason = p.reason()
	case ivschat.ActionDisconnectUser:
		action.UserID = p.text("UserId", required)
		p.check(utf8.RuneCountInString(action.UserID) <= maximumUserIDLength, tooLarge("UserId", maximumUserIDLength, "characters"))
		action.Reason = p.reason()
	default:
		p.check(false, malformed("Action must be SEND_MESSAGE, DELETE_MESSAGE or DISCONNECT_USER"))
	}
	return action, p.wrong
}

// fold gives the members under lower-case names: the service takes any letter
// case. Of two that differ in nothing else the last in byte order counts
// (decision D24).
func fold(object map[string]any) map[string]any {
	folded := make(map[string]any, len(object))
	for _, name := range slices.Sorted(maps.Keys(object)) {
		folded[strings.ToLower(name)] = object[name]
	}
	return folded
}

const (
	required = true
	optional = false
)

// A parser takes members and remembers the first thing that was wrong.
type parser struct {
	members map[string]any
	wrong   *Error
}

func (p *parser) check(ok bool, otherwise *Error) {
	if !ok && p.wrong == nil {
		p.wrong = otherwise
	}
}

// text gives a string. A null is as good as nothing, and a required one must
// not be empty.
func (p *parser) text(name string, required bool) string {
	value := p.members[strings.ToLower(name)]
	text, isText := value.(string)
	p.check(isText || value == nil, malformed(name+" must be a string"))
	p.check(!required || text != "", malformed(name+" is required"))
	return text
}

func (p *parser) reason() string {
	reason := p.text("Reason", optional)
	p.check(utf8.RuneCountInString(reason) <= maximumReasonLength, tooLarge("Reason", maximumReasonLength, "characters"))
	return reason
}

func (p *parser) attributes() map[string]string {
	value := p.members["attributes"]
	if value == nil {
		return nil
	}
	object, ok := value.(map[string]any)
	p.check(ok, malformed("Attributes must be an object"))
	attributes, bytes := make(map[string]string, len(object)), 0
	for key, value := range object {
		text, ok := value.(string)
		p.check(ok, malformed("Attributes must have strings as values"))
		attributes[key] = text
		bytes += len(key) + len(text)
	}
	p.check(bytes <= maximumAttributeBytes, tooLarge("Attributes", maximumAttributeBytes, "bytes"))
	return attributes
}

func malformed(why string) *Error { return &Error{ivschat.ErrorCodeBadRequest, why} }

func tooLarge(member string, most int, unit string) *Error {
	return &Error{ivschat.ErrorCodeTooLarge, fmt.Sprintf("%s must have at most %d %s", member, most, unit)}
}
