package review

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

// Limits of scripted answers. Times and patterns cost time with every review.
const (
	maximumScripts = 1000
	maximumScript  = 16 << 10 // bytes of one, in JSON
	maximumDelay   = 10 * time.Minute
)

// A ScriptedAnswer is an answer that a test gives in place of the handler, in JSON as the admin API accepts and
// returns it. It has exactly one of allow, deny, answer and error, or only a delay. Members that say where apply
// together, and an empty one applies everywhere.
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
	Delay  string          `json:"delay,omitempty"`  // before the answer, in the machine's time; a duration as in Go

	Used int `json:"used"` // how often it has answered
}

// An AllowAnswer allows a message.
type AllowAnswer struct {
	Content    string            `json:"content,omitempty"`    // "" leaves the content unchanged
	Attributes map[string]string `json:"attributes,omitempty"` // nil leaves the attributes unchanged
}

// A DenyAnswer denies a message.
type DenyAnswer struct {
	Reason string `json:"reason,omitempty"`
}

// A script is a ScriptedAnswer, ready for use.
type script struct {
	ScriptedAnswer
	content *regexp.Regexp // nil means any
	delay   time.Duration
}

// compile checks a scripted answer. The error lists everything that is wrong with it.
func compile(s ScriptedAnswer) (*script, error) {
	var wrong []string
	expect := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	compiled := &script{ScriptedAnswer: s}
	compiled.Used = 0
	expect(s.Account == "" || ivschat.IsAccountID(s.Account), "account must be 12 digits, but is %.40q", s.Account)
	if s.Room != "" {
		arn, err := ivschat.ParseARN(s.Room)
		expect(err == nil, "room: %.200v", err)
		expect(err != nil || s.Account == "" || arn.Owner.AccountID == s.Account,
			"room must be one of the account %s, but is %s", s.Account, s.Room)
	}
	expect(utf8.RuneCountInString(s.UserID) <= ivschat.MaximumUserIDLength,
		"userId can have at most %d code points", ivschat.MaximumUserIDLength)
	if s.Content != "" {
		var err error
		compiled.content, err = regexp.Compile(s.Content)
		expect(err == nil, "content must be a regular expression: %.200v", err)
	}
	expect(s.Times >= 0, "times must be 0 or more, but is %d", s.Times)
	if s.Delay != "" {
		compiled.delay, _ = time.ParseDuration(s.Delay) // 0 if it is not a duration
		expect(compiled.delay > 0 && compiled.delay <= maximumDelay,
			"delay must be a duration of at most 10m, for instance 250ms, but is %.40q", s.Delay)
	}
	answers := 0
	for _, has := range []bool{s.Allow != nil, s.Deny != nil, s.Answer != nil, s.Error != ""} {
		if has {
			answers++
		}
	}
	expect(answers == 1 || answers == 0 && s.Delay != "",
		"exactly one of allow, deny, answer and error is needed, or only a delay, but there are %d of them", answers)
	text, _ := json.Marshal(s) // it can be encoded, because it was decoded
	expect(len(text) <= maximumScript, "it can have at most %d bytes in JSON, but has %d: shorten its texts",
		maximumScript, len(text))
	if len(wrong) > 0 {
		return nil, errors.New(strings.Join(wrong, "; "))
	}
	return compiled, nil
}

// matches reports whether the script answers for a message.
func (s *script) matches(room ivschat.ARN, m messaging.Message) bool {
	return (s.Account == "" || s.Account == room.Owner.AccountID) &&
		(s.Room == "" || s.Room == room.String()) &&
		(s.UserID == "" || s.UserID == m.Sender.UserID) &&
		(s.content == nil || s.content.MatchString(m.Content))
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
		return nil, &failure{journal.FunctionFailed, s.Error}
	}
}

// onlyDelays reports whether the script leaves the answer to the handler.
func (s *script) onlyDelays() bool {
	return s.Allow == nil && s.Deny == nil && s.Answer == nil && s.Error == ""
}

// A Script has scripted answers, in the order in which they are tried. It is safe for concurrent use.
type Script struct {
	mu      sync.Mutex // guards what follows
	scripts []*script
}

// Set replaces the scripted answers of an account, or all when it is "". Answers without an account are then for
// that account. If one is invalid, nothing changes, and the error says which one.
func (s *Script) Set(account string, answers []ScriptedAnswer) error {
	compiled := make([]*script, len(answers))
	for i, answer := range answers {
		var err error
		if account != "" && answer.Account != "" && answer.Account != account {
			err = fmt.Errorf("account must be %s, as in the query, or absent, but is %.40q", account, answer.Account)
		} else {
			answer.Account = cmp.Or(answer.Account, account)
			compiled[i], err = compile(answer)
		}
		if err != nil && len(answers) > 1 {
			err = fmt.Errorf("answer %d of %d: %w", i+1, len(answers), err)
		}
		if err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	others := slices.Clone(s.scripts)
	others = slices.DeleteFunc(others, func(o *script) bool { return account == "" || o.Account == account })
	if n := len(others) + len(compiled); n > maximumScripts {
		return fmt.Errorf("there can be at most %d scripted answers, but there would be %d", maximumScripts, n)
	}
	s.scripts = append(others, compiled...)
	return nil
}

// Answers returns the scripted answers that are left: those of the account and those of no particular account, or
// all when it is "".
func (s *Script) Answers(account string) []ScriptedAnswer {
	s.mu.Lock()
	defer s.mu.Unlock()
	answers := []ScriptedAnswer{}
	for _, one := range s.scripts {
		if account == "" || one.Account == "" || one.Account == account {
			answers = append(answers, one.ScriptedAnswer)
		}
	}
	return answers
}

// Clear removes the scripted answers of an account, or all when it is "".
func (s *Script) Clear(account string) { _ = s.Set(account, nil) } // which removes only

// next returns the first script that answers for a message, and counts it. It returns nil if none does.
func (s *Script) next(room ivschat.ARN, m messaging.Message) *script {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, one := range s.scripts {
		if !one.matches(room, m) {
			continue
		}
		one.Used++
		if one.Used == one.Times {
			s.scripts = slices.Delete(s.scripts, i, i+1)
		}
		return one
	}
	return nil
}
