package admin_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

// reviewedRoom creates a room whose messages are reviewed, and returns its ARN.
func reviewedRoom(t testing.TB, e http.Handler, fallback string) string {
	t.Helper()
	const function = "arn:aws:lambda:us-east-1:123456789012:function:review"
	return operation(t, e, "/CreateRoom",
		fmt.Sprintf(`{"messageReviewHandler":{"uri":%q,"fallbackResult":%q}}`, function, fallback))["arn"].(string)
}

// sent sends a message, and returns the content that is delivered, or the ErrorMessage.
func sent(anna *emulatortest.Client, content string) string {
	anna.SendMessage(content)
	frame := anna.Receive()
	if frame.Type == "ERROR" {
		return fmt.Sprint(frame.ErrorCode, " ", frame.ErrorMessage)
	}
	return frame.Content
}

func TestScriptedAnswersAreListedUntilTheyAreUsedUp(t *testing.T) {
	e := emulatortest.Start(t, emulator.Config{ReviewTimeout: time.Minute})
	anna := e.Connect(reviewedRoom(t, e, "ALLOW"), "anna", "SEND_MESSAGE")
	set := call(t, e, 200, "PUT", "reviews",
		`[{"content":"spam","times":2,"deny":{"reason":"no spam"}},{"allow":{"content":"reviewed"}}]`)
	if got := fmt.Sprint(set); got != "map[items:[map[content:spam deny:map[reason:no spam] times:2 used:0] "+
		"map[allow:map[content:reviewed] used:0]]]" {
		t.Errorf("set %s", got)
	}
	const denied = "406 the message was rejected by the message review handler: no spam"
	for _, want := range []string{denied, denied, "reviewed"} {
		if got := sent(anna, "a spam"); got != want {
			t.Errorf("received %s, want %s", got, want)
		}
	}
	if got := fmt.Sprint(list(t, e, "reviews/answers")); got != "[map[allow:map[content:reviewed] used:1]]" {
		t.Errorf("left are %s", got)
	}
	call(t, e, 200, "PUT", "reviews", `{"deny":{}}`) // replaces
	if got := sent(anna, "hi"); got != "406 the message was rejected by the message review handler" {
		t.Errorf("received %s", got)
	}
	call(t, e, 204, "DELETE", "reviews/answers", "")
	if got := list(t, e, "reviews/answers"); len(got) > 0 {
		t.Errorf("left are %v", got)
	}
	if got := sent(anna, "hi"); got != "hi" {
		t.Errorf("received %s", got)
	}
}

func TestAnInvalidScriptedAnswerIsRefusedAndNothingChanges(t *testing.T) {
	e := emulatortest.Start(t)
	call(t, e, 200, "PUT", "reviews", `{"allow":{}}`)
	for _, test := range []struct{ query, body, want string }{
		{"", "", "the body must be a JSON object, but is empty"},
		{"", "1", "the body must be a JSON object, but is a number"},
		{"", `{"allow":1}`, "allow must be a JSON object, but is a number"},
		{"", `{"allow":{"attributes":1}}`, "allow.attributes must be a JSON object, but is a number"},
		{"", `{"allow":{"attributes":{"a":1}}}`, "allow.attributes must be a JSON string, but is a number"},
		{"", `{"allow":{"attributes":{"a":null}}}`, `attributes of allow must have strings, but "a" is null`},
		{"", `{"allow":{"content":""}}`, `content of allow must not be "": leave it out to keep the content of the ` +
			"message, or use answer for an answer that is not valid"},
		{"", `{"deny":{},"colour":"red"}`, `the member "colour" is not one of the body, which has account, allow, ` +
			"answer, content, delay, deny, error, room, times, used, userId"},
		{"", `{"deny":{"Reason":"x"}}`, `the member "Reason" is not one of deny, which has reason: did you mean reason?`},
		{"", `{"deny":{},"deny":{}}`, `the member "deny" is in the body twice: remove one`},
		{"", `{"deny":{},"error":""}`, `error must not be "": leave it out if it is not needed`},
		{"", `{"deny":{},"delay":""}`, `delay must not be "": leave it out if it is not needed`},
		{"", `{"deny":{},"allow":null}`, "allow must not be null: leave it out if it is not needed"},
		{"", `{"allow":{},"deny":null}`, "deny must not be null: leave it out if it is not needed"},
		{"", `{}`, "a scripted answer must have exactly one of allow, deny, answer and error, or only a delay, " +
			"but this one has 0 of them"},
		{"", `[{"deny":{}},{"deny":1}]`, "answer 2 of 2: deny must be a JSON object, but is a number"},
		{"", `[{"deny":{}},{"deny":{},"times":-1}]`, "answer 2 of 2: times must be 0 or more, but is -1"},
		{"?account=123456789012", `{"deny":{},"account":"210987654321"}`,
			`account must be 123456789012, as in the query, or absent, but is "210987654321"`},
		{"?room=x", `{"deny":{}}`, `the parameter "room" is not one of PUT /_ivschat/v1/reviews, which has account`},
	} {
		if got := errorMessage(t, e, 400, "PUT", "reviews"+test.query, test.body); got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", test.body, got, test.want)
		}
	}
	for _, name := range []string{"account", "room", "userId", "content"} {
		for _, value := range []string{`""`, "null"} {
			want := name + " must not be " + value + ": leave it out for a scripted answer that does not depend on it"
			if got := errorMessage(t, e, 400, "PUT", "reviews", `{"deny":{},"`+name+`":`+value+`}`); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		}
	}
	if left := fmt.Sprint(list(t, e, "reviews/answers")); left != "[map[allow:map[] used:0]]" {
		t.Errorf("left are %s", left)
	}
}

