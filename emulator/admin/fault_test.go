package admin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

func TestAnInvalidFaultIsRefusedWithTheReason(t *testing.T) {
	e := emulatortest.Start(t)
	for _, test := range []struct{ rule, reason string }{
		{`{"operation":"GetRoom","exception":"ConflictException"}`,
			"exception must be one that GetRoom can return, but is \"ConflictException\": " +
				"choose one of AccessDeniedException, ResourceNotFoundException, ValidationException, " +
				"ExpiredTokenException, "},
		{`{"operation":"CreateRoom","exception":"InternalServerException"}`,
			`exception must be one that CreateRoom can return, but is "InternalServerException"`},
		{`{"operation":"CONNECT","exception":"ExpiredTokenException"}`,
			"exception must be one that CONNECT can return, but is \"ExpiredTokenException\": " +
				"choose one of NotAuthorized, AccessDeniedException, ResourceNotFoundException, " +
				"ServiceUnavailable, InternalServerException, ThrottlingException"},
		{`{"operation":"GetRooms","status":500}`, `but is "GetRooms"`},
		{`{"operation":"GetRoom"}`, "this one has 0"},
		{`{"operation":"GetRoom","status":500,"reset":true}`, "this one has 2"},
		{`{"operation":"GetRoom","frame":"drop"}`, "frame drop is not possible for GetRoom"},
		{`{"operation":"MESSAGE","error":429}`, "error is not possible for MESSAGE"},
		{`{"operation":"MESSAGE","fail":true}`, "fail is not possible for MESSAGE"},
		{`{"operation":"CreateRoom","fail":true}`, "fail is possible only for CreateLoggingConfiguration, " +
			"UpdateLoggingConfiguration, DeleteLoggingConfiguration"},
		{`{"operation":"SEND_MESSAGE","error":418}`, "error must be one of"},
		{`{"operation":"SEND_MESSAGE","close":1006}`, "close must be"},
		{`{"operation":"GetRoom","status":500,"probability":2}`, "probability"},
		{`{"operation":"GetRoom","status":500,"probability":0}`, "probability must be more than 0"},
		{`{"operation":"GetRoom","delay":"1h"}`, "at most 10m"},
		{`{"operation":"GetRoom","status":500,"room":"x"}`, "room:"},
		{`{"operation":"GetRoom","status":500,"colour":1}`, "colour"},
		{`[{"operation":"GetRoom","status":500},{"operation":"GetRoom"}]`, "rule 2 of 2: a rule must have"},
		{`[{"operation":"GetRoom","status":500},{"operation":"GetRoom","close":1000},{"operation":"GetRoom","reset":true}]`,
			"rule 2 of 3: the effect close is not possible for GetRoom"},
		{`{"operation":"SEND_MESSAGE","error":429,"capability":"VIEW"}`, "capability must be"},
		{`{"operation":"GetRoom","status":500,"account":"me"}`,
			`account must be 12 digits, but is "me"`},
		{`{"operation":"GetRoom","status":500,"seed":7}`,
			"seed is allowed only with a probability"},
		{`{"operation":"GetRoom","exception":"ValidationException","reason":"WHIM"}`,
			"reason must be one of UNKNOWN_OPERATION, FIELD_VALIDATION_FAILED, OTHER"},
		{`{"operation":"GetRoom","exception":"AccessDeniedException","limit":7}`,
			"limit is not allowed, because AccessDeniedException of GetRoom does not have it"},
		{`{"operation":"GetRoom","exception":"ValidationException","resourceId":"x"}`,
			"resourceId is not allowed, because ValidationException of GetRoom does not have it"},
		{`{"operation":"GetRoom","exception":"ResourceNotFoundException","reason":"OTHER"}`,
			"reason and fieldList are allowed only for ValidationException"},
		{`{"operation":"GetRoom","reset":true,"body":"x"}`,
			"body, contentType and bare are allowed only with status"},
		{`{"operation":"GetRoom","reset":true,"message":"x"}`,
			"message is allowed only with exception or error"},
	} {
		message := errorMessage(t, e, 400, "POST", "faults", test.rule)
		if !strings.Contains(message, test.reason) {
			t.Errorf("%s: %s", test.rule, message)
		}
	}
	if rules := e.Faults().Rules(""); len(rules) != 0 {
		t.Errorf("a rule was added although it was refused: %v", rules)
	}
}

