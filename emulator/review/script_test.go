package review_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/review"
)

const (
	mine    = "123456789012"
	other   = "210987654321"
	arn     = "arn:aws:ivschat:us-east-1:" + mine + ":room/abcdefghijkl"
	notMine = "arn:aws:ivschat:us-east-1:" + other + ":room/abcdefghijkl"
)

// script sets the scripted answers.
func (s *stage) script(answers ...review.ScriptedAnswer) {
	s.t.Helper()
	if err := s.Script().Set("", answers); err != nil {
		s.t.Fatal(err)
	}
}

// say sends a message of anna and returns the content that she receives, or the code of the ERROR.
func (s *stage) say(content string) string {
	s.t.Helper()
	s.anna.SendMessage(content)
	got := s.anna.Receive()
	if got.ErrorCode != 0 {
		return fmt.Sprint(int(got.ErrorCode))
	}
	return got.Content
}

func TestAScriptedAnswerAppliesOnlyWhereItSays(t *testing.T) {
	scripted := &review.AllowAnswer{Content: "scripted"}
	perform(t, allow, func(s *stage) {
		for _, test := range []struct {
			answer  review.ScriptedAnswer
			content string
			applies bool
		}{
			{review.ScriptedAnswer{}, "hi", true},
			{review.ScriptedAnswer{Account: mine}, "hi", true},
			{review.ScriptedAnswer{Account: other}, "hi", false},
			{review.ScriptedAnswer{Room: s.room}, "hi", true},
			{review.ScriptedAnswer{Room: s.room[:len(s.room)-12] + "anotherroom0"}, "hi", false},
			{review.ScriptedAnswer{UserID: "anna"}, "hi", true},
			{review.ScriptedAnswer{UserID: "ann"}, "hi", false},
			{review.ScriptedAnswer{Content: "spam"}, "no spam here", true},
			{review.ScriptedAnswer{Content: "spam"}, "no SPAM here", false},
			{review.ScriptedAnswer{Content: "(?i)spam"}, "no SPAM here", true},
			{review.ScriptedAnswer{Content: "^spam$"}, "no spam here", false},
			{review.ScriptedAnswer{Content: "^.{3}$"}, "🙂🙂🙂", true}, // characters, not bytes
			{review.ScriptedAnswer{Account: mine, Room: s.room, UserID: "anna", Content: "h"}, "hi", true},
			{review.ScriptedAnswer{Account: mine, Room: s.room, UserID: "anna", Content: "x"}, "hi", false},
			{review.ScriptedAnswer{Account: mine, Room: s.room, UserID: "ben", Content: "h"}, "hi", false},
		} {
			given := test.answer
			test.answer.Allow = scripted
			s.script(test.answer)
			want := test.content
			if test.applies {
				want = "scripted"
			}
			if got := s.say(test.content); got != want {
				t.Errorf("%+v: received %q after %q, want %q", given, got, test.content, want)
			}
			s.Advance(time.Second) // for the rate limit
		}
	})
}

func TestTheContentThatAPatternMatchesIsThatOfTheSender(t *testing.T) {
	perform(t, allow, func(s *stage) {
		s.script(
			review.ScriptedAnswer{Content: "changed", Deny: &review.DenyAnswer{}},
			review.ScriptedAnswer{Allow: &review.AllowAnswer{Content: "changed"}},
		)
		for range 2 {
			if got := s.say("hi"); got != "changed" {
				t.Errorf("received %q", got)
			}
		}
	})
}

func TestTheFirstScriptedAnswerThatAppliesIsGivenUntilItIsUsedUp(t *testing.T) {
	perform(t, allow, func(s *stage) {
		s.script(
			review.ScriptedAnswer{Content: "b", Times: 1, Allow: &review.AllowAnswer{Content: "1"}},
			review.ScriptedAnswer{Times: 2, Allow: &review.AllowAnswer{Content: "2"}},
			review.ScriptedAnswer{Content: "b", Allow: &review.AllowAnswer{Content: "3"}},
		)
		received := ""
		for _, content := range []string{"a", "b", "b", "a", "b", "b"} {
			received += s.say(content)
		}
		if received != "212a33" {
			t.Errorf("received %s", received)
		}
		left := s.Script().Answers("")
		if len(left) != 1 || left[0].Used != 2 || left[0].Allow.Content != "3" {
			t.Errorf("left are %+v", left)
		}
	})
}

