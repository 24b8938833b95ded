package control

import (
	"errors"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
	"github.com/aws/smithy-go"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/model"
	"github.com/ivschat-local/ivschat-local/emulator/shape"
)

// sdkOperations returns the methods of the AWS SDK's client that are operations, by name.
func sdkOperations() map[string]reflect.Method {
	operations := map[string]reflect.Method{}
	client := reflect.TypeFor[*sdk.Client]()
	for i := range client.NumMethod() {
		if method := client.Method(i); method.Type.NumIn() == 4 && method.Type.NumOut() == 2 {
			operations[method.Name] = method
		}
	}
	return operations
}

// sdkMembers returns the JSON names of the fields of a struct of the SDK.
func sdkMembers(structure reflect.Type) (names []string) {
	for _, field := range reflect.VisibleFields(structure) {
		if field.IsExported() && field.Name != "ResultMetadata" {
			names = append(names, strings.ToLower(field.Name[:1])+field.Name[1:])
		}
	}
	return slices.Sorted(slices.Values(names))
}

// wireMembers returns the JSON names of the fields of a request or response.
func wireMembers(structure reflect.Type) (names []string) {
	if structure.Kind() != reflect.Struct {
		return nil
	}
	for _, field := range reflect.VisibleFields(structure) {
		if !field.Anonymous {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			names = append(names, name)
		}
	}
	return slices.Sorted(slices.Values(names))
}

// modelMembers returns the names of the members of an operation's input.
func modelMembers(input shape.Structure) (names []string) {
	for _, m := range input.Members {
		names = append(names, m.Name)
	}
	return slices.Sorted(slices.Values(names))
}

// member returns the shape of a member of an operation's input.
func member[S shape.Shape](t *testing.T, operation, name string) S {
	t.Helper()
	op, _ := model.Find(operation)
	s, ok := op.Input.Member(name).(S)
	if !ok {
		t.Fatalf("%s has no member %s of the type %T", operation, name, s)
	}
	return s
}

// texts returns the values as strings, in ascending order.
func texts[S ~string](values ...S) []string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	slices.Sort(texts)
	return texts
}

func TestTheModelHasTheOperationsOfTheSDKAndNoOthers(t *testing.T) {
	missing := sdkOperations()
	for _, op := range model.Operations() {
		if _, ok := missing[op.Name]; !ok {
			t.Errorf("the SDK has no operation %s", op.Name)
		}
		delete(missing, op.Name)
	}
	for name := range missing {
		t.Errorf("the model has no operation %s", name)
	}
	if len(model.Operations()) != 17 {
		t.Errorf("the model has %d operations", len(model.Operations()))
	}
}

// compare fails the test if two lists of members are not equal.
func compare(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: the members are %v, want %v", what, got, want)
	}
}

func TestEveryOperationHasTheMembersOfTheSDK(t *testing.T) {
	operations := sdkOperations()
	for _, op := range model.Operations() {
		t.Run(op.Name, func(t *testing.T) {
			method := operations[op.Name].Type
			input, output := method.In(2).Elem(), method.Out(0).Elem()
			implementation := implementations[op.Name]
			compare(t, "the input of the model", modelMembers(op.Input), sdkMembers(input))
			compare(t, "the request", wireMembers(implementation.request), modelMembers(op.Input))
			compare(t, "the response", wireMembers(implementation.response), sdkMembers(output))
		})
	}
}

func TestNestedStructuresHaveTheMembersOfTheSDK(t *testing.T) {
	union := map[string]reflect.Type{
		"s3":             reflect.TypeFor[types.S3DestinationConfiguration](),
		"cloudWatchLogs": reflect.TypeFor[types.CloudWatchLogsDestinationConfiguration](),
		"firehose":       reflect.TypeFor[types.FirehoseDestinationConfiguration](),
	}
	destination := member[shape.Structure](t, "CreateLoggingConfiguration", "destinationConfiguration")
	for _, m := range destination.Members {
		compare(t, m.Name, modelMembers(m.Shape.(shape.Structure)), sdkMembers(union[m.Name]))
	}
	handler := member[shape.Structure](t, "CreateRoom", "messageReviewHandler")
	compare(t, "messageReviewHandler",
		modelMembers(handler), sdkMembers(reflect.TypeFor[types.MessageReviewHandler]()))
	compare(t, "the room summary",
		wireMembers(reflect.TypeFor[wireRoomSummary]()),
		sdkMembers(reflect.TypeFor[types.RoomSummary]()))
	compare(t, "the logging configuration summary",
		wireMembers(reflect.TypeFor[wireLoggingConfiguration]()),
		sdkMembers(reflect.TypeFor[types.LoggingConfigurationSummary]()))
}

