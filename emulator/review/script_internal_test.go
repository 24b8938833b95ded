package review

import (
	"context"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

func TestAReviewWhoseTimeIsOverUsesNoScriptedAnswer(t *testing.T) {
	var s Script
	if err := s.Set("", []ScriptedAnswer{{Allow: &AllowAnswer{}, Times: 1}}); err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if one := s.next(ended, ivschat.ARN{}, messaging.Message{}); one != nil || len(s.Answers("")) != 1 {
		t.Errorf("got %+v, and %d are left", one, len(s.Answers("")))
	}
}

// Patterns are tried without the lock, so another review can use the last answer of a script, or a test can replace
// the scripts, before this one counts.
func TestAScriptedAnswerThatWasRemovedMeanwhileIsNotUsed(t *testing.T) {
	var s Script
	set := func(answer ScriptedAnswer) {
		if err := s.Set("", []ScriptedAnswer{answer}); err != nil {
			t.Fatal(err)
		}
	}
	find := func() *script { return s.find(t.Context(), ivschat.ARN{}, messaging.Message{}) }
	set(ScriptedAnswer{Allow: &AllowAnswer{}, Times: 1})
	first, second := find(), find()
	if first == nil || !s.use(first) || s.use(second) {
		t.Error("it answered twice")
	}
	set(ScriptedAnswer{Allow: &AllowAnswer{}})
	old := find()
	set(ScriptedAnswer{Deny: &DenyAnswer{}})
	if s.use(old) {
		t.Error("it answered after it was replaced")
	}
	if got := s.next(t.Context(), ivschat.ARN{}, messaging.Message{}); got == nil || got.Deny == nil || got.Used != 1 {
		t.Errorf("got %+v", got)
	}
}
