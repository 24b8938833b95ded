package admin_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

func TestASeedIsAddedToWhatExists(t *testing.T) {
	e := emulatortest.Start(t)
	operation(t, e, "/CreateRoom", `{"name":"hall"}`)
	for _, document := range []string{
		`{"rooms": [{"name": "lobby", "maximumMessageLength": 100}]}`,
		"rooms:\n  - name: stage\n    account: \"123456789012\"\n",
		"rooms: [{name: lobby, maximumMessageLength: 200}]",
	} {
		call(t, e, 204, "POST", "seed", document)
		call(t, e, 204, "POST", "seed", document) // which changes nothing
	}
	if names, _ := roomNames(t, e, ""); fmt.Sprint(names) != "[hall lobby stage]" {
		t.Errorf("the rooms are %v", names)
	}
	if lobby := list(t, e, "rooms?search=lobby"); member(lobby[0], "maximumMessageLength") != 200.0 {
		t.Errorf("the lobby is %v", lobby)
	}
	call(t, e, 204, "POST", "reset", `{"to":"seed"}`)
	if names, _ := roomNames(t, e, ""); fmt.Sprint(names) != "[lobby stage]" {
		t.Errorf("the rooms after a reset are %v", names)
	}
}

func TestASeedForAnAccountIsAddedToThatAccountAlone(t *testing.T) {
	e := emulatortest.Start(t)
	const document = `{"rooms": [{"name": "lobby"}, {"name": "hall", "account": "123456789012"},
		{"name": "stage", "account": "000000000000"}]}`
	call(t, e, 204, "POST", "seed?account=123456789012", document)
	for query, want := range map[string]string{"?account=123456789012": "[hall lobby]", "": "[hall lobby]"} {
		if names, _ := roomNames(t, e, query); fmt.Sprint(names) != want {
			t.Errorf("the rooms of %s are %v, want %s", query, names, want)
		}
	}
	call(t, e, 204, "POST", "reset", `{"to":"seed"}`)
	if names, _ := roomNames(t, e, ""); fmt.Sprint(names) != "[hall lobby]" {
		t.Errorf("the rooms after a reset are %v", names)
	}
}

func TestASeedWithMistakesIsRefusedWithAllOfThemAndNothingHappens(t *testing.T) {
	e := emulatortest.Start(t)
	for document, want := range map[string][]string{
		"rooms:\n  - name: lobby\n  - name: a room\n  - colour: red\n": {
			"line 3: rooms[1].name: must match the pattern", "; line 4: rooms[2].colour: is not a member of a room",
			"; line 4: rooms[2].id: is required",
		},
		`{"rooms": [`: {"line 1: the document is not valid JSON: it ends too early"},
		"[":           {"line 1: "},
		"":            {"the document"},
		"7":           {"line 1: the document: must be an object, but is 7"},
	} {
		message := errorMessage(t, e, 400, "POST", "seed", document)
		for _, part := range want {
			if !strings.Contains(message, part) {
				t.Errorf("%q: %s, want %s", document, message, part)
			}
		}
	}
	message := errorMessage(t, e, 413, "POST", "seed", "#"+strings.Repeat(" ", 1<<20))
	if !strings.Contains(message, "can have at most 1048576 bytes") {
		t.Error(message)
	}
	if names, _ := roomNames(t, e, ""); len(names) != 0 {
		t.Errorf("the rooms are %v", names)
	}
	call(t, e, 400, "POST", "reset", `{"to":"seed"}`) // there is none
}

func TestASeedThatCannotBeStoredIsAnInternalError(t *testing.T) {
	handler, log := withState(fakeState{read: func() error { return errors.New("the disk is full") }})
	message := errorMessage(t, handler, 500, "POST", "seed", "{}")
	if strings.Contains(message, "disk") || !strings.Contains(log.String(), "the disk is full") {
		t.Errorf("the message is %s, and the log is\n%s", message, log)
	}
}
