package control

import (
	"errors"
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

// sdkOperations are the methods of the AWS SDK's client that take an input.
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

// sdkMembers are the wire names of an SDK struct's fields.
func sdkMembers(structure reflect.Type) (names []string) {
	for _, field := range reflect.VisibleFields(structure) {
		if field.IsExported() && field.Name != "ResultMetadata" {
			names = append(names, strings.ToLower(field.Name[:1])+field.Name[1:])
		}
	}
	return slices.Sorted(slices.Values(names))
}

// wireMembers are the JSON names of one of our structs.
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
		t.Fatalf("%s has no %s of the type %T", operation, name, s)
	}
	return s
}

func texts[S ~string](values ...S) []string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return texts
}

func TestTheModelHasTheOperationsOfTheSDKAndNoOthers(t *testing.T) {
	sdkHas := sdkOperations()
	for _, op := range model.Operations() {
		if _, ok := sdkHas[op.Name]; !ok {
			t.Errorf("the SDK has no %s", op.Name)
		}
		delete(sdkHas, op.Name)
	}
	for name := range sdkHas {
		t.Errorf("the model has no %s", name)
	}
	if len(model.Operations()) != 17 {
		t.Errorf("the model has %d rows", len(model.Operations()))
	}
}

func TestEveryOperationHasTheMembersOfTheSDK(t *testing.T) {
	sdkHas := sdkOperations()
	for _, op := range model.Operations() {
		t.Run(op.Name, func(t *testing.T) {
			method := sdkHas[op.Name].Type
			input, output := method.In(2).Elem(), method.Out(0).Elem()
			if got, want := modelMembers(op.Input), sdkMembers(input); !slices.Equal(got, want) {
				t.Errorf("the model takes %v, the SDK sends %v", got, want)
			}
			if got, want := wireMembers(implementations[op.Name].request), modelMembers(op.Input); !slices.Equal(got, want) {
				t.Errorf("the method takes %v, the model %v", got, want)
			}
			if got, want := wireMembers(implementations[op.Name].reply), sdkMembers(output); !slices.Equal(got, want) {
				t.Errorf("the method replies with %v, the SDK reads %v", got, want)
			}
		})
	}
}

func TestNestedStructuresHaveTheMembersOfTheSDK(t *testing.T) {
	union := map[string]reflect.Type{
		"s3":             reflect.TypeFor[types.S3DestinationConfiguration](),
		"cloudWatchLogs": reflect.TypeFor[types.CloudWatchLogsDestinationConfiguration](),
		"firehose":       reflect.TypeFor[types.FirehoseDestinationConfiguration](),
	}
	for _, m := range member[shape.Structure](t, "CreateLoggingConfiguration", "destinationConfiguration").Members {
		if got, want := modelMembers(m.Shape.(shape.Structure)), sdkMembers(union[m.Name]); !slices.Equal(got, want) {
			t.Errorf("%s: %v, the SDK has %v", m.Name, got, want)
		}
	}
	handler := member[shape.Structure](t, "CreateRoom", "messageReviewHandler")
	if got, want := modelMembers(handler), sdkMembers(reflect.TypeFor[types.MessageReviewHandler]()); !slices.Equal(got, want) {
		t.Errorf("messageReviewHandler: %v, the SDK has %v", got, want)
	}
	if got, want := wireMembers(reflect.TypeFor[roomSummary]()), sdkMembers(reflect.TypeFor[types.RoomSummary]()); !slices.Equal(got, want) {
		t.Errorf("room summary: %v, the SDK has %v", got, want)
	}
	if got, want := wireMembers(reflect.TypeFor[loggingConfiguration]()), sdkMembers(reflect.TypeFor[types.LoggingConfigurationSummary]()); !slices.Equal(got, want) {
		t.Errorf("logging configuration summary: %v, the SDK has %v", got, want)
	}
}

