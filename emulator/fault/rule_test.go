package fault_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/model"
)

// What the errors list.
const (
	allPoints = "CreateChatToken, CreateLoggingConfiguration, CreateRoom, DeleteLoggingConfiguration, " +
		"DeleteMessage, DeleteRoom, DisconnectUser, GetLoggingConfiguration, GetRoom, ListLoggingConfigurations, ListRooms, " +
		"ListTagsForResource, SendEvent, TagResource, UntagResource, UpdateLoggingConfiguration, UpdateRoom, " +
		"CONNECT, REVIEW, SEND_MESSAGE, DELETE_MESSAGE, DISCONNECT_USER, MESSAGE, EVENT, ERROR"
	exceptionsOfGetRoom = "AccessDeniedException, ResourceNotFoundException, ValidationException, ExpiredTokenException, " +
		"IncompleteSignature, InternalFailure, InvalidSignatureException, MalformedHttpRequestException, " +
		"MissingAuthenticationToken, MissingAuthenticationTokenException, NotAuthorized, OptInRequired, " +
		"RequestAbortedException, RequestEntityTooLargeException, RequestExpired, RequestTimeoutException, " +
		"ServiceUnavailable, ThrottlingException, UnknownOperationException, UnrecognizedClientException, ValidationError"
	exceptionsOfTheHandshake = "NotAuthorized, AccessDeniedException, ResourceNotFoundException, ServiceUnavailable, " +
		"InternalServerException, ThrottlingException"
)

