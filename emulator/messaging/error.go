package messaging

import "github.com/ivschat-local/ivschat-local/emulator/ivschat"

// An Error is the answer to a request that fails. Only the client that made the request gets it.
type Error struct {
	Code    ivschat.ErrorCode
	Message string
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// The errors whose texts client applications are known to compare.
var (
	ErrRateLimited    = &Error{ivschat.ErrorCodeTooManyRequests, "rate limit exceeded"}
	ErrContentTooLong = &Error{ivschat.ErrorCodeBadRequest, "Message exceeds maximum length"}
)

// The errors whose texts the emulator chooses (decision D25).
var (
	ErrBinary         = &Error{ivschat.ErrorCodeBadRequest, "the frame is binary, but must be text"}
	ErrSessionExpired = &Error{ivschat.ErrorCodeUnauthorized, "session has expired"}
	ErrRoomNotFound   = &Error{ivschat.ErrorCodeNotFound, "room not found"}
	ErrInternal       = &Error{ivschat.ErrorCodeInternal, "internal error"}
)

// ErrForbidden refuses an action because the token does not have its capability.
func ErrForbidden(action ivschat.Action) *Error {
	return &Error{
		ivschat.ErrorCodeForbidden,
		"token does not have the capability " + string(action.Capability()),
	}
}