// The SDK refuses an input without its required members before it sends it,
// which tells which ones they are.
func TestEveryOperationRequiresWhatTheSDKRequires(t *testing.T) {
	client := reflect.ValueOf(sdk.NewFromConfig(aws.Config{Region: "us-east-1"}))
	for _, op := range model.Operations() {
		var want []string
		for _, m := range op.Input.Members {
			if m.Required {
				want = append(want, strings.ToUpper(m.Name[:1])+m.Name[1:])
			}
		}
		if want == nil {
			continue
		}
		method := client.MethodByName(op.Name)
		results := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), reflect.New(method.Type().In(1).Elem())})
		var missing smithy.InvalidParamsError
		if err, _ := results[1].Interface().(error); !errors.As(err, &missing) {
			t.Errorf("%s: the SDK sends it without %v: %v", op.Name, want, err)
			continue
		}
		var got []string
		for _, param := range missing.Errs() {
			field := param.(interface{ Field() string }).Field()
			got = append(got, field[strings.LastIndex(field, ".")+1:])
		}
		if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("%s: the model requires %v, the SDK %v", op.Name, want, got)
		}
	}
}

func TestEnumsHaveTheValuesOfTheSDK(t *testing.T) {
	for name, pair := range map[string][2][]string{
		"ChatTokenCapability":       {member[shape.List](t, "CreateChatToken", "capabilities").Member.(shape.String).Enum, texts(types.ChatTokenCapability("").Values()...)},
		"FallbackResult":            {member[shape.Structure](t, "CreateRoom", "messageReviewHandler").Member("fallbackResult").(shape.String).Enum, texts(types.FallbackResult("").Values()...)},
		"ValidationExceptionReason": {texts(ivschat.ValidationReasons()...), texts(types.ValidationExceptionReason("").Values()...)},
		"ResourceType":              {{ivschat.ResourceTypeRoom}, texts(types.ResourceType("").Values()...)},
	} {
		if ours, theirs := slices.Sorted(slices.Values(pair[0])), slices.Sorted(slices.Values(pair[1])); !slices.Equal(ours, theirs) {
			t.Errorf("%s: %v, the SDK has %v", name, ours, theirs)
		}
	}
	if state := types.LoggingConfigurationState(ivschat.LoggingConfigurationActive); !slices.Contains(state.Values(), state) {
		t.Errorf("the SDK has no state %s", state)
	}
}

func TestExceptionsHaveTheMembersOfTheSDK(t *testing.T) {
	carried := map[ivschat.Carry][]string{
		ivschat.CarryNothing:  {"message"},
		ivschat.CarryReason:   {"fieldList", "message", "reason"},
		ivschat.CarryResource: {"message", "resourceId", "resourceType"},
		ivschat.CarryLimit:    {"limit", "message", "resourceId", "resourceType"},
	}
	for kind, sdkType := range map[ivschat.Kind]reflect.Type{
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
			t.Errorf("%s is %s in the SDK", kind.Name, sdkType.Name())
		}
		want := slices.DeleteFunc(sdkMembers(sdkType), func(name string) bool { return name == "errorCodeOverride" })
		body := exceptionBody(&ivschat.Exception{Kind: kind, Fields: []ivschat.ValidationField{{}}}).(map[string]any)
		var got []string
		for name := range body {
			got = append(got, name)
		}
		slices.Sort(got)
		if !slices.Equal(carried[kind.Carry], want) || !slices.Equal(got, want) {
			t.Errorf("%s carries %v (body %v), in the SDK %v", kind.Name, carried[kind.Carry], got, want)
		}
	}
}

func TestEveryOperationDeclaresAnExceptionForBadInput(t *testing.T) {
	for _, op := range model.Operations() {
		if !slices.Contains(op.Errors, ivschat.ValidationException) {
			t.Errorf("%s does not declare ValidationException", op.Name)
		}
		deletes := op.Name == "DeleteRoom" || op.Name == "DeleteLoggingConfiguration"
		if deletes != (op.Status == http.StatusNoContent) {
			t.Errorf("%s succeeds with %d", op.Name, op.Status)
		}
	}
}
