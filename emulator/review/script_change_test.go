package review

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

// newScripts returns the scripts of three nodes, which get all changes in one order.
func newScripts() []*Script {
	scripts := make([]*Script, 3)
	for i := range scripts {
		scripts[i] = new(Script)
		scripts[i].Propose = func(change ScriptChange) (done bool, err error) {
			for j, other := range scripts {
				var decoded ScriptChange
				if err := json.Unmarshal(encode(change), &decoded); err != nil {
					return false, err
				}
				if ok, failure := other.Apply(decoded); i == j {
					done, err = ok, failure
				}
			}
			return done, err
		}
	}
	return scripts
}

// expectEqual fails the test if a script has another state than the first one.
func expectEqual(t *testing.T, scripts []*Script) {
	t.Helper()
	for i, s := range scripts {
		if first, other := encode(scripts[0].Save()), encode(s.Save()); string(first) != string(other) {
			t.Fatalf("node %d has %s, and the first one %s", i, other, first)
		}
	}
}

func messageOf(user, content string) messaging.Message {
	return messaging.Message{Content: content, Sender: messaging.Sender{UserID: user}}
}

func TestNodesHaveTheSameScriptedAnswersAndCounts(t *testing.T) {
	scripts, r := newScripts(), rand.New(rand.NewPCG(1, 2))
	accounts := []string{"123456789012", "210987654321", ""}
	used := 0
	for range 2000 {
		s, account := scripts[r.IntN(3)], accounts[r.IntN(3)]
		switch r.IntN(12) {
		case 0:
			one := ScriptedAnswer{Content: "a|b", Times: r.IntN(4), Allow: &AllowAnswer{Attributes: map[string]string{}}}
			if err := s.Set(account, []ScriptedAnswer{one, {Answer: json.RawMessage(`null`), UserID: "anna"}}); err != nil {
				t.Fatal(err)
			}
		case 1:
			if err := s.Clear(account); err != nil {
				t.Fatal(err)
			}
		case 2: // a node that joins
			var state ScriptState
			if err := json.Unmarshal(encode(s.Save()), &state); err != nil {
				t.Fatal(err)
			}
			joined := &Script{Propose: scripts[2].Propose}
			joined.Load(state)
			scripts[2] = joined
		default:
			room := ivschat.ARN{Owner: ivschat.Owner{AccountID: accounts[r.IntN(2)]}}
			if one := s.next(t.Context(), room, messageOf("anna", fmt.Sprint("a", r.IntN(3)))); one != nil {
				used++
			}
		}
		expectEqual(t, scripts)
	}
	if used < 500 {
		t.Errorf("only %d answers were used", used)
	}
}

func TestAScriptedAnswerIsUsedAsOftenAsItSaysOnAllNodesTogether(t *testing.T) {
	scripts := newScripts()
	if err := scripts[0].Set("", []ScriptedAnswer{
		{Content: "^spam$", Times: 2, Deny: &DenyAnswer{Reason: "a < b & c"}, Delay: "20ms"}, {Error: "broken"},
	}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"a < b & c", "a < b & c", ""} {
		one := scripts[i].next(t.Context(), ivschat.ARN{}, messageOf("anna", "spam"))
		if one == nil || (one.Deny != nil) != (want != "") || want != "" && (one.Deny.Reason != want || one.delay != 20*time.Millisecond) {
			t.Errorf("message %d got %+v", i, one)
		}
	}
	if left := scripts[1].Answers(""); len(left) != 1 || left[0].Used != 1 {
		t.Errorf("left: %+v", left)
	}
}

func TestAScriptWhoseLastUseIsOnAnotherNodeIsNotUsed(t *testing.T) {
	scripts := newScripts()
	if err := scripts[0].Set("", []ScriptedAnswer{{Error: "broken", Times: 1}}); err != nil {
		t.Fatal(err)
	}
	one := scripts[1].find(t.Context(), ivschat.ARN{}, messageOf("anna", "hi"))
	if first := scripts[0].next(t.Context(), ivschat.ARN{}, messageOf("anna", "hi")); first == nil || scripts[1].use(one) {
		t.Error("it was used twice, or not once")
	}
}

func TestAScriptThatTheOtherNodesDoNotHearOfIsNotChanged(t *testing.T) {
	var s Script
	if err := s.Set("", []ScriptedAnswer{{Error: "broken", Times: 1}}); err != nil {
		t.Fatal(err)
	}
	before, unreachable := string(encode(s.Save())), errors.New("no connection")
	s.Propose = func(ScriptChange) (bool, error) { return false, unreachable }
	for _, err := range []error{s.Set("", nil), s.Clear("")} {
		if err != unreachable {
			t.Errorf("the error is %v", err)
		}
	}
	if one := s.next(t.Context(), ivschat.ARN{}, messageOf("anna", "hi")); one == nil {
		t.Error("the review did not end")
	}
	if after := string(encode(s.Save())); after != before {
		t.Errorf("it has %s, and had %s", after, before)
	}
	if s.Load(ScriptState{}); len(s.Answers("")) != 0 {
		t.Errorf("the zero state has answers: %+v", s.Answers(""))
	}
}

func TestThereAreAtMostAThousandScriptedAnswersOnAllNodesTogether(t *testing.T) {
	scripts := newScripts()
	many := make([]ScriptedAnswer, 600)
	for i := range many {
		many[i] = ScriptedAnswer{Content: ".{100}" + fmt.Sprint(i), Error: "broken"}
	}
	if err := scripts[0].Set("123456789012", many); err != nil {
		t.Fatal(err)
	}
	err := scripts[1].Set("210987654321", many)
	if want := "there can be at most 1000 scripted answers, but there would be 1200"; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
	expectEqual(t, scripts)
}
