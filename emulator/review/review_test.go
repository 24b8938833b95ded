package review_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/review"
)

const function = "arn:aws:lambda:us-east-1:123456789012:function:review"

const (
	allow = types.FallbackResultAllow
	deny  = types.FallbackResultDeny
)

// A stage is an emulator with a room that has a message review handler. Anna may do everything there, and ben only
// receives. What the handler does is for the test to set.
type stage struct {
	*emulatortest.Emulator
	t         *testing.T
	sdk       *ivschat.Client
	room      string
	anna, ben *emulatortest.Client
}

// perform runs a test with a stage, in a testing/synctest bubble.
func perform(t *testing.T, fallback types.FallbackResult, test func(*stage), config ...emulator.Config) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &stage{Emulator: emulatortest.Start(t, config...), t: t}
		s.sdk = ivschat.NewFromConfig(s.Config())
		room, err := s.sdk.CreateRoom(t.Context(), &ivschat.CreateRoomInput{
			MessageReviewHandler: &types.MessageReviewHandler{Uri: aws.String(function), FallbackResult: fallback},
		})
		if err != nil {
			t.Fatal(err)
		}
		s.room = *room.Arn
		s.anna = s.Connect(s.room, "anna", "SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER")
		s.ben = s.Connect(s.room, "ben")
		test(s)
	})
}

// answer makes the function the handler of all rooms.
func (s *stage) answer(f review.Func) { s.SetReviewer(f) }

// reviews returns the entries of reviews in the journal.
func (s *stage) reviews(count int) []journal.Entry {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	found := s.Journal().Wait(ctx, 0, count, journal.Filter{Kind: journal.Review})
	if len(found) != count {
		s.t.Fatalf("there were %d reviews, want %d", len(found), count)
	}
	return found
}

// unchanged is a handler that allows every message.
func unchanged(_ context.Context, event review.Event) (review.Answer, error) {
	return review.Answer{ReviewResult: review.Allow, Content: event.Content}, nil
}

// after returns a handler that waits before it allows a message, if its content is in the map.
func after(delays map[string]time.Duration) review.Func {
	return func(ctx context.Context, event review.Event) (review.Answer, error) {
		select {
		case <-time.After(delays[event.Content]):
		case <-ctx.Done():
		}
		return unchanged(ctx, event)
	}
}

// contents receives that many messages and returns their contents.
func contents(c *emulatortest.Client, count int) (contents []string) {
	for range count {
		contents = append(contents, c.Receive().Content)
	}
	return contents
}

func TestAnEventHasWhatTheGuideDocuments(t *testing.T) {
	perform(t, allow, func(s *stage) {
		cat := s.ConnectWithToken(createToken(s, "cat", map[string]string{"level": "9"}))
		s.anna.SendMessage("<b>hi</b>")
		synctest.Wait()
		cat.SendMessageWithAttributes("miau", map[string]string{"mood": "good"})
		for i, want := range []string{
			`{"Content":"<b>hi</b>","MessageId":"ID","RoomArn":"ROOM","Attributes":null,` +
				`"Sender":{"Attributes":{},"UserId":"anna","Ip":"127.0.0.1"}}`,
			`{"Content":"miau","MessageId":"ID","RoomArn":"ROOM","Attributes":{"mood":"good"},` +
				`"Sender":{"Attributes":{"level":"9"},"UserId":"cat","Ip":"127.0.0.1"}}`,
		} {
			delivered := s.ben.Receive()
			want = strings.NewReplacer("ROOM", s.room, "ID", delivered.ID).Replace(want)
			if got := string(s.reviews(2)[i].Request); got != want {
				t.Errorf("the event is\n%s\nwant\n%s", got, want)
			}
		}
	})
}

