package ivschat_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
	"github.com/aws/smithy-go"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// sdkExceptions has an exception of every type of the AWS SDK.
var sdkExceptions = []smithy.APIError{
	&types.AccessDeniedException{}, &types.ConflictException{}, &types.InternalServerException{},
	&types.PendingVerification{}, &types.ResourceNotFoundException{},
	&types.ServiceQuotaExceededException{}, &types.ThrottlingException{}, &types.ValidationException{},
}

func TestTheExceptionsOfTheSDKAreFoundByName(t *testing.T) {
	t.Parallel()
	for _, exception := range sdkExceptions {
		kind, ok := ivschat.FindExceptionType(exception.ErrorCode())
		if !ok || kind.Name != exception.ErrorCode() {
			t.Errorf("%s: got %+v, %t", exception.ErrorCode(), kind, ok)
		}
		if isServerFault := exception.ErrorFault() == smithy.FaultServer; isServerFault != (kind.Status >= 500) {
			t.Errorf("%s: status %d, but a %s fault in the SDK", kind.Name, kind.Status, exception.ErrorFault())
		}
	}
}

// Decision D36 names the sources of the names and statuses.
func TestCommonErrorsAreFoundByName(t *testing.T) {
	t.Parallel()
	want := []ivschat.ExceptionType{
		{Name: "AccessDeniedException", Status: 403},
		{Name: "ExpiredTokenException", Status: 403},
		{Name: "IncompleteSignature", Status: 403},
		{Name: "InternalFailure", Status: 500},
		{Name: "InvalidSignatureException", Status: 403},
		{Name: "MalformedHttpRequestException", Status: 400},
		{Name: "MissingAuthenticationToken", Status: 403},
		{Name: "MissingAuthenticationTokenException", Status: 403},
		{Name: "NotAuthorized", Status: 401},
		{Name: "OptInRequired", Status: 403},
		{Name: "RequestAbortedException", Status: 400},
		{Name: "RequestEntityTooLargeException", Status: 413},
		{Name: "RequestExpired", Status: 400},
		{Name: "RequestTimeoutException", Status: 408},
		{Name: "ServiceUnavailable", Status: 503},
		{Name: "ThrottlingException", Status: 429, Members: ivschat.LimitMembers},
		{Name: "UnknownOperationException", Status: 404},
		{Name: "UnrecognizedClientException", Status: 403},
		{Name: "ValidationError", Status: 400},
	}
	if got := ivschat.CommonErrors(); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, want := range want {
		if kind, ok := ivschat.FindExceptionType(want.Name); !ok || kind != want {
			t.Errorf("%s: got %+v, %t, want %+v", want.Name, kind, ok, want)
		}
	}
}

func TestAnUnknownExceptionIsNotFound(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "validationexception", "ValidationException ", "InternalError"} {
		if kind, ok := ivschat.FindExceptionType(name); ok || kind != (ivschat.ExceptionType{}) {
			t.Errorf("%q: got %+v, %t", name, kind, ok)
		}
	}
}

func TestActionsHaveTheCapabilitiesOfTheSDK(t *testing.T) {
	t.Parallel()
	var got []types.ChatTokenCapability
	for _, action := range ivschat.Actions() {
		got = append(got, types.ChatTokenCapability(action.Capability()))
		if string(action.Capability()) != string(action) {
			t.Errorf("%s needs the capability %s", action, action.Capability())
		}
	}
	want := types.ChatTokenCapability("").Values()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the capabilities are %v, in the SDK %v", got, want)
	}
}

func TestFallbackResultsAreThoseOfTheSDK(t *testing.T) {
	t.Parallel()
	got := []types.FallbackResult{
		types.FallbackResult(ivschat.FallbackAllow), types.FallbackResult(ivschat.FallbackDeny),
	}
	want := types.FallbackResult("").Values()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the fallback results are %v, in the SDK %v", got, want)
	}
}

// The codes are those of
// https://docs.aws.amazon.com/ivs/latest/chatmsgapireference/error-messages.html. The SDK does not
// have them.
func TestErrorCodesAreTheDocumentedOnes(t *testing.T) {
	t.Parallel()
	want := []ivschat.ErrorCode{400, 401, 403, 404, 406, 413, 429, 500}
	if got := ivschat.ErrorCodes(); !slices.Equal(got, want) {
		t.Errorf("the error codes are %v, want %v", got, want)
	}
}
