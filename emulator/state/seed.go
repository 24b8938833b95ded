package state

import (
	"sync"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A Seed is everything that was seeded (decision D42). The zero Seed is that of an emulator that was not seeded. It
// is safe for concurrent use.
type Seed struct {
	// Propose makes the seeds of all nodes apply an addition, in one order. With nil, there is one node. It is static
	// once the seed is used.
	Propose func(ivschat.Resources) error

	mu    sync.Mutex // guards what follows
	state SeedState
}

// A SeedState is what a Seed has, as a value.
type SeedState struct {
	Seeded    bool // also with a document without resources
	Resources ivschat.Resources
}

// add adds resources. The error is that of Propose.
func (s *Seed) add(resources ivschat.Resources) error {
	if s.Propose != nil {
		return s.Propose(resources)
	}
	s.Apply(resources)
	return nil
}

// Apply adds resources. What it does depends only on them and on the state of the seed.
func (s *Seed) Apply(resources ivschat.Resources) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Resources, _ = s.state.Resources.Seed(resources) // which makes new slices
	s.state.Seeded = true
}

// Save returns the state, which must not be changed.
func (s *Seed) Save() SeedState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// Load replaces the state.
func (s *Seed) Load(state SeedState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = state
}