func TestAFaultOfAnotherAccountIsNotRemoved(t *testing.T) {
	e := emulatortest.Start(t)
	call(t, e, 201, "POST", "faults?account=123456789012", `{"operation":"GetRoom","status":500}`)
	addFault(t, e, `{"operation":"GetRoom","status":500}`)
	call(t, e, 404, "DELETE", "faults/1?account=210987654321", "")
	call(t, e, 404, "DELETE", "faults/2?account=123456789012", "") // which is for all accounts
	call(t, e, 204, "DELETE", "faults/1?account=123456789012", "")
	call(t, e, 204, "DELETE", "faults/2", "")
}

func TestAFaultIsForTheAccountOfTheQuery(t *testing.T) {
	e := emulatortest.Start(t)
	const path = "faults?account=123456789012"
	call(t, e, 201, "POST", path, `{"operation":"GetRoom","status":500}`)
	call(t, e, 201, "POST", path, `{"operation":"GetRoom","status":500,"account":"123456789012"}`)
	for _, fault := range list(t, e, "faults") {
		if member(fault, "account") != "123456789012" {
			t.Errorf("got %v", fault)
		}
	}
	message := errorMessage(t, e, 400, "POST", path, `{"operation":"GetRoom","status":500,"account":"210987654321"}`)
	if !strings.Contains(message, `account must be 123456789012, as in the query, or absent, but is "210987654321"`) {
		t.Error(message)
	}
}

func TestAFaultFiresOnlyWhereAndAsOftenAsItsRuleSays(t *testing.T) {
	e := emulatortest.Start(t, emulator.Config{RandomSeed: 1})
	room, other := e.Room(), e.Room()
	fails := func(room, user string) bool {
		t.Helper()
		_, err := sdk(e, 1).CreateChatToken(t.Context(),
			&ivschat.CreateChatTokenInput{RoomIdentifier: &room, UserId: &user})
		return err != nil
	}
	addFault(t, e, `{"operation":"CreateChatToken","room":"`+room+`","userId":"anna","status":500}`)
	if !fails(room, "anna") || fails(room, "ben") || fails(other, "anna") {
		t.Error("the fault must fire for anna in the first room, and only there")
	}
	call(t, e, 204, "DELETE", "faults", "")
	addFault(t, e, `{"operation":"CreateChatToken","every":3,"times":2,"status":500}`)
	pattern := ""
	for range 9 {
		pattern += mark(fails(room, "anna"))
	}
	if pattern != "..x..x..." {
		t.Errorf("every third call, twice: %s", pattern)
	}
	addFault(t, e, `{"operation":"CreateChatToken","probability":0.5,"status":500}`)
	fired := 0
	for range 100 {
		if fails(room, "anna") {
			fired++
		}
	}
	if fired < 30 || fired > 70 {
		t.Errorf("with a probability of 0.5: fired %d times of 100", fired)
	}
}

// mark returns x for a call that failed, and a dot for one that did not.
func mark(failed bool) string {
	if failed {
		return "x"
	}
	return "."
}

func TestAFaultWithASeedHasItsOwnRandomNumbers(t *testing.T) {
	pattern := func(seed string, others int) (pattern string) {
		e := emulatortest.Start(t)
		room := e.Room()
		addFault(t, e, `{"operation":"GetRoom","probability":0.5,"status":500,"seed":`+seed+`}`)
		for range 30 {
			for range others {
				e.Room() // whose ID takes a random number of the emulator
			}
			_, err := sdk(e, 1).GetRoom(t.Context(), &ivschat.GetRoomInput{Identifier: &room})
			pattern += mark(err != nil)
		}
		return pattern
	}
	first := pattern("7", 0)
	if again := pattern("7", 1); again != first {
		t.Errorf("with the same seed: %s, then %s", first, again)
	}
	if other := pattern("8", 0); other == first {
		t.Errorf("with another seed: %s as well", other)
	}
}

func TestADelayPassesBeforeTheAnswer(t *testing.T) {
	e := emulatortest.Start(t)
	addFault(t, e, `{"operation":"CreateRoom","times":1,"delay":"50ms"}`)
	began := time.Now()
	e.Room()
	if took := time.Since(began); took < 50*time.Millisecond {
		t.Errorf("it took %v", took)
	}
}
