package messaging

import "github.com/ivschat-local/ivschat-local/emulator/ivschat"

// An Error is the response to a request that fails, sent as an ERROR frame (Messaging API: Error
// Messages). Only the client that made the request gets it.
type Error struct {
	Code    ivschat.ErrorCode
	Message string
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// The errors with the service's own texts. AWS's demo application compares them (decision D25).
var (
	ErrRateLimited    = &Error{ivschat.ErrorCodeTooManyRequests, "rate limit exceeded"}
	ErrContentTooLong = &Error{ivschat.ErrorCodeBadRequest, "Message exceeds maximum length"}
)

// The errors with texts of the emulator (decision D25).
var (
	ErrBinary         = &Error{ivschat.ErrorCodeBadRequest, "the frame must be text, but is binary"}
	ErrSessionExpired = &Error{ivschat.ErrorCodeUnauthorized, "the session has expired: connect with a new chat token"}
	ErrRoomNotFound   = &Error{ivschat.ErrorCodeNotFound, "the room does not exist"}
	ErrInternal       = &Error{ivschat.ErrorCodeInternal, "internal error"}
)

// ErrNotReviewed is the error for a message whose room has DENY as the fallback result, and whose message review
// handler failed (decision D64).
var ErrNotReviewed = &Error{
	ivschat.ErrorCodeRejected,
	"the message was rejected, because its review failed and the fallbackResult of the room is DENY",
}

const rejected = "the message was rejected by the message review handler"

// ErrRejected returns the error for a message that the message review handler denied, with the reason that it gives,
// if it gives one (User Guide: Chat Message Review Handler; decision D63).
func ErrRejected(reason string) *Error {
	if reason == "" {
		return &Error{ivschat.ErrorCodeRejected, rejected}
	}
	return &Error{ivschat.ErrorCodeRejected, rejected + ": " + reason}
}

// ErrForbidden returns the error for an action whose capability the token does not have.
func ErrForbidden(action ivschat.Action) *Error {
	return &Error{
		ivschat.ErrorCodeForbidden,
		"the chat token does not have the capability " + string(action.Capability()),
	}
}
