package admin_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
	"github.com/aws/smithy-go"

	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	emulated "github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/model"
)

func TestEveryOperationCanFailWithEveryCommonErrorInTheFormOfTheAPI(t *testing.T) {
	e := emulatortest.Start(t)
	for _, op := range model.Operations() {
		path := strings.Replace(op.Path, "{resourceArn:.+}", "arn", 1)
		for _, kind := range emulated.CommonErrors() {
			addFault(t, e, fmt.Sprintf(`{"operation":%q,"exception":%q,"times":1}`, op.Name, kind.Name))
			r := request(t, e, op.Method, path, "{}")
			if r.status != kind.Status || r.header.Get("x-amzn-ErrorType") != kind.Name ||
				len(r.header.Get("x-amzn-RequestId")) != 36 ||
				r.header.Get("Content-Type") != "application/json" ||
				r.header.Get("Access-Control-Allow-Origin") == "" {
				t.Errorf("%s of %s: %d %v", kind.Name, op.Name, r.status, r.header)
			}
			var body map[string]any
			if err := json.Unmarshal([]byte(r.body), &body); err != nil || body["message"] != "fault "+kind.Name {
				t.Errorf("%s of %s: %s, %v", kind.Name, op.Name, r.body, err)
			}
		}
	}
}

func TestAThrottlingExceptionHasItsMembersForEveryOperation(t *testing.T) {
	e := emulatortest.Start(t)
	for _, op := range model.Operations() {
		path := strings.Replace(op.Path, "{resourceArn:.+}", "arn", 1)
		addFault(t, e, fmt.Sprintf(`{"operation":%q,"exception":"ThrottlingException","times":1}`, op.Name))
		r := request(t, e, op.Method, path, "{}")
		want := fmt.Sprintf(`{"limit":%d,"message":"fault ThrottlingException","resourceId":"000000000000",`+
			`"resourceType":"ROOM"}`, op.Rate)
		if strings.TrimSpace(r.body) != want {
			t.Errorf("%s: %s, want %s", op.Name, r.body, want)
		}
	}
}

// The SDK for Go maps an exception to a type only for the operations that declare it.
func TestTheSDKGetsACommonErrorByItsName(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	for _, kind := range emulated.CommonErrors() {
		for _, operation := range []string{"CreateRoom", "SendEvent", "ListTagsForResource"} {
			addFault(t, e, fmt.Sprintf(`{"operation":%q,"exception":%q,"times":1}`, operation, kind.Name))
			err := callSDK(t, sdk(e, 1), operation, room)
			exception, ok := errors.AsType[smithy.APIError](err)
			if !ok || exception.ErrorCode() != kind.Name || exception.ErrorMessage() != "fault "+kind.Name {
				t.Errorf("%s of %s: got %v", kind.Name, operation, err)
			}
		}
	}
	addFault(t, e, `{"operation":"SendEvent","exception":"ThrottlingException","times":1}`)
	err := callSDK(t, sdk(e, 1), "SendEvent", room)
	if x, ok := errors.AsType[*types.ThrottlingException](err); !ok || x.Limit != 100 ||
		aws.ToString(x.ResourceId) != room[strings.LastIndex(room, "/")+1:] {
		t.Errorf("got %v", err)
	}
}

func TestTheSDKRetriesCommonErrorsAsItDoesOnAWS(t *testing.T) {
	retried := map[string]bool{
		"ThrottlingException": true, "RequestTimeoutException": true, // by their names
		"InternalFailure": true, "ServiceUnavailable": true, // by their statuses
	}
	e := emulatortest.Start(t)
	for _, kind := range emulated.CommonErrors() {
		addFault(t, e, fmt.Sprintf(`{"operation":"CreateRoom","exception":%q,"times":1}`, kind.Name))
		_, err := sdk(e, 2).CreateRoom(t.Context(), &ivschat.CreateRoomInput{})
		if retried[kind.Name] != (err == nil) {
			t.Errorf("%s: got %v", kind.Name, err)
		}
	}
}
