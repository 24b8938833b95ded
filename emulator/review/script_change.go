package review

import (
	"fmt"
	"regexp"
	"slices"
	"sync"
	"time"
)

// A ScriptChange changes the scripted answers of a Script, or counts one of them, as a value. What it does depends
// only on the change and on the State of the script.
type ScriptChange struct {
	// Use is the ID of the answer that is used. 0 means that the answers of the account are replaced, or all if it
	// is "".
	Use     int              `json:",omitempty"`
	Account string           `json:",omitempty"`
	Answers []ScriptedAnswer `json:",omitempty"`
}

// Apply carries out a change. It reports whether it could: an answer that is used up, or was removed, cannot be used.
// Nothing changes if there is an error.
func (s *Script) Apply(change ScriptChange) (done bool, err error) {
	if change.Use != 0 {
		return s.count(change.Use), nil
	}
	scripts := make([]*script, len(change.Answers))
	for i, answer := range change.Answers {
		scripts[i] = restored(answer)
	}
	err = s.replace(change.Account, scripts)
	return err == nil, err
}

// restored returns the script of an answer that was compiled before, in this process or another one. It compiles the
// pattern again when a message needs it, because a thousand patterns take long.
func restored(answer ScriptedAnswer) *script {
	s := &script{ScriptedAnswer: answer.clone()}
	s.delay, _ = time.ParseDuration(answer.Delay) // 0 if there is none
	if answer.Content != "" {
		s.content = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(answer.Content) })
	}
	return s
}

// replace replaces the scripts of an account, or all if it is "".
func (s *Script) replace(account string, by []*script) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	scripts := slices.Clone(s.scripts)
	scripts = slices.DeleteFunc(scripts, func(o *script) bool { return account == "" || o.Account == account })
	if n := len(scripts) + len(by); n > maximumScripts {
		return fmt.Errorf("there can be at most %d scripted answers, but there would be %d", maximumScripts, n)
	}
	for _, one := range by {
		s.lastID++
		one.id = s.lastID
	}
	s.scripts = append(scripts, by...)
	return nil
}

// count counts an answer of a script. It reports false if the script was removed meanwhile.
func (s *Script) count(id int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.scripts, func(one *script) bool { return one.id == id })
	if i < 0 {
		return false
	}
	one := s.scripts[i]
	one.Used++
	if one.Used == one.Times {
		s.scripts = slices.Delete(slices.Clone(s.scripts), i, i+1)
	}
	return true
}

// A ScriptState is what a Script has, as a value. Scripts to which the same changes were applied have equal states.
type ScriptState struct {
	LastID  int
	Answers []AnswerState
}

// An AnswerState is a scripted answer with its ID.
type AnswerState struct {
	ID     int
	Answer ScriptedAnswer
}

// Save returns the state, in which nothing must be changed.
func (s *Script) Save() ScriptState {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := ScriptState{LastID: s.lastID, Answers: make([]AnswerState, len(s.scripts))}
	for i, one := range s.scripts {
		state.Answers[i] = AnswerState{one.id, one.ScriptedAnswer}
	}
	return state
}

// Load replaces the state. The zero ScriptState is that of a script without answers.
func (s *Script) Load(state ScriptState) {
	scripts := make([]*script, len(state.Answers))
	for i, saved := range state.Answers {
		scripts[i] = restored(saved.Answer)
		scripts[i].id = saved.ID
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastID, s.scripts = state.LastID, scripts
}
