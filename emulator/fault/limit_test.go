package fault_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestTheLimitsOfARuleAreExact(t *testing.T) {
	status := func(s int) fault.Rule {
		return fault.Rule{Operation: "GetRoom", Effect: fault.ReturnStatus{Status: s}}
	}
	closing := func(code int) fault.Rule {
		return fault.Rule{Operation: "SEND_MESSAGE", Effect: fault.CloseConnection{Code: code}}
	}
	delay := func(d time.Duration) fault.Rule { return fault.Rule{Operation: "GetRoom", Delay: d} }
	probability := func(p float64) fault.Rule {
		return fault.Rule{Operation: "GetRoom", Effect: unavailable, Probability: p}
	}
	const (
		wrongStatus = "status must be from 200 to 599, but is %d"
		wrongClose  = "close must be a close code that can be sent, for instance 1001 or 4000, but is %d"
		wrongDelay  = "delay must be a duration of at most 10m, for instance 250ms, but is "
		noEffect    = "a rule must have an effect or a delay, but this one has neither"
	)
	for _, test := range []struct {
		rule fault.Rule
		want string // "" if the rule is valid
	}{
		{status(199), fmt.Sprintf(wrongStatus, 199)},
		{status(200), ""},
		{status(599), ""},
		{status(600), fmt.Sprintf(wrongStatus, 600)},
		{closing(999), fmt.Sprintf(wrongClose, 999)},
		{closing(1000), ""},
		{closing(1003), ""},
		{closing(1004), fmt.Sprintf(wrongClose, 1004)},
		{closing(1005), fmt.Sprintf(wrongClose, 1005)},
		{closing(1006), fmt.Sprintf(wrongClose, 1006)},
		{closing(1007), ""},
		{closing(1014), ""},
		{closing(1015), fmt.Sprintf(wrongClose, 1015)},
		{closing(1016), ""},
		{closing(4999), ""},
		{closing(5000), fmt.Sprintf(wrongClose, 5000)},
		{delay(10 * time.Minute), ""},
		{delay(10*time.Minute + 1), wrongDelay + "10m0.000000001s"},
		{delay(1), ""},
		{delay(0), noEffect},
		{delay(-1), wrongDelay + "-1ns; " + noEffect},
		{probability(-0.1), "probability must be from 0 to 1, but is -0.1"},
		{probability(1), ""},
		{probability(1.1), "probability must be from 0 to 1, but is 1.1"},
	} {
		set, _ := newSet(t)
		message := ""
		if _, err := set.Add(test.rule); err != nil {
			message = err.Error()
		}
		if message != test.want {
			t.Errorf("%+v: got the error %q, want %q", test.rule, message, test.want)
		}
	}
}

func TestThereAreAtMostAThousandRules(t *testing.T) {
	set, _ := newSet(t)
	rule := fault.Rule{Operation: "GetRoom", Effect: unavailable}
	many := make([]fault.Rule, 999)
	for i := range many {
		many[i] = rule
	}
	for _, rules := range [][]fault.Rule{many, {rule}} {
		if _, err := set.Add(rules...); err != nil {
			t.Fatal(err)
		}
	}
	_, err := set.Add(rule)
	if want := "there can be at most 1000 rules, but there would be 1001"; err == nil || err.Error() != want {
		t.Errorf("got the error %v, want %s", err, want)
	}
	set.Remove("", 1)
	if added, err := set.Add(rule); err != nil || added[0].ID != 1001 {
		t.Errorf("after a rule was removed: %+v, %v", added, err)
	}
}

func TestARuleHasAtMost16384BytesInJSON(t *testing.T) {
	for name, rule := range map[string]func(text string) fault.Rule{
		"body": func(text string) fault.Rule {
			return fault.Rule{Operation: "GetRoom", Effect: fault.ReturnStatus{Status: 500, Body: text}}
		},
		"content type": func(text string) fault.Rule {
			return fault.Rule{Operation: "GetRoom", Effect: fault.ReturnStatus{Status: 500, ContentType: text}}
		},
		"message": func(text string) fault.Rule {
			return fault.Rule{Operation: "GetRoom", Effect: fault.ReturnException{Name: "ValidationError", Message: text}}
		},
		"resource ID": func(text string) fault.Rule {
			effect := fault.ReturnException{Name: "ResourceNotFoundException", ResourceID: text}
			return fault.Rule{Operation: "GetRoom", Effect: effect}
		},
		"field": func(text string) fault.Rule {
			fields := []ivschat.ValidationField{{Name: "name", Message: text}}
			return fault.Rule{Operation: "GetRoom", Effect: fault.ReturnException{Name: "ValidationException", Fields: fields}}
		},
		"message of an error": func(text string) fault.Rule {
			return fault.Rule{Operation: "SEND_MESSAGE", Effect: fault.SendError{Code: 500, Message: text}}
		},
		"user ID": func(text string) fault.Rule {
			return fault.Rule{Operation: "SEND_MESSAGE", Effect: fault.SendError{Code: 500}, UserID: text}
		},
	} {
		short, err := json.Marshal(fault.NewDocument(rule("<")))
		if err != nil {
			t.Fatal(err)
		}
		rest := 16384 - len(strings.Replace(string(short), `\u003c`, "<", 1)) // of which a line feed is one byte
		set, _ := newSet(t)
		if _, err := set.Add(rule(strings.Repeat("<", rest))); err != nil {
			t.Errorf("%s: with 16384 bytes: %.200v", name, err)
		}
		want := "a rule can have at most 16384 bytes in JSON, but this one has 16385: shorten its texts"
		if _, err := set.Add(rule(strings.Repeat("<", rest+1))); err == nil || err.Error() != want {
			t.Errorf("%s: with 16385 bytes: got the error %.200v, want %s", name, err, want)
		}
	}
}
