// Command mutants says how much of the code the tests guard. It makes small changes to the code (mutants),
// one at a time, and runs the tests with each. A mutant that no test notices has survived.
//
//	go run ./internal/mutants [flags] packages
//
// The working tree is never changed: the go command reads the changed file in place of the original, with
// its flag -overlay. The tests of the package itself run first, then those of the packages that import it,
// then those of all others that depend on it, until a test fails.
//
// It is our own, because the tools that exist have no seed, cannot take a sample, have no list of
// equivalent mutants, or run all tests for each mutant.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"sync"
	"time"
)

// options are the flags.
type options struct {
	seed       uint64
	number     int
	duration   time.Duration
	workers    int
	equivalent string
	skip       string
	dir        string
	packages   []string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	o := options{dir: "."}
	flag.Uint64Var(&o.seed, "seed", rand.Uint64N(1_000_000), "chooses the mutants; by default a random number")
	flag.IntVar(&o.number, "n", 300, "how many mutants to try")
	flag.DurationVar(&o.duration, "time", time.Hour, "after how long to stop, even if not all were tried")
	flag.IntVar(&o.workers, "workers", runtime.NumCPU(), "how many to try at the same time")
	flag.StringVar(&o.equivalent, "equivalent", "internal/mutants/equivalent.txt",
		"the list of equivalent mutants")
	flag.StringVar(&o.skip, "skip", "^$", "packages whose tests do not run: a regular expression")
	flag.Parse()
	o.packages = flag.Args()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run tries a sample of the mutants and prints what happened.
func run(ctx context.Context, o options, out io.Writer) error {
	deadline := time.Now().Add(o.duration)
	skip, err := regexp.Compile(o.skip)
	if err != nil {
		return fmt.Errorf("-skip: %w", err)
	}
	list, err := readEquivalent(filepath.Join(o.dir, o.equivalent))
	if err != nil {
		return err
	}
	s, err := openSuite(ctx, o.dir)
	if err != nil {
		return err
	}
	all, err := s.mutants(ctx, o.packages)
	if err != nil {
		return err
	}
	if err := s.measure(ctx, skip); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d mutants, of which up to %d are tried, with seed %d\n", len(all), o.number, o.seed)
	r := &round{out: out, seed: o.seed, listed: list, stale: stale(all, list), deadline: deadline}
	r.waiting = choose(all, o.seed, o.number)
	err = s.tryAll(ctx, o.workers, r)
	r.summarize() // also when it was interrupted
	return err
}

// choose returns a sample of the mutants, in random order.
func choose(all []mutant, seed uint64, number int) []mutant {
	random := rand.New(rand.NewPCG(seed, 0))
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(number, len(all))]
}

// tryAll tries the mutants of a sample, several at the same time.
func (s *suite) tryAll(ctx context.Context, workers int, r *round) error {
	directory, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var work sync.WaitGroup
	for worker := range workers {
		work.Go(func() {
			if err := s.tryEach(ctx, filepath.Join(directory, strconv.Itoa(worker)), r); err != nil {
				cancel(err)
			}
		})
	}
	work.Wait()
	return context.Cause(ctx)
}

// tryEach tries one mutant after the other, until none is left.
func (s *suite) tryEach(ctx context.Context, directory string, r *round) error {
	if err := os.Mkdir(directory, 0o700); err != nil {
		return err
	}
	for m, ok := r.next(); ok; m, ok = r.next() {
		start := time.Now()
		o, err := s.try(ctx, m, directory)
		if err != nil {
			return err
		}
		r.add(o, time.Since(start))
	}
	return nil
}
