// Package random generates IDs and other random values from a seed, so that a run can be repeated.
//
// The values are not secret. What must not be guessed is encrypted (package crypto).
package random

import (
	"encoding/binary"
	"sync/atomic"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A Source generates IDs and random numbers. Two sources with the same seed generate the same
// sequence. A Source is safe for concurrent use. It has no lock, since all rooms share one source.
type Source struct {
	seed    uint64
	counter atomic.Uint64 // numbers generated so far, and those of earlier runs
}

// New returns a source that starts from the seed.
func New(seed uint64) *Source { return &Source{seed: seed} }

// Resume returns a source that goes on like one with that seed which has generated so many numbers.
func Resume(seed, generated uint64) *Source {
	s := New(seed)
	s.counter.Store(generated)
	return s
}

// Generated returns how many numbers the source has generated, with those that it has skipped.
func (s *Source) Generated() uint64 { return s.counter.Load() }

// numbersPerRun is how many numbers a run can generate before it repeats those of the next run.
const numbersPerRun = 1 << 40

// SkipRuns moves the source past the numbers of earlier runs with the same seed. It must be called
// before the first value is generated.
func (s *Source) SkipRuns(runs uint64) { s.counter.Store(runs * numbersPerRun) }

// Seed returns the seed that the source started from.
func (s *Source) Seed() uint64 { return s.seed }

// Uint64 returns the next number. The generator is SplitMix64 (Steele, Lea and Flood, "Fast
// splittable pseudorandom number generators", 2014): its only state is a counter, so an atomic
// addition is enough.
func (s *Source) Uint64() uint64 { return mix(mix(s.seed) + s.counter.Add(1)*0x9e3779b97f4a7c15) }

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// ID returns a new ID of 12 letters and digits. It has 71 bits of randomness, so one seed does not
// produce the same ID twice in practice.
func (s *Source) ID() string { return ivschat.NewID(s.Uint64(), s.Uint64()) }

// Read fills p with random bytes. It never fails.
func (s *Source) Read(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		var number [8]byte
		binary.LittleEndian.PutUint64(number[:], s.Uint64())
		rest = rest[copy(rest, number[:]):]
	}
	return len(p), nil
}

// Float64 returns a number in [0, 1).
func (s *Source) Float64() float64 { return float64(s.Uint64()>>11) / (1 << 53) }
