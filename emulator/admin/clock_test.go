package admin_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

func TestTheClockIsMovedFrozenAndScaled(t *testing.T) {
	e := emulatortest.Start(t)
	if ahead := call(t, e, 200, "POST", "clock", `{"advance":"61m"}`)["ahead"]; ahead != "1h1m0s" {
		t.Errorf("the clock is %v ahead", ahead)
	}
	to := e.Clock().Now().Add(24 * time.Hour).Truncate(time.Second)
	moved := call(t, e, 200, "POST", "clock", `{"to":"`+to.Format(time.RFC3339)+`"}`)
	now, err := time.Parse(time.RFC3339Nano, fmt.Sprint(moved["now"]))
	if err != nil || now.Sub(to) < 0 || now.Sub(to) > time.Minute {
		t.Errorf("the clock is at %v, want %v: %v", now, to, err)
	}
	clock := call(t, e, 200, "POST", "clock", `{"freeze":true}`)
	if clock["frozen"] != true || clock["scale"] != 0.0 {
		t.Errorf("frozen: %v", clock)
	}
	first, second := call(t, e, 200, "GET", "clock", "")["now"], call(t, e, 200, "GET", "clock", "")["now"]
	if first != second {
		t.Errorf("the clock runs although it is frozen: %v, %v", first, second)
	}
	if clock := call(t, e, 200, "POST", "clock", `{"scale":60}`); clock["scale"] != 60.0 {
		t.Errorf("scaled: %v", clock)
	}
	clock = call(t, e, 200, "POST", "clock", `{"freeze":false}`)
	if clock["frozen"] != false || clock["scale"] != 1.0 {
		t.Errorf("not frozen: %v", clock)
	}
}

func TestAnInvalidChangeOfTheClockIsRefusedWithTheReason(t *testing.T) {
	e := emulatortest.Start(t)
	for body, reason := range map[string]string{
		`{"advance":"-1s"}`:             "cannot go back",
		`{"to":"2001-01-01T00:00:00Z"}`: "cannot go back",
		`{"advance":"1000000h"}`:        "hundred years",
		`{"advance":"soon"}`:            "duration",
		`{"scale":-1}`:                  "scale must be",
		`{"scale":1e9}`:                 "scale must be",
		`{}`:                            "exactly one of advance, to, freeze and scale, but has 0",
		`{"advance":"1s","scale":1}`:    "exactly one of advance, to, freeze and scale, but has 2",
		`{"speed":1}`:                   "speed",
		`[`:                             "body",
	} {
		if message := errorMessage(t, e, 400, "POST", "clock", body); !strings.Contains(message, reason) {
			t.Errorf("%s: %s", body, message)
		}
	}
}

func TestASessionOf180MinutesHasEndedWhenTheAnswerArrives(t *testing.T) {
	e := emulatortest.Start(t, emulator.Config{SessionDuration: 180 * time.Minute})
	anna := e.Connect(e.Room(), "anna")
	call(t, e, 200, "POST", "clock", `{"advance":"180m"}`)
	if frame := anna.Receive(); frame.ErrorCode != 401 {
		t.Errorf("received %+v", frame)
	}
	anna.WaitClosed()
}

func TestAnAccountHasItsOwnClock(t *testing.T) {
	e := emulatortest.Start(t)
	const account = "123456789012"
	moved := call(t, e, 200, "POST", "clock?account="+account, `{"advance":"1h"}`)
	if moved["account"] != account || !strings.HasPrefix(fmt.Sprint(moved["ahead"]), "1h0m0") {
		t.Errorf("moved: %v", moved)
	}
	call(t, e, 200, "POST", "clock?account="+account, `{"freeze":true}`)
	if other := call(t, e, 200, "GET", "clock?account=210987654321", ""); other["ahead"] != "0s" {
		t.Errorf("another account: %v", other)
	}
	all := call(t, e, 200, "GET", "clock", "")
	accounts, _ := all["accounts"].([]any)
	if all["ahead"] != "0s" || len(accounts) != 1 || accounts[0].(map[string]any)["frozen"] != true {
		t.Errorf("all: %v", all)
	}
	to := e.Clock().Now().Add(time.Minute).Format(time.RFC3339Nano)
	message := errorMessage(t, e, 400, "POST", "clock", `{"to":"`+to+`"}`)
	if !strings.Contains(message, "the clock of account "+account+" is at") {
		t.Errorf("a clock that is later: %s", message)
	}
	call(t, e, 200, "POST", "clock?account=210987654321", `{"freeze":true}`)
	call(t, e, 204, "POST", "reset?account="+account, "")
	if other := call(t, e, 200, "GET", "clock?account=210987654321", ""); other["frozen"] != true {
		t.Errorf("another account after the reset: %v", other)
	}
	if after := call(t, e, 200, "GET", "clock?account="+account, ""); after["ahead"] != "0s" {
		t.Errorf("after a reset: %v", after)
	}
}

