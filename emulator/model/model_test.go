package model_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/model"
	"github.com/ivschat-local/ivschat-local/emulator/shape"
)

func TestEveryOperationIsFoundByItsName(t *testing.T) {
	names := map[string]bool{}
	for _, op := range model.Operations() {
		if names[op.Name] {
			t.Errorf("%s is a duplicate", op.Name)
		}
		names[op.Name] = true
		if found, ok := model.Find(op.Name); !ok || found.Path != op.Path || found.Method != op.Method {
			t.Errorf("%s: found %+v", op.Name, found)
		}
		if got, want := len(model.Input(op.Name).Members), len(op.Input.Members); got != want {
			t.Errorf("%s has %d members, want %d", op.Name, got, want)
		}
	}
	if _, ok := model.Find("CreateStage"); ok {
		t.Error("CreateStage was found")
	}
}

func TestInputPanicsWithoutSuchAnOperation(t *testing.T) {
	defer func() {
		if message := fmt.Sprint(recover()); !strings.Contains(message, `"CreateStage"`) {
			t.Errorf("the panic is %q", message)
		}
	}()
	model.Input("CreateStage")
}

// Members of a path must be in the operation's path, and a body needs a method that has one.
func TestMembersTravelWhereTheRequestHasAPlaceForThem(t *testing.T) {
	label := regexp.MustCompile(`\{(\w+)[:}]`)
	for _, op := range model.Operations() {
		labels := map[string]bool{}
		for _, match := range label.FindAllStringSubmatch(op.Path, -1) {
			labels[match[1]] = true
		}
		for _, m := range op.Input.Members {
			switch m.In {
			case shape.Path:
				if !labels[m.Name] || !m.Required {
					t.Errorf("%s: %s must be a label of %s and required", op.Name, m.Name, op.Path)
				}
				delete(labels, m.Name)
			case shape.Body:
				if op.Method != http.MethodPost {
					t.Errorf("%s: a %s request has no body for %s", op.Name, op.Method, m.Name)
				}
			}
		}
		if len(labels) > 0 {
			t.Errorf("%s: no member for %v of %s", op.Name, labels, op.Path)
		}
	}
}

// The identifiers of the service fit the shapes, however the emulator prints them.
func TestARNsAndIDsFitTheirShapes(t *testing.T) {
	owner := ivschat.Owner{AccountID: "123456789012", Region: "ap-northeast-1"}
	arn := func(kind ivschat.ResourceType) string {
		return ivschat.ARN{Owner: owner, ResourceType: kind, ID: "abcdefGHIJ09"}.String()
	}
	room, logging := arn(ivschat.RoomResource), arn(ivschat.LoggingConfigurationResource)
	for _, test := range []struct {
		operation, member, value string
		valid                    bool
	}{
		{"GetRoom", "identifier", room, true},
		{"GetRoom", "identifier", logging, false},
		{"GetRoom", "identifier", "abcdefGHIJ09", false},
		{"GetRoom", "identifier", room + "/", false},
		{"GetRoom", "identifier", " " + room, false},
		{"GetLoggingConfiguration", "identifier", logging, true},
		{"GetLoggingConfiguration", "identifier", room, false},
		{"ListTagsForResource", "resourceArn", room, true},
		{"ListTagsForResource", "resourceArn", logging, true},
		{"ListTagsForResource", "resourceArn", "arn:aws:ivs:us-east-1:123456789012:channel/a", false},
		{"ListRooms", "messageReviewHandlerUri", "", true},
		{"ListRooms", "messageReviewHandlerUri", "arn:aws:lambda:us-east-1:123456789012:function:f:1", true},
		{"ListRooms", "messageReviewHandlerUri", "arn:aws:lambda:us-east-1:123456789012:function:", false},
	} {
		members := map[string]any{test.member: test.value}
		if found := shape.Check(model.Input(test.operation), members); (found == nil) != test.valid {
			t.Errorf("%s with %s %q: %v", test.operation, test.member, test.value, found)
		}
	}
}
