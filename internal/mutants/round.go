package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// A round is the trial of a sample of mutants.
type round struct {
	out      io.Writer
	seed     uint64
	listed   equivalents
	stale    []identity // entries of the list of equivalent mutants that are none
	deadline time.Time

	mu       sync.Mutex // guards what follows
	waiting  []mutant
	outcomes []outcome
	longest  time.Duration // that a mutant took
}

// stale returns the entries of the list of equivalent mutants that no mutant has.
func stale(all []mutant, list equivalents) (entries []identity) {
	existing := map[identity]bool{}
	for _, m := range all {
		existing[m.identity], existing[m.lines()] = true, true
	}
	for id := range list {
		if !existing[id] {
			entries = append(entries, id)
		}
	}
	slices.SortFunc(entries, func(a, b identity) int { return cmp.Compare(a.String(), b.String()) })
	return entries
}

// next returns the next mutant to try. None is returned that would perhaps not be ready at the deadline.
func (r *round) next() (mutant, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.waiting) > 0 {
		m := r.waiting[0]
		if r.listed.has(m) {
			r.waiting = r.waiting[1:]
			r.note(outcome{mutant: m, verdict: equivalent})
			continue
		}
		if time.Now().Add(r.longest).After(r.deadline) {
			return mutant{}, false
		}
		r.waiting = r.waiting[1:]
		return m, true
	}
	return mutant{}, false
}

// add notes what happened to a mutant, and how long it took.
func (r *round) add(o outcome, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.longest = max(r.longest, took)
	r.note(o)
}

// note notes and prints what happened to a mutant. The caller holds the lock.
func (r *round) note(o outcome) {
	r.outcomes = append(r.outcomes, o)
	by := ""
	if o.by != "" {
		by = " by " + o.by
	}
	fmt.Fprintf(r.out, "%d. %s:%d %s%s\n", len(r.outcomes), o.mutant.File, o.mutant.Line, o.verdict, by)
	if o.verdict == survived {
		fmt.Fprintln(r.out, o.mutant.Diff)
	}
}

// summarize prints the mutants that survived, and the score.
func (r *round) summarize() {
	counts := map[verdict]int{}
	for _, o := range r.outcomes {
		counts[o.verdict]++
		if o.verdict == survived {
			fmt.Fprintf(r.out, "\nsurvived: %s:%d\n%s\n", o.mutant.File, o.mutant.Line, o.mutant.identity)
		}
	}
	for _, id := range r.stale {
		fmt.Fprintf(r.out, "\nno mutant has this entry of the list of equivalent mutants, remove it:\n%s\n", id)
	}
	parts := []string{}
	for _, v := range []verdict{killed, survived, equivalent, invalid} {
		parts = append(parts, fmt.Sprintf("%d %s", counts[v], v))
	}
	fmt.Fprintf(r.out, "\nseed %d: %d mutants: %s, %d not tried\n", r.seed, len(r.outcomes)+len(r.waiting),
		strings.Join(parts, ", "), len(r.waiting))
	if tried := counts[killed] + counts[survived]; tried > 0 {
		fmt.Fprintf(r.out, "score: %.1f%% of the mutants that are not equivalent were killed\n",
			100*float64(counts[killed])/float64(tried))
	}
}