func createToken(s *stage, user string, attributes map[string]string) string {
	s.t.Helper()
	token, err := s.sdk.CreateChatToken(s.t.Context(), &ivschat.CreateChatTokenInput{
		RoomIdentifier: &s.room, UserId: &user, Attributes: attributes,
		Capabilities: []types.ChatTokenCapability{types.ChatTokenCapabilitySendMessage},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return *token.Token
}

func TestAnAnswerChangesContentAndAttributes(t *testing.T) {
	own := map[string]string{"own": "1"}
	for name, test := range map[string]struct{ answered, want map[string]string }{
		"no attributes":    {nil, own},
		"attributes":       {map[string]string{"new": "2"}, map[string]string{"new": "2"}},
		"empty attributes": {map[string]string{}, map[string]string{}},
	} {
		perform(t, deny, func(s *stage) {
			s.answer(func(context.Context, review.Event) (review.Answer, error) {
				return review.Answer{ReviewResult: review.Allow, Content: "better", Attributes: test.answered}, nil
			})
			s.anna.SendMessageWithAttributes("bad", own)
			for _, c := range []*emulatortest.Client{s.anna, s.ben} {
				got := c.Receive()
				if got.Content != "better" || !maps.Equal(got.Attributes, test.want) || got.Sender.UserID != "anna" {
					t.Errorf("%s: received %s", name, got.Raw)
				}
			}
			if got := s.reviews(1)[0].Review; *got != (journal.ReviewEntry{
				URI: function, Verdict: "ALLOW", DecidedBy: journal.ByHandler,
			}) {
				t.Errorf("%s: the journal has %+v", name, got)
			}
		})
	}
}

func TestTheEntryOfAReviewHasTheTimeOfTheServiceAtItsEnd(t *testing.T) {
	perform(t, allow, func(s *stage) {
		s.Advance(time.Minute)
		s.answer(after(map[string]time.Duration{"hello": 50 * time.Millisecond}))
		s.anna.SendMessage("hello")
		accepted := s.anna.Receive().SendTime
		if took := s.reviews(1)[0].Time.Sub(accepted); took != 50*time.Millisecond {
			t.Errorf("it is %v after the message was accepted", took)
		}
	})
}

func TestADeniedMessageReachesNoOneAndItsSenderGetsTheReason(t *testing.T) {
	for reason, text := range map[string]string{
		"":         "the message was rejected by the message review handler",
		"too loud": "the message was rejected by the message review handler: too loud",
	} {
		perform(t, allow, func(s *stage) {
			s.answer(func(context.Context, review.Event) (review.Answer, error) {
				answer := review.Answer{ReviewResult: review.Deny}
				if reason != "" {
					answer.Attributes = map[string]string{"Reason": reason}
				}
				return answer, nil
			})
			request := s.anna.SendMessage("HELLO")
			got := s.anna.Receive()
			if got.Type != "ERROR" || got.RequestID != request || got.ErrorCode != 406 || got.ErrorMessage != text {
				t.Errorf("received %s", got.Raw)
			}
			s.ben.ReceiveNothing(time.Minute)
			if got := s.reviews(1)[0].Review; got.Verdict != "DENY" || got.DecidedBy != journal.ByHandler {
				t.Errorf("the journal has %+v", got)
			}
		})
	}
}

// hang is a handler that never answers. It does not notice that nobody waits for it any more.
func hang(end <-chan struct{}) review.Func {
	return func(context.Context, review.Event) (review.Answer, error) {
		<-end
		return review.Answer{}, nil
	}
}

func TestAfterAFailureTheFallbackResultDecides(t *testing.T) {
	for name, test := range map[string]struct {
		handler review.Func // nil if there is none
		failure journal.Failure
		reason  string
	}{
		"no target": {nil, journal.NoTarget, function},
		"error": {func(context.Context, review.Event) (review.Answer, error) {
			return review.Answer{}, errors.New("the list of words is missing")
		}, journal.FunctionFailed, "the list of words is missing"},
		"panic": {func(context.Context, review.Event) (review.Answer, error) {
			panic("the list of words is missing")
		}, journal.FunctionFailed, "panic: the list of words is missing"},
		"long error": {func(context.Context, review.Event) (review.Answer, error) {
			return review.Answer{}, errors.New(strings.Repeat("é", 1<<20))
		}, journal.FunctionFailed, "é"},
		"invalid answer": {func(context.Context, review.Event) (review.Answer, error) {
			return review.Answer{ReviewResult: "MAYBE"}, nil
		}, journal.InvalidAnswer, "the ReviewResult must be ALLOW or DENY, in capital letters"},
		"timeout": {func(ctx context.Context, e review.Event) (review.Answer, error) {
			return after(map[string]time.Duration{e.Content: time.Hour})(ctx, e)
		}, journal.TimedOut, "there was no answer within 200ms"},
	} {
		for _, fallback := range []types.FallbackResult{allow, deny} {
			perform(t, fallback, func(s *stage) {
				if test.handler != nil {
					s.answer(test.handler)
				}
				s.anna.SendMessageWithAttributes("hello", map[string]string{"a": "b"})
				got := s.anna.Receive()
				if fallback == allow && (got.Content != "hello" || got.Attributes["a"] != "b") ||
					fallback == deny && (got.ErrorCode != 406 || !strings.Contains(got.ErrorMessage, "review failed")) {
					t.Errorf("%s, %s: received %s", name, fallback, got.Raw)
				}
				entry := s.reviews(1)[0]
				if want := (journal.ReviewEntry{
					URI: function, Verdict: string(fallback), DecidedBy: journal.ByFallback, Failure: test.failure,
				}); *entry.Review != want || !strings.Contains(entry.Reason, test.reason) || len(entry.Reason) > 4<<10 {
					t.Errorf("%s: the journal has %+v with the reason %s", name, entry.Review, entry.Reason)
				}
			})
		}
	}
}

func TestAReviewMayTakeExactlyTheTimeout(t *testing.T) {
	for _, test := range []struct{ setting, timeout time.Duration }{{0, 200 * time.Millisecond}, {time.Minute, time.Minute}} {
		perform(t, deny, func(s *stage) {
			s.answer(after(map[string]time.Duration{"quick": test.timeout - 1, "slow": test.timeout + 1}))
			began := time.Now()
			s.anna.SendMessage("quick")
			if got := s.anna.Within(time.Hour).Receive(); got.Content != "quick" {
				t.Errorf("after %v: received %s", test.timeout-1, got.Raw)
			}
			s.anna.SendMessage("slow")
			if got := s.anna.Within(time.Hour).Receive(); got.ErrorCode != 406 {
				t.Errorf("after %v: received %s", test.timeout+1, got.Raw)
			}
			if took := time.Since(began); took != 2*test.timeout-1 {
				t.Errorf("the reviews took %v, want %v", took, 2*test.timeout-1)
			}
		}, emulator.Config{ReviewTimeout: test.setting})
	}
}

func TestAHandlerThatIgnoresItsContextDelaysNoOneElse(t *testing.T) {
	perform(t, deny, func(s *stage) {
		end := make(chan struct{})
		s.answer(hang(end))
		began := time.Now()
		s.anna.SendMessage("hello")
		if got := s.anna.Receive(); got.ErrorCode != 406 || time.Since(began) != 200*time.Millisecond {
			t.Errorf("after %v: received %s", time.Since(began), got.Raw)
		}
		close(end) // the emulator waits for it when it is closed
	})
}

func TestMessagesOfOneConnectionKeepTheirOrder(t *testing.T) {
	perform(t, allow, func(s *stage) {
		s.answer(after(map[string]time.Duration{"first": 150 * time.Millisecond, "third": 100 * time.Millisecond}))
		want := []string{"first", "second", "third", "fourth"}
		for _, content := range want {
			s.anna.SendMessage(content)
		}
		if got := contents(s.ben, 4); !slices.Equal(got, want) {
			t.Errorf("received %q, want %q", got, want)
		}
	})
}

func TestMessagesOfSeveralConnectionsAreDeliveredInTheOrderInWhichTheirReviewsEnd(t *testing.T) {
	perform(t, allow, func(s *stage) {
		s.answer(after(map[string]time.Duration{"slow": 150 * time.Millisecond, "quick": 50 * time.Millisecond}))
		cat := s.Connect(s.room, "cat", "SEND_MESSAGE")
		s.anna.SendMessage("slow")
		synctest.Wait()
		time.Sleep(time.Millisecond)
		cat.SendMessage("quick")
		var times []time.Time
		for _, content := range []string{"quick", "slow"} {
			got := s.ben.Receive()
			if got.Content != content {
				t.Errorf("received %s, want %s", got.Content, content)
			}
			times = append(times, got.SendTime)
		}
		if !times[1].Before(times[0]) {
			t.Errorf("the SendTime is not that at which the message was accepted: %v", times)
		}
		for _, c := range []*emulatortest.Client{s.anna, cat} {
			if got := contents(c, 2); !slices.Equal(got, []string{"quick", "slow"}) {
				t.Errorf("another client received %q", got)
			}
		}
	})
}

func TestEventsDeletionsAndDisconnectionsAreNotReviewed(t *testing.T) {
	perform(t, deny, func(s *stage) {
		if _, err := s.sdk.SendEvent(s.t.Context(), &ivschat.SendEventInput{
			RoomIdentifier: &s.room, EventName: aws.String("e"),
		}); err != nil {
			t.Fatal(err)
		}
		s.anna.DeleteMessage("ABCDEFGHIJKL", "")
		s.anna.DisconnectUser("ben", "")
		for _, want := range []string{"e", "aws:DELETE_MESSAGE", "aws:DISCONNECT_USER"} {
			if got := s.ben.Receive(); got.EventName != want {
				t.Errorf("received %s, want %s", got.Raw, want)
			}
		}
		s.reviews(0)
	})
}

// A message that is refused for another reason is not shown to the handler.
func TestARefusedMessageIsNotReviewed(t *testing.T) {
	perform(t, allow, func(s *stage) {
		s.answer(unchanged)
		s.anna.Send(`{"Action":"SEND_MESSAGE","Content":""}`)
		s.anna.SendMessage(strings.Repeat("x", 501))
		s.Connect(s.room, "cat").SendMessage("without capability")
		for range 10 {
			s.Connect(s.room, "dora", "SEND_MESSAGE").SendMessage("as many as the room may have")
		}
		s.reviews(10)
		s.Connect(s.room, "eve", "SEND_MESSAGE").SendMessage("one more")
		s.ben.ReceiveMatching(func(f chatclient.Frame) bool { return f.Type == "MESSAGE" })
		synctest.Wait()
		s.reviews(10)
	})
}

func TestADisconnectedUserSaysNothingMore(t *testing.T) {
	perform(t, allow, func(s *stage) {
		s.answer(after(map[string]time.Duration{"hello": 100 * time.Millisecond}))
		s.anna.SendMessage("hello")
		time.Sleep(50 * time.Millisecond)
		if _, err := s.sdk.DisconnectUser(s.t.Context(), &ivschat.DisconnectUserInput{
			RoomIdentifier: &s.room, UserId: aws.String("anna"),
		}); err != nil {
			t.Fatal(err)
		}
		s.anna.WaitClosed()
		if got := s.ben.Receive(); got.EventName != "aws:DISCONNECT_USER" {
			t.Errorf("received %s", got.Raw)
		}
		s.ben.ReceiveNothing(time.Minute)
		s.reviews(0)
	})
}

func TestASessionThatEndsDuringAReviewDeliversNothing(t *testing.T) {
	for name, end := range map[string]func(*stage){
		"it expires": func(s *stage) { s.Advance(2 * time.Hour) },
		"reset": func(s *stage) {
			if err := s.Reset(s.t.Context(), ""); err != nil {
				s.t.Error(err)
			}
		},
	} {
		perform(t, allow, func(s *stage) {
			canceled := make(chan time.Duration, 1)
			s.answer(func(ctx context.Context, event review.Event) (review.Answer, error) {
				began := time.Now()
				<-ctx.Done()
				canceled <- time.Since(began)
				return unchanged(ctx, event)
			})
			s.anna.SendMessage("hello")
			time.Sleep(50 * time.Millisecond)
			end(s)
			if after := <-canceled; after != 50*time.Millisecond {
				t.Errorf("%s: the handler was told after %v", name, after)
			}
			s.anna.WaitClosed()
			synctest.Wait()
			filter := journal.Filter{Kind: journal.Frame, Direction: journal.Out, Operation: "SEND_MESSAGE"}
			if s.Journal().Has(filter) {
				t.Errorf("%s: the message was delivered", name)
			}
		})
	}
}

func TestAMessageOfAClientThatLeavesDuringItsReviewIsDelivered(t *testing.T) {
	perform(t, allow, func(s *stage) {
		s.answer(after(map[string]time.Duration{"bye": 100 * time.Millisecond}))
		s.anna.SendMessage("bye")
		s.anna.Drop()
		if got := s.ben.Receive(); got.Content != "bye" {
			t.Errorf("received %s", got.Raw)
		}
	})
}

func TestNothingIsDeliveredInARoomThatIsDeletedDuringTheReview(t *testing.T) {
	perform(t, allow, func(s *stage) {
		s.answer(after(map[string]time.Duration{"hello": 100 * time.Millisecond}))
		request := s.anna.SendMessage("hello")
		synctest.Wait()
		if _, err := s.sdk.DeleteRoom(s.t.Context(), &ivschat.DeleteRoomInput{Identifier: &s.room}); err != nil {
			t.Fatal(err)
		}
		if got := s.anna.Receive(); got.ErrorCode != 404 || got.RequestID != request {
			t.Errorf("received %s", got.Raw)
		}
		s.ben.ReceiveNothing(time.Minute)
	})
}

func TestTheHandlerThatWasAskedDecidesAlsoIfTheRoomGetsAnotherMeanwhile(t *testing.T) {
	perform(t, deny, func(s *stage) {
		s.answer(after(map[string]time.Duration{"hello": time.Hour}))
		s.anna.SendMessage("hello")
		synctest.Wait()
		for _, handler := range []types.MessageReviewHandler{
			{FallbackResult: allow}, {Uri: aws.String("arn:aws:lambda:us-east-1:123456789012:function:other")}, {Uri: aws.String("")},
		} {
			input := &ivschat.UpdateRoomInput{Identifier: &s.room, MessageReviewHandler: &handler}
			if _, err := s.sdk.UpdateRoom(s.t.Context(), input); err != nil {
				t.Fatal(err)
			}
		}
		if got := s.anna.Receive(); got.ErrorCode != 406 {
			t.Errorf("received %s", got.Raw)
		}
		if got := s.reviews(1)[0].Review.URI; got != function {
			t.Errorf("the journal has the handler %s", got)
		}
		s.anna.SendMessage("not reviewed")
		if got := s.anna.Receive(); got.Content != "not reviewed" {
			t.Errorf("received %s", got.Raw)
		}
	})
}

func TestAFaultAtAReviewDoesWhatItSays(t *testing.T) {
	for name, test := range map[string]struct {
		rule    fault.Rule
		code    int // of the ERROR; 0 if the message is delivered
		by      journal.Decider
		failure journal.Failure
		took    time.Duration
	}{
		"error":        {fault.Rule{Effect: fault.SendError{Code: 429}}, 429, journal.ByFault, "", 0},
		"status":       {fault.Rule{Effect: fault.ReturnStatus{Status: 503}}, 406, journal.ByFallback, journal.NotInvoked, 0},
		"reset":        {fault.Rule{Effect: fault.ResetConnection{}}, 406, journal.ByFallback, journal.NotInvoked, 0},
		"no answer":    {fault.Rule{Effect: fault.DropFrame{}}, 406, journal.ByFallback, journal.TimedOut, 200 * time.Millisecond},
		"half of it":   {fault.Rule{Effect: fault.CorruptFrame{}}, 406, journal.ByFallback, journal.InvalidAnswer, 0},
		"short delay":  {fault.Rule{Delay: 199 * time.Millisecond}, 0, journal.ByHandler, "", 199 * time.Millisecond},
		"long delay":   {fault.Rule{Delay: time.Minute}, 406, journal.ByFallback, journal.TimedOut, 200 * time.Millisecond},
		"another room": {fault.Rule{Room: strings.Replace(function, "lambda", "ivschat", 1), Delay: time.Minute}, 0, journal.ByHandler, "", 0},
		"delayed error": {
			fault.Rule{Effect: fault.SendError{Code: 500}, Delay: 50 * time.Millisecond}, 500, journal.ByFault, "",
			50 * time.Millisecond,
		},
		"an answer": {
			fault.Rule{Effect: fault.ReturnStatus{Status: 200, Body: `{"ReviewResult":"DENY"}`}}, 406, journal.ByHandler, "", 0,
		},
		"an invalid answer": {
			fault.Rule{Effect: fault.ReturnStatus{Status: 200, Body: `oops`}}, 406, journal.ByFallback, journal.InvalidAnswer, 0,
		},
	} {
		perform(t, deny, func(s *stage) {
			s.answer(unchanged)
			test.rule.Operation, test.rule.UserID = "REVIEW", "anna"
			if test.rule.Room != "" {
				test.rule.Room = s.room[:len(s.room)-12] + "anotherroom0"
			}
			s.Fault(test.rule)
			s.anna.SendMessage("hello")
			if got := s.anna.Receive(); int(got.ErrorCode) != test.code {
				t.Errorf("%s: received %s", name, got.Raw)
			}
			entry := s.reviews(1)[0]
			if entry.Review.DecidedBy != test.by || entry.Review.Failure != test.failure || entry.Duration != test.took {
				t.Errorf("%s: after %v the journal has %+v", name, entry.Duration, entry.Review)
			}
		})
	}
}

func TestAScriptedAnswerComesBeforeTheHandler(t *testing.T) {
	perform(t, deny, func(s *stage) {
		s.answer(unchanged)
		if err := s.Script().Set("", []review.ScriptedAnswer{
			{Times: 1, Allow: &review.AllowAnswer{Content: "scripted"}},
			{Times: 1, Content: "^slow$", Delay: "100ms"},
			{Times: 1, Error: "out of memory"},
		}); err != nil {
			t.Fatal(err)
		}
		for _, content := range []string{"first", "slow", "failed", "last"} {
			s.anna.SendMessage(content)
		}
		if got := contents(s.anna, 4); !slices.Equal(got, []string{"scripted", "slow", "", "last"}) {
			t.Errorf("received %q", got)
		}
		entries := s.reviews(4)
		if took := entries[1].Duration; took != 100*time.Millisecond {
			t.Errorf("the second review took %v", took)
		}
		if got := entries[2].Review.Failure; got != journal.FunctionFailed || entries[2].Reason != "out of memory" {
			t.Errorf("the third review failed with %s: %s", got, entries[2].Reason)
		}
	})
}

func TestTheLogSaysOnceForEachFunctionThatNothingReachesIt(t *testing.T) {
	var log bytes.Buffer
	perform(t, allow, func(s *stage) {
		other := s.Room()
		for range 3 {
			s.anna.SendMessage("a secret")
			s.anna.Receive()
		}
		uri := function + ":live"
		if _, err := s.sdk.UpdateRoom(s.t.Context(), &ivschat.UpdateRoomInput{
			Identifier: &other, MessageReviewHandler: &types.MessageReviewHandler{Uri: &uri},
		}); err != nil {
			t.Fatal(err)
		}
		ben := s.Connect(other, "ben", "SEND_MESSAGE")
		ben.SendMessage("another secret")
		ben.Receive()
	}, emulator.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	lines := slices.DeleteFunc(strings.Split(log.String(), "\n"), func(l string) bool { return !strings.Contains(l, "not reviewed") })
	if len(lines) != 2 || !strings.Contains(lines[0], "--lambda-endpoint") || !strings.Contains(lines[0], "--review-handler") ||
		!strings.Contains(lines[1], function+":live") {
		t.Errorf("the log has\n%s", strings.Join(lines, "\n"))
	}
	if strings.Contains(log.String(), "secret") {
		t.Errorf("the log has a message:\n%s", &log)
	}
}

func TestARepeatedFailureIsLoggedEvery30Seconds(t *testing.T) {
	var log bytes.Buffer
	perform(t, allow, func(s *stage) {
		s.answer(func(context.Context, review.Event) (review.Answer, error) {
			return review.Answer{}, errors.New("what a user wrote")
		})
		for range 61 {
			s.anna.SendMessage("x")
			s.anna.Receive()
			time.Sleep(time.Second)
		}
	}, emulator.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if n := strings.Count(log.String(), "was not reviewed"); n != 3 {
		t.Errorf("there are %d lines, want 3:\n%s", n, &log)
	}
	if strings.Contains(log.String(), "a user wrote") {
		t.Errorf("the log has what the function said:\n%s", &log)
	}
}

func TestAnEventThatAReviewerChangesStaysAsItIs(t *testing.T) {
	perform(t, allow, func(s *stage) {
		s.answer(func(_ context.Context, event review.Event) (review.Answer, error) {
			event.Attributes["a"], event.Sender.Attributes["b"] = "changed", "changed"
			return review.Answer{ReviewResult: review.Allow, Content: "x"}, nil
		})
		s.anna.SendMessageWithAttributes("x", map[string]string{"a": "own"})
		if got := s.ben.Receive(); got.Attributes["a"] != "own" || len(got.Sender.Attributes) != 0 {
			t.Errorf("received %s", got.Raw)
		}
		var event review.Event
		if err := json.Unmarshal(s.reviews(1)[0].Request, &event); err != nil || event.Attributes["a"] != "own" {
			t.Errorf("the journal has %+v, %v", event, err)
		}
	})
}
