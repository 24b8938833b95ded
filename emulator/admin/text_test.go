package admin_test

import (
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

func TestARefusalOfTheAdminAPISaysWhatWasWrongInAWholeSentence(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	const durations = "timeout must be a duration of at most 10m0s, for instance 5s, but is "
	for _, test := range []struct {
		status             int
		method, path, body string
		want               string
	}{
		{400, "POST", "reset", "[",
			"the body is not valid JSON: unexpected EOF"},
		{400, "POST", "reset", `{"to":seed}`,
			"the body is not valid JSON: invalid character 's' looking for beginning of value"},
		{400, "POST", "reset", "[]",
			"the body must be a JSON object, but is an array"},
		{400, "POST", "reset", `{"to":1}`,
			"to must be a JSON string, but is a number"},
		{400, "POST", "reset", `{"to":"x"}`,
			`to must be one of empty, seed, but is "x"`},
		{400, "POST", "reset", `{"To":"seed"}`,
			`the member "To" is not one of the body, which has to: did you mean to?`},
		{400, "POST", "reset", `{"to":"seed"} x`,
			"the body must be one JSON value, but has more text after it"},
		{400, "POST", "reset", `{"to":"seed"}`,
			"there is no seed: start the emulator with --seed FILE, or seed it in Go"},
		{400, "POST", "clock", "{}",
			"the body must have exactly one of advance, to, freeze and scale, but has 0"},
		{400, "POST", "clock", `{"scale":86400.5}`,
			"scale must be from 0 to 86400, but is 86400.5"},
		{400, "POST", "clock", `{"scale":-0.5}`,
			"scale must be from 0 to 86400, but is -0.5"},
		{400, "POST", "clock", `{"advance":1}`,
			"advance must be a JSON string, but is a number"},
		{400, "POST", "clock", `{"freeze":"x"}`,
			"freeze must be a JSON boolean, but is a string"},
		{400, "POST", "clock", `{"scale":"1"}`,
			"scale must be a JSON number, but is a string"},
		{400, "POST", "clock", "",
			"the body must be a JSON object, but is empty"},
		{400, "POST", "clock", `{"advance":"1s","advance":"1s"}`,
			`the member "advance" is in the body twice: remove one`},
		{400, "POST", "clock", `{"advnce":"1s"}`,
			`the member "advnce" is not one of the body, which has advance, freeze, scale, to: did ` +
				"you mean advance?"},
		{400, "POST", "clock", `{"advance":"soon"}`,
			`advance must be a duration such as 61m, 1h30m or 48h, but is "soon"`},
		{400, "POST", "clock", `{"advance":"-1s"}`,
			"the clock cannot go back: advance must not be negative, but is -1s"},
		{400, "POST", "clock", `{"to":"soon"}`,
			`to must be a time such as 2026-01-31T12:00:00Z, but is "soon"`},
		{400, "POST", "clock", `{"advance":"1000000h"}`,
			"advance is 1000000h0m0s, but the clock can be at most a hundred years ahead of the " +
				"machine's time"},
		{400, "POST", "clock", `{"to":"2500-01-01T00:00:00Z"}`,
			"to is 2500-01-01T00:00:00Z, but the clock can be at most a hundred years ahead of the " +
				"machine's time"},
		{400, "GET", "clock", "{}",
			"GET /_ivschat/v1/clock takes no body"},
		{400, "DELETE", "faults", "x",
			"DELETE /_ivschat/v1/faults takes no body"},
		{400, "GET", "rooms?x=1", "",
			`the parameter "x" is not one of GET /_ivschat/v1/rooms, which has account, region, search, count, sessions`},
		{400, "GET", "rooms?account=1", "",
			`account must be 12 digits, but is "1"`},
		{400, "GET", "rooms?account=", "",
			`account must be 12 digits, but is ""`},
		{400, "GET", "rooms?account=123456789012&account=123456789012", "",
			"the parameter account can be given only once, but is given 2 times"},
		{400, "GET", "rooms?%zz", "",
			`the query cannot be parsed: invalid URL escape "%zz": write %25 for % and %3B for ;`},
		{400, "GET", "rooms/x", "",
			`"x" is not an ARN of the form arn:aws:ivschat:<region>:<account>:<resource type>/<ID>`},
		{404, "GET", "rooms/ROOMx", "",
			"Resource ROOMx does not exist"},
		{404, "GET", "rooms/ROOM?account=210987654321", "",
			"account 210987654321 does not have the room ROOM"},
		{404, "GET", "rooms/ROOMx/frames", "",
			"Resource ROOMx does not exist"},
		{404, "GET", "events?room=ROOMx", "",
			"Resource ROOMx does not exist"},
		{404, "GET", "events?account=210987654321&room=ROOM", "",
			"account 210987654321 does not have the room ROOM"},
		{400, "GET", "events?after=x", "",
			`after must be an integer of 0 or more, but is "x"`},
		{400, "GET", "openapi.json?x=1", "",
			`the parameter "x" is not one of GET /_ivschat/v1/openapi.json, which has none`},
		{400, "GET", "rooms/ROOM/frames?direction=up", "",
			`direction must be one of in, out, but is "up"`},
		{400, "GET", "journal?kind=x", "",
			`kind must be one of call, frame, handshake, connect, disconnect, fault, review, delivery, but is "x"`},
		{400, "GET", "journal?after=x", "",
			`after must be an integer of 0 or more, but is "x"`},
		{400, "GET", "journal?after=-1", "",
			`after must be an integer of 0 or more, but is "-1"`},
		{400, "GET", "journal?count=x", "",
			`count must be an integer of 0 or more, but is "x"`},
		{400, "GET", "journal?count=20000", "",
			"count must be at most 10000, the most that the journal keeps of an account, but is 20000"},
		{400, "GET", "journal?timeout=x", "",
			durations + `"x"`},
		{400, "GET", "journal?timeout=1h", "",
			durations + `"1h"`},
		{400, "GET", "journal?timeout=-1s", "",
			durations + `"-1s"`},
		{400, "GET", "calls?operation=GetRooms", "",
			"operation must be one of CreateChatToken, CreateLoggingConfiguration, CreateRoom, " +
				"DeleteLoggingConfiguration, DeleteMessage, DeleteRoom, DisconnectUser, " +
				"GetLoggingConfiguration, GetRoom, ListLoggingConfigurations, ListRooms, " +
				"ListTagsForResource, SendEvent, TagResource, UntagResource, UpdateLoggingConfiguration, " +
				`UpdateRoom, but is "GetRooms": did you mean GetRoom?`},
		{400, "GET", "calls?status=x", "",
			`status must be an integer of 0 or more, but is "x"`},
		{400, "GET", "calls?status=99", "",
			"status must be an HTTP status from 100 to 599, but is 99"},
		{400, "GET", "calls?status=600", "",
			"status must be an HTTP status from 100 to 599, but is 600"},
		{400, "GET", "calls?with={" + strings.Repeat("%20", 16<<10-1) + "}", "",
			"with must have at most 16384 bytes, because the journal does not keep a longer request, but has 16385"},
		{400, "GET", "calls?with=" + strings.Repeat("[", 101), "",
			"with must be nested at most 100 levels deep"},
		{400, "GET", `calls?with={"a":1,"a":2}`, "",
			`the member "a" is in with twice: remove one`},
		{400, "GET", `calls?operation=SendEvent&with={"eventname":"x"}`, "",
			`the member "eventname" is not one of SendEvent, which has roomIdentifier, eventName, attributes: ` +
				"did you mean eventName?"},
		{400, "GET", "calls?with=x", "",
			`with must be a JSON object, for instance {"userId":"anna"}, but is "x": curl needs -G ` +
				"and --data-urlencode to send one"},
		{400, "GET", "calls?with=[]", "",
			`with must be a JSON object, for instance {"userId":"anna"}, but is "[]": curl needs -G ` +
				"and --data-urlencode to send one"},
		{404, "DELETE", "faults/7", "",
			"the fault 7 does not exist: it was never added, was removed, or has fired for the last time"},
		{404, "DELETE", "faults/x", "",
			"the fault x does not exist: it was never added, was removed, or has fired for the last time"},
		{404, "GET", "nope", "",
			"the path /_ivschat/v1/nope does not exist: see /_ivschat/v1/openapi.json"},
		{405, "PUT", "clock", "",
			"/_ivschat/v1/clock does not support PUT: see /_ivschat/v1/openapi.json"},
		{400, "POST", "faults", "1",
			"the body must be a JSON object, but is a number"},
		{400, "POST", "faults", "",
			"the body must be a JSON object, but is empty"},
		{400, "POST", "faults", `{"operation":1}`,
			"operation must be a JSON string, but is a number"},
		{400, "POST", "faults", `{"fieldList":{}}`,
			"fieldList must be a JSON array, but is an object"},
		{400, "POST", "faults", strings.Repeat("[", 101),
			"the body must be nested at most 100 levels deep"},
		{400, "POST", "faults", `{"fieldList":[{"name":"x"},{"nam":"x"}]}`,
			`the member "nam" is not one of fieldList, which has message, name: did you mean name?`},
		{400, "POST", "faults", `{"fieldList":[{"name":"x"}],"status":500,"status":500}`,
			`the member "status" is in the body twice: remove one`},
		{400, "POST", "faults", `[{"operation":"GetRoom","status":500},1]`,
			"rule 2 of 2: the body must be a JSON object, but is a number"},
		{400, "POST", "faults", "[" + strings.Repeat(`{"operation":"GetRoom","status":500},`, 1000) +
			`{"operation":"GetRoom","status":500}]`,
			"there can be at most 1000 rules, but there would be 1001"},
		{400, "POST", "tokens/inspect", "{}",
			"the chat token was not issued by this emulator, or it was changed"},
		{400, "POST", "tokens/inspect", `{"token":""}`,
			"the chat token was not issued by this emulator, or it was changed"},
		{400, "POST", "tokens/inspect", `{"token":"x"}`,
			"the chat token was not issued by this emulator, or it was changed"},
		{400, "POST", "tokens/inspect", `{"token":1}`,
			"token must be a JSON string, but is a number"},
	} {
		path := strings.Replace(test.path, "ROOM", room, 1)
		want := strings.Replace(test.want, "ROOM", room, 1)
		if got := errorMessage(t, e, test.status, test.method, path, test.body); got != want {
			t.Errorf("%s %s %s:\ngot  %s\nwant %s", test.method, test.path, test.body, got, want)
		}
	}
}

// An empty value would mean that the rule fires everywhere, which the client did not ask for.
func TestARuleThatSaysWithAnEmptyValueWhereItFiresIsRefused(t *testing.T) {
	e := emulatortest.Start(t)
	for _, name := range []string{"account", "room", "userId", "capability"} {
		for _, value := range []string{`""`, "null"} {
			body := `{"operation":"MESSAGE","frame":"drop","` + name + `":` + value + `}`
			want := name + " must not be " + value + ": leave it out for a rule that does not depend on it"
			if got := errorMessage(t, e, 400, "POST", "faults", body); got != want {
				t.Errorf("%s:\ngot  %s\nwant %s", body, got, want)
			}
		}
	}
	if rules := list(t, e, "faults"); len(rules) != 0 {
		t.Errorf("the rules are %v", rules)
	}
}

func TestTheWarningOfAClockThatIsTooFarAheadIsAWholeSentence(t *testing.T) {
	e := emulatortest.Start(t)
	const want = "the clock is 25.0 days ahead of the machine's time: a timer of JavaScript is at most 24.8 days long, so " +
		"amazon-ivs-chat-messaging reconnects all the time, unless its tokenProvider leaves out tokenExpirationTime"
	if warning := call(t, e, 200, "POST", "clock", `{"advance":"600h"}`)["warning"]; warning != want {
		t.Errorf("got %v", warning)
	}
}
