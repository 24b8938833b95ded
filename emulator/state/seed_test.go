package state_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/state"
)

func TestWhatDoesNotReachTheOtherNodesFails(t *testing.T) {
	unreachable := errors.New("no connection")
	reset := func(s *stage) error { return s.Reset(t.Context(), account) }
	for name, test := range map[string]struct {
		prepare func(*stage)
		change  func(*stage) error
	}{
		"faults": {func(s *stage) {
			s.faults.Propose = func(fault.Change) ([]fault.Rule, error) { return nil, unreachable }
		}, reset},
		"scripted answers": {func(s *stage) { s.reviews.err = unreachable }, reset},
		"chat logs":        {func(s *stage) { s.logs.err = unreachable }, reset},
		"the clock": {func(s *stage) {
			s.clock.Propose = func(clock.Change) error { return unreachable }
		}, reset},
		"the seed": {func(s *stage) {
			s.seed.Propose = func(ivschat.Resources) error { return unreachable }
		}, func(s *stage) error { return s.Seed(t.Context(), []byte(seed)) }},
	} {
		s := newStage(t)
		test.prepare(s)
		if err := test.change(s); err != unreachable || s.Seeded() {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

func TestASeedIsProposedAndItsStateIsAValue(t *testing.T) {
	s, other := newStage(t), new(state.Seed)
	s.seed.Propose = func(added ivschat.Resources) error {
		s.seed.Apply(added)
		other.Apply(added)
		return nil
	}
	s.seeded(t, seed)
	s.seeded(t, `{}`)
	text, err := json.Marshal(s.seed.Save())
	if err != nil {
		t.Fatal(err)
	}
	var decoded state.SeedState
	if err := json.Unmarshal(text, &decoded); err != nil {
		t.Fatal(err)
	}
	joined := new(state.Seed)
	joined.Load(decoded)
	for _, of := range []*state.Seed{s.seed, other, joined} {
		if got := of.Save(); !got.Seeded || !reflect.DeepEqual(names(got.Resources), names(s.store.Resources)) {
			t.Errorf("a seed has %q, and the store %q", names(got.Resources), names(s.store.Resources))
		}
	}
	before := other.Save()
	other.Apply(ivschat.Resources{Rooms: []ivschat.Room{{Name: "new"}}})
	if !reflect.DeepEqual(names(before.Resources), names(s.store.Resources)) {
		t.Errorf("a state has changed: %q", names(before.Resources))
	}
}
