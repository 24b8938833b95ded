package review

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
	"github.com/ivschat-local/ivschat-local/emulator/mistakes"
)

// Limits of scripted answers. Every review tries their patterns one after another.
const (
	maximumScripts = 1000
	maximumScript  = 16 << 10 // bytes of one, in JSON
	maximumPattern = 500      // bytes
	maximumProgram = 1000     // instructions of a compiled pattern, because .{1000} is short, but has a thousand
)

// A ScriptedAnswer is an answer that a test gives in place of the handler, in JSON as the admin API accepts and
// returns it. It has exactly one of allow, deny, answer and error. With only a delay, the handler answers after
// it. The members that say where apply together; an empty one applies everywhere.
type ScriptedAnswer struct {
	// Where.
	Account string `json:"account,omitempty"`
	Room    string `json:"room,omitempty"` // ARN
	UserID  string `json:"userId,omitempty"`
	Content string `json:"content,omitempty"` // a regular expression that matches a part of the content

	// Times is how often it answers. Then it is removed. 0 means no limit.
	Times int `json:"times,omitempty"`

	// What.
	Allow  *AllowAnswer    `json:"allow,omitempty"`
	Deny   *DenyAnswer     `json:"deny,omitempty"`
	Answer json.RawMessage `json:"answer,omitempty"` // any JSON value, so also an answer that is not valid
	Error  string          `json:"error,omitempty"`  // the function fails with this message
	Delay  string          `json:"delay,omitempty"`  // a duration as in Go, in the machine's time; at most 10m

	Used int `json:"used"` // how often it has answered; Set ignores it
}

// An AllowAnswer allows a message.
type AllowAnswer struct {
	Content    string            `json:"content,omitempty"`   // "" leaves the content unchanged
	Attributes map[string]string `json:"attributes,omitzero"` // nil leaves the attributes unchanged
}

// A DenyAnswer denies a message.
type DenyAnswer struct {
	Reason string `json:"reason,omitempty"`
}

// A script is a ScriptedAnswer, ready for use.
type script struct {
	ScriptedAnswer
	id      int                   // assigned by the Script
	content func() *regexp.Regexp // nil means any
	delay   time.Duration
}

// clone returns a copy that shares nothing with the scripted answer that can be changed.
func (s ScriptedAnswer) clone() ScriptedAnswer {
	if s.Allow != nil {
		s.Allow = &AllowAnswer{s.Allow.Content, maps.Clone(s.Allow.Attributes)}
	}
	if s.Deny != nil {
		s.Deny = &DenyAnswer{s.Deny.Reason}
	}
	s.Answer = bytes.Clone(s.Answer)
	return s
}

// compile checks a scripted answer. The error lists everything that is wrong with it.
func compile(answer ScriptedAnswer) (*script, error) {
	s := &script{ScriptedAnswer: answer.clone()}
	s.Used = 0
	var wrong mistakes.List
	s.compileWhere(&wrong)
	wrong.Expect(s.Times >= 0, "times must be 0 or more, but is %d", s.Times)
	if s.Delay != "" {
		s.delay, _ = time.ParseDuration(s.Delay) // 0 if it is not a duration
		wrong.Expect(s.delay > 0 && s.delay <= fault.MaximumDelay,
			"delay must be a duration of at most 10m, for instance 250ms, but is %.40q", s.Delay)
	}
	s.compileAnswer(&wrong)
	size := len(encode(s.ScriptedAnswer))
	wrong.Expect(size <= maximumScript, "a scripted answer can have at most %d bytes in JSON, but this one has %d: "+
		"shorten its texts", maximumScript, size)
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *script) compileWhere(wrong *mistakes.List) {
	wrong.Expect(s.Account == "" || ivschat.IsAccountID(s.Account),
		"account must be 12 digits, but is %.40q", s.Account)
	if s.Room != "" {
		arn, err := ivschat.ParseARN(s.Room)
		wrong.Expect(err == nil, "room: %.200v", err)
		wrong.Expect(err != nil || arn.ResourceType == ivschat.RoomResource,
			"room must be the ARN of a room, but is %.200s", s.Room)
		wrong.Expect(err != nil || s.Account == "" || arn.Owner.AccountID == s.Account,
			"room must be one of the account %.40s, but is %.200s", s.Account, s.Room)
	}
	wrong.Expect(utf8.RuneCountInString(s.UserID) <= ivschat.MaximumUserIDLength,
		"userId can have at most %d code points", ivschat.MaximumUserIDLength)
	if s.Content != "" {
		pattern, err := compilePattern(s.Content)
		s.content = func() *regexp.Regexp { return pattern }
		wrong.Expect(err == nil, "content must be a regular expression of Go: %v", err)
	}
}

// compileAnswer checks what is answered. An answer with allow or deny must be valid, because the client expects
// that it decides.
func (s *script) compileAnswer(wrong *mistakes.List) {
	answers := 0
	for _, has := range []bool{s.Allow != nil, s.Deny != nil, s.Answer != nil, s.Error != ""} {
		if has {
			answers++
		}
	}
	wrong.Expect(answers == 1 || answers == 0 && s.Delay != "",
		"a scripted answer must have exactly one of allow, deny, answer and error, or only a delay, "+
			"but this one has %d of them", answers)
	if s.Answer != nil {
		var text bytes.Buffer // without spaces, which would not count
		wrong.Expect(json.Compact(&text, s.Answer) == nil, "answer must be JSON: only a fault can answer another text")
		s.Answer = text.Bytes()
	}
	if answers == 1 && (s.Allow != nil || s.Deny != nil) {
		text, _ := s.answer(messaging.Message{Content: "x"}) // the error is for error
		_, err := parseAnswer(text, ivschat.DefaultMaximumMessageLength)
		wrong.Expect(err == nil, "%v: use answer for an answer that is not valid", err)
	}
}

