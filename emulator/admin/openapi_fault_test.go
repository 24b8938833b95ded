package admin_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/model"
)

// allows reports whether the document allows the rule in a request.
func allows(t *testing.T, document *openapi3.T, rule string) bool {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(rule), &value); err != nil {
		t.Fatal(err)
	}
	schema := document.Components.Schemas["Fault"].Value
	return schema.VisitJSON(value, openapi3.EnableJSONSchema2020()) == nil
}

func TestTheOpenAPIDocumentAllowsExactlyTheFaultsThatAreAccepted(t *testing.T) {
	e, document := emulatortest.Start(t), loadDocument(t)
	for _, test := range []struct {
		rule     string
		accepted bool
	}{
		// Exactly one effect, or a delay alone.
		{`{"operation":"CreateRoom","exception":"ConflictException"}`, true},
		{`{"operation":"CreateRoom","status":500}`, true},
		{`{"operation":"SEND_MESSAGE","error":429}`, true},
		{`{"operation":"SEND_MESSAGE","close":4000}`, true},
		{`{"operation":"CONNECT","reset":true}`, true},
		{`{"operation":"MESSAGE","silence":true}`, true},
		{`{"operation":"MESSAGE","frame":"reorder"}`, true},
		{`{"operation":"CreateLoggingConfiguration","fail":true}`, true},
		{`{"operation":"UpdateLoggingConfiguration","fail":true,"delay":"1s"}`, true},
		{`{"operation":"DeleteLoggingConfiguration","fail":false}`, false},
		{`{"operation":"DeleteLoggingConfiguration","fail":true,"status":500}`, false},
		{`{"operation":"GetLoggingConfiguration","fail":true}`, false},
		{`{"operation":"MESSAGE","delay":"250ms"}`, true},
		{`{"operation":"MESSAGE","frame":"drop","delay":"250ms"}`, true},
		{`{"operation":"MESSAGE"}`, false},
		{`{"operation":"MESSAGE","frame":"drop","close":1000}`, false},
		{`{"operation":"SEND_MESSAGE","error":429,"silence":true}`, false},
		{`{"operation":"CreateRoom","status":500,"reset":true,"delay":"1s"}`, false},
		{`{"operation":"CreateRoom","status":500,"exception":"ConflictException"}`, false},
		{`{"status":500}`, false},
		{`{"operation":"CreateRooms","status":500}`, false},
		{`{"operation":"CreateRoom","status":500,"colour":"red"}`, false},
		{`{"operation":"CreateRoom","exception":"Exception"}`, false},
		{`{"operation":"CreateRoom","status":199}`, false},
		{`{"operation":"CreateRoom","status":600}`, false},
		{`{"operation":"SEND_MESSAGE","error":418}`, false},
		{`{"operation":"SEND_MESSAGE","close":999}`, false},
		{`{"operation":"SEND_MESSAGE","close":1005}`, false},
		{`{"operation":"SEND_MESSAGE","close":5000}`, false},
		{`{"operation":"MESSAGE","frame":"lose"}`, false},
		// How often and where.
		{`{"operation":"CreateRoom","status":500,"times":2,"every":3}`, true},
		{`{"operation":"CreateRoom","status":500,"times":-1}`, false},
		{`{"operation":"CreateRoom","status":500,"every":-1}`, false},
		{`{"operation":"CreateRoom","status":500,"probability":1}`, true},
		{`{"operation":"CreateRoom","status":500,"probability":0.5,"seed":7}`, true},
		{`{"operation":"CreateRoom","status":500,"probability":0}`, false},
		{`{"operation":"CreateRoom","status":500,"probability":1.5}`, false},
		{`{"operation":"CreateRoom","status":500,"seed":7}`, false},
		{`{"operation":"CreateRoom","status":500,"account":"123456789012"}`, true},
		{`{"operation":"CreateRoom","status":500,"account":"me"}`, false},
		{`{"operation":"MESSAGE","frame":"drop","capability":"SEND_MESSAGE"}`, true},
		{`{"operation":"MESSAGE","frame":"drop","capability":"VIEW"}`, false},
		// At a review.
		{`{"operation":"REVIEW","status":200,"body":"x","userId":"anna","capability":"SEND_MESSAGE"}`, true},
		{`{"operation":"REVIEW","frame":"corrupt"}`, true},
		{`{"operation":"REVIEW","frame":"duplicate"}`, false},
		{`{"operation":"REVIEW","exception":"NotAuthorized"}`, false},
		{`{"operation":"REVIEW","close":4000}`, false},
		{`{"operation":"REVIEW","status":500,"contentType":"a/b"}`, false},
		{`{"operation":"REVIEW","status":500,"contentType":"","bare":false}`, true},
		{`{"operation":"REVIEW","status":500,"bare":true}`, false},
		// Members of an effect.
		{`{"operation":"CreateRoom","status":500,"body":"x","contentType":"a/b"}`, true},
		{`{"operation":"CreateRoom","reset":true,"body":"x"}`, false},
		{`{"operation":"CreateRoom","reset":true,"contentType":"a/b"}`, false},
		{`{"operation":"CreateRoom","status":500,"bare":true}`, true},
		{`{"operation":"CreateRoom","reset":true,"bare":true}`, false},
		{`{"operation":"SEND_MESSAGE","error":429,"message":"x"}`, true},
		{`{"operation":"SEND_MESSAGE","close":4000,"message":"x"}`, false},
		{`{"operation":"CreateRoom","exception":"ConflictException","message":"x"}`, true},
		{`{"operation":"CreateRoom","status":500,"message":"x"}`, false},
		{`{"operation":"CreateRoom","exception":"ConflictException","limit":1}`, false},
		{`{"operation":"SendEvent","exception":"ThrottlingException","limit":1}`, true},
		{`{"operation":"CreateRoom","status":500,"limit":1}`, false},
		{`{"operation":"CreateRoom","status":500,"resourceId":"x"}`, false},
		{`{"operation":"CreateRoom","status":500,"reason":"OTHER"}`, false},
		{`{"operation":"CreateRoom","status":500,"fieldList":[{"name":"x"}]}`, false},
	} {
		r := request(t, e, "POST", admin.Prefix+"faults", test.rule)
		if r.status != map[bool]int{true: 201, false: 400}[test.accepted] {
			t.Errorf("%s: the emulator answers %d %s", test.rule, r.status, r.body)
		}
		if allowed := allows(t, document, test.rule); allowed != test.accepted {
			t.Errorf("%s: the document allows it: %v, want %v", test.rule, allowed, test.accepted)
		}
	}
}

