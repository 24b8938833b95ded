package fault

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/mistakes"
	"github.com/ivschat-local/ivschat-local/emulator/random"
)

// maximumRules is how many rules a Set can have.
const maximumRules = 1000

// A Set has rules, in the order in which they were added. It is safe for concurrent use.
type Set struct {
	// Propose makes the sets of all nodes apply a change, in one order, and returns what Apply returned. With nil,
	// there is one node. It is static once the set is used.
	Propose func(Change) ([]Rule, error)

	// Static.
	random *random.Source
	report func(Rule, Point)

	armed atomic.Int32 // number of rules; written under mu

	mu     sync.Mutex // guards what follows
	lastID int
	rules  []*entry
}

// An entry is a rule with the state that it needs to fire.
type entry struct {
	Rule
	met    int            // how often its point was met
	random *random.Source // nil means that of the set
}

// New returns an empty set. Rules with a probability use the random source. Each rule that fires is
// reported with the point where it did, at most once: Fire says when.
func New(source *random.Source, report func(Rule, Point)) *Set {
	return &Set{random: source, report: report}
}

// Add adds all rules, or none if one is invalid, and returns them with their IDs. The error lists
// everything that is wrong with the first invalid rule, or is that of Propose.
func (s *Set) Add(rules ...Rule) ([]Rule, error) {
	for i, rule := range rules {
		if err := rule.check(); err != nil {
			return nil, mistakes.Numbered("rule", i, len(rules), err)
		}
	}
	if s.Propose == nil {
		return s.add(rules)
	}
	documents := make([]Document, len(rules))
	for i, rule := range rules {
		documents[i] = NewDocument(rule)
	}
	return s.Propose(Change{Kind: KindAdd, Rules: documents})
}

// add adds rules that are valid, unless there would be too many.
func (s *Set) add(rules []Rule) ([]Rule, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if count := len(s.rules) + len(rules); count > maximumRules {
		return nil, fmt.Errorf("there can be at most %d rules, but there would be %d", maximumRules, count)
	}
	added := make([]Rule, len(rules))
	for i, rule := range rules {
		s.lastID++
		rule.ID, rule.Fired = s.lastID, 0
		e := &entry{Rule: rule}
		if rule.Seed != 0 {
			e.random = random.New(rule.Seed)
		}
		s.rules, added[i] = append(s.rules, e), rule
	}
	s.armed.Store(int32(len(s.rules)))
	return added, nil
}

// Rules returns the rules that can still fire: those of the account and those of no particular
// account, or all when account is "".
func (s *Set) Rules(account string) []Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	rules := []Rule{}
	for _, r := range s.rules {
		if account == "" || r.Account == "" || r.Account == account {
			rules = append(rules, r.Rule)
		}
	}
	return rules
}

// Remove removes a rule and reports whether it existed. Unless account is "", it must be a rule of
// that account. The error is that of Propose; without it, there is none.
func (s *Set) Remove(account string, id int) (existed bool, err error) {
	removed, err := s.propose(Change{Kind: KindRemove, Account: account, ID: id})
	return len(removed) > 0, err
}

// Clear removes the rules of an account, or all when account is "". The error is that of Propose; without it,
// there is none.
func (s *Set) Clear(account string) error {
	_, err := s.propose(Change{Kind: KindClear, Account: account})
	return err
}

func (s *Set) removeIf(unwanted func(*entry) bool) (removed []Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = slices.DeleteFunc(s.rules, func(r *entry) bool {
		if !unwanted(r) {
			return false
		}
		removed = append(removed, r.Rule)
		return true
	})
	s.armed.Store(int32(len(s.rules)))
	return removed
}

// isOf reports whether the rule is one of the account. Every rule is if the account is "".
func (r *Rule) isOf(account string) bool { return account == "" || r.Account == account }

// Armed reports whether there is any rule. It is one atomic load, so that faults cost nothing when
// there are none.
func (s *Set) Armed() bool { return s.armed.Load() > 0 }

// A Firing is a rule that fires at a point.
type Firing struct {
	Rule
	point Point
	set   *Set
}

// Fire returns the first rule that fires at the point, nil if none does. It is reported at once,
// unless it breaks a chat connection: then Break reports it. A connection that ends during the rule's
// delay is not broken, so it is not reported.
func (s *Set) Fire(at Point) *Firing {
	if !s.Armed() {
		return nil
	}
	rule, ok := s.fire(at)
	if !ok {
		return nil
	}
	f := &Firing{rule, at, s}
	t, _ := typeOf(at.Operation)
	if isChat := t == actionPoint || t == framePoint; !isChat || !f.Breaks() {
		f.Report()
	}
	return f
}

// Breaks reports whether the effect closes, resets or silences a chat connection.
func (f *Firing) Breaks() bool { return breaksConnection(f.Effect) }

// A Breaker is a chat connection that an effect can break.
type Breaker interface {
	// Break closes, resets or silences the connection, as the effect says.
	Break(Effect)
}

// Break breaks the connection with the rule's effect, and then reports the firing: a test that waits for the
// report expects to find the connection broken.
func (f *Firing) Break(connection Breaker) {
	connection.Break(f.Effect)
	f.Report()
}

// Report reports the firing.
func (f *Firing) Report() { f.set.report(f.Rule, f.point) }

// Wait waits for the rule's delay, in the machine's time, or until the context ends or the channel is
// closed: that of a connection says that the connection has ended. It may be nil.
func (f *Firing) Wait(ctx context.Context, ended <-chan struct{}) {
	if f.Delay == 0 {
		return
	}
	select {
	case <-time.After(f.Delay):
	case <-ctx.Done():
	case <-ended:
	}
}

// find finds the first rule that fires at the point, and counts it. Rules without a seed use the random source.
func (s *Set) find(at Point, source *random.Source) (Rule, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, r := range s.rules {
		if !r.applies(at) {
			continue
		}
		r.met++
		if r.met%max(1, r.Every) != 0 ||
			r.Probability > 0 && cmp.Or(r.random, source).Float64() >= r.Probability {
			continue
		}
		r.Fired++
		if r.Fired == r.Times {
			s.rules = slices.Delete(s.rules, i, i+1)
			s.armed.Store(int32(len(s.rules)))
		}
		return r.Rule, true
	}
	return Rule{}, false
}

func (r *Rule) applies(at Point) bool {
	return r.Operation == at.Operation &&
		(r.Account == "" || r.Account == at.Account) &&
		(r.Room == "" || r.Room == at.Room) &&
		(r.UserID == "" || r.UserID == at.UserID) &&
		(r.Capability == "" || slices.Contains(at.Capabilities, r.Capability))
}
