package messaging

// A Code is the ErrorCode of an ERROR frame. Clients know these and 406, that a
// message was rejected in its review (Messaging API: Error Messages).
type Code int

// The codes.
const (
	Malformed    Code = 400 // the request cannot be understood, or its content is too long
	Unauthorized Code = 401 // the session is over
	Forbidden    Code = 403 // the token lacks the capability
	NotFound     Code = 404 // the room does not exist
	TooLarge     Code = 413 // a field is too large
	RateLimited  Code = 429 // too many requests
	Internal     Code = 500 // the service failed
)

// An Error is the answer to a request that fails. It goes to whoever asked and
// to nobody else.
type Error struct {
	Code    Code
	Message string
}

// Error gives the message.
func (e *Error) Error() string { return e.Message }

// The errors whose texts client applications are known to compare.
var (
	ErrRateLimited    = &Error{RateLimited, "rate limit exceeded"}
	ErrContentTooLong = &Error{Malformed, "Message exceeds maximum length"}
)

// The errors whose texts are ours (decision D25).
var (
	ErrBinary         = &Error{Malformed, "the frame is binary, but must be text"}
	ErrSessionExpired = &Error{Unauthorized, "session has expired"}
	ErrRoomNotFound   = &Error{NotFound, "room not found"}
	ErrInternal       = &Error{Internal, "internal error"}
)

// ErrForbidden refuses an action for want of the capability of its name.
func ErrForbidden(action string) *Error {
	return &Error{Forbidden, "token does not have the capability " + action}
}