func TestTheOpenAPIDocumentListsEveryPointAndExceptionOfFaults(t *testing.T) {
	e, document := emulatortest.Start(t), loadDocument(t)
	properties := document.Components.Schemas["Fault"].Value.Properties
	operations, exceptions := properties["operation"].Value.Enum, properties["exception"].Value.Enum
	for _, op := range model.Operations() {
		if !slices.Contains(operations, any(op.Name)) {
			t.Errorf("the document does not have the operation %s", op.Name)
		}
		for _, kind := range slices.Concat(op.Errors, ivschat.CommonErrors()) {
			if !slices.Contains(exceptions, any(kind.Name)) {
				t.Errorf("the document does not have %s, which %s can return", kind.Name, op.Name)
			}
		}
	}
	accepted := map[any]bool{}
	for _, operation := range operations {
		addFault(t, e, fmt.Sprintf(`{"operation":%q,"delay":"1ms"}`, operation))
		for _, exception := range exceptions {
			rule := fmt.Sprintf(`{"operation":%q,"exception":%q}`, operation, exception)
			if request(t, e, "POST", admin.Prefix+"faults", rule).status == 201 {
				accepted[exception] = true
			}
		}
	}
	for _, exception := range exceptions {
		if !accepted[exception] {
			t.Errorf("the document has %s, but no operation can fail with it", exception)
		}
	}
	checkListed(t, properties["error"].Value.Enum, ivschat.ErrorCodes())
	checkListed(t, properties["reason"].Value.Enum, ivschat.ValidationReasons())
	checkListed(t, properties["capability"].Value.Enum, ivschat.Actions())
}

