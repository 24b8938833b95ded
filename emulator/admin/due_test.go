package admin_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

// dueOf describes what falls due: a line for each, with the time of day and the members that are not the account.
func dueOf(t *testing.T, e *emulatortest.Emulator, query string) string {
	t.Helper()
	answer := call(t, e, 200, "GET", "clock/due"+query, "")
	lines := []string{fmt.Sprintf("total %v", answer["total"])}
	for _, item := range answer["items"].([]any) {
		at := readTime(t, member(item, "time")).Format("15:04:05")
		line := fmt.Sprint(at, " ", member(item, "kind"))
		for _, name := range []string{"room", "userId", "session", "loggingConfiguration"} {
			if value := member(item, name); value != nil {
				text := fmt.Sprint(value)
				line += " " + text[strings.LastIndexByte(text, '/')+1:]
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func expectDue(t *testing.T, e *emulatortest.Emulator, query string, lines ...string) {
	t.Helper()
	if got, want := dueOf(t, e, query), strings.Join(lines, "\n"); got != want {
		t.Errorf("%s:\n%s\nwant:\n%s", query, got, want)
	}
}

// withDue returns an emulator in which something of each kind falls due, with the IDs of the room and of the logging
// configurations: one logs, and one is CREATING.
func withDue(t *testing.T) (e *emulatortest.Emulator, room, logging, creating string) {
	t.Helper()
	e = emulatortest.Start(t, emulator.Config{LoggingConfigurationDelay: 30 * time.Second})
	idOf := func(arn any) string {
		_, id, _ := strings.Cut(fmt.Sprint(arn), "/")
		return id
	}
	const destination = `{"destinationConfiguration":{"s3":{"bucketName":"bucket"}}}`
	first := operation(t, e, "/CreateLoggingConfiguration", destination)["arn"]
	e.Advance(30 * time.Second)
	arn := operation(t, e, "/CreateRoom", fmt.Sprintf(`{"loggingConfigurationIdentifiers":[%q]}`, first))["arn"]
	second := operation(t, e, "/CreateLoggingConfiguration", destination)["arn"]
	connect := func(user string, minutes int) {
		reply := operation(t, e, "/CreateChatToken", fmt.Sprintf(
			`{"roomIdentifier":%q,"userId":%q,"sessionDurationInMinutes":%d}`, arn, user, minutes))
		e.ConnectWithToken(fmt.Sprint(reply["token"]))
	}
	connect("anna", 120)
	connect("ben", 1)
	operation(t, e, "/SendEvent", fmt.Sprintf(`{"roomIdentifier":%q,"eventName":"e"}`, arn))
	return e, idOf(arn), idOf(first), idOf(second)
}

func TestWhatFallsDueIsListedTheEarliestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, room, logging, creating := withDue(t)
		all := []string{
			"00:01:00 loggingConfiguration " + creating,
			"00:01:30 sessionExpiration " + room + " ben 2",
			"00:01:30 tokenExpiration " + room + " ben",
			"00:05:00 chatLogDelivery " + room + " " + logging,
			"01:00:30 tokenExpiration " + room + " anna",
			"02:00:30 sessionExpiration " + room + " anna 1",
		}
		list := func(total int, items ...string) []string {
			return append([]string{fmt.Sprintf("total %d", total)}, items...)
		}
		expectDue(t, e, "", list(6, all...)...)
		expectDue(t, e, "?account=000000000000", list(6, all...)...)
		expectDue(t, e, "?account=123456789012", list(0)...)
		for count := range 7 {
			expectDue(t, e, fmt.Sprintf("?count=%d", count), list(6, all[:count]...)...)
		}
		expectDue(t, e, "?kind=loggingConfiguration", list(1, all[0])...)
		expectDue(t, e, "?kind=sessionExpiration", list(2, all[1], all[5])...)
		expectDue(t, e, "?kind=tokenExpiration", list(2, all[2], all[4])...)
		expectDue(t, e, "?kind=tokenExpiration&count=1", list(2, all[2])...)
		expectDue(t, e, "?kind=chatLogDelivery", list(1, all[3])...)
		for i, advance := range []time.Duration{30 * time.Second, 30 * time.Second, 210 * time.Second, 56 * time.Minute} {
			e.Advance(advance)
			left := all[[]int{1, 3, 4, 5}[i]:]
			expectDue(t, e, "", list(len(left), left...)...)
		}
	})
}

func TestWhatFallsDueDependsOnTheClockOfItsAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulatortest.Start(t)
		e.Connect(e.Room(), "anna") // of account 123456789012
		room := operation(t, e, "/CreateRoom", "{}")["arn"]
		operation(t, e, "/CreateChatToken", fmt.Sprintf(`{"roomIdentifier":%q,"userId":"ben"}`, room))
		call(t, e, 200, "POST", "clock?account=123456789012", `{"advance":"61m"}`)
		answer := call(t, e, 200, "GET", "clock/due", "")
		if items := answer["items"].([]any); len(items) != 1 || member(items[0], "userId") != "ben" ||
			member(items[0], "account") != "000000000000" || answer["total"] != 1.0 {
			t.Errorf("the answer is %v", answer)
		}
	})
}

func TestATokenIsDueOnlyIfOneWasIssuedAndIsInTheJournal(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	addFault(t, e, `{"operation":"CreateChatToken","times":1,"status":200,"body":"not JSON"}`)
	addFault(t, e, `{"operation":"CreateChatToken","times":1,"status":200,"body":"{}","contentType":"application/json"}`)
	for range 2 {
		request(t, e, "POST", "/CreateChatToken", fmt.Sprintf(`{"roomIdentifier":%q,"userId":"anna"}`, room))
	}
	request(t, e, "POST", "/CreateChatToken", `{"roomIdentifier":"x","userId":"anna"}`) // which is refused
	expectDue(t, e, "", "total 0")
	e.Token(room, "ben")
	if due := dueOf(t, e, ""); !strings.Contains(due, "total 1") || !strings.HasSuffix(due, "ben") {
		t.Error(due)
	}
	e.Journal().Forget("")
	expectDue(t, e, "", "total 0")
}

func TestAWrongQuestionForWhatFallsDueIsRefused(t *testing.T) {
	e := emulatortest.Start(t)
	for query, reason := range map[string]string{
		"kind=token": `kind must be one of tokenExpiration, sessionExpiration, chatLogDelivery, loggingConfiguration, ` +
			`but is "token"`,
		"kind=":       `but is ""`,
		"count=10001": "count must be at most 10000",
		"after=0":     `"after"`,
	} {
		if message := errorMessage(t, e, 400, "GET", "clock/due?"+query, ""); !strings.Contains(message, reason) {
			t.Errorf("%s: %s", query, message)
		}
	}
}
