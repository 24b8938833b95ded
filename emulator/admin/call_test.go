package admin_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// text returns a value as JSON.
func text(t testing.TB, value any) string {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

func TestACallInTheJournalHasItsRequestAndItsAnswer(t *testing.T) {
	e := emulatortest.Start(t)
	const arn = "arn:aws:ivschat:us-east-1:000000000000:room/RoomNumber01"
	if err := e.Seed(t.Context(), []byte(`{"rooms":[{"id":"RoomNumber01"}]}`)); err != nil {
		t.Fatal(err)
	}
	tags := "/tags/" + url.PathEscape(arn)
	long := strings.Repeat("x", 16<<10)
	addFault(t, e, `{"operation":"SendEvent","times":1,"status":502,"body":"<h1>Bad gateway</h1>"}`)
	for _, test := range []struct{ method, path, body, request, response string }{
		{"POST", "/UpdateRoom", `{"identifier":"` + arn + `", "name":"lobby", "unknown":[1.5]}`,
			`{"identifier":"` + arn + `","name":"lobby","unknown":[1.5]}`, `"name":"lobby"`},
		{"POST", "/ListRooms", "", `{}`, `{"rooms":[{"arn":"` + arn},
		{"POST", tags, `{"tags":{"a":"b"}}`, `{"resourceArn":"` + arn + `","tags":{"a":"b"}}`, `{}`},
		{"DELETE", tags + "?tagKeys=a&tagKeys=b", "", `{"resourceArn":"` + arn + `","tagKeys":["a","b"]}`, `{}`},
		{"GET", tags, "", `{"resourceArn":"` + arn + `"}`, `{"tags":{}}`},
		{"POST", "/CreateRoom", `{"name":`, `"{\"name\":"`, `"message":"Request body must be one JSON object: `},
		{"POST", "/CreateRoom", "\xff", `"�"`, `it is not UTF-8"`},
		{"POST", "/CreateRoom", `[1]`, `[1]`, `"message":"`},
		{"POST", "/CreateRoom", `{"name":"` + long + `"}`, `requestBytes:16395`, `"message":"`},
		{"POST", "/SendEvent", `{}`, `{}`, `"\u003ch1\u003eBad gateway\u003c/h1\u003e"`},
		{"POST", "/CreateRooms", `{}`, `null`, `is not an operation`},
		{"POST", "/DeleteRoom", `{"identifier":"` + arn + `"}`, `{"identifier":"` + arn + `"}`, `null`},
	} {
		request(t, e, test.method, test.path, test.body)
		items := list(t, e, "calls")
		last := items[len(items)-1]
		got := text(t, member(last, "request"))
		if n, ok := member(last, "requestBytes").(float64); ok {
			got = fmt.Sprintf("requestBytes:%v", n)
		}
		if got != test.request {
			t.Errorf("%s: the request is %s, want %s", test.path, got, test.request)
		}
		if response := text(t, member(last, "response")); !strings.Contains(response, test.response) {
			t.Errorf("%s: the response is %s, want %s", test.path, response, test.response)
		}
	}
}

func TestAnEntryOfTheJournalIsReadableInATerminal(t *testing.T) {
	e := emulatortest.Start(t)
	request(t, e, "POST", "/CreateRoom", `{"name":"<a&b>"}`)
	if body := request(t, e, "GET", admin.Prefix+"calls", "").body; !strings.Contains(body, `"name":"<a&b>"`) {
		t.Errorf("the answer is %s", body)
	}
}

func TestALongAnswerIsInTheJournalWithItsSizeOnly(t *testing.T) {
	e := emulatortest.Start(t)
	for range 50 {
		request(t, e, "POST", "/CreateRoom", `{"tags":{"k":"`+strings.Repeat("v", 256)+`"}}`)
	}
	answer := request(t, e, "POST", "/ListRooms", `{"maxResults":50}`).body
	last := list(t, e, "calls?operation=ListRooms")[0]
	if member(last, "response") != nil || member(last, "responseBytes") != float64(len(strings.TrimSpace(answer))) {
		t.Errorf("the answer has %d bytes, the entry has %v", len(answer), member(last, "responseBytes"))
	}
}

func TestAChatTokenIsNeverInTheJournal(t *testing.T) {
	e := emulatortest.Start(t)
	token := e.Token(e.Room(), "anna")
	request(t, e, "POST", "/CreateRoom", `{"tags":{"k":"`+token+`"},"token":"`+token+`"}`)
	request(t, e, "POST", "/CreateRoom", "token="+url.QueryEscape(token)) // not JSON
	request(t, e, "POST", "/"+url.PathEscape(token), "")
	request(t, e, "GET", "/tags/"+url.PathEscape(token), "")
	for _, effect := range []string{
		`"status":200,"body":"%s %[1]s"`, `"exception":"ThrottlingException","message":"%s"`,
	} {
		addFault(t, e, `{"operation":"GetRoom","times":1,`+fmt.Sprintf(effect, token)+`}`)
		request(t, e, "POST", "/GetRoom", "{}")
	}
	for _, entry := range e.Journal().After(0, 0, journal.Filter{}) {
		if all := text(t, entry); strings.Contains(all, token[:40]) {
			t.Errorf("the journal has %s", all)
		}
	}
	call := list(t, e, "calls?operation=CreateChatToken")[0]
	if response := member(call, "response"); member(response, "token") != "***" ||
		member(response, "tokenExpirationTime") == "" {
		t.Errorf("the response is %v", response)
	}
}

func TestCallsAreSelectedByOperationStatusAndMembers(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	e.Token(room, "anna", "SEND_MESSAGE", "DELETE_MESSAGE")
	operation := func(path, body string) { request(t, e, "POST", path, body) }
	operation("/CreateRoom", `{"name":"a","maximumMessageLength":10,"tags":{"k":"v","l":"w"}}`)
	operation("/CreateRoom", `{"name":"b","maximumMessageLength":0}`)
	operation("/CreateRoom", `not JSON`)
	for _, test := range []struct {
		query, with string
		count       int
	}{
		{"", "", 5},
		{"operation=CreateRoom", "", 4},
		{"operation=CreateRoom&status=200", "", 2},
		{"operation=CreateRoom&status=400", "", 2},
		{"operation=SendEvent", "", 0},
		{"account=123456789012", "", 2},
		{"status=100", "", 0},
		{"status=599", "", 0},
		{"operation=CreateRoom", "{" + strings.Repeat(" ", 16<<10-2) + "}", 3},
		{"operation=CreateRoom", `{}`, 3},
		{"operation=CreateRoom", `{"name":"a"}`, 1},
		{"operation=CreateRoom&status=400", `{"name":"a"}`, 0},
		{"operation=CreateRoom", `{"name":"a","maximumMessageLength":10}`, 1},
		{"operation=CreateRoom", `{"maximumMessageLength":1e1}`, 1},
		{"operation=CreateRoom", `{"maximumMessageLength":"10"}`, 0},
		{"operation=CreateRoom", `{"tags":{"k":"v"}}`, 1},
		{"operation=CreateRoom", `{"tags":{}}`, 1},
		{"operation=CreateRoom", `{"tags":{"k":"w"}}`, 0},
		{"operation=CreateRoom", `{"tags":null}`, 0},
		{"operation=CreateRoom", `{"name":{}}`, 0},
		{"operation=CreateChatToken", `{"userId":"anna","roomIdentifier":"` + room + `"}`, 1},
		{"operation=CreateChatToken", `{"capabilities":["SEND_MESSAGE","DELETE_MESSAGE"]}`, 1},
		{"operation=CreateChatToken", `{"capabilities":["SEND_MESSAGE"]}`, 0},
		{"", `{"userId":"anna"}`, 1},
	} {
		query := "calls?count=50&" + test.query
		if test.with != "" {
			query += "&with=" + url.QueryEscape(test.with)
		}
		if items := list(t, e, strings.TrimSuffix(query, "&")); len(items) != test.count {
			t.Errorf("%s %s: %d calls, want %d", test.query, test.with, len(items), test.count)
		}
	}
}

func TestARequestWaitsForACallWithCertainMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulatortest.Start(t)
		room := e.Room()
		answered := make(chan map[string]any)
		go func() {
			const with = `&with={"userId":"ben"}`
			answered <- call(t, e, 200, "GET", "calls?operation=CreateChatToken&after=0&count=1"+with, "")
		}()
		for _, user := range []string{"anna", "ben"} {
			synctest.Wait()
			e.Token(room, user)
		}
		answer := <-answered
		if items := answer["items"].([]any); len(items) != 1 || answer["complete"] != true ||
			member(member(items[0], "request"), "userId") != "ben" {
			t.Errorf("answered %v", answer)
		}
	})
}
