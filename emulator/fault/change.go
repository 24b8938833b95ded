package fault

import (
	"fmt"
	"slices"

	"github.com/ivschat-local/ivschat-local/emulator/random"
)

// A Change changes the rules of a Set, or what they have counted, as a value. What it does depends only on the
// change and on the State of the set (decision D86).
type Change struct {
	Kind    Kind
	Rules   []Document `json:",omitempty"` // with KindAdd
	Account string     `json:",omitempty"` // with KindRemove and KindClear; "" means any
	ID      int        `json:",omitempty"` // with KindRemove
	Point   Point      `json:",omitzero"`  // with KindFire

	// Random is where the random numbers begin of the rules without a seed, with KindFire.
	Random uint64 `json:",omitempty"`
}

// A Kind is what a Change does.
type Kind string

// The kinds, one for each method of Set that changes it.
const (
	KindAdd    Kind = "add"
	KindRemove Kind = "remove"
	KindClear  Kind = "clear"
	KindFire   Kind = "fire"
)

// Apply carries out a change, and returns the rules that it adds or removes, or the one that fires. Nothing
// changes if there is an error.
func (s *Set) Apply(change Change) ([]Rule, error) {
	switch change.Kind {
	case KindAdd:
		rules := make([]Rule, len(change.Rules))
		for i, document := range change.Rules {
			var err error
			if rules[i], err = document.Rule(); err != nil {
				return nil, err
			}
		}
		return s.add(rules)
	case KindRemove:
		return s.removeIf(func(r *entry) bool { return r.ID == change.ID && r.isOf(change.Account) }), nil
	case KindClear:
		return s.removeIf(func(r *entry) bool { return r.isOf(change.Account) }), nil
	case KindFire:
		if rule, ok := s.find(change.Point, random.New(change.Random)); ok {
			return []Rule{rule}, nil
		}
		return nil, nil
	default:
		return nil, fmt.Errorf("there is no change of faults of the kind %q", change.Kind)
	}
}

// propose makes a change, and returns what Apply returns.
func (s *Set) propose(change Change) ([]Rule, error) {
	if s.Propose != nil {
		return s.Propose(change)
	}
	return s.Apply(change)
}

// fire finds the first rule that fires at the point, and counts it.
func (s *Set) fire(at Point) (Rule, bool) {
	if s.Propose == nil {
		return s.find(at, s.random)
	}
	if !s.mayFire(at) {
		return Rule{}, false
	}
	fired, err := s.Propose(Change{Kind: KindFire, Point: at, Random: s.random.Uint64()})
	if err != nil || len(fired) == 0 { // what the other nodes do not know of does not fire
		return Rule{}, false
	}
	return fired[0], true
}

// mayFire reports whether there is a rule for the point.
func (s *Set) mayFire(at Point) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.rules, func(r *entry) bool { return r.applies(at) })
}

// A State is what a Set has, as a value. Sets to which the same changes were applied have equal states.
type State struct {
	LastID int
	Rules  []RuleState
}

// A RuleState is a rule and what it has counted.
type RuleState struct {
	Rule   Document
	Met    int    // how often its point was met
	Random uint64 // how many random numbers its own source has generated
}

// Save returns the state.
func (s *Set) Save() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := State{LastID: s.lastID, Rules: make([]RuleState, len(s.rules))}
	for i, r := range s.rules {
		state.Rules[i] = RuleState{Rule: NewDocument(r.Rule), Met: r.met}
		if r.random != nil {
			state.Rules[i].Random = r.random.Generated()
		}
	}
	return state
}

// Load replaces the state. The zero State is that of a set without rules. Nothing changes if there is an error.
func (s *Set) Load(state State) error {
	rules := make([]*entry, len(state.Rules))
	for i, saved := range state.Rules {
		rule, err := saved.Rule.Rule()
		if err != nil {
			return fmt.Errorf("rule %d: %w", saved.Rule.ID, err)
		}
		rule.ID, rule.Fired = saved.Rule.ID, saved.Rule.Fired
		rules[i] = &entry{Rule: rule, met: saved.Met}
		if rule.Seed != 0 {
			rules[i].random = random.Resume(rule.Seed, saved.Random)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastID, s.rules = state.LastID, rules
	s.armed.Store(int32(len(rules)))
	return nil
}
