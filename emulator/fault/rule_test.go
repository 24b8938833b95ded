package fault_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/model"
)

func TestAnInvalidRuleIsRefusedWithTheReason(t *testing.T) {
	set, _ := newSet(t)
	for want, rule := range map[string]fault.Rule{
		`but is "GetRooms": did you mean GetRoom?`: {
			Operation: "GetRooms", Effect: unavailable,
		},
		"neither":                             {Operation: "GetRoom"},
		"frame drop is not possible":          {Operation: "GetRoom", Effect: fault.DropFrame{}},
		"error is not possible for MESSAGE":   {Operation: "MESSAGE", Effect: fault.SendError{Code: 429}},
		"silence is not possible":             {Operation: "CONNECT", Effect: fault.SilenceConnection{}},
		"error must be one of":                {Operation: "SEND_MESSAGE", Effect: fault.SendError{Code: 418}},
		"close must be":                       {Operation: "SEND_MESSAGE", Effect: fault.CloseConnection{Code: 1006}},
		"status must be":                      {Operation: "GetRoom", Effect: fault.ReturnStatus{Status: 99}},
		"body is not allowed with status 204": {Operation: "GetRoom", Effect: fault.ReturnStatus{Status: 204, Body: "x"}},
		"body is not allowed with status 304": {Operation: "GetRoom", Effect: fault.ReturnStatus{Status: 304, Body: "x"}},
		"contentType must not": {
			Operation: "GetRoom", Effect: fault.ReturnStatus{Status: 500, ContentType: "a/b\r\nX: y"},
		},
		"probability must be":  {Operation: "GetRoom", Effect: unavailable, Probability: 2},
		"seed is allowed only": {Operation: "GetRoom", Effect: unavailable, Seed: 7},
		"delay must be":        {Operation: "GetRoom", Delay: time.Hour},
		"times must be":        {Operation: "GetRoom", Effect: unavailable, Times: -1},
		"every must be":        {Operation: "GetRoom", Effect: unavailable, Every: -1},
		`but is "me"`:          {Operation: "GetRoom", Effect: unavailable, Account: "me"},
		"room:":                {Operation: "GetRoom", Effect: unavailable, Room: "x"},
		`but is "VIEW"`:        {Operation: "SEND_MESSAGE", Effect: fault.DropFrame{}, Capability: "VIEW"},
		"capability is allowed only": {
			Operation: "GetRoom", Effect: unavailable, Capability: ivschat.CapabilitySendMessage,
		},
		`one that GetRoom can return, but is "ConflictException": choose one of AccessDeniedException`: {
			Operation: "GetRoom", Effect: fault.ReturnException{Name: "ConflictException"},
		},
		`UnrecognizedClientException, ValidationError: did you mean ThrottlingException?`: {
			Operation: "GetRoom", Effect: fault.ReturnException{Name: "throtlingException"},
		},
		`one that GetRoom can return, but is "Oops"`: {Operation: "GetRoom", Effect: fault.ReturnException{Name: "Oops"}},
		`one that CONNECT can return, but is "OptInRequired": choose one of NotAuthorized`: {
			Operation: "CONNECT", Effect: fault.ReturnException{Name: "OptInRequired"},
		},
		"limit is not allowed, because AccessDeniedException of GetRoom": {
			Operation: "GetRoom", Effect: fault.ReturnException{Name: "AccessDeniedException", Limit: 7},
		},
		"limit is not allowed, because ThrottlingException of CONNECT": {
			Operation: "CONNECT", Effect: fault.ReturnException{Name: "ThrottlingException", Limit: 7},
		},
		"resourceId is not allowed, because ResourceNotFoundException of CONNECT": {
			Operation: "CONNECT", Effect: fault.ReturnException{Name: "ResourceNotFoundException", ResourceID: "x"},
		},
		"limit must be 0 or more, but is -1": {
			Operation: "GetRoom", Effect: fault.ReturnException{Name: "ThrottlingException", Limit: -1},
		},
		"room is not allowed for CreateRoom":   {Operation: "CreateRoom", Effect: unavailable, Room: room},
		"room is not allowed for ListRooms":    {Operation: "ListRooms", Effect: unavailable, Room: room},
		"userId is not allowed for GetRoom":    {Operation: "GetRoom", Effect: unavailable, UserID: "anna"},
		"userId is not allowed for CreateRoom": {Operation: "CreateRoom", Effect: unavailable, UserID: "anna"},
		"reason must be": {
			Operation: "GetRoom", Effect: fault.ReturnException{Name: "ValidationException", Reason: "WHIM"},
		},
	} {
		if _, err := set.Add(rule); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", rule, err, want)
		}
	}
	if set.Armed() {
		t.Errorf("a refused rule was added: %v", set.Rules(""))
	}
}

func TestTheRefusalOfAnUnknownOperationListsAllThatThereAre(t *testing.T) {
	set, _ := newSet(t)
	want := "operation must be one of CreateChatToken, CreateLoggingConfiguration, CreateRoom, DeleteLoggingConfiguration, " +
		"DeleteMessage, DeleteRoom, DisconnectUser, GetLoggingConfiguration, GetRoom, ListLoggingConfigurations, ListRooms, " +
		"ListTagsForResource, SendEvent, TagResource, UntagResource, UpdateLoggingConfiguration, UpdateRoom, " +
		`CONNECT, SEND_MESSAGE, DELETE_MESSAGE, DISCONNECT_USER, MESSAGE, EVENT, ERROR, but is "Nope"`
	if _, err := set.Add(fault.Rule{Operation: "Nope", Effect: unavailable}); err == nil || err.Error() != want {
		t.Errorf("got the error %v\nwant %s", err, want)
	}
}

func TestEverythingThatIsWrongIsReportedAtOnce(t *testing.T) {
	set, _ := newSet(t)
	_, err := set.Add(fault.Rule{Operation: "nothing", Times: -1, Probability: 2})
	for _, want := range []string{"operation", "times", "probability", "effect"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not mention %s", err, want)
		}
	}
}

func TestAnEffectThatIsNotPossibleIsNotCheckedFurther(t *testing.T) {
	set, _ := newSet(t)
	for _, operation := range []string{"CreateChatTokn", "SEND_MESSAGE"} {
		effect := fault.ReturnException{Name: "PendingVerification"}
		_, err := set.Add(fault.Rule{Operation: operation, Effect: effect})
		if err == nil || strings.Contains(err.Error(), "choose one of") {
			t.Errorf("%s: %v", operation, err)
		}
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

func TestAValidationExceptionAlwaysHasAReason(t *testing.T) {
	for want, effect := range map[ivschat.ValidationReason]fault.ReturnException{
		ivschat.OtherReason:           {Name: "ValidationException"},
		ivschat.FieldValidationFailed: {Name: "ValidationException", Fields: []ivschat.ValidationField{{Name: "name"}}},
		ivschat.UnknownOperation:      {Name: "ValidationException", Reason: ivschat.UnknownOperation},
	} {
		if got := effect.Exception("GetRoom", "").Reason; got != want {
			t.Errorf("%+v: %s, want %s", effect, got, want)
		}
	}
}