// compilePattern compiles a pattern that is neither too long nor needs too much memory.
func compilePattern(pattern string) (*regexp.Regexp, error) {
	if n := len(pattern); n > maximumPattern {
		return nil, fmt.Errorf("it can have at most %d bytes, but has %d", maximumPattern, n)
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, err
	}
	if len(program.Inst) > maximumProgram {
		return nil, fmt.Errorf("it is too complex: use fewer or smaller repetitions than in %q", pattern)
	}
	return regexp.Compile(pattern)
}

// matches reports whether the script answers for a message.
func (s *script) matches(room ivschat.ARN, m messaging.Message) bool {
	return (s.Account == "" || s.Account == room.Owner.AccountID) &&
		(s.Room == "" || s.Room == room.String()) &&
		(s.UserID == "" || s.UserID == m.Sender.UserID) &&
		(s.content == nil || s.content().MatchString(m.Content))
}

// answer returns the answer of the script to a message.
func (s *script) answer(m messaging.Message) (answer []byte, err error) {
	switch {
	case s.Allow != nil:
		return Answer{Allow, cmp.Or(s.Allow.Content, m.Content), s.Allow.Attributes}.encode(), nil
	case s.Deny != nil && s.Deny.Reason != "":
		return Answer{ReviewResult: Deny, Attributes: map[string]string{reasonAttribute: s.Deny.Reason}}.encode(), nil
	case s.Deny != nil:
		return Answer{ReviewResult: Deny}.encode(), nil
	case s.Answer != nil:
		return s.Answer, nil
	default:
		return nil, &failure{kind: journal.FunctionFailed, message: s.Error}
	}
}

// onlyDelays reports whether the script leaves the answer to the handler.
func (s *script) onlyDelays() bool {
	return s.Allow == nil && s.Deny == nil && s.Answer == nil && s.Error == ""
}

// A Script has scripted answers, in the order in which they are tried. It is safe for concurrent use.
type Script struct {
	// Propose makes the scripts of all nodes apply a change, in one order, and returns what Apply returned. With nil,
	// there is one node. It is static once the script is used.
	Propose func(ScriptChange) (done bool, err error)

	mu      sync.Mutex // guards what follows
	lastID  int
	scripts []*script // a new slice for each change, because find reads it without the lock
}

// Set replaces the scripted answers of an account, or all when it is "". Answers without an account are then for
// that account. If one is invalid, nothing changes, and the error says which one, or it is that of Propose.
func (s *Script) Set(account string, answers []ScriptedAnswer) error {
	if n := len(answers); n > maximumScripts {
		return fmt.Errorf("there can be at most %d scripted answers, but there would be %d", maximumScripts, n)
	}
	compiled := make([]*script, len(answers))
	for i, answer := range answers {
		var err error
		if account != "" && answer.Account != "" && answer.Account != account {
			err = fmt.Errorf("account must be %s, as in the query, or absent, but is %.40q", account, answer.Account)
		} else {
			answer.Account = cmp.Or(answer.Account, account)
			compiled[i], err = compile(answer)
		}
		if err != nil {
			return mistakes.Numbered("answer", i, len(answers), err)
		}
	}
	if s.Propose == nil {
		return s.replace(account, compiled)
	}
	change := ScriptChange{Account: account, Answers: make([]ScriptedAnswer, len(compiled))}
	for i, one := range compiled {
		change.Answers[i] = one.ScriptedAnswer
	}
	_, err := s.Propose(change)
	return err
}

// Answers returns the scripted answers that are left: those of the account and those of no particular account, or
// all when it is "".
func (s *Script) Answers(account string) []ScriptedAnswer {
	s.mu.Lock()
	defer s.mu.Unlock()
	answers := []ScriptedAnswer{}
	for _, one := range s.scripts {
		if account == "" || one.Account == "" || one.Account == account {
			answers = append(answers, one.clone())
		}
	}
	return answers
}

// Clear removes the scripted answers of an account, or all when it is "". The error is that of Propose; without it,
// there is none.
func (s *Script) Clear(account string) error { return s.Set(account, nil) } // which removes only

// next returns the first script that answers for a message, and counts it. It returns nil if none does, or if the
// context ends: a thousand patterns can take seconds. Reviews of others do not wait for them.
func (s *Script) next(ctx context.Context, room ivschat.ARN, m messaging.Message) *script {
	for {
		one := s.find(ctx, room, m)
		if one == nil || s.use(one) {
			return one
		}
	}
}

// find returns the first script that answers for a message.
func (s *Script) find(ctx context.Context, room ivschat.ARN, m messaging.Message) *script {
	s.mu.Lock()
	scripts := s.scripts
	s.mu.Unlock()
	for _, one := range scripts {
		if ctx.Err() != nil {
			return nil
		}
		if one.matches(room, m) {
			return one
		}
	}
	return nil
}

// use counts an answer of a script. It reports false if the script was removed meanwhile. A script of which the other
// nodes cannot be told is used without them: what follows the review fails then, too.
func (s *Script) use(one *script) bool {
	if s.Propose == nil {
		return s.count(one.id)
	}
	used, err := s.Propose(ScriptChange{Use: one.id})
	return used || err != nil
}
