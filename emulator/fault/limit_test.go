package fault_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
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

func TestAnExceptionAboutAResourceOrALimitCanHaveAResourceID(t *testing.T) {
	for operation, name := range map[string]string{
		"GetRoom": "ResourceNotFoundException", "CreateRoom": "ServiceQuotaExceededException",
	} {
		set, _ := newSet(t)
		effect := fault.ReturnException{Name: name, ResourceID: "x"}
		if _, err := set.Add(fault.Rule{Operation: operation, Effect: effect}); err != nil {
			t.Errorf("%s of %s: %v", name, operation, err)
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

func TestARuleHasALimitedSize(t *testing.T) {
	long := strings.Repeat("<", 20_000)
	for _, rule := range []fault.Rule{
		{Operation: "GetRoom", Effect: fault.ReturnStatus{Status: 500, Body: long}},
		{Operation: "GetRoom", Effect: fault.ReturnStatus{Status: 500, ContentType: long}},
		{Operation: "GetRoom", Effect: fault.ReturnException{Name: "PendingVerification", Message: long}},
		{Operation: "GetRoom", Effect: fault.ReturnException{Name: "ResourceNotFoundException", ResourceID: long}},
		{Operation: "SEND_MESSAGE", Effect: fault.SendError{Code: 500, Message: long}},
		{Operation: "SEND_MESSAGE", Effect: fault.SendError{Code: 500}, UserID: long},
	} {
		set, _ := newSet(t)
		if _, err := set.Add(rule); err == nil || !strings.HasPrefix(err.Error(), "a rule can have at most 16384 bytes in JSON") {
			t.Errorf("%T: the error is %.200v", rule.Effect, err)
		}
	}
	set, _ := newSet(t)
	if _, err := set.Add(fault.Rule{Operation: "GetRoom", Effect: fault.ReturnStatus{Status: 500, Body: long[:16_000]}}); err != nil {
		t.Errorf("a page of 16,000 bytes: %v", err)
	}
}