func TestTheNumberOfClocksIsLimited(t *testing.T) {
	e := emulatortest.Start(t)
	for i := range 1000 {
		e.Clock().Account(fmt.Sprintf("%012d", i)).Advance(0)
	}
	message := errorMessage(t, e, 400, "POST", "clock?account=123456789012", `{"advance":"1h"}`)
	const want = "1000 accounts already have clocks of their own, which is the maximum: reset those that are no " +
		"longer needed with POST reset?account="
	if message != want {
		t.Errorf("got %s, want %s", message, want)
	}
	call(t, e, 200, "POST", "clock?account=000000000007", `{"advance":"1h"}`)
	call(t, e, 200, "POST", "clock", `{"advance":"1h"}`)
}

func TestAClockThatIsTooFarAheadForJavaScriptComesWithAWarning(t *testing.T) {
	var log strings.Builder
	e := emulatortest.Start(t, emulator.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	clock := call(t, e, 200, "POST", "clock", `{"advance":"590h"}`)
	if clock["warning"] != nil || strings.Contains(log.String(), "JavaScript") {
		t.Errorf("24.6 days: %v\n%s", clock, log.String())
	}
	for _, clock := range []map[string]any{
		call(t, e, 200, "POST", "clock", `{"advance":"10h"}`), call(t, e, 200, "GET", "clock", ""),
	} {
		if warning := fmt.Sprint(clock["warning"]); !strings.Contains(warning, "25.0 days ahead") ||
			!strings.Contains(warning, "tokenExpirationTime") {
			t.Errorf("25 days: %v", clock)
		}
	}
	if strings.Count(log.String(), "25.0 days ahead") != 1 {
		t.Errorf("the log has\n%s", log.String())
	}
}

// Several workers that share an emulator may all move the clock to the same time.
func TestConcurrentRequestsForTheSameTimeMoveTheClockOnce(t *testing.T) {
	e, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	call(t, e, 200, "POST", "clock", `{"freeze":true}`)
	for range 1000 { // because the requests must meet
		to := e.Clock().Now().Add(time.Hour)
		body := `{"to":"` + to.Format(time.RFC3339Nano) + `"}`
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { request(t, e, "POST", admin.Prefix+"clock", body) })
		}
		all.Wait()
		if now := e.Clock().Now(); !now.Equal(to) {
			t.Fatalf("the clock is at %v, want %v", now, to)
		}
	}
}

// Parallel workers each have an account, and test how sessions and chat tokens expire.
func TestSessionsTokensRatesAndTimesFollowTheClockOfTheirAccount(t *testing.T) {
	e := emulatortest.Start(t, emulator.Config{SendEventRate: 1})
	type worker struct {
		chat    *ivschat.Client
		room    string
		anna    *emulatortest.Client
		created time.Time
	}
	workers := map[string]*worker{"111111111111": {}, "222222222222": {}}
	for account, w := range workers {
		w.chat = ivschat.NewFromConfig(e.ConfigFor(account, "us-east-1"), func(o *ivschat.Options) {
			o.RetryMaxAttempts = 1
		})
		call(t, e, 200, "POST", "clock?account="+account, `{"freeze":true}`)
		room, err := w.chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{})
		if err != nil {
			t.Fatal(err)
		}
		w.room, w.created = *room.Arn, *room.CreateTime
		w.anna = e.Connect(w.room, "anna", "SEND_MESSAGE")
	}
	sendEvent := func(w *worker) error {
		_, err := w.chat.SendEvent(t.Context(), &ivschat.SendEventInput{
			RoomIdentifier: &w.room, EventName: aws.String("e"),
		})
		return err
	}
	for account, w := range workers {
		if err := sendEvent(w); err != nil {
			t.Errorf("%s: %v", account, err)
		}
	}
	tokens := map[string]string{}
	for account, w := range workers {
		tokens[account] = e.Token(w.room, "late")
	}
	call(t, e, 200, "POST", "clock?account=111111111111", `{"advance":"61m"}`)

	moved, other := workers["111111111111"], workers["222222222222"]
	moved.anna.Receive() // the event
	if frame := moved.anna.Receive(); frame.ErrorCode != 401 {
		t.Errorf("the session of the account that was moved received %+v", frame)
	}
	moved.anna.WaitClosed()
	other.anna.Receive()
	other.anna.SendMessage("still here")
	frame := other.anna.Receive()
	if frame.Content != "still here" || !frame.SendTime.Before(other.created.Add(time.Minute)) {
		t.Errorf("the session of the other account received %+v", frame)
	}
	if _, err := e.Dial(tokens["111111111111"]); err == nil {
		t.Error("a chat token of the account that was moved has not expired")
	}
	if _, err := e.Dial(tokens["222222222222"]); err != nil {
		t.Errorf("a chat token of the other account: %v", err)
	}
	if err := sendEvent(moved); err != nil {
		t.Errorf("the rate of the account that was moved: %v", err)
	}
	if err := sendEvent(other); err == nil {
		t.Error("the rate of the other account was refilled")
	}
	for w, want := range map[*worker]time.Duration{moved: 61 * time.Minute, other: 0} {
		room, err := w.chat.UpdateRoom(t.Context(), &ivschat.UpdateRoomInput{Identifier: &w.room})
		if err != nil {
			t.Fatal(err)
		}
		if passed := room.UpdateTime.Sub(w.created); passed != want {
			t.Errorf("%s: %v passed, want %v", w.room, passed, want)
		}
	}
}