func TestAnInvalidRuleIsRefusedWithEverythingThatIsWrong(t *testing.T) {
	exception := func(e fault.ReturnException) fault.Rule { return fault.Rule{Operation: "GetRoom", Effect: e} }
	status := func(s fault.ReturnStatus) fault.Rule { return fault.Rule{Operation: "GetRoom", Effect: s} }
	handshake := func(e fault.ReturnException) fault.Rule { return fault.Rule{Operation: "CONNECT", Effect: e} }
	for _, test := range []struct {
		rule fault.Rule
		want string
	}{
		{
			fault.Rule{Operation: "Nope", Effect: unavailable},
			"operation must be one of " + allPoints + `, but is "Nope"`,
		},
		{
			fault.Rule{Operation: "GetRooms", Effect: unavailable},
			"operation must be one of " + allPoints + `, but is "GetRooms": did you mean GetRoom?`,
		},
		{
			fault.Rule{Operation: "nothing", Times: -1, Every: -2, Probability: 2, Delay: -1, Room: "x", Account: "x"},
			"operation must be one of " + allPoints + `, but is "nothing"; times must be 0 or more, but is -1; ` +
				"every must be 0 or more, but is -2; probability must be from 0 to 1, but is 2; " +
				"delay must be a duration of at most 10m, for instance 250ms, but is -1ns; " +
				"a rule must have an effect or a delay, but this one has neither",
		},
		{
			fault.Rule{Operation: "SEND_MESSAGE", Effect: fault.SendError{Code: 418}},
			"error must be one of the codes [400 401 403 404 406 413 429 500], which clients know, but is 418",
		},
		{
			status(fault.ReturnStatus{Status: 204, Body: "x"}),
			"body is not allowed with status 204, which never has one",
		},
		{
			status(fault.ReturnStatus{Status: 304, Body: "x"}),
			"body is not allowed with status 304, which never has one",
		},
		{
			status(fault.ReturnStatus{Status: 99, ContentType: "a/b\r\nX: y"}),
			`status must be from 200 to 599, but is 99; contentType must not have control characters, but is "a/b\r\nX: y"`,
		},
		{
			fault.Rule{Operation: "REVIEW", Effect: fault.ReturnStatus{Status: 500, ContentType: "a/b"}},
			"contentType and bare are not allowed for REVIEW, because nothing reads them",
		},
		{
			fault.Rule{Operation: "REVIEW", Effect: fault.ReturnStatus{Status: 500, Bare: true}},
			"contentType and bare are not allowed for REVIEW, because nothing reads them",
		},
		{
			fault.Rule{Operation: "GetRoom", Effect: unavailable, Seed: 7, Delay: time.Hour},
			"seed is allowed only with a probability; " +
				"delay must be a duration of at most 10m, for instance 250ms, but is 1h0m0s",
		},
		{
			fault.Rule{Operation: "GetRoom", Effect: unavailable, Account: "me", Room: "x"},
			`account must be 12 digits, but is "me"; ` +
				`room: "x" is not an ARN of the form arn:aws:ivschat:<region>:<account>:<resource type>/<ID>`,
		},
		{
			fault.Rule{Operation: "SEND_MESSAGE", Effect: fault.DropFrame{}, Capability: "VIEW"},
			`capability must be one of SEND_MESSAGE, DELETE_MESSAGE, DISCONNECT_USER, but is "VIEW"`,
		},
		{
			fault.Rule{Operation: "GetRoom", Effect: unavailable, Capability: ivschat.CapabilitySendMessage},
			"capability is allowed only for actions, frames, reviews and the handshake, but operation is GetRoom",
		},
		{
			fault.Rule{Operation: "CreateRoom", Effect: unavailable, Room: room},
			"room is not allowed for CreateRoom, because its requests do not name one",
		},
		{
			fault.Rule{Operation: "ListRooms", Effect: unavailable, Room: room},
			"room is not allowed for ListRooms, because its requests do not name one",
		},
		{
			fault.Rule{Operation: "GetRoom", Effect: unavailable, UserID: "anna"},
			"userId is not allowed for GetRoom, because its requests do not name one",
		},
		{
			exception(fault.ReturnException{Name: "ConflictException"}),
			"exception must be one that GetRoom can return, but is \"ConflictException\": choose one of " + exceptionsOfGetRoom,
		},
		{
			exception(fault.ReturnException{Name: "throtlingException"}),
			"exception must be one that GetRoom can return, but is \"throtlingException\": choose one of " +
				exceptionsOfGetRoom + ": did you mean ThrottlingException?",
		},
		{
			exception(fault.ReturnException{Name: "Oops", ResourceID: "x", Limit: -1, Reason: ivschat.OtherReason}),
			"exception must be one that GetRoom can return, but is \"Oops\": choose one of " + exceptionsOfGetRoom +
				"; resourceId is not allowed, because Oops of GetRoom does not have it" +
				"; limit is not allowed, because Oops of GetRoom does not have it; limit must be 0 or more, but is -1" +
				"; reason and fieldList are allowed only for ValidationException, but exception is \"Oops\"",
		},
		{
			handshake(fault.ReturnException{Name: "OptInRequired"}),
			"exception must be one that CONNECT can return, but is \"OptInRequired\": choose one of " +
				exceptionsOfTheHandshake,
		},
		{
			handshake(fault.ReturnException{Name: "ThrottlingException", Limit: 7}),
			"limit is not allowed, because ThrottlingException of CONNECT does not have it",
		},
		{
			handshake(fault.ReturnException{Name: "ResourceNotFoundException", ResourceID: "x"}),
			"resourceId is not allowed, because ResourceNotFoundException of CONNECT does not have it",
		},
		{
			exception(fault.ReturnException{Name: "AccessDeniedException", Limit: 7}),
			"limit is not allowed, because AccessDeniedException of GetRoom does not have it",
		},
		{
			exception(fault.ReturnException{Name: "ResourceNotFoundException", Limit: 7}),
			"limit is not allowed, because ResourceNotFoundException of GetRoom does not have it",
		},
		{
			exception(fault.ReturnException{Name: "ThrottlingException", Limit: -1}),
			"limit must be 0 or more, but is -1",
		},
		{
			exception(fault.ReturnException{Name: "ThrottlingException", Fields: make([]ivschat.ValidationField, 1)}),
			`reason and fieldList are allowed only for ValidationException, but exception is "ThrottlingException"`,
		},
		{
			exception(fault.ReturnException{Name: "ValidationException", Reason: "WHIM"}),
			`reason must be one of UNKNOWN_OPERATION, FIELD_VALIDATION_FAILED, OTHER, but is "WHIM"`,
		},
	} {
		set, _ := newSet(t)
		if _, err := set.Add(test.rule); err == nil || err.Error() != test.want {
			t.Errorf("%+v: got the error\n%v\nwant\n%s", test.rule, err, test.want)
		}
		if set.Armed() {
			t.Errorf("a refused rule was added: %v", set.Rules(""))
		}
	}
}