func TestAScriptedAnswerAllowsDeniesOrFails(t *testing.T) {
	const rejected = "the message was rejected by the message review handler"
	for name, test := range map[string]struct {
		answer     review.ScriptedAnswer
		content    string // of the message that is delivered
		attributes map[string]string
		message    string // of the ERROR
		response   string // in the journal
		failure    journal.Failure
		reason     string
	}{
		"allow": {
			answer:  review.ScriptedAnswer{Allow: &review.AllowAnswer{}},
			content: "hi", attributes: map[string]string{"a": "b"},
			response: `{"ReviewResult":"ALLOW","Content":"hi","Attributes":null}`,
		},
		"other content": {
			answer:  review.ScriptedAnswer{Allow: &review.AllowAnswer{Content: "ho"}},
			content: "ho", attributes: map[string]string{"a": "b"},
			response: `{"ReviewResult":"ALLOW","Content":"ho","Attributes":null}`,
		},
		"other attributes": {
			answer:  review.ScriptedAnswer{Allow: &review.AllowAnswer{Attributes: map[string]string{"c": "d"}}},
			content: "hi", attributes: map[string]string{"c": "d"},
			response: `{"ReviewResult":"ALLOW","Content":"hi","Attributes":{"c":"d"}}`,
		},
		"no attributes": {
			answer:  review.ScriptedAnswer{Allow: &review.AllowAnswer{Attributes: map[string]string{}}},
			content: "hi", attributes: map[string]string{},
			response: `{"ReviewResult":"ALLOW","Content":"hi","Attributes":{}}`,
		},
		"deny": {
			answer:   review.ScriptedAnswer{Deny: &review.DenyAnswer{}},
			message:  rejected,
			response: `{"ReviewResult":"DENY","Content":"","Attributes":null}`,
		},
		"deny with a reason": {
			answer:   review.ScriptedAnswer{Deny: &review.DenyAnswer{Reason: "spam & <b>"}},
			message:  rejected + ": spam & <b>",
			response: `{"ReviewResult":"DENY","Content":"","Attributes":{"Reason":"spam & <b>"}}`,
		},
		"an answer": {
			answer:   review.ScriptedAnswer{Answer: json.RawMessage(` {"ReviewResult": "DENY"} `)},
			message:  rejected,
			response: `{"ReviewResult":"DENY"}`,
		},
		"an answer that is not valid": {
			answer:  review.ScriptedAnswer{Answer: json.RawMessage(`[7]`)},
			content: "hi", attributes: map[string]string{"a": "b"},
			response: `[7]`, failure: journal.InvalidAnswer, reason: "the answer must be a JSON object, but is an array",
		},
		"null": {
			answer:  review.ScriptedAnswer{Answer: json.RawMessage(`null`)},
			content: "hi", attributes: map[string]string{"a": "b"},
			response: `null`, failure: journal.InvalidAnswer, reason: "the answer must be a JSON object, but is null",
		},
		"an error": {
			answer:  review.ScriptedAnswer{Error: "out of memory"},
			content: "hi", attributes: map[string]string{"a": "b"},
			failure: journal.FunctionFailed, reason: "out of memory",
		},
	} {
		perform(t, allow, func(s *stage) {
			s.script(test.answer)
			s.anna.SendMessageWithAttributes("hi", map[string]string{"a": "b"})
			got := s.anna.Receive()
			if got.Content != test.content || got.ErrorMessage != test.message ||
				!reflect.DeepEqual(got.Attributes, test.attributes) {
				t.Errorf("%s: received %s", name, got.Raw)
			}
			entry := s.reviews(1)[0]
			if string(entry.Response) != test.response || entry.Review.Failure != test.failure ||
				entry.Reason != test.reason {
				t.Errorf("%s: the journal has %s, %s, %s", name, entry.Response, entry.Review.Failure, entry.Reason)
			}
		})
	}
}

func TestAScriptedAnswerIsGivenAfterItsDelay(t *testing.T) {
	for name, test := range map[string]struct {
		answer review.ScriptedAnswer
		want   string // the content, or the code of the ERROR
		took   time.Duration
	}{
		"in time":                 {review.ScriptedAnswer{Delay: "199ms", Deny: &review.DenyAnswer{}}, "406", 199 * time.Millisecond},
		"too late":                {review.ScriptedAnswer{Delay: "10m", Deny: &review.DenyAnswer{}}, "hi", 200 * time.Millisecond},
		"an error":                {review.ScriptedAnswer{Delay: "50ms", Error: "x"}, "hi", 50 * time.Millisecond},
		"the handler answers":     {review.ScriptedAnswer{Delay: "50ms"}, "reviewed", 50 * time.Millisecond},
		"the handler is too late": {review.ScriptedAnswer{Delay: "201ms"}, "hi", 200 * time.Millisecond},
	} {
		perform(t, allow, func(s *stage) {
			s.answer(func(context.Context, review.Event) (review.Answer, error) {
				return review.Answer{ReviewResult: review.Allow, Content: "reviewed"}, nil
			})
			s.script(test.answer)
			if got := s.say("hi"); got != test.want {
				t.Errorf("%s: received %s, want %s", name, got, test.want)
			}
			if took := s.reviews(1)[0].Duration; took != test.took {
				t.Errorf("%s: it took %v, want %v", name, took, test.took)
			}
		})
	}
}

