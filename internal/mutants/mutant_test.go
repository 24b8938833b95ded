package main

import (
	"slices"
	"strings"
	"testing"
)

// mutantsOf returns the mutants of a file.
func mutantsOf(t *testing.T, source string) []mutant {
	t.Helper()
	found, err := find("/module/p/p.go", "p/p.go", "module/p", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestEachPartOfTheCodeHasItsMutants(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		result, body string
		want         []string // the body with each change
	}{
		{"", "if a < b { f() }", []string{"if (a < b) && false { f() }", "if (a < b) || true { f() }",
			"if a <= b { f() }", "if a >= b { f() }", "if a < b {  }"}},
		{"", "for a { f() }", []string{"for (a) && false { f() }", "for a {  }"}},
		{"", "a = b + c", []string{"_ = b + c", "a = b - c"}},
		{"", "a += 2", []string{"a -= 2", "_ = 2", "a += (2 + 1)"}},
		{"", "a++", []string{"a--"}},
		{"", "a := !b", []string{"a := b"}},
		{"", "f(0, 1, true)", []string{"f(1, 1, true)", "f(0, 0, true)", "f(0, 1, false)", ""}},
		{"", `f("a", "", 'x')`, []string{`f("", "", 'x')`, `f("a", "mutant", 'x')`, `f("a", "", 'y')`, ""}},
		{"", "defer f()", []string{""}},
		{"", "go f()", []string{""}},
		{"", "a <- b", []string{""}},
		{"", "for { continue }", []string{"for {  }"}},
		{"", "f(T{a: b, c: d})", []string{"f(T{ c: d})", "f(T{a: b, })", ""}},
		{"", "switch a { case b, c: f() }", []string{"switch a {  }", "switch a { case  c: f() }", "switch a { case b: f() }",
			"switch a { case b, c:  }"}},
		{"error", "return err", []string{"return nil"}},
		{"error", "return nil", nil},
		{"(*T, error)", "return a, f()", []string{"return nil, f()", "return a, nil"}},
		{"(s string, n int)", "return a, b", []string{`return "", b`, "return a, 0"}},
		{"bool", "return f()", []string{"return !f()"}},
		{"(a, b bool)", "return f()", nil},
		{"", "f(func() bool { return a })", []string{"f(func() bool { return !a })", ""}},
	} {
		prefix, suffix := "package p\n\nfunc f() "+test.result+" {\n", "\n}\n"
		source := prefix + test.body + suffix
		var got []string
		for _, m := range mutantsOf(t, source) {
			changed := strings.TrimSuffix(strings.TrimPrefix(string(m.apply([]byte(source))), prefix), suffix)
			got = append(got, changed)
		}
		slices.Sort(got)
		slices.Sort(test.want)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s\ngot  %q\nwant %q", test.body, got, test.want)
		}
	}
}

func TestAMutantKeepsItsIdentityWhenOtherCodeChanges(t *testing.T) {
	t.Parallel()
	const method = "func (t *T[K]) m() {\n\tt.a = t.b\n\tt.a = t.b\n}\n"
	for _, test := range []struct {
		source string
		line   int
	}{
		{"package p\n" + method, 4},
		{"package p\nimport \"fmt\"\nconst limit = 3\n\n" + method, 7},
		{"package p\n" + strings.ReplaceAll(method, "\t", "\t\t"), 4},
	} {
		all := mutantsOf(t, test.source)
		last := all[len(all)-1]
		if want := "p/p.go T.m #2\n- t.a = t.b\n+ _ = t.b"; last.identity.String() != want || last.Line != test.line {
			t.Errorf("line %d: %s", last.Line, last.identity)
		}
	}
}

func TestConstantsAndVariablesHaveMutantsButTypesAndImportsHaveNone(t *testing.T) {
	t.Parallel()
	all := mutantsOf(t, "package p\nimport \"fmt\"\ntype T struct { a [4]int `json:\"a\"` }\nvar x = [4]int{}\nconst ( c = 5; d = 6 )\n")
	var got []string
	for _, m := range all {
		got = append(got, m.Function+": "+m.replacement)
	}
	if want := []string{"c: (5 + 1)", "d: (6 + 1)"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
