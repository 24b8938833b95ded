package fault

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// most is how many rules a Set takes.
const most = 1000

// A Point is where something can go wrong now.
type Point struct {
	Operation    string
	Account      string
	Room         string // ARN, "" when there is none
	UserID       string
	Capabilities []ivschat.Capability // of a session
}

func (p Point) inSession() bool {
	return slices.Contains(actions, p.Operation) || slices.Contains(frames, p.Operation)
}

// A Set is the rules, in the order in which they were added. It is safe for
// concurrent use.
type Set struct {
	operations map[string][]ivschat.Kind
	random     *ivschat.Random
	told       func(Rule, Point)

	armed atomic.Int32 // number of rules

	mu    sync.Mutex
	last  int
	rules []*Rule
}

// New makes an empty set. It knows the operations with the exceptions that they
// declare, throws its dice with random and tells of each rule that fires.
func New(operations map[string][]ivschat.Kind, random *ivschat.Random, told func(Rule, Point)) *Set {
	return &Set{operations: operations, random: random, told: told}
}

// Add adds rules, all or, when one is wrong, none. The error says all that is
// wrong with the first one that is.
func (s *Set) Add(rules ...Rule) ([]Rule, error) {
	for i := range rules {
		if wrong := rules[i].check(s.operations); len(wrong) > 0 {
			return nil, errors.New(strings.Join(wrong, "; "))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rules)+len(rules) > most {
		return nil, fmt.Errorf("there would be more than %d rules", most)
	}
	for i := range rules {
		s.last++
		rules[i].ID, rules[i].Fired, rules[i].met = s.last, 0, 0
		if rules[i].Seed != 0 {
			rules[i].dice = ivschat.NewRandom(rules[i].Seed)
		}
		added := rules[i]
		s.rules = append(s.rules, &added)
	}
	s.armed.Store(int32(len(s.rules)))
	return rules, nil
}

// Rules gives the rules that can still fire, of an account and of no account in
// particular; of all when account is "".
func (s *Set) Rules(account string) []Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	rules := []Rule{}
	for _, r := range s.rules {
		if account == "" || r.Account == "" || r.Account == account {
			rules = append(rules, *r)
		}
	}
	return rules
}

// Remove takes a rule away, of that account unless it is "", and reports whether
// it was there.
func (s *Set) Remove(account string, id int) bool {
	return s.removeIf(func(r *Rule) bool { return r.ID == id && (account == "" || r.Account == account) }) > 0
}

// Clear takes an account's rules away, all of them when account is "".
func (s *Set) Clear(account string) {
	s.removeIf(func(r *Rule) bool { return account == "" || r.Account == account })
}

func (s *Set) removeIf(unwanted func(*Rule) bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.rules)
	s.rules = slices.DeleteFunc(s.rules, unwanted)
	s.armed.Store(int32(len(s.rules)))
	return before - len(s.rules)
}

// Armed reports whether there is any rule: without one there is no need to ask
// further.
func (s *Set) Armed() bool { return s.armed.Load() > 0 }

// Fire gives the first rule that fires at the point, and tells of it. Of one that
// breaks a session whoever breaks it must tell, once it is broken: what waits to
// hear of it counts on that.
func (s *Set) Fire(at Point) (Rule, bool) {
	if !s.Armed() {
		return Rule{}, false
	}
	fired, ok := s.fire(at)
	if ok && !(fired.Breaks() && at.inSession()) {
		s.told(fired, at)
	}
	return fired, ok
}

// Tell tells of a rule that has broken a session.
func (s *Set) Tell(rule Rule, at Point) { s.told(rule, at) }

func (s *Set) fire(at Point) (Rule, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, r := range s.rules {
		if !r.meets(at) {
			continue
		}
		r.met++
		if r.Every > 0 && r.met%r.Every != 0 || r.Probability > 0 && cmp.Or(r.dice, s.random).Float64() >= r.Probability {
			continue
		}
		r.Fired++
		if r.Times > 0 && r.Fired == r.Times {
			s.rules = slices.Delete(s.rules, i, i+1)
			s.armed.Store(int32(len(s.rules)))
		}
		return *r, true
	}
	return Rule{}, false
}

func (r *Rule) meets(at Point) bool {
	return r.Operation == at.Operation &&
		(r.Account == "" || r.Account == at.Account) &&
		(r.Room == "" || r.Room == at.Room) &&
		(r.UserID == "" || r.UserID == at.UserID) &&
		(r.Capability == "" || slices.Contains(at.Capabilities, ivschat.Capability(r.Capability)))
}
