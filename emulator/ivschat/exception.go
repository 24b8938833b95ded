package ivschat

import (
	"fmt"
	"slices"
)

// An ExceptionType is one of the exceptions that the service returns.
type ExceptionType struct {
	Name    string // as in x-amzn-ErrorType
	Status  int    // HTTP status
	Members ExceptionMembers
}

// ExceptionMembers are the members that an exception has besides message.
type ExceptionMembers int

// The sets of members (model).
const (
	NoMembers       ExceptionMembers = iota
	ReasonMembers                    // reason, and fieldList if members of the request are invalid
	ResourceMembers                  // resourceId and resourceType
	LimitMembers                     // resourceId, resourceType and limit
)

// The exceptions of the model.
var (
	AccessDeniedException         = ExceptionType{"AccessDeniedException", 403, NoMembers}
	ConflictException             = ExceptionType{"ConflictException", 409, ResourceMembers}
	InternalServerException       = ExceptionType{"InternalServerException", 500, NoMembers}
	PendingVerification           = ExceptionType{"PendingVerification", 403, NoMembers} // has no suffix in the model
	ResourceNotFoundException     = ExceptionType{"ResourceNotFoundException", 404, ResourceMembers}
	ServiceQuotaExceededException = ExceptionType{"ServiceQuotaExceededException", 402, LimitMembers}
	ThrottlingException           = ExceptionType{"ThrottlingException", 429, LimitMembers}
	ValidationException           = ExceptionType{"ValidationException", 400, ReasonMembers}
)

// The common errors of the API, which every operation may return although the model does not declare
// them (decision D36). The emulator itself returns some of them. Each can be provoked with a fault.
var (
	ExpiredTokenException     = ExceptionType{"ExpiredTokenException", 403, NoMembers}
	IncompleteSignature       = ExceptionType{"IncompleteSignature", 403, NoMembers}
	InternalFailure           = ExceptionType{"InternalFailure", 500, NoMembers}
	InvalidSignatureException = ExceptionType{"InvalidSignatureException", 403, NoMembers}
	MalformedHTTPRequest      = ExceptionType{"MalformedHttpRequestException", 400, NoMembers}
	NotAuthorized             = ExceptionType{"NotAuthorized", 401, NoMembers}
	OptInRequired             = ExceptionType{"OptInRequired", 403, NoMembers}
	RequestAbortedException   = ExceptionType{"RequestAbortedException", 400, NoMembers}
	RequestEntityTooLarge     = ExceptionType{"RequestEntityTooLargeException", 413, NoMembers}
	RequestExpired            = ExceptionType{"RequestExpired", 400, NoMembers}
	RequestTimeoutException   = ExceptionType{"RequestTimeoutException", 408, NoMembers}
	ServiceUnavailable        = ExceptionType{"ServiceUnavailable", 503, NoMembers}
	UnknownOperationException = ExceptionType{"UnknownOperationException", 404, NoMembers}
	UnrecognizedClient        = ExceptionType{"UnrecognizedClientException", 403, NoMembers}
	ValidationError           = ExceptionType{"ValidationError", 400, NoMembers}

	// A missing signature has two names: the first is in AWS's lists of common errors, and the second
	// is the name that AWS's gateways send.
	MissingAuthenticationToken          = ExceptionType{"MissingAuthenticationToken", 403, NoMembers}
	MissingAuthenticationTokenException = ExceptionType{"MissingAuthenticationTokenException", 403, NoMembers}
)

// CommonErrors lists the exceptions that every operation may return, in alphabetical order.
func CommonErrors() []ExceptionType {
	return []ExceptionType{
		AccessDeniedException, ExpiredTokenException, IncompleteSignature, InternalFailure,
		InvalidSignatureException, MalformedHTTPRequest, MissingAuthenticationToken,
		MissingAuthenticationTokenException, NotAuthorized, OptInRequired, RequestAbortedException,
		RequestEntityTooLarge, RequestExpired, RequestTimeoutException, ServiceUnavailable,
		ThrottlingException, UnknownOperationException, UnrecognizedClient, ValidationError,
	}
}

