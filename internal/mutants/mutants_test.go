package main

import (
	"cmp"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// tryModule tries the mutants of the package sum of the module in testdata, and returns what was printed.
func tryModule(t *testing.T, o options) string {
	t.Helper()
	o.dir, o.seed, o.workers = "testdata/module", 7, 2
	o.equivalent, o.packages = "equivalent.txt", []string{"./sum"}
	var out strings.Builder
	if err := run(t.Context(), o, &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTheMutantsThatNoTestNoticesAreToldWithTheScore(t *testing.T) {
	t.Parallel()
	before := contents(t, "testdata/module")
	out := tryModule(t, options{number: 1000, duration: time.Hour, skip: "^$"})
	for _, want := range []string{
		"11 mutants, of which up to 1000 are tried, with seed 7\n",
		"sum/sum.go:6 killed by TestTotal of example.com/module/user\n", // only another package notices it
		"sum/sum.go:13 does not compile\n",
		"sum/sum.go:6 equivalent\n",
		"sum/sum.go:17 equivalent\n", // like every change of the line
		"\nsurvived: sum/sum.go:6\nsum/sum.go Capped\n- if a+b > 10 {\n+ if a+b > (10 + 1) {\n",
		"no mutant has this entry of the list of equivalent mutants, remove it:\nsum/sum.go Gone\n- return 1\n+ return 0\n",
		"seed 7: 11 mutants: 7 killed, 1 survived, 2 equivalent, 1 does not compile, 0 not tried\n" +
			"score: 87.5% of the mutants that are not equivalent were killed\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
	if !slices.Equal(contents(t, "testdata/module"), before) {
		t.Error("the module was changed")
	}
}

// contents returns every file of a directory, and what is in it.
func contents(t *testing.T, directory string) (files []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(directory, "*", "*"))
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, path+"\n"+string(content))
	}
	return files
}

func TestTestsOfSkippedPackagesDoNotRun(t *testing.T) {
	t.Parallel()
	out := tryModule(t, options{number: 1000, duration: time.Hour, skip: "user"})
	if !strings.Contains(out, "6 killed, 2 survived") {
		t.Error(out)
	}
}

func TestAMistakeIsToldBeforeAnyTestRuns(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]options{
		"-skip: error parsing regexp":                  {skip: "(", packages: []string{"./sum"}},
		"-skip module leaves no package with tests":    {skip: "module", packages: []string{"./sum"}},
		"go list ./nothing: exit status 1":             {skip: "^$", packages: []string{"./nothing"}},
		"open testdata/module/gone.txt: no such file ": {skip: "^$", packages: []string{"./sum"}, equivalent: "gone.txt"},
	} {
		o.dir, o.equivalent = "testdata/module", cmp.Or(o.equivalent, "equivalent.txt")
		if err := run(t.Context(), o, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got the error %v, want %s", err, want)
		}
	}
}

func TestNoMutantIsTriedAfterTheTime(t *testing.T) {
	t.Parallel()
	out := tryModule(t, options{number: 5, duration: 0, skip: "^$"})
	if !strings.Contains(out, "0 killed, 0 survived") || strings.Contains(out, "score") {
		t.Error(out)
	}
}

func TestASeedRepeatsItsSample(t *testing.T) {
	t.Parallel()
	sample := func(seed uint64) []mutant {
		all := mutantsOf(t, "package p\nfunc f() bool { return 1+2 == 3 && 4*5 < 6 || 7 > 8 }")
		return choose(all, seed, 5)
	}
	if a, b := sample(1), sample(1); !slices.Equal(a, b) || len(a) != 5 {
		t.Errorf("%v, then %v", a, b)
	}
	if a, b := sample(1), sample(2); slices.Equal(a, b) {
		t.Error("two seeds have the same sample")
	}
}
