package fault_test

import (
	"encoding/json"
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
		`{"operation":"GetRoom","account":"123456789012","room":"` + room + `","times":2,"every":3,
			"exception":"ValidationException","message":"no","reason":"OTHER","fieldList":[{"name":"n","message":"m"}]}`: {
			Operation: "GetRoom", Account: "123456789012", Room: room, Times: 2, Every: 3,
			Effect: fault.ReturnException{
				Name: "ValidationException", Message: "no", Reason: ivschat.OtherReason,
				Fields: []ivschat.ValidationField{{Name: "n", Message: "m"}},
			},
		},
		`{"operation":"CONNECT","status":503,"body":"busy","contentType":"text/plain"}`: {
			Operation: fault.Handshake, Effect: fault.ReturnStatus{Status: 503, Body: "busy", ContentType: "text/plain"},
		},
		`{"operation":"GetRoom","status":502,"body":"x","bare":true}`: {
			Operation: "GetRoom", Effect: fault.ReturnStatus{Status: 502, Body: "x", Bare: true},
		},
		`{"operation":"SEND_MESSAGE","userId":"anna","capability":"SEND_MESSAGE","probability":0.5,"seed":7,
			"error":429,"message":"slow"}`: {
			Operation: "SEND_MESSAGE", UserID: "anna", Capability: ivschat.CapabilitySendMessage,
			Probability: 0.5, Seed: 7,
			Effect: fault.SendError{Code: 429, Message: "slow"},
		},
		`{"operation":"EVENT","close":4000}`:        {Operation: fault.EventFrame, Effect: fault.CloseConnection{Code: 4000}},
		`{"operation":"EVENT","reset":true}`:        {Operation: fault.EventFrame, Effect: fault.ResetConnection{}},
		`{"operation":"EVENT","silence":true}`:      {Operation: fault.EventFrame, Effect: fault.SilenceConnection{}},
		`{"operation":"ERROR","frame":"drop"}`:      {Operation: fault.ErrorFrame, Effect: fault.DropFrame{}},
		`{"operation":"MESSAGE","frame":"corrupt"}`: {Operation: fault.MessageFrame, Effect: fault.CorruptFrame{}},
		`{"operation":"GetRoom","delay":"250ms"}`:   {Operation: "GetRoom", Delay: 250 * time.Millisecond},
		`{"operation":"CONNECT","exception":"NotAuthorized"}`: {
			Operation: fault.Handshake, Effect: fault.ReturnException{Name: "NotAuthorized"},
		},
	} {
		got, err := parse(t, text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v, want %+v", text, got, err, want)
		}
		set, _ := newSet(t)
		if _, err := set.Add(got); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestADocumentWithoutAClearMeaningIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{"operation":"GetRoom"}`:                                       "has 0",
		`{"operation":"GetRoom","status":500,"reset":true}`:             "has 2",
		`{"operation":"MESSAGE","frame":"lose"}`:                        `but is "lose"`,
		`{"operation":"GetRoom","delay":"1h"}`:                          "at most 10m",
		`{"operation":"GetRoom","delay":"soon"}`:                        `but is "soon"`,
		`{"operation":"GetRoom","status":500,"probability":0}`:          "more than 0",
		`{"operation":"GetRoom","reset":true,"body":"x"}`:               "body, contentType and bare are allowed only with status",
		`{"operation":"GetRoom","reset":true,"bare":true}`:              "body, contentType and bare are allowed only with status",
		`{"operation":"GetRoom","reset":true,"message":"x"}`:            "message is allowed only with exception or error",
		`{"operation":"SEND_MESSAGE","error":429,"limit":1}`:            "limit is allowed only with exception",
		`{"operation":"SEND_MESSAGE","error":429,"resourceId":"x"}`:     "resourceId is allowed only with exception",
		`{"operation":"SEND_MESSAGE","error":429,"reason":"OTHER"}`:     "reason and fieldList are allowed only with exception",
		`{"operation":"GetRoom","delay":"1s","message":"x","body":"y"}`: "body, contentType and bare are allowed only with status",
	} {
		if _, err := parse(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
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
		"rule 1 of 2: a rule must have exactly one of exception, status, error, close, reset, silence and frame, " +
			"or only a delay, but this one has 0 of them": {{Operation: "GetRoom"}, {Operation: "GetRoom", Status: 500}},
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
