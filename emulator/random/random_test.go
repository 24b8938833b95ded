package random_test

import (
	"bytes"
	"sync"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/random"
)

// ids generates n IDs.
func ids(s *random.Source, n int) []string {
	generated := make([]string, n)
	for i := range generated {
		generated[i] = s.ID()
	}
	return generated
}

func TestTheSameSeedGeneratesTheSameSequence(t *testing.T) {
	const seed = 42
	first, second, other := random.New(seed), random.New(seed), random.New(seed+1)
	if first.Seed() != seed {
		t.Errorf("the seed is %d", first.Seed())
	}
	for range 100 {
		id := first.ID()
		if got := second.ID(); got != id {
			t.Fatalf("the ID is %s, then %s", id, got)
		}
		if got := other.ID(); got == id {
			t.Fatalf("another seed generates %s, too", got)
		}
	}
	var a, b [13]byte
	first.Read(a[:])
	second.Read(b[:])
	if a != b || first.Float64() != second.Float64() {
		t.Errorf("the bytes are %x, then %x", a, b)
	}
}

func TestAnIDHasTheFormOfTheService(t *testing.T) {
	source, used := random.New(1), map[rune]bool{}
	for _, id := range ids(source, 1000) {
		if !ivschat.IsID(id) {
			t.Fatalf("%q is not an ID", id)
		}
		for _, character := range id {
			used[character] = true
		}
	}
	if len(used) != len(ivschat.IDAlphabet) {
		t.Errorf("the IDs use %d of %d characters", len(used), len(ivschat.IDAlphabet))
	}
}

func TestRunsWithTheSameSeedDoNotOverlap(t *testing.T) {
	seen := map[string]uint64{}
	for run := range uint64(20) {
		source := random.New(7)
		source.SkipRuns(run)
		for _, id := range ids(source, 500) {
			if other, ok := seen[id]; ok {
				t.Fatalf("runs %d and %d both generate %s", other, run, id)
			}
			seen[id] = run
		}
	}
	first, skipped := random.New(7), random.New(7)
	skipped.SkipRuns(0)
	if first.ID() != skipped.ID() {
		t.Error("run 0 does not start at the beginning")
	}
}

func TestConcurrentUseGeneratesTheNumbersOfTheSequence(t *testing.T) {
	const goroutines, each = 8, 500
	source := random.New(3)
	generated := make([][]float64, goroutines)
	var wait sync.WaitGroup
	for i := range generated {
		wait.Go(func() {
			for range each {
				generated[i] = append(generated[i], source.Float64())
			}
		})
	}
	wait.Wait()

	expected := map[float64]bool{}
	for sequential := random.New(3); len(expected) < goroutines*each; {
		expected[sequential.Float64()] = true
	}
	for _, numbers := range generated {
		for _, number := range numbers {
			if !expected[number] {
				t.Fatalf("%v is a duplicate, or not in the sequence", number)
			}
			delete(expected, number)
		}
	}
}

func TestFloat64IsAtLeast0AndLessThan1(t *testing.T) {
	const n = 10_000
	source, sum := random.New(5), 0.0
	for range n {
		f := source.Float64()
		if f < 0 || f >= 1 {
			t.Fatalf("the number is %v", f)
		}
		sum += f
	}
	if mean := sum / n; mean < 0.48 || mean > 0.52 {
		t.Errorf("the mean is %v", mean)
	}
}

func TestReadFillsTheWholeSlice(t *testing.T) {
	for size := range 20 {
		text := make([]byte, size)
		if n, err := random.New(9).Read(text); n != size || err != nil {
			t.Errorf("Read returns %d and %v for %d bytes", n, err, size)
		}
		if tail := text[size/8*8:]; len(tail) > 2 && bytes.Equal(tail, make([]byte, len(tail))) {
			t.Errorf("the last of %d bytes are %x", size, tail)
		}
	}
}

func TestASourceCanBeResumed(t *testing.T) {
	s := random.New(7)
	s.SkipRuns(3)
	s.ID()
	s.Float64()
	other := random.Resume(s.Seed(), s.Generated())
	if a, b := s.Uint64(), other.Uint64(); a != b || other.Generated() != s.Generated() {
		t.Errorf("the next number is %d, and %d of the source that goes on", a, b)
	}
}
