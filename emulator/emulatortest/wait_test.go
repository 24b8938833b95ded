package emulatortest_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
)

// A fatalTest is a test whose Fatal keeps the text and ends the call with a panic.
type fatalTest struct {
	*testing.T
	text string
}

func (f *fatalTest) Fatal(args ...any) { f.Fatalf("%s", fmt.Sprint(args...)) }
func (f *fatalTest) Fatalf(format string, args ...any) {
	f.text = fmt.Sprintf(format, args...)
	panic(f)
}

// expectFailure makes a call that has to fail the test, and returns the text.
func (f *fatalTest) expectFailure(call func()) (text string) {
	f.Helper()
	defer func() {
		if r := recover(); r != f {
			f.Errorf("the call ended with %v instead of a failure", r)
		}
		text = f.text
	}()
	call()
	return ""
}

// inBubble runs a test of failures in a bubble, where a wait takes no real time.
func inBubble(t *testing.T, test func(f *fatalTest, e *emulatortest.Emulator, room string)) {
	synctest.Test(t, func(t *testing.T) {
		f := &fatalTest{T: t}
		e := emulatortest.Start(f)
		test(f, e, e.Room())
	})
}

func TestAFailureSaysWhatWasWrong(t *testing.T) {
	inBubble(t, func(f *fatalTest, e *emulatortest.Emulator, room string) {
		for want, call := range map[string]func(){
			"connect: handshake refused: 401 Unauthorized, NotAuthorized: the chat token": func() { e.ConnectWithToken("x") },
			`but has 0 (capabilities[0]: must be one of SEND_MESSAGE`:                     func() { e.Token(room, "", "SHOUT") },
			`"lobby"`: func() { e.SessionsIn("lobby") },
			"fault: ": func() { e.Fault(fault.Rule{}) },
			"the clock cannot go back, so it cannot be advanced by -1m0s": func() { e.Advance(-time.Minute) },
		} {
			if text := f.expectFailure(call); !strings.Contains(text, want) {
				t.Errorf("failed with %q, want %q", text, want)
			}
		}
	})
}

func TestAWaitThatFailsSaysWhatWasThereInstead(t *testing.T) {
	inBubble(t, func(f *fatalTest, e *emulatortest.Emulator, room string) {
		anna, ben := e.Connect(room, "anna", "SEND_MESSAGE"), e.Connect(room, "ben")
		anna.SendMessage("hi")
		anna.Receive()
		noMatch := func(chatclient.Frame) bool { return false }
		for _, test := range []struct {
			call func()
			want []string
		}{
			{func() { anna.Receive() }, []string{"no frame was received: waited for 10s, and the connection is open"}},
			{func() { ben.WaitClosed() }, []string{"still open: waited for 10s\nframes that were not received yet:", `"hi"`}},
			{func() { e.WaitFrames(room, 3) }, []string{"is 1, want at least 3: waited for 10s\nsent frames:", `"hi"`}},
			{
				func() { e.WaitReviews(room, 1) },
				[]string{"the number of reviews in the room ", " is 0, want at least 1: waited for 10s"},
			},
			{func() { e.WaitSessions(room, 3) }, []string{"is 2, want 3: waited for 10s"}},
			{
				func() { anna.SendMessage("again"); ben.ReceiveMatching(noMatch) },
				[]string{"no matching frame was received: waited for 10s, ", "is open\nreceived instead:", `"again"`},
			},
			{
				func() { anna.SendMessage("more"); ben.ReceiveNothing(time.Second) },
				[]string{"expected no frame for 1s, but received {", `"more"`},
			},
		} {
			text := f.expectFailure(test.call)
			for _, want := range test.want {
				if !strings.Contains(text, want) {
					t.Errorf("failed with %q, want %q", text, want)
				}
			}
		}
	})
}

func TestAWaitOnAConnectionThatHasEndedSaysHowItEnded(t *testing.T) {
	inBubble(t, func(f *fatalTest, e *emulatortest.Emulator, room string) {
		ben := e.Connect(room, "ben")
		e.Connect(room, "anna", "DISCONNECT_USER").DisconnectUser("ben", "")
		ben.Receive() // the EVENT
		ben.WaitClosed()
		for name, call := range map[string]func(){
			"Receive":        func() { ben.Receive() },
			"ReceiveNothing": func() { ben.ReceiveNothing(time.Second) },
			"Send":           func() { ben.SendMessage("hi") },
		} {
			text := f.expectFailure(call)
			if !strings.Contains(text, "the connection has ended: closed with code 1000") {
				t.Errorf("%s failed with %q", name, text)
			}
		}
	})
}

func TestEveryWaitTakesAnotherLimit(t *testing.T) {
	inBubble(t, func(f *fatalTest, e *emulatortest.Emulator, room string) {
		short, anna := e.Within(time.Second), e.Connect(room, "anna")
		slow := func(operation string) { e.Fault(fault.Rule{Operation: operation, Delay: 5 * time.Minute}) }
		for name, call := range map[string]func(){
			"Receive":         func() { anna.Within(time.Second).Receive() },
			"ReceiveMatching": func() { anna.Within(time.Second).ReceiveMatching(nil) },
			"WaitClosed":      func() { anna.Within(time.Second).WaitClosed() },
			"WaitFrames":      func() { short.WaitFrames(room, 1) },
			"WaitReviews":     func() { short.WaitReviews(room, 1) },
			"WaitSessions":    func() { short.WaitSessions(room, 2) },
			"Connect":         func() { slow(fault.Handshake); short.Connect(room, "ben") },
			"Room":            func() { slow("CreateRoom"); short.Room() },
		} {
			began := time.Now()
			text := f.expectFailure(call)
			if took := time.Since(began); took != time.Second {
				t.Errorf("%s took %v and failed with %q", name, took, text)
			}
		}
		if err := e.Reset(t.Context(), ""); err != nil { // without the faults
			t.Fatal(err)
		}
		room = e.Room()
		late := e.Within(time.Hour).Connect(room, "anna")
		time.AfterFunc(30*time.Minute, func() { e.Connect(room, "ben", "SEND_MESSAGE").SendMessage("late") })
		if frame := late.Receive(); frame.Content != "late" {
			t.Errorf("received %s", frame.Raw)
		}
	})
}