func TestADelayOfAScriptedAnswerEndsWithTheSession(t *testing.T) {
	perform(t, allow, func(s *stage) {
		s.script(review.ScriptedAnswer{Delay: "10m", Allow: &review.AllowAnswer{}})
		s.anna.SendMessage("hi")
		synctest.Wait()
		began := time.Now()
		if err := s.Reset(s.t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		s.anna.WaitClosed()
		synctest.Wait()
		if took := time.Since(began); took != 0 {
			t.Errorf("it took %v", took)
		}
	}, emulator.Config{ReviewTimeout: 15 * time.Minute})
}

func TestAnInvalidScriptedAnswerIsRefusedWithEverythingThatIsWrong(t *testing.T) {
	const (
		form  = " is not an ARN of the form arn:aws:ivschat:<region>:<account>:<resource type>/<ID>"
		delay = "delay must be a duration of at most 10m, for instance 250ms, but is "
		one   = "a scripted answer must have exactly one of allow, deny, answer and error, or only a delay, but this one has "
		use   = ": use answer for an answer that is not valid"
	)
	yes, no := &review.AllowAnswer{}, &review.DenyAnswer{}
	long := func(n int) string { return strings.Repeat("é", n/2) + strings.Repeat("x", n%2) } // n bytes
	for _, test := range []struct {
		answer review.ScriptedAnswer
		want   string
	}{
		{review.ScriptedAnswer{}, one + "0 of them"},
		{review.ScriptedAnswer{Allow: yes, Deny: no}, one + "2 of them"},
		{review.ScriptedAnswer{Allow: yes, Deny: no, Answer: json.RawMessage("1"), Error: "x", Delay: "1s"}, one + "4 of them"},
		{review.ScriptedAnswer{Allow: yes, Account: "me"}, `account must be 12 digits, but is "me"`},
		{review.ScriptedAnswer{Allow: yes, Room: "lobby"}, `room: "lobby"` + form},
		{
			review.ScriptedAnswer{Allow: yes, Room: strings.Replace(arn, "room", "logging-configuration", 1)},
			"room must be the ARN of a room, but is " + strings.Replace(arn, "room", "logging-configuration", 1),
		},
		{
			review.ScriptedAnswer{Allow: yes, Account: mine, Room: notMine},
			"room must be one of the account " + mine + ", but is " + notMine,
		},
		{review.ScriptedAnswer{Allow: yes, UserID: strings.Repeat("é", 129)}, "userId can have at most 128 code points"},
		{
			review.ScriptedAnswer{Allow: yes, Content: "("},
			"content must be a regular expression of Go: error parsing regexp: missing closing ): `(`",
		},
		{
			review.ScriptedAnswer{Allow: yes, Content: long(501)},
			"content must be a regular expression of Go: it can have at most 500 bytes, but has 501",
		},
		{
			review.ScriptedAnswer{Allow: yes, Content: ".{1000}"},
			`content must be a regular expression of Go: it is too complex: use fewer or smaller repetitions than in ".{1000}"`,
		},
		{review.ScriptedAnswer{Allow: yes, Times: -1}, "times must be 0 or more, but is -1"},
		{review.ScriptedAnswer{Allow: yes, Delay: "soon"}, delay + `"soon"`},
		{review.ScriptedAnswer{Allow: yes, Delay: "0s"}, delay + `"0s"`},
		{review.ScriptedAnswer{Allow: yes, Delay: "-1s"}, delay + `"-1s"`},
		{review.ScriptedAnswer{Allow: yes, Delay: "10m1ns"}, delay + `"10m1ns"`},
		{
			review.ScriptedAnswer{Allow: &review.AllowAnswer{Content: strings.Repeat("é", 501)}},
			"the Content must have 1 to 500 code points, but has 501" + use,
		},
		{
			review.ScriptedAnswer{Allow: &review.AllowAnswer{Attributes: map[string]string{"a": long(1024)}}},
			"the Attributes can have at most 1024 bytes, keys and values together, but have 1025" + use,
		},
		{
			review.ScriptedAnswer{Deny: &review.DenyAnswer{Reason: long(1019)}},
			"the Attributes can have at most 1024 bytes, keys and values together, but have 1025" + use,
		},
		{review.ScriptedAnswer{Answer: json.RawMessage("{")}, "answer must be JSON: only a fault can answer another text"},
		{review.ScriptedAnswer{Answer: json.RawMessage("")}, "answer must be JSON: only a fault can answer another text"},
		{
			review.ScriptedAnswer{Error: strings.Repeat("<", 16<<10-20)}, // {"error":"…","used":0} has 21 more
			"a scripted answer can have at most 16384 bytes in JSON, but this one has 16385: shorten its texts",
		},
		{
			review.ScriptedAnswer{Account: "x", Room: "y", Times: -1, Delay: "z"},
			`account must be 12 digits, but is "x"; room: "y"` + form + `; times must be 0 or more, but is -1; ` + delay + `"z"`,
		},
	} {
		var script review.Script
		before := review.ScriptedAnswer{Deny: no, Used: 0}
		if err := script.Set("", []review.ScriptedAnswer{before}); err != nil {
			t.Fatal(err)
		}
		if err := script.Set("", []review.ScriptedAnswer{test.answer}); err == nil || err.Error() != test.want {
			t.Errorf("%.200s:\ngot  %v\nwant %s", fmt.Sprintf("%+v", test.answer), err, test.want)
		}
		if left := script.Answers(""); len(left) != 1 || !reflect.DeepEqual(left[0], before) {
			t.Errorf("after a refusal, there are %+v", left)
		}
	}
}

func TestAScriptedAnswerMayHaveEverythingUpToItsLimits(t *testing.T) {
	long := review.ScriptedAnswer{
		Account: mine, Room: arn, UserID: strings.Repeat("é", 128), Content: strings.Repeat("x", 500), Delay: "10m",
		Allow: &review.AllowAnswer{
			Content: strings.Repeat("é", 500), Attributes: map[string]string{"a": strings.Repeat("x", 1023)},
		},
	}
	for _, answer := range []review.ScriptedAnswer{
		long,
		{Deny: &review.DenyAnswer{Reason: strings.Repeat("x", 1018)}},
		{Content: ".{990}", Allow: &review.AllowAnswer{}},
		{Error: strings.Repeat("<", 16<<10-21)}, // not escaped, which would count more
		{Answer: json.RawMessage("1" + strings.Repeat(" ", 100_000))},
	} {
		var script review.Script
		if err := script.Set("", []review.ScriptedAnswer{answer}); err != nil {
			t.Errorf("%.200s: %v", fmt.Sprintf("%+v", answer), err)
		}
	}
}

func TestTheSpacesOfAnAnswerAreNotKept(t *testing.T) {
	var script review.Script
	answer := json.RawMessage("{" + strings.Repeat(" ", 100_000) + "}")
	if err := script.Set("", []review.ScriptedAnswer{{Answer: answer}}); err != nil {
		t.Fatal(err)
	}
	if kept := script.Answers("")[0].Answer; string(kept) != "{}" {
		t.Errorf("%d bytes are kept", len(kept))
	}
}

func TestTheErrorAboutOneOfSeveralScriptedAnswersSaysWhichOne(t *testing.T) {
	var script review.Script
	good, bad := review.ScriptedAnswer{Error: "x"}, review.ScriptedAnswer{Error: "x", Times: -1}
	err := script.Set("", []review.ScriptedAnswer{good, bad, good})
	if want := "answer 2 of 3: times must be 0 or more, but is -1"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if left := script.Answers(""); len(left) > 0 {
		t.Errorf("%d were set", len(left))
	}
}

func TestThereCanBeAThousandScriptedAnswersOverAllAccounts(t *testing.T) {
	var script review.Script
	answers := slices.Repeat([]review.ScriptedAnswer{{Error: "x"}}, 1001)
	set := func(account string, n int, want string) {
		t.Helper()
		if err := script.Set(account, answers[:n]); fmt.Sprint(err) != want {
			t.Errorf("%d answers of %q: %v, want %s", n, account, err, want)
		}
	}
	const over = "there can be at most 1000 scripted answers, but there would be 1001"
	set("", 1001, over)
	set("", 1000, "<nil>")
	set("", 1000, "<nil>") // they replace the others
	set(mine, 1, over)
	set("", 0, "<nil>")
	set(mine, 600, "<nil>")
	set(other, 401, over)
	set(other, 400, "<nil>")
	set(mine, 600, "<nil>")
	if left := len(script.Answers("")); left != 1000 {
		t.Errorf("%d are left", left)
	}
}

// summary returns the account and the error of each answer.
func summary(answers []review.ScriptedAnswer) (texts []string) {
	for _, answer := range answers {
		texts = append(texts, answer.Account+" "+answer.Error)
	}
	return texts
}

func TestScriptedAnswersAreSetListedAndRemovedByAccount(t *testing.T) {
	var script review.Script
	set := func(account string, answers ...review.ScriptedAnswer) {
		t.Helper()
		if err := script.Set(account, answers); err != nil {
			t.Fatal(err)
		}
	}
	left := func(account string, want ...string) {
		t.Helper()
		if got := summary(script.Answers(account)); !slices.Equal(got, want) {
			t.Errorf("those of the account %q are %q, want %q", account, got, want)
		}
	}
	left("")
	set("", review.ScriptedAnswer{Error: "1"}, review.ScriptedAnswer{Error: "2", Account: mine})
	set(other, review.ScriptedAnswer{Error: "3"}, review.ScriptedAnswer{Error: "4", Account: other})
	left("", " 1", mine+" 2", other+" 3", other+" 4")
	left(mine, " 1", mine+" 2")
	left(other, " 1", other+" 3", other+" 4")
	set(mine, review.ScriptedAnswer{Error: "5"})
	left("", " 1", other+" 3", other+" 4", mine+" 5")
	script.Clear(other)
	left("", " 1", mine+" 5")
	set("", review.ScriptedAnswer{Error: "6"})
	left("", " 6")
	script.Clear("")
	left("")
	err := script.Set(mine, []review.ScriptedAnswer{{Error: "x", Account: other}})
	want := `account must be ` + mine + `, as in the query, or absent, but is "` + other + `"`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAScriptWithoutAnswersHasAnEmptyList(t *testing.T) {
	var script review.Script
	if answers := script.Answers(""); answers == nil || len(answers) != 0 {
		t.Errorf("got %#v", answers)
	}
}

func TestAScriptSharesNothingThatItsUserCanChange(t *testing.T) {
	var script review.Script
	given := []review.ScriptedAnswer{
		{Used: 7, Allow: &review.AllowAnswer{Content: "a", Attributes: map[string]string{"k": "v"}}},
		{Deny: &review.DenyAnswer{Reason: "a"}},
		{Answer: json.RawMessage(`"a"`)},
	}
	if err := script.Set("", given); err != nil {
		t.Fatal(err)
	}
	change := func(answers []review.ScriptedAnswer) {
		answers[0].Allow.Content, answers[0].Allow.Attributes["k"] = "b", "b"
		answers[1].Deny.Reason = "b"
		answers[2].Answer[1] = 'b'
	}
	change(given)
	change(script.Answers(""))
	text, err := json.Marshal(script.Answers(""))
	const want = `[{"allow":{"content":"a","attributes":{"k":"v"}},"used":0},{"deny":{"reason":"a"},"used":0},` +
		`{"answer":"a","used":0}]`
	if err != nil || string(text) != want {
		t.Errorf("got %s, %v, want %s", text, err, want)
	}
}

func TestAScriptedAnswerIsGivenExactlyAsOftenAsItSaysWhoeverAsks(t *testing.T) {
	perform(t, deny, func(s *stage) {
		if _, err := s.sdk.UpdateRoom(s.t.Context(), &ivschat.UpdateRoomInput{
			Identifier: &s.room, MaximumMessageRatePerSecond: aws.Int32(100),
		}); err != nil {
			t.Fatal(err)
		}
		s.script(review.ScriptedAnswer{Times: 30, Allow: &review.AllowAnswer{Content: "scripted"}})
		var running sync.WaitGroup
		running.Go(func() { // another test, which must not disturb this one
			for range 100 {
				_ = s.Script().Set(other, []review.ScriptedAnswer{{Error: "x"}})
				s.Script().Answers("")
				s.Script().Clear(other)
			}
		})
		const users = 10 // with 5 messages each
		for i := range users {
			user := s.Connect(s.room, fmt.Sprint(i), "SEND_MESSAGE")
			running.Go(func() {
				for range 5 {
					user.SendMessage("hi")
				}
			})
		}
		scripted, failed := 0, 0
		for _, entry := range s.reviews(users * 5) {
			switch entry.Review.Failure {
			case "":
				scripted++
			case journal.NoTarget:
				failed++
			}
		}
		running.Wait()
		if scripted != 30 || failed != 20 || len(s.Script().Answers("")) != 0 {
			t.Errorf("%d answers were scripted and %d were not, and %v are left", scripted, failed, s.Script().Answers(""))
		}
	})
}