// modelExceptions lists the exceptions of the model.
var modelExceptions = []ExceptionType{
	AccessDeniedException, ConflictException, InternalServerException, PendingVerification,
	ResourceNotFoundException, ServiceQuotaExceededException, ThrottlingException, ValidationException,
}

// FindExceptionType returns the exception type with that name, and whether there is one.
func FindExceptionType(name string) (ExceptionType, bool) {
	for _, t := range slices.Concat(modelExceptions, CommonErrors()) {
		if t.Name == name {
			return t, true
		}
	}
	return ExceptionType{}, false
}

// A ValidationReason is the reason of a ValidationException (model: ValidationExceptionReason).
type ValidationReason string

// The reasons. The emulator itself never returns UnknownOperation, but a fault can.
const (
	UnknownOperation      ValidationReason = "UNKNOWN_OPERATION"
	FieldValidationFailed ValidationReason = "FIELD_VALIDATION_FAILED"
	OtherReason           ValidationReason = "OTHER"
)

// ValidationReasons lists every reason.
func ValidationReasons() []ValidationReason {
	return []ValidationReason{UnknownOperation, FieldValidationFailed, OtherReason}
}

// A ValidationField is an invalid member of a request (model: ValidationExceptionField).
type ValidationField struct {
	Name    string // path of the member, for instance destinationConfiguration.s3.bucketName
	Message string
}

// An Exception is a response of the service other than success. It is an error.
type Exception struct {
	Type       ExceptionType
	Message    string
	Reason     ValidationReason  // with ReasonMembers
	Fields     []ValidationField // with ReasonMembers, may be empty
	ResourceID string            // with ResourceMembers and LimitMembers
	Limit      int               // with LimitMembers
}

// Error returns the name and message of the exception.
func (e *Exception) Error() string { return e.Type.Name + ": " + e.Message }

// ResourceTypeRoom is the only resourceType that the model has (model: ResourceType). Exceptions
// about logging configurations have it too (decision D5).
const ResourceTypeRoom = "ROOM"

// InvalidField returns the exception for one invalid member of a request. The message has the only
// form that is known from the real service (decision D20).
func InvalidField(member, path, why string) *Exception {
	return &Exception{
		Type:    ValidationException,
		Message: fmt.Sprintf("Request member: %s failed to satisfy the constraints: %s", member, why),
		Reason:  FieldValidationFailed,
		Fields:  []ValidationField{{Name: path, Message: why}},
	}
}

// NotFound returns the exception for a resource that does not exist for the caller.
func NotFound(arn ARN) *Exception {
	return &Exception{
		Type:       ResourceNotFoundException,
		Message:    fmt.Sprintf("Resource %s does not exist", arn),
		ResourceID: arn.ID,
	}
}

// Conflict returns the exception for a resource that cannot be changed in its present state.
func Conflict(arn ARN, why string) *Exception {
	return &Exception{
		Type:       ConflictException,
		Message:    fmt.Sprintf("Resource %s %s", arn, why),
		ResourceID: arn.ID,
	}
}

// QuotaExceeded returns the exception for a resource that would exceed a quota. Things is the
// plural of its kind. The resource has no ID yet, so resourceId is the account's (decision D5).
func QuotaExceeded(owner Owner, things string, limit int) *Exception {
	return &Exception{
		Type: ServiceQuotaExceededException,
		Message: fmt.Sprintf("Account %s already has %d %s in %s, which is the quota",
			owner.AccountID, limit, things, owner.Region),
		ResourceID: owner.AccountID,
		Limit:      limit,
	}
}

// Throttled returns the exception for a call of an operation that would exceed a rate limit of the owner, in calls per
// second. The resource is the one that the request is about, or else the account (decision D5).
func Throttled(owner Owner, resourceID, operation string, limit int) *Exception {
	return &Exception{
		Type: ThrottlingException,
		Message: fmt.Sprintf("Account %s exceeds the rate limit of %s in %s: %d calls per second",
			owner.AccountID, operation, owner.Region, limit),
		ResourceID: resourceID,
		Limit:      limit,
	}
}