// The SDK does not send an input without its required members. Its error lists them.
func TestEveryOperationRequiresWhatTheSDKRequires(t *testing.T) {
	client := reflect.ValueOf(sdk.NewFromConfig(aws.Config{Region: "us-east-1"}))
	for _, op := range model.Operations() {
		var required []string
		for _, m := range op.Input.Members {
			if m.Required {
				required = append(required, strings.ToUpper(m.Name[:1])+m.Name[1:])
			}
		}
		if required == nil {
			continue
		}
		method := client.MethodByName(op.Name)
		empty := reflect.New(method.Type().In(1).Elem())
		results := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), empty})
		err, _ := results[1].Interface().(error)
		missing, ok := errors.AsType[smithy.InvalidParamsError](err)
		if !ok {
			t.Errorf("%s: the SDK sends it without %v: %v", op.Name, required, err)
			continue
		}
		var requiredBySDK []string
		for _, param := range missing.Errs() {
			field := param.(interface{ Field() string }).Field()
			requiredBySDK = append(requiredBySDK, field[strings.LastIndex(field, ".")+1:])
		}
		if !slices.Equal(texts(required...), texts(requiredBySDK...)) {
			t.Errorf("%s: the model requires %v, the SDK %v", op.Name, required, requiredBySDK)
		}
	}
}

func TestEnumsHaveTheValuesOfTheSDK(t *testing.T) {
	capabilities := member[shape.List](t, "CreateChatToken", "capabilities").Member.(shape.String)
	handler := member[shape.Structure](t, "CreateRoom", "messageReviewHandler")
	fallbackResult := handler.Member("fallbackResult").(shape.String)
	for _, test := range []struct {
		name      string
		got, want []string
	}{
		{
			"ChatTokenCapability",
			texts(capabilities.Enum...), texts(types.ChatTokenCapability("").Values()...),
		},
		{
			"FallbackResult",
			texts(fallbackResult.Enum...), texts(types.FallbackResult("").Values()...),
		},
		{
			"ValidationExceptionReason",
			texts(ivschat.ValidationReasons()...), texts(types.ValidationExceptionReason("").Values()...),
		},
		{
			"ResourceType",
			[]string{ivschat.ResourceTypeRoom}, texts(types.ResourceType("").Values()...),
		},
	} {
		if !slices.Equal(test.got, test.want) {
			t.Errorf("%s: the values are %v, in the SDK %v", test.name, test.got, test.want)
		}
	}
	state := types.LoggingConfigurationState(ivschat.LoggingConfigurationActive)
	if !slices.Contains(state.Values(), state) {
		t.Errorf("the SDK has no logging configuration state %s", state)
	}
}

func TestExceptionsHaveTheMembersOfTheSDK(t *testing.T) {
	carried := map[ivschat.ExceptionMembers][]string{
		ivschat.NoMembers:       {"message"},
		ivschat.ReasonMembers:   {"fieldList", "message", "reason"},
		ivschat.ResourceMembers: {"message", "resourceId", "resourceType"},
		ivschat.LimitMembers:    {"limit", "message", "resourceId", "resourceType"},
	}
	for kind, sdkType := range map[ivschat.ExceptionType]reflect.Type{
		ivschat.AccessDeniedException:         reflect.TypeFor[types.AccessDeniedException](),
		ivschat.ConflictException:             reflect.TypeFor[types.ConflictException](),
		ivschat.InternalServerException:       reflect.TypeFor[types.InternalServerException](),
		ivschat.PendingVerification:           reflect.TypeFor[types.PendingVerification](),
		ivschat.ResourceNotFoundException:     reflect.TypeFor[types.ResourceNotFoundException](),
		ivschat.ServiceQuotaExceededException: reflect.TypeFor[types.ServiceQuotaExceededException](),
		ivschat.ThrottlingException:           reflect.TypeFor[types.ThrottlingException](),
		ivschat.ValidationException:           reflect.TypeFor[types.ValidationException](),
	} {
		if kind.Name != sdkType.Name() {
			t.Errorf("%s is called %s in the SDK", kind.Name, sdkType.Name())
		}
		want := slices.DeleteFunc(sdkMembers(sdkType), func(name string) bool {
			return name == "errorCodeOverride" // a field of the SDK, not a member
		})
		exception := &ivschat.Exception{Type: kind, Fields: []ivschat.ValidationField{{}}}
		body := exceptionBody(exception).(map[string]any)
		compare(t, "the body of "+kind.Name, slices.Sorted(maps.Keys(body)), want)
		compare(t, "the members of "+kind.Name, carried[kind.Members], want)
	}
}

func TestEveryOperationDeclaresValidationException(t *testing.T) {
	for _, op := range model.Operations() {
		if !slices.Contains(op.Errors, ivschat.ValidationException) {
			t.Errorf("%s does not declare ValidationException", op.Name)
		}
	}
}

func TestOnlyTheDeletionOfAResourceHasNoContent(t *testing.T) {
	for _, op := range model.Operations() {
		want := http.StatusOK
		if op.Name == "DeleteRoom" || op.Name == "DeleteLoggingConfiguration" {
			want = http.StatusNoContent
		}
		if op.Status != want {
			t.Errorf("%s succeeds with %d, want %d", op.Name, op.Status, want)
		}
	}
}
