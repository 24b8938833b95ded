package fault_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// parse parses a rule in JSON.
func parse(t *testing.T, text string) (fault.Rule, error) {
	t.Helper()
	var d fault.Document
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	return d.Rule()
}

func TestADocumentIsTheRuleThatItDescribes(t *testing.T) {
	for text, want := range map[string]fault.Rule{
		`{"operation":"GetRoom","account":"123456789012","room":"` + room + `","times":2,"every":3,` +
			`"exception":"ValidationException","message":"no","reason":"OTHER",` +
			`"fieldList":[{"name":"n","message":"m"},{"name":"o","message":"p"}]}`: {
			Operation: "GetRoom", Account: "123456789012", Room: room, Times: 2, Every: 3,
			Effect: fault.ReturnException{
				Name: "ValidationException", Message: "no", Reason: ivschat.OtherReason,
				Fields: []ivschat.ValidationField{{Name: "n", Message: "m"}, {Name: "o", Message: "p"}},
			},
		},
		`{"operation":"CreateRoom","exception":"ThrottlingException","resourceId":"x","limit":3}`: {
			Operation: "CreateRoom", Effect: fault.ReturnException{Name: "ThrottlingException", ResourceID: "x", Limit: 3},
		},
		`{"operation":"CONNECT","status":503,"body":"busy","contentType":"text/plain"}`: {
			Operation: fault.Handshake, Effect: fault.ReturnStatus{Status: 503, Body: "busy", ContentType: "text/plain"},
		},
		`{"operation":"GetRoom","status":502,"body":"x","bare":true}`: {
			Operation: "GetRoom", Effect: fault.ReturnStatus{Status: 502, Body: "x", Bare: true},
		},
		`{"operation":"SEND_MESSAGE","userId":"anna","capability":"SEND_MESSAGE","probability":0.5,"seed":7,` +
			`"error":429,"message":"slow"}`: {
			Operation: "SEND_MESSAGE", UserID: "anna", Capability: ivschat.CapabilitySendMessage,
			Probability: 0.5, Seed: 7,
			Effect: fault.SendError{Code: 429, Message: "slow"},
		},
		`{"operation":"REVIEW","status":200,"body":"{}"}`: {
			Operation: fault.Review, Effect: fault.ReturnStatus{Status: 200, Body: "{}"},
		},
		`{"operation":"REVIEW","frame":"corrupt"}`: {Operation: fault.Review, Effect: fault.CorruptFrame{}},
		`{"operation":"EVENT","close":4000}`: {
			Operation: fault.EventFrame, Effect: fault.CloseConnection{Code: 4000},
		},
		`{"operation":"EVENT","reset":true}`:        {Operation: fault.EventFrame, Effect: fault.ResetConnection{}},
		`{"operation":"EVENT","silence":true}`:      {Operation: fault.EventFrame, Effect: fault.SilenceConnection{}},
		`{"operation":"ERROR","frame":"drop"}`:      {Operation: fault.ErrorFrame, Effect: fault.DropFrame{}},
		`{"operation":"ERROR","frame":"duplicate"}`: {Operation: fault.ErrorFrame, Effect: fault.DuplicateFrame{}},
		`{"operation":"MESSAGE","frame":"reorder"}`: {Operation: fault.MessageFrame, Effect: fault.ReorderFrame{}},
		`{"operation":"MESSAGE","frame":"corrupt"}`: {Operation: fault.MessageFrame, Effect: fault.CorruptFrame{}},
		`{"operation":"DeleteLoggingConfiguration","fail":true}`: {
			Operation: "DeleteLoggingConfiguration", Effect: fault.FailChange{},
		},
		`{"operation":"GetRoom","delay":"250ms"}`:      {Operation: "GetRoom", Delay: 250 * time.Millisecond},
		`{"operation":"GetRoom","delay":"10m0s"}`:      {Operation: "GetRoom", Delay: 10 * time.Minute},
		`{"operation":"GetRoom","delay":"1ns"}`:        {Operation: "GetRoom", Delay: 1},
		`{"operation":"EVENT","close":1,"delay":"2s"}`: {Operation: "EVENT", Effect: fault.CloseConnection{Code: 1}, Delay: 2e9},
		`{"operation":"CONNECT","exception":"NotAuthorized"}`: {
			Operation: fault.Handshake, Effect: fault.ReturnException{Name: "NotAuthorized"},
		},
	} {
		got, err := parse(t, text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v, want %+v", text, got, err, want)
		}
		want.ID, want.Fired = 4, 5
		again, err := json.Marshal(fault.NewDocument(want))
		if wanted := `{"id":4,` + strings.TrimSuffix(text[1:], "}") + `,"fired":5}`; err != nil ||
			!sameJSON(t, again, wanted) {
			t.Errorf("the document of %+v is %s, want %s", want, again, wanted)
		}
	}
}

// sameJSON reports whether two JSON texts have the same value.
func sameJSON(t *testing.T, got []byte, want string) bool {
	t.Helper()
	var a, b any
	if err := errors.Join(json.Unmarshal(got, &a), json.Unmarshal([]byte(want), &b)); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(a, b)
}