// A clock that stands still is behind the machine's time, and other accounts remove the uses of chat tokens.
func TestATokenStaysUsedWhileTheClockOfItsAccountStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulatortest.Start(t)
		room := e.Room() // of account 123456789012
		call(t, e, 200, "POST", "clock?account=123456789012", `{"freeze":true}`)
		token := e.Token(room, "anna")
		e.ConnectWithToken(token)
		time.Sleep(2 * time.Hour) // of the bubble's time
		other, err := ivschat.NewFromConfig(e.ConfigFor("222222222222", "us-east-1")).CreateRoom(
			t.Context(), &ivschat.CreateRoomInput{})
		if err != nil {
			t.Fatal(err)
		}
		e.Connect(*other.Arn, "ben")
		if _, err := e.Dial(token); err == nil {
			t.Error("the chat token opened a second connection")
		}
	})
}

func TestAFrozenClockRunsAgain(t *testing.T) {
	e := emulatortest.Start(t)
	for _, test := range []struct {
		change string
		frozen bool
		scale  float64
	}{
		{`{"freeze": true}`, true, 0},
		{`{"freeze": false}`, false, 1},
		{`{"scale": 2}`, false, 2},
		{`{"freeze": false}`, false, 1},
		{`{"scale": 0}`, true, 0},
		{`{"freeze": false}`, false, 1},
	} {
		clock := call(t, e, 200, "POST", "clock", test.change)
		if clock["frozen"] != test.frozen || clock["scale"] != test.scale {
			t.Errorf("after %s, the clock is %v", test.change, clock)
		}
	}
}

// blockingLog is a slog.Handler that returns when the channel is closed.
type blockingLog struct {
	slog.Handler
	logging, proceed chan struct{}
}

func (l blockingLog) Enabled(context.Context, slog.Level) bool { return true }

func (l blockingLog) Handle(context.Context, slog.Record) error {
	l.logging <- struct{}{}
	<-l.proceed
	return nil
}

func TestARequestThatIsCancelledWhileItWaitsDoesNotMoveTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clock.New()
		log := blockingLog{slog.DiscardHandler, make(chan struct{}), make(chan struct{})}
		handler := admin.Handler(admin.Config{Clock: c, Logger: slog.New(log)})
		const advance = `{"advance": "720h"}` // which is so far that the log has a warning
		go request(t, handler, "POST", admin.Prefix+"clock", advance)
		<-log.logging // in its turn
		ctx, cancel := context.WithCancel(t.Context())
		answer := httptest.NewRecorder()
		go handler.ServeHTTP(answer, httptest.NewRequestWithContext(
			ctx, "POST", "http://localhost"+admin.Prefix+"clock", strings.NewReader(advance)))
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(log.proceed)
		synctest.Wait()
		if answer.Code != 503 || c.Ahead() != 720*time.Hour {
			t.Errorf("the answer is %d, and the clock is %v ahead", answer.Code, c.Ahead())
		}
	})
}
