package ivschat

// An ErrorCode is the ErrorCode of an ERROR frame. Clients know only the documented codes
// (Messaging API: Error Messages): the Chat Client Messaging SDK for iOS has a closed enumeration
// of them.
type ErrorCode int

// The error codes.
const (
	ErrorCodeBadRequest      ErrorCode = 400 // the request cannot be parsed, or its content is too long
	ErrorCodeUnauthorized    ErrorCode = 401 // the session has expired
	ErrorCodeForbidden       ErrorCode = 403 // the token does not have the capability
	ErrorCodeNotFound        ErrorCode = 404 // the room does not exist
	ErrorCodeRejected        ErrorCode = 406 // the message review handler rejected the message
	ErrorCodeTooLarge        ErrorCode = 413 // a field is too large
	ErrorCodeTooManyRequests ErrorCode = 429 // a rate limit is exceeded
	ErrorCodeInternal        ErrorCode = 500 // the service failed
)

// ErrorCodes lists every error code, in ascending order.
func ErrorCodes() []ErrorCode {
	return []ErrorCode{
		ErrorCodeBadRequest, ErrorCodeUnauthorized, ErrorCodeForbidden, ErrorCodeNotFound,
		ErrorCodeRejected, ErrorCodeTooLarge, ErrorCodeTooManyRequests, ErrorCodeInternal,
	}
}