func TestADocumentWithoutAClearMeaningIsRefused(t *testing.T) {
	const (
		effects = "a rule must have exactly one of exception, status, error, close, reset, silence, frame and fail, " +
			"or only a delay, but this one has "
		delay      = "delay must be a duration of at most 10m, for instance 250ms, but is "
		message    = "message is allowed only with exception or error"
		resourceID = "resourceId is allowed only with exception"
		limit      = "limit is allowed only with exception"
		reason     = "reason and fieldList are allowed only with exception"
		body       = "body, contentType and bare are allowed only with status"
	)
	for text, want := range map[string]string{
		`{"operation":"GetRoom"}`:                                        effects + "0 of them",
		`{"operation":"GetRoom","status":500,"reset":true}`:              effects + "2 of them",
		`{"status":500,"reset":true,"silence":true,"delay":"1s"}`:        effects + "3 of them",
		`{"operation":"MESSAGE","frame":"lose"}`:                         `frame must be drop, duplicate, reorder or corrupt, but is "lose"`,
		`{"operation":"GetRoom","delay":"10m1ns"}`:                       delay + `"10m1ns"`,
		`{"operation":"GetRoom","delay":"0s"}`:                           delay + `"0s"`,
		`{"operation":"GetRoom","delay":"-1s"}`:                          delay + `"-1s"`,
		`{"operation":"GetRoom","delay":"soon"}`:                         delay + `"soon"`,
		`{"operation":"GetRoom","status":500,"probability":0}`:           "probability must be more than 0, otherwise the rule would never fire",
		`{"operation":"GetRoom","reset":true,"body":"x"}`:                body,
		`{"operation":"GetRoom","reset":true,"contentType":"x"}`:         body,
		`{"operation":"GetRoom","reset":true,"bare":true}`:               body,
		`{"operation":"GetRoom","status":500,"message":"x"}`:             message,
		`{"operation":"SEND_MESSAGE","error":429,"limit":1}`:             limit,
		`{"operation":"SEND_MESSAGE","error":429,"resourceId":"x"}`:      resourceID,
		`{"operation":"SEND_MESSAGE","error":429,"reason":"OTHER"}`:      reason,
		`{"operation":"SEND_MESSAGE","error":429,"fieldList":[{}]}`:      reason,
		`{"delay":"1s","message":"x","body":"y","limit":-1,"bare":true}`: message + "; " + limit + "; " + body,
	} {
		if _, err := parse(t, text); err == nil || err.Error() != want {
			t.Errorf("%s: got the error %v, want %s", text, err, want)
		}
	}
}

func TestDocumentsAreTheRulesOfAnAccount(t *testing.T) {
	const mine, other = "123456789012", "210987654321"
	documents := []fault.Document{{Operation: "GetRoom", Status: 500}, {Operation: "ListRooms", Status: 503, Account: mine}}
	for account, want := range map[string][]string{"": {"GetRoom ", "ListRooms " + mine}, mine: {"GetRoom " + mine, "ListRooms " + mine}} {
		rules, err := fault.Rules(documents, account)
		var got []string
		for _, rule := range rules {
			got = append(got, rule.Operation+" "+rule.Account)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("for the account %q: %q and %v, want %q", account, got, err, want)
		}
	}
	wrongAccount := `account must be ` + other + `, as in the query, or absent, but is "` + mine + `"`
	for want, documents := range map[string][]fault.Document{
		"rule 2 of 2: " + wrongAccount: documents,
		wrongAccount:                   documents[1:],
		"rule 1 of 2: a rule must have exactly one of exception, status, error, close, reset, silence, frame and " +
			"fail, or only a delay, but this one has 0 of them": {
			{Operation: "GetRoom"}, {Operation: "GetRoom", Status: 500},
		},
	} {
		if rules, err := fault.Rules(documents, other); err == nil || err.Error() != want || rules != nil {
			t.Errorf("got %v and %v, want %s", rules, err, want)
		}
	}
}

// FuzzDocument checks that a rule survives being written as a document and read again.
func FuzzDocument(f *testing.F) {
	for _, text := range []string{
		`{"operation":"GetRoom","exception":"ConflictException","resourceId":"x","limit":3}`,
		`{"operation":"MESSAGE","frame":"reorder","delay":"1ms"}`,
		`{"operation":"SEND_MESSAGE","probability":0.25,"seed":1,"close":1000}`,
		`{"status":200,"body":"x"}`,
		`{"status":503,"body":"x","contentType":"text/plain","bare":true}`,
		`{"operation":"SEND_MESSAGE","error":429,"message":"x"}`,
		`{"silence":true}`,
		`{"fieldList":[{}],"exception":"x"}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var d fault.Document
		if json.Unmarshal([]byte(text), &d) != nil {
			return
		}
		rule, err := d.Rule()
		if err != nil {
			return
		}
		again, err := fault.NewDocument(rule).Rule()
		if err != nil || !reflect.DeepEqual(again, rule) {
			t.Errorf("%s: %+v, then %+v, %v", text, rule, again, err)
		}
	})
}
