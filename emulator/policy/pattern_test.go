package policy

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// likeRegexp matches with package regexp.
func likeRegexp(t testing.TB, text, value string) bool {
	t.Helper()
	expression := regexp.QuoteMeta(text)
	expression = strings.ReplaceAll(expression, `\*`, `.*`)
	expression = strings.ReplaceAll(expression, `\?`, `.`)
	compiled, err := regexp.Compile(`(?s)^(?:` + expression + `)$`)
	if err != nil {
		t.Skip(err) // package regexp has limits
	}
	return compiled.MatchString(value)
}

func FuzzMatchLikeRegexp(f *testing.F) {
	for _, seed := range [][2]string{
		{"", ""}, {"*", ""}, {"?", ""}, {"**", "abc"}, {"a*b*c", "aXbYbc"}, {"a*b*c", "aXbYb"}, {"*a", "aaab"}, {"?*?", "ab"},
		{"a?c", "aéc"}, {"*é", "éé"}, {"a*?b", "ab"}, {"*\n*", "a\nb"}, {"ab*ab", "aba"}, {"*aab", "aaaab"}, {"\xff?", "\xff\xfe"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		if len(text) > 200 || len(value) > 200 {
			t.Skip()
		}
		compiled, err := grammar{wildcards: true}.compile(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := match(compiled.fixed, value), likeRegexp(t, text, value); got != want {
			t.Errorf("%q matches %q: %t, want %t", text, value, got, want)
		}
	})
}

// An algorithm that tries all possibilities would need longer than the age of the universe.
func TestHostilePatternsAreMatchedFast(t *testing.T) {
	start := time.Now()
	for _, pattern := range []string{
		strings.Repeat("a*", 1000) + "b", strings.Repeat("*a", 1000) + "b", strings.Repeat("*", 2000) + "b",
		strings.Repeat("?*", 1000) + "b", strings.Repeat("*aa?", 500) + "b", "*" + strings.Repeat("a", 2000) + "b",
	} {
		compiled, _ := grammar{wildcards: true}.compile(pattern)
		if match(compiled.fixed, strings.Repeat("a", 8000)) {
			t.Errorf("%.20s… matches", pattern)
		}
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("it took %s", took)
	}
}
