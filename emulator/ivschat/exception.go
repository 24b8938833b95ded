package ivschat

import "fmt"

// A Kind is one of the exceptions that the service returns.
type Kind struct {
	Name   string // as in x-amzn-ErrorType
	Status int    // HTTP status
	Carry  Carry  // the members that it has besides message
}

// A Carry is the set of members that an exception has besides message.
type Carry int

// The sets of members (model).
const (
	CarryNothing  Carry = iota
	CarryReason         // reason, and fieldList if members of the request are invalid
	CarryResource       // resourceId and resourceType
	CarryLimit          // resourceId, resourceType and limit
)

// The exceptions of the model.
var (
	AccessDeniedException         = Kind{"AccessDeniedException", 403, CarryNothing}
	ConflictException             = Kind{"ConflictException", 409, CarryResource}
	InternalServerException       = Kind{"InternalServerException", 500, CarryNothing}
	PendingVerification           = Kind{"PendingVerification", 403, CarryNothing} // has no suffix in the model
	ResourceNotFoundException     = Kind{"ResourceNotFoundException", 404, CarryResource}
	ServiceQuotaExceededException = Kind{"ServiceQuotaExceededException", 402, CarryLimit}
	ThrottlingException           = Kind{"ThrottlingException", 429, CarryLimit}
	ValidationException           = Kind{"ValidationException", 400, CarryReason}
)

// The exceptions that every operation may return, although the model does not declare them
// (https://docs.aws.amazon.com/ivs/latest/ChatAPIReference/CommonErrors.html).
var (
	IncompleteSignature       = Kind{"IncompleteSignature", 403, CarryNothing}
	MalformedHTTPRequest      = Kind{"MalformedHttpRequestException", 400, CarryNothing}
	NotAuthorized             = Kind{"NotAuthorized", 401, CarryNothing}
	RequestAbortedException   = Kind{"RequestAbortedException", 400, CarryNothing}
	RequestEntityTooLarge     = Kind{"RequestEntityTooLargeException", 413, CarryNothing}
	RequestTimeoutException   = Kind{"RequestTimeoutException", 408, CarryNothing}
	ServiceUnavailable        = Kind{"ServiceUnavailable", 503, CarryNothing}
	UnknownOperationException = Kind{"UnknownOperationException", 404, CarryNothing}
)

// kinds lists every exception.
var kinds = []Kind{
	AccessDeniedException, ConflictException, InternalServerException, PendingVerification,
	ResourceNotFoundException, ServiceQuotaExceededException, ThrottlingException, ValidationException,
	IncompleteSignature, MalformedHTTPRequest, NotAuthorized, RequestAbortedException,
	RequestEntityTooLarge, RequestTimeoutException, ServiceUnavailable, UnknownOperationException,
}

// FindKind returns the exception with that name. It reports false if there is no such exception.
func FindKind(name string) (Kind, bool) {
	for _, kind := range kinds {
		if kind.Name == name {
			return kind, true
		}
	}
	return Kind{}, false
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
	Kind       Kind
	Message    string
	Reason     ValidationReason  // with CarryReason
	Fields     []ValidationField // with CarryReason, may be empty
	ResourceID string            // with CarryResource and CarryLimit
	Limit      int               // with CarryLimit
}

// Error returns the name and message of the exception.
func (e *Exception) Error() string { return e.Kind.Name + ": " + e.Message }

// ResourceTypeRoom is the only resourceType that the model has (model: ResourceType). Exceptions
// about logging configurations have it too (decision D5).
const ResourceTypeRoom = "ROOM"

// InvalidField returns the exception for one invalid member of a request. The message has the only
// form that is known from the real service (decision D20).
func InvalidField(member, path, why string) *Exception {
	return &Exception{
		Kind:    ValidationException,
		Message: fmt.Sprintf("Request member: %s failed to satisfy the constraints: %s", member, why),
		Reason:  FieldValidationFailed,
		Fields:  []ValidationField{{Name: path, Message: why}},
	}
}

// NotFound returns the exception for a resource that does not exist for the caller.
func NotFound(arn ARN) *Exception {
	return &Exception{
		Kind:       ResourceNotFoundException,
		Message:    fmt.Sprintf("Resource %s does not exist", arn),
		ResourceID: arn.ID,
	}
}

// Conflict returns the exception for a resource that cannot be changed in its present state.
func Conflict(arn ARN, why string) *Exception {
	return &Exception{
		Kind:       ConflictException,
		Message:    fmt.Sprintf("Resource %s %s", arn, why),
		ResourceID: arn.ID,
	}
}

// QuotaExceeded returns the exception for a resource that would exceed a quota. Things is the
// plural of its kind. The resource has no ID yet, so resourceId is the account's (decision D5).
func QuotaExceeded(owner Owner, things string, limit int) *Exception {
	return &Exception{
		Kind: ServiceQuotaExceededException,
		Message: fmt.Sprintf("Account %s already has %d %s in %s, which is the quota",
			owner.AccountID, limit, things, owner.Region),
		ResourceID: owner.AccountID,
		Limit:      limit,
	}
}
