package admin_test

import (
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

func TestAnInvalidRequestIsRefusedInTermsOfJSON(t *testing.T) {
	e := emulatortest.Start(t)
	for _, test := range []struct{ method, path, body, reason string }{
		{"POST", "clock", `{"advance":61}`, "advance must be a JSON string, but is a number"},
		{"POST", "clock", `{"freeze":"yes"}`, "freeze must be a JSON boolean, but is a string"},
		{"POST", "clock", `[]`, "the body must be a JSON object, but is an array"},
		{"POST", "clock", `{"advance":true}`, "advance must be a JSON string, but is a boolean"},
		{"POST", "clock", `{"advance":"2d"}`, `advance must be a duration such as 61m, 1h30m or 48h, but is "2d"`},
		{"POST", "clock", ``, "the body must be a JSON object, but is empty"},
		{"POST", "clock", `{"advance":"1s"}{}`, "the body must be one JSON value, but has more text after it"},
		{"POST", "clock", `{"colour":1}`, `the member "colour" is not one of the body, which has advance, freeze, scale, to`},
		{"POST", "clock", `{"Advance":"1s"}`, `the member "Advance" is not one of the body, which has advance, freeze, scale, to: did you mean advance?`},
		{"POST", "clock", `{"advance":"1s","advance":"2s"}`, `the member "advance" is in the body twice`},
		{"POST", "faults", `[{"operation":"GetRoom","exeption":"x"}]`, "did you mean exception?"},
		{"POST", "faults", `{"operation":"GetRoom","exception":"ValidationException","fieldList":[{"nam":"x"}]}`,
			`the member "nam" is not one of fieldList, which has message, name: did you mean name?`},
		{"POST", "clock", `{"to":"tomorrow"}`,
			`to must be a time such as 2026-01-31T12:00:00Z, but is "tomorrow"`},
		{"POST", "clock", `{"to":"0001-01-01T00:00:00Z"}`,
			"to is 0001-01-01T00:00:00Z, but the clock is at 2"},
		{"POST", "clock", `{"to":"9999-01-01T00:00:00Z"}`, "a hundred years"},
		{"POST", "clock", `{"advance":"-5m"}`, "but is -5m0s"},
		{"POST", "faults", `{"operation":"GetRoom","status":"500"}`,
			"status must be a JSON integer, but is a string"},
		{"POST", "faults", `[{"operation":"GetRoom","status":500},{"operation":"GetRoom","status":5.5}]`,
			"rule 2 of 2: status must be a JSON integer, but is a number 5.5"},
		{"POST", "faults", `[{"operation":"GetRoom","status":500},{"operation":"GetRoom","staus":500}]`,
			`rule 2 of 2: the member "staus" is not one of the body, `},
		{"POST", "faults", `{"operation":"GetRoom","probability":"x"}`,
			"probability must be a JSON number, but is a string"},
		{"GET", "journal?kind=gossip", "",
			`kind must be one of call, frame, handshake, connect, disconnect, fault, review, delivery, ` +
				`but is "gossip"`},
		{"GET", "rooms/" + e.Room() + "/frames?direction=up", "",
			`direction must be one of in, out, but is "up"`},
	} {
		message := errorMessage(t, e, 400, test.method, test.path, test.body)
		if !strings.Contains(message, test.reason) || strings.Contains(message, "Go ") {
			t.Errorf("%s: %s, want %s", test.body, message, test.reason)
		}
	}
}
