package admin_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/model"
)

// faultExamples returns the examples of faults in the document, by name, each as an array of rules.
func faultExamples(t *testing.T, document *openapi3.T) map[string][]any {
	t.Helper()
	examples := map[string][]any{}
	body := document.Paths.Value("/faults").Post.RequestBody.Value
	for name, example := range body.Content["application/json"].Examples {
		rules, several := example.Value.Value.([]any)
		if !several {
			rules = []any{example.Value.Value}
		}
		examples[name] = rules
	}
	return examples
}

func TestEveryFaultExampleOfTheOpenAPIDocumentIsAcceptedAndFires(t *testing.T) {
	document := loadDocument(t)
	for name, rules := range faultExamples(t, document) {
		t.Run(name, func(t *testing.T) {
			e := emulatortest.Start(t)
			s := newStage(t, e)
			text, err := json.Marshal(rules)
			if err != nil {
				t.Fatal(err)
			}
			answer := call(t, e, 201, "POST", "faults", string(text))
			schema := document.Components.Responses["Faults"].Value.Content["application/json"].Schema.Value
			if err := schema.VisitJSON(answer, openapi3.EnableJSONSchema2020()); err != nil {
				t.Errorf("the document does not allow the answer: %v", err)
			}
			for i, rule := range rules {
				text, _ := json.Marshal(rule)
				if !allows(t, document, string(text)) {
					t.Errorf("the document does not allow its example %s", text)
				}
				added := answer["items"].([]any)[i].(map[string]any)
				want := maps.Clone(rule.(map[string]any))
				want["id"], want["fired"] = float64(i+1), 0.0
				if !reflect.DeepEqual(added, want) {
					t.Errorf("the answer is %v, want %v", added, want)
				}
				s.provoke(t, added)
				call(t, e, 200, "GET", fmt.Sprintf("journal?kind=fault&after=0&count=%d&timeout=10s", i+1), "")
				fired := list(t, e, "journal?kind=fault")
				if len(fired) <= i || member(fired[i], "rule") != added["id"] {
					t.Errorf("%v did not fire: %v", added, fired)
				}
			}
		})
	}
}

// A stage has what can meet faults.
type stage struct {
	e         *emulatortest.Emulator
	room      string
	moderator *emulatortest.Client // anna
	token     string
}

func newStage(t *testing.T, e *emulatortest.Emulator) stage {
	t.Helper()
	room := e.Room()
	all := []string{"SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"}
	e.Connect(room, "ben")
	return stage{e, room, e.Connect(room, "anna", all...), e.Token(room, "anna", all...)}
}

// provoke does what the rule is about, so often that it fires.
func (s stage) provoke(t *testing.T, rule map[string]any) {
	t.Helper()
	switch operation := rule["operation"].(string); operation {
	case "CONNECT":
		_, _ = s.e.Dial(s.token)
	case "SEND_MESSAGE":
		for range 50 { // more than the rate limit allows, but a fault comes first
			s.moderator.SendMessage("hi")
		}
	case "DELETE_MESSAGE":
		s.moderator.DeleteMessage("AbCdEfGh1234", "")
	case "DISCONNECT_USER":
		s.moderator.DisconnectUser("carl", "")
	case "MESSAGE":
		s.moderator.SendMessage("one")
		s.moderator.SendMessage("two")
	case "EVENT":
		_ = callSDK(t, sdk(s.e, 1), "SendEvent", s.room)
	case "ERROR":
		s.moderator.Send("not JSON")
	case "REVIEW":
		s.e.Connect(reviewedRoom(t, s.e, "ALLOW"), "anna", "SEND_MESSAGE").SendMessage("hi")
	default:
		for range 3 {
			s.request(t, operation, rule)
		}
	}
}

// request calls an operation with the room and the user of the rule, if it has them.
func (s stage) request(t *testing.T, operation string, rule map[string]any) {
	t.Helper()
	op, ok := model.Find(operation)
	if !ok {
		t.Fatalf("%s is not an operation", operation)
	}
	room := s.room
	if named, ok := rule["room"].(string); ok {
		room = named
	}
	body := fmt.Sprintf(`{"roomIdentifier":%q,"identifier":%q,"userId":%q}`, room, room, fmt.Sprint(rule["userId"]))
	path := strings.Replace(op.Path, "{resourceArn:.+}", room, 1)
	func() {
		defer func() { _ = recover() }() // a reset, which needs a real connection
		request(t, s.e, op.Method, path, body)
	}()
}

func TestEveryEffectOfFaultsHasAnExampleInTheOpenAPIDocument(t *testing.T) {
	document := loadDocument(t)
	effects := []string{"exception", "status", "error", "close", "reset", "silence", "frame", "fail", "delay"}
	seen := map[any]bool{}
	for _, rules := range faultExamples(t, document) {
		for _, rule := range rules {
			for name, value := range rule.(map[string]any) {
				seen[name] = true
				if name == "frame" {
					seen[value] = true
				}
			}
		}
	}
	for _, effect := range slices.Concat(effects, []string{"drop", "duplicate", "reorder", "corrupt"}) {
		if !seen[effect] {
			t.Errorf("there is no example of %s", effect)
		}
	}
	for name, property := range document.Components.Schemas["Fault"].Value.Properties {
		if property.Value.Description == "" {
			t.Errorf("%s has no description", name)
		}
		if !seen[name] && !property.Value.ReadOnly && name != "account" {
			t.Errorf("no example has %s", name)
		}
	}
}
