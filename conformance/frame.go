package conformance

// A Frame is a text frame that a client received.
type Frame struct {
	Raw     string
	Members map[string]any
}

// Text returns a member that is a string, or "" if there is no such member.
func (f Frame) Text(member string) string {
	text, _ := f.Members[member].(string)
	return text
}

// ErrorCode returns the ErrorCode, or 0 if there is none.
func (f Frame) ErrorCode() int {
	code, _ := f.Members["ErrorCode"].(float64)
	return int(code)
}

// Attribute returns a value of Attributes, or nil if there is none.
func (f Frame) Attribute(key string) any {
	attributes, _ := f.Members["Attributes"].(map[string]any)
	return attributes[key]
}
