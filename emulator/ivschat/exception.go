package ivschat

import "fmt"

// A Kind is one of the exceptions that the service answers with.
type Kind struct {
	Name   string // as in x-amzn-ErrorType
	Status int    // HTTP status
	Carry  Carry  // the members that it must have besides message
}

// Carry says which members an exception bears besides its message.
type Carry int

// What exceptions carry (model).
const (
	CarryNothing  Carry = iota
	CarryReason         // reason, and fieldList when fields are at fault
	CarryResource       // resourceId and resourceType
	CarryLimit          // resourceId, resourceType and limit
)

// The exceptions of the model.
var (
	AccessDeniedException         = Kind{"AccessDeniedException", 403, CarryNothing}
	ConflictException             = Kind{"ConflictException", 409, CarryResource}
	InternalServerException       = Kind{"InternalServerException", 500, CarryNothing}
	PendingVerification           = Kind{"PendingVerification", 403, CarryNothing} // no "Exception" in its name
	ResourceNotFoundException     = Kind{"ResourceNotFoundException", 404, CarryResource}
	ServiceQuotaExceededException = Kind{"ServiceQuotaExceededException", 402, CarryLimit}
	ThrottlingException           = Kind{"ThrottlingException", 429, CarryLimit}
	ValidationException           = Kind{"ValidationException", 400, CarryReason}
)

// The exceptions that any operation may answer with, of which the model does
// not speak (https://docs.aws.amazon.com/ivs/latest/ChatAPIReference/CommonErrors.html).
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

// FindKind returns the exception of that name, if there is one.
func FindKind(name string) (Kind, bool) {
	for _, kind := range kinds {
		if kind.Name == name {
			return kind, true
		}
	}
	return Kind{}, false
}

// A ValidationReason says what a ValidationException is about (model:
// ValidationExceptionReason).
type ValidationReason string

// The reasons. The emulator itself never gives UnknownOperation, but a fault can.
const (
	UnknownOperation      ValidationReason = "UNKNOWN_OPERATION"
	FieldValidationFailed ValidationReason = "FIELD_VALIDATION_FAILED"
	OtherReason           ValidationReason = "OTHER"
)

// ValidationReasons lists every reason.
func ValidationReasons() []ValidationReason {
	return []ValidationReason{UnknownOperation, FieldValidationFailed, OtherReason}
}

// A ValidationField is one member of a request that is at fault.
type ValidationField struct {
	Name    string // path of the member, for instance destinationConfiguration.s3.bucketName
	Message string
}

// An Exception is an answer of the service other than success. It is an error.
type Exception struct {
	Kind       Kind
	Message    string
	Reason     ValidationReason  // with CarryReason
	Fields     []ValidationField // with CarryReason, may be empty
	ResourceID string            // with CarryResource and CarryLimit
	Limit      int               // with CarryLimit
}

// Error gives the exception's name and message.
func (e *Exception) Error() string { return e.Kind.Name + ": " + e.Message }

// ResourceTypeRoom is the only resourceType that the model knows. Exceptions
// about logging configurations bear it too (decision D5).
const ResourceTypeRoom = "ROOM"

// InvalidField refuses a request for one member. The message has the one form
// that is known from the real service.
func InvalidField(member, path, why string) *Exception {
	return &Exception{
		Kind:    ValidationException,
		Message: fmt.Sprintf("Request member: %s failed to satisfy the constraints: %s", member, why),
		Reason:  FieldValidationFailed,
		Fields:  []ValidationField{{Name: path, Message: why}},
	}
}

// NotFound says that there is no such resource for the caller.
func NotFound(arn ARN) *Exception {
	return &Exception{
		Kind:       ResourceNotFoundException,
		Message:    fmt.Sprintf("Resource %s does not exist", arn),
		ResourceID: arn.ID,
	}
}

// Conflict refuses a change of a resource in its present state.
func Conflict(arn ARN, why string) *Exception {
	return &Exception{
		Kind:       ConflictException,
		Message:    fmt.Sprintf("Resource %s %s", arn, why),
		ResourceID: arn.ID,
	}
}

// QuotaExceeded refuses one more of the named things. No resource exists that
// it could name, so resourceId is the account (decision D5).
func QuotaExceeded(owner Owner, things string, limit int) *Exception {
	return &Exception{
		Kind:       ServiceQuotaExceededException,
		Message:    fmt.Sprintf("Account %s already has %d %s in %s, which is its quota", owner.AccountID, limit, things, owner.Region),
		ResourceID: owner.AccountID,
		Limit:      limit,
	}
}