func TestARuleCanHaveEverythingThatSuitsItsOperation(t *testing.T) {
	field := ivschat.ValidationField{Name: "name", Message: "is too long"}
	set, _ := newSet(t)
	for _, rule := range []fault.Rule{
		{Operation: "CreateChatToken", Effect: unavailable, Room: room, UserID: "anna", Account: "123456789012"},
		{Operation: "TagResource", Effect: unavailable, Room: room},
		{Operation: "DeleteLoggingConfiguration", Effect: unavailable, Room: room},
		{Operation: "CONNECT", Effect: unavailable, Room: room, UserID: "anna", Capability: ivschat.CapabilitySendMessage},
		{Operation: "EVENT", Effect: fault.DropFrame{}, Room: room, UserID: "anna", Capability: ivschat.CapabilityDeleteMessage},
		{Operation: "REVIEW", Effect: fault.DropFrame{}, Room: room, UserID: "anna", Capability: ivschat.CapabilityDeleteMessage},
		{Operation: "REVIEW", Effect: fault.ReturnStatus{Status: 200, Body: "x"}, Delay: time.Second},
		{Operation: "GetRoom", Effect: fault.ReturnStatus{Status: 205, Body: "x", ContentType: "text/plain"}},
		{Operation: "GetRoom", Effect: fault.ReturnStatus{Status: 204}, Probability: 0.5, Seed: 1},
		{Operation: "GetRoom", Effect: fault.ReturnException{
			Name: "ValidationException", Reason: ivschat.FieldValidationFailed, Fields: []ivschat.ValidationField{field},
		}},
		{Operation: "GetRoom", Effect: fault.ReturnException{Name: "ThrottlingException", Limit: 1, ResourceID: "x"}},
	} {
		if _, err := set.Add(rule); err != nil {
			t.Errorf("%+v: %v", rule, err)
		}
	}
}

func TestAnEffectIsPossibleOnlyWhereItSuitsThePoint(t *testing.T) {
	const operation, action, frame, handshake, review = "GetRoom", "SEND_MESSAGE", "MESSAGE", "CONNECT", "REVIEW"
	for _, test := range []struct {
		effect fault.Effect
		name   string
		suits  []string
	}{
		{fault.ReturnException{Name: "NotAuthorized"}, "exception", []string{operation, handshake}},
		{unavailable, "status", []string{operation, handshake, review}},
		{fault.SendError{Code: 429}, "error", []string{action, review}},
		{fault.CloseConnection{Code: 4000}, "close", []string{action, frame}},
		{fault.ResetConnection{}, "reset", []string{operation, action, frame, handshake, review}},
		{fault.SilenceConnection{}, "silence", []string{action, frame}},
		{fault.DropFrame{}, "frame drop", []string{action, frame, review}},
		{fault.DuplicateFrame{}, "frame duplicate", []string{frame}},
		{fault.ReorderFrame{}, "frame reorder", []string{frame}},
		{fault.CorruptFrame{}, "frame corrupt", []string{frame, review}},
	} {
		for _, at := range []string{operation, action, frame, handshake, review} {
			want := "<nil>"
			if !slices.Contains(test.suits, at) {
				want = "the effect " + test.name + " is not possible for " + at
			}
			set, _ := newSet(t)
			if _, err := set.Add(fault.Rule{Operation: at, Effect: test.effect}); fmt.Sprint(err) != want {
				t.Errorf("%s for %s: got the error %v, want %s", test.name, at, err, want)
			}
		}
	}
}

func TestOnlyAChangeOfALoggingConfigurationCanFailAfterItsAnswer(t *testing.T) {
	const changes = "CreateLoggingConfiguration, UpdateLoggingConfiguration, DeleteLoggingConfiguration"
	for _, at := range append(strings.Split(allPoints, ", "), "Delete") {
		want := "the effect fail is not possible for " + at
		switch _, isOperation := model.Find(at); {
		case strings.Contains(changes, at) && isOperation:
			want = "<nil>"
		case isOperation:
			want = "the effect fail is possible only for " + changes +
				", because only they can fail after their answer, but operation is " + at + ": use exception"
		case at == "Delete":
			want = "operation must be one of " + allPoints + `, but is "Delete"`
		}
		set, _ := newSet(t)
		if _, err := set.Add(fault.Rule{Operation: at, Effect: fault.FailChange{}}); fmt.Sprint(err) != want {
			t.Errorf("got the error %v, want %s", err, want)
		}
	}
}