// checkListed checks that the enumeration of the document is the list.
func checkListed[V any](t *testing.T, enumeration []any, list []V) {
	t.Helper()
	if fmt.Sprint(enumeration) != fmt.Sprint(list) {
		t.Errorf("the document has %v, want %v", enumeration, list)
	}
}

// The document and the emulator must agree about every point with every effect, exception and limit.
func TestTheOpenAPIDocumentAllowsAtEachPointWhatIsAcceptedThere(t *testing.T) {
	e, document := emulatortest.Start(t), loadDocument(t)
	properties := document.Components.Schemas["Fault"].Value.Properties
	effects := []string{
		`"status":500`, `"status":204,"body":"x"`, `"status":304,"body":"x"`, `"status":204`,
		`"status":500,"contentType":"a\nb"`, `"status":500,"contentType":"a/b"`, `"status":500,"bare":true`,
		`"error":429`, `"close":4000`, `"reset":true`, `"silence":true`, `"fail":true`,
		`"delay":"1s"`, `"delay":"soon"`,
		`"frame":"drop"`, `"frame":"duplicate"`, `"frame":"reorder"`, `"frame":"corrupt"`,
		`"delay":"1s","room":"arn:aws:ivschat:us-east-1:123456789012:room/AbCdEfGh1234"`,
		`"delay":"1s","room":"AbCdEfGh1234"`, `"delay":"1s","userId":"anna"`,
		`"delay":"1s","capability":"SEND_MESSAGE"`, `"delay":"1s","error":429`,
	}
	for _, exception := range properties["exception"].Value.Enum {
		effects = append(effects, fmt.Sprintf(`"exception":%q`, exception))
	}
	for _, exception := range []string{"AccessDeniedException", "ThrottlingException", "ResourceNotFoundException"} {
		for _, more := range []string{`"limit":1`, `"limit":-1`, `"resourceId":"x"`, `"reason":"OTHER"`} {
			effects = append(effects, fmt.Sprintf(`"exception":%q,%s`, exception, more))
		}
	}
	rules := map[bool][]string{} // by whether they are accepted
	for _, operation := range properties["operation"].Value.Enum {
		for _, effect := range effects {
			rule := fmt.Sprintf(`{"operation":%q,%s}`, operation, effect)
			accepted := request(t, e, "POST", admin.Prefix+"faults", rule).status == 201
			rules[accepted] = append(rules[accepted], rule)
		}
		e.Faults().Clear("")
	}
	// To check all at once is much faster than to check one after another.
	fault := openapi3.NewSchemaRef("", document.Components.Schemas["Fault"].Value)
	noFault := openapi3.NewSchemaRef("", &openapi3.Schema{Not: fault})
	for accepted, items := range map[bool]*openapi3.SchemaRef{true: fault, false: noFault} {
		array := openapi3.NewArraySchema()
		array.Items = items
		var values any
		if err := json.Unmarshal([]byte("["+strings.Join(rules[accepted], ",")+"]"), &values); err != nil {
			t.Fatal(err)
		}
		if array.VisitJSON(values, openapi3.EnableJSONSchema2020()) == nil {
			continue
		}
		for _, rule := range rules[accepted] {
			if allows(t, document, rule) != accepted {
				t.Errorf("%s: the emulator accepts it: %v, and the document says otherwise", rule, accepted)
			}
		}
	}
}

func TestTheOpenAPIDocumentHasTheMaximumNumberOfFaults(t *testing.T) {
	e, document := emulatortest.Start(t), loadDocument(t)
	body := document.Paths.Value("/faults").Post.RequestBody.Value.Content["application/json"].Schema.Value
	maximum := *body.OneOf[1].Value.MaxItems
	rules := slices.Repeat([]string{`{"operation":"GetRoom","status":500}`}, int(maximum)+1)
	text := fmt.Sprintf("[%s]", strings.Join(rules, ","))
	if message := errorMessage(t, e, 400, "POST", "faults", text); !strings.Contains(message, fmt.Sprint(maximum)) {
		t.Error(message)
	}
	call(t, e, 201, "POST", "faults", fmt.Sprintf("[%s]", strings.Join(rules[1:], ",")))
}
