package admin_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

// roomNames returns the names of the rooms in an answer, and its total.
func roomNames(t *testing.T, e *emulatortest.Emulator, query string) (names []string, total any) {
	t.Helper()
	answer := call(t, e, 200, "GET", "rooms"+query, "")
	for _, room := range answer["items"].([]any) {
		names = append(names, fmt.Sprint(member(room, "name")))
	}
	slices.Sort(names)
	return names, answer["total"]
}

func TestRoomsAreSelected(t *testing.T) {
	e := emulatortest.Start(t)
	const seed = `
rooms:
  - {name: lobby, id: RoomNumber01, tags: {Team: Chat}}
  - {name: Lounge, region: eu-west-1}
  - {name: stage, account: "123456789012", tags: {kind: LOBBY of the stage}}
  - {name: hall, tags: {title: ÜBER}}`
	if err := e.Seed(t.Context(), []byte(seed)); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"":                              "Lounge hall lobby stage: 4",
		"?account=123456789012":         "stage: 1",
		"?region=eu-west-1":             "Lounge: 1",
		"?region=us-east-1":             "hall lobby stage: 3",
		"?region=us-east-2":             ": 0",
		"?search=":                      "Lounge hall lobby stage: 4",
		"?search=LO":                    "Lounge lobby stage: 3", // also in the value of a tag
		"?search=roomnumber01":          "lobby: 1",
		"?search=eu-WEST":               "Lounge: 1",
		"?search=team":                  "lobby: 1",
		"?search=cHAT&region=us-east-1": "hall lobby stage: 3",
		"?search=%C3%BC":                "hall: 1",
		"?search=nothing":               ": 0",
		"?search=lo&region=us-east-1":   "lobby stage: 2",
		"?count=0":                      ": 4",
		"?count=9":                      "Lounge hall lobby stage: 4",
		"?count=1&search=lobby&account=000000000000": "lobby: 1",
	} {
		names, total := roomNames(t, e, query)
		if got := fmt.Sprintf("%s: %v", strings.Join(names, " "), total); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	if names, total := roomNames(t, e, "?count=3"); len(names) != 3 || total != 4.0 {
		t.Errorf("got %v of %v", names, total)
	}
	for query, reason := range map[string]string{
		"?region=":          `region must be a region such as us-east-1, but is ""`,
		"?region=US_EAST":   `but is "US_EAST"`,
		"?count=-1":         "count must be an integer of 0 or more",
		"?sessions=many":    "sessions must be an integer of 0 or more",
		"?userId=anna":      `"userId"`,
		"?search=a&search=": "the parameter search can be given only once",
	} {
		if message := errorMessage(t, e, 400, "GET", "rooms"+query, ""); !strings.Contains(message, reason) {
			t.Errorf("%s: %s", query, message)
		}
	}
}

// usersOf returns the users of the sessions that are listed for a room, with the number of all.
func usersOf(room any) string {
	var users []string
	for _, session := range member(room, "sessions").([]any) {
		users = append(users, fmt.Sprint(member(session, "userId")))
	}
	return fmt.Sprintf("%s of %v", strings.Join(users, " "), member(room, "sessionCount"))
}

func TestAsManySessionsAreListedAsTheRequestAsksFor(t *testing.T) {
	e := emulatortest.Start(t)
	room, deleted := e.Room(), e.Room()
	for _, user := range []string{"anna", "ben", "anna", "carl"} {
		e.Connect(room, user)
	}
	e.Connect(deleted, "anna")
	e.Connect(deleted, "ben")
	deleteRoom(t, e, deleted)
	for query, want := range map[string][2]string{
		"":             {"anna ben anna carl of 4", "anna ben of 2"},
		"?sessions=0":  {" of 4", " of 2"},
		"?sessions=1":  {"anna of 4", "anna of 2"},
		"?sessions=3":  {"anna ben anna of 4", "anna ben of 2"},
		"?sessions=50": {"anna ben anna carl of 4", "anna ben of 2"},
	} {
		listed := list(t, e, "rooms"+query)
		for i, arn := range []string{room, deleted} {
			if got := usersOf(listed[i]); got != want[i] {
				t.Errorf("rooms%s: got %s, want %s", query, got, want[i])
			}
			if got := usersOf(call(t, e, 200, "GET", "rooms/"+arn+query, "")); got != want[i] {
				t.Errorf("rooms/%s%s: got %s, want %s", arn, query, got, want[i])
			}
		}
	}
	for query, want := range map[string]string{
		"?userId=anna":            "anna anna of 4",
		"?userId=anna&sessions=1": "anna of 4",
		"?userId=carl":            "carl of 4",
		"?userId=zoe":             " of 4",
		"?userId=":                " of 4",
	} {
		if got := usersOf(call(t, e, 200, "GET", "rooms/"+room+query, "")); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
}

func TestTheMessagesOfARoomAreCountedUntilAReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulatortest.Start(t)
		room := e.Room()
		messages := func() any { return call(t, e, 200, "GET", "rooms/"+room, "")["messages"] }
		if n := messages(); n != 0.0 {
			t.Errorf("there are %v messages before the first", n)
		}
		anna := e.Connect(room, "anna", "SEND_MESSAGE")
		for range 3 {
			anna.SendMessage("hi")
			anna.Receive()
		}
		anna.Send("{}") // which is refused
		anna.Receive()
		anna.Close()
		synctest.Wait()
		if listed := list(t, e, "rooms"); messages() != 3.0 || member(listed[0], "messages") != 3.0 {
			t.Errorf("there are %v messages, and the list has %v", messages(), listed)
		}
		snapshot := request(t, e, "GET", "/_ivschat/v1/snapshot", "").body
		call(t, e, 204, "PUT", "snapshot", snapshot)
		if n := messages(); n != 0.0 {
			t.Errorf("there are %v messages after a restored snapshot", n)
		}
	})
}