func TestAnEffectOfAnUnknownOperationIsNotCheckedFurther(t *testing.T) {
	set, _ := newSet(t)
	_, err := set.Add(fault.Rule{Operation: "CreateChatTokn", Effect: fault.ReturnException{Name: "Oops"}})
	want := "operation must be one of " + allPoints + `, but is "CreateChatTokn": did you mean CreateChatToken?`
	if err == nil || err.Error() != want {
		t.Errorf("got the error %v, want %s", err, want)
	}
}

func TestEveryOperationCanReturnTheExceptionsThatItDeclaresAndTheCommonErrors(t *testing.T) {
	for _, op := range model.Operations() {
		set, _ := newSet(t)
		for _, kind := range slices.Concat(op.Errors, ivschat.CommonErrors()) {
			effect := fault.ReturnException{Name: kind.Name}
			if _, err := set.Add(fault.Rule{Operation: op.Name, Effect: effect}); err != nil {
				t.Errorf("%s: %v", op.Name, err)
			}
			exception := effect.Exception(op.Name, "id")
			if exception.Type != kind || exception.ResourceID != "id" || exception.Message == "" {
				t.Errorf("%s: %+v", kind.Name, exception)
			}
			if hasLimit := kind.Members == ivschat.LimitMembers; hasLimit != (exception.Limit > 0) {
				t.Errorf("%s of %s has the limit %d", kind.Name, op.Name, exception.Limit)
			}
		}
	}
}

func TestAnExceptionHasWhatItsRuleSaysAndDefaultsForTheRest(t *testing.T) {
	field := ivschat.ValidationField{Name: "name", Message: "is too long"}
	for _, test := range []struct {
		effect fault.ReturnException
		want   ivschat.Exception
	}{
		{
			fault.ReturnException{Name: "ResourceNotFoundException"},
			ivschat.Exception{
				Type: ivschat.ResourceNotFoundException, Message: "fault ResourceNotFoundException", ResourceID: "id",
			},
		},
		{
			fault.ReturnException{Name: "ThrottlingException", Message: "slow", ResourceID: "other", Limit: 7},
			ivschat.Exception{Type: ivschat.ThrottlingException, Message: "slow", ResourceID: "other", Limit: 7},
		},
		{
			fault.ReturnException{Name: "ValidationException"},
			ivschat.Exception{
				Type: ivschat.ValidationException, Message: "fault ValidationException", ResourceID: "id",
				Reason: ivschat.OtherReason,
			},
		},
		{
			fault.ReturnException{Name: "ValidationException", Fields: []ivschat.ValidationField{field}},
			ivschat.Exception{
				Type: ivschat.ValidationException, Message: "fault ValidationException", ResourceID: "id",
				Reason: ivschat.FieldValidationFailed, Fields: []ivschat.ValidationField{field},
			},
		},
		{
			fault.ReturnException{Name: "ValidationException", Reason: ivschat.UnknownOperation},
			ivschat.Exception{
				Type: ivschat.ValidationException, Message: "fault ValidationException", ResourceID: "id",
				Reason: ivschat.UnknownOperation,
			},
		},
	} {
		if got := test.effect.Exception("GetRoom", "id"); !reflect.DeepEqual(*got, test.want) {
			t.Errorf("%+v: got %+v, want %+v", test.effect, *got, test.want)
		}
	}
}

func TestTheLimitOfAnExceptionIsThePublishedOneUnlessItIsGiven(t *testing.T) {
	for _, test := range []struct {
		operation, exception string
		given, want          int
	}{
		{"CreateRoom", "ThrottlingException", 0, 5},
		{"ListLoggingConfigurations", "ThrottlingException", 0, 3},
		{"TagResource", "ThrottlingException", 0, 10},
		{"SendEvent", "ThrottlingException", 0, 100},
		{"CreateChatToken", "ThrottlingException", 0, 200},
		{"CreateChatToken", "ThrottlingException", 7, 7},
		{"CreateRoom", "ServiceQuotaExceededException", 0, 50_000},
		{"CreateLoggingConfiguration", "ServiceQuotaExceededException", 0, 10},
		{"CreateLoggingConfiguration", "ServiceQuotaExceededException", 7, 7},
	} {
		effect := fault.ReturnException{Name: test.exception, Limit: test.given}
		if got := effect.Exception(test.operation, "id").Limit; got != test.want {
			t.Errorf("%s of %s: limit %d, want %d", test.exception, test.operation, got, test.want)
		}
	}
}