func TestScriptedAnswersBelongToTheAccountOfTheQuery(t *testing.T) {
	e := emulatortest.Start(t)
	const mine, other = "?account=123456789012", "?account=210987654321"
	count := func(query string, want int) {
		t.Helper()
		if got := list(t, e, "reviews/answers"+query); len(got) != want {
			t.Errorf("with %q, there are %v, want %d", query, got, want)
		}
	}
	call(t, e, 200, "PUT", "reviews", `{"error":"1"}`)
	call(t, e, 200, "PUT", "reviews"+mine, `[{"error":"2"},{"error":"3"}]`)
	call(t, e, 200, "PUT", "reviews"+other, `{"error":"4"}`)
	count("", 4)
	count(mine, 3)
	call(t, e, 204, "DELETE", "reviews/answers"+mine, "")
	count("", 2)
	call(t, e, 204, "POST", "reset"+other, "")
	count("", 1)
	call(t, e, 204, "POST", "reset", "")
	count("", 0)
}

func TestASnapshotHasNoScriptedAnswersAndKeepsThem(t *testing.T) {
	e := emulatortest.Start(t)
	call(t, e, 200, "PUT", "reviews", `{"deny":{"reason":"a reason"}}`)
	snapshot := request(t, e, "GET", admin.Prefix+"snapshot", "").body
	if strings.Contains(snapshot, "a reason") {
		t.Error(snapshot)
	}
	call(t, e, 204, "PUT", "snapshot", snapshot)
	if left := list(t, e, "reviews/answers"); len(left) != 1 {
		t.Errorf("left are %v", left)
	}
}

func TestReviewsAreListedAndWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulatortest.Start(t)
		room, other := reviewedRoom(t, e, "DENY"), reviewedRoom(t, e, "ALLOW")
		anna := e.Connect(room, "anna", "SEND_MESSAGE")
		call(t, e, 200, "PUT", "reviews", `{"times":1,"deny":{"reason":"no"}}`)
		time.AfterFunc(time.Second, func() {
			anna.Send(`{"Action":"SEND_MESSAGE","Content":"one","RequestId":"r"}`)
			anna.SendMessage("two")
		})
		answer := call(t, e, 200, "GET", "rooms/"+room+"/reviews?after=0&count=2", "")
		items := answer["items"].([]any)
		if len(items) != 2 || answer["complete"] != true {
			t.Fatalf("answered %v", answer)
		}
		for i, want := range []string{"one DENY no DENY handler <nil>", "two <nil> <nil> DENY fallback no target"} {
			request, response := member(items[i], "request"), member(items[i], "response")
			review := member(items[i], "review")
			got := fmt.Sprintln(member(request, "Content"), member(response, "ReviewResult"),
				member(member(response, "Attributes"), "Reason"), member(review, "verdict"),
				member(review, "decidedBy"), member(review, "failure"))
			if got != want+"\n" {
				t.Errorf("review %d is %s, want %s", i+1, got, want)
			}
		}
		if id := member(items[0], "requestId"); id != "r" {
			t.Errorf("the first review has the request ID %v", id)
		}
		for path, want := range map[string]int{
			"reviews": 2, "reviews?account=210987654321": 0, "rooms/" + other + "/reviews": 0,
			"journal?kind=review": 2, "reviews?count=1": 1,
		} {
			if got := list(t, e, path); len(got) != want {
				t.Errorf("%s: %v, want %d", path, got, want)
			}
		}
		call(t, e, 404, "GET", "rooms/"+room[:len(room)-12]+"anotherroom0/reviews", "")
		call(t, e, 400, "GET", "rooms/lobby/reviews", "")
		if got := call(t, e, 200, "GET", "reviews?after=2000&count=1&timeout=5s", ""); got["timedOut"] != true {
			t.Errorf("answered %v", got)
		}
	})
}

func TestAReviewFailsAsItsFaultSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulatortest.Start(t)
		anna := e.Connect(reviewedRoom(t, e, "DENY"), "anna", "SEND_MESSAGE")
		const (
			allowed  = "hi ALLOW handler <nil>"
			fallback = "406 the message was rejected, because its review failed and the fallbackResult of the room is DENY " +
				"DENY fallback "
		)
		for _, test := range []struct{ fault, want string }{
			{`"delay":"199ms"`, allowed},
			{`"delay":"201ms"`, fallback + "timeout"},
			{`"frame":"drop"`, fallback + "timeout"},
			{`"frame":"corrupt"`, fallback + "invalid answer"},
			{`"reset":true`, fallback + "not invoked"},
			{`"status":429`, fallback + "not invoked"},
			{`"status":204`, fallback + "invalid answer"},
			{`"status":200,"body":"<html>"`, fallback + "invalid answer"},
			{`"status":299,"body":"{\"ReviewResult\":\"ALLOW\",\"Content\":\"faulty\"}"`, "faulty ALLOW handler <nil>"},
			{`"error":500`, "500 fault DENY fault <nil>"},
			{`"error":406,"message":"no","delay":"50ms"`, "406 no DENY fault <nil>"},
			{`"reset":true,"userId":"ben"`, allowed},
			{`"reset":true,"capability":"DELETE_MESSAGE"`, allowed},
		} {
			call(t, e, 200, "PUT", "reviews", `{"allow":{}}`)
			call(t, e, 204, "DELETE", "faults", "")
			addFault(t, e, `{"operation":"REVIEW",`+test.fault+`}`)
			got := sent(anna, "hi")
			review := member(list(t, e, "reviews?count=1")[0], "review")
			got += fmt.Sprint(
				" ", member(review, "verdict"), " ", member(review, "decidedBy"), " ", member(review, "failure"))
			if got != test.want {
				t.Errorf("%s:\ngot  %s\nwant %s", test.fault, got, test.want)
			}
			e.Advance(time.Second) // for the rate limit
		}
	})
}

func TestTheOpenAPIDocumentAllowsExactlyTheScriptedAnswersThatAreAccepted(t *testing.T) {
	e, document := emulatortest.Start(t), loadDocument(t)
	schema := document.Components.Schemas["ScriptedAnswer"].Value
	for answer, accepted := range map[string]bool{
		`{"allow":{}}`: true,
		`{"allow":{"content":"x","attributes":{}}}`: true,
		`{"allow":{"attributes":null}}`:             true,
		`{"deny":{}}`:                               true,
		`{"deny":{"reason":""}}`:                    true,
		`{"answer":null}`:                           true,
		`{"answer":{"a":[1]}}`:                      true,
		`{"error":"x"}`:                             true,
		`{"delay":"1.5ms"}`:                         true,
		`{"delay":"10m","deny":{}}`:                 true,
		`{"deny":{},"times":0,"used":3}`:            true,
		`{"deny":{},"account":"123456789012","room":"arn:aws:ivschat:us-east-1:123456789012:room/AbCdEfGh1234",` +
			`"userId":"anna","content":"(?i)x","times":2}`: true,
		`{}`:                                    false,
		`{"allow":{},"deny":{}}`:                false,
		`{"answer":1,"error":""}`:               false,
		`{"error":""}`:                          false,
		`{"error":"x","answer":1,"delay":"1s"}`: false,
		`{"delay":"soon"}`:                      false,
		`{"delay":"-1s"}`:                       false,
		`{"deny":{},"times":-1}`:                false,
		`{"deny":{},"times":1.5}`:               false,
		`{"deny":{},"account":"me"}`:            false,
		`{"deny":{},"room":"lobby"}`:            false,
		`{"deny":{},"room":"arn:aws:ivschat:us-east-1:1:user/x"}`:  false,
		`{"deny":{},"userId":""}`:                                  false,
		`{"deny":{},"userId":"` + strings.Repeat("x", 129) + `"}`:  false,
		`{"deny":{},"content":""}`:                                 false,
		`{"deny":{},"content":"` + strings.Repeat("x", 501) + `"}`: false,
		`{"deny":{"reason":"` + strings.Repeat("x", 1019) + `"}}`:  false,
		`{"deny":{"reason":1}}`:                                    false,
		`{"deny":{"content":"x"}}`:                                 false,
		`{"allow":{"content":""}}`:                                 false,
		`{"allow":{"content":"` + strings.Repeat("x", 501) + `"}}`: false,
		`{"allow":{"attributes":{"a":null}}}`:                      false,
		`{"allow":{"attributes":{"a":1}}}`:                         false,
		`{"deny":{},"colour":"red"}`:                               false,
		`{"deny":{},"content":null}`:                               false,
	} {
		r := request(t, e, "PUT", admin.Prefix+"reviews", answer)
		if want := map[bool]int{true: 200, false: 400}[accepted]; r.status != want {
			t.Errorf("%s: %d %s, want %d", answer, r.status, r.body, want)
		}
		var value any
		if err := json.Unmarshal([]byte(answer), &value); err != nil {
			t.Fatal(err)
		}
		if err := schema.VisitJSON(value, openapi3.EnableJSONSchema2020()); (err == nil) != accepted {
			t.Errorf("%s: the document says %v", answer, err)
		}
	}
	body := document.Paths.Value("/reviews").Put.RequestBody.Value.Content["application/json"]
	most := body.Schema.Value.OneOf[1].Value.MaxItems
	answers := "[" + strings.Repeat(`{"deny":{}},`, int(*most)) + `{"deny":{}}]`
	message := errorMessage(t, e, 400, "PUT", "reviews", answers)
	if !strings.Contains(message, fmt.Sprint("at most ", *most)) {
		t.Error(message)
	}
}
