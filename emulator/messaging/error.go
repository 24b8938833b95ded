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
	ErrBinary         = &Error{ivschat.ErrorCodeBadRequest, "the frame is binary, but must be text"}
	ErrSessionExpired = &Error{ivschat.ErrorCodeUnauthorized, "session has expired"}
	ErrRoomNotFound   = &Error{ivschat.ErrorCodeNotFound, "room not found"}
	ErrInternal       = &Error{ivschat.ErrorCodeInternal, "internal error"}
)

// ErrForbidden returns the error for an action whose capability the token does not have.
func ErrForbidden(action ivschat.Action) *Error {
	return &Error{
		ivschat.ErrorCodeForbidden,
		"token does not have the capability " + string(action.Capability()),
	}
}
