package shape

import "testing"

// expressions are those of the model, and others.
var expressions = []string{
	`[a-z0-9-.]+`, `[a-zA-Z0-9-_]*`, `arn:aws:ivschat:[a-z0-9-]+:[0-9]+:room/[a-zA-Z0-9-]+`,
	`$|^arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:.+.*`, `[\p{L}\p{Z}\p{N}_.:/=+\-@]*`,
	``, `a`, `a|b`, `[a-c]`, `[a-c]x`, `[ab]*ab`, `[ab]+b`, `a*`, `(?i)ab`, `(?i)[a]b`, `[^a]+`, `.`, `a[b]?`,
	`é+[é]`,
	`[a]{3}`, `(ab)+`, `[a-é]*b`, `a\n`, `[[:ascii:]]*`,
}

// FuzzMatchString checks that an expression matches what its regular expression matches.
func FuzzMatchString(f *testing.F) {
	for _, value := range []string{
		"", "a", "ab", "abc", "aab", "abab", "ax", "aaa", "AB", "é", "éé", "a\n", "\n", "\x7f", "\x80", "a\xff",
		"my_room-1",
		"arn:aws:ivschat:us-east-1:000000000000:room/abcdefghijkl", "arn:aws:ivschat:us-east-1:000000000000:room/",
		"arn:aws:ivschat:us-east-1:000000000000:room/abcdefghijkl\n", "arn:aws:ivschat:us-east-1::room/a", "値 a",
	} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, text := range expressions {
			e := Pattern(text)
			want := e.Regexp.MatchString(value)
			if got := e.MatchString(value); got != want {
				t.Errorf("%s and %q: %v, want %v", text, value, got, want)
			}
		}
	})
}

func TestOrdinaryValuesAreComparedWithoutTheRegularExpression(t *testing.T) {
	for text, value := range map[string]string{
		`[a-zA-Z0-9-_]*`:              "My_room-1",
		`[\p{L}\p{Z}\p{N}_.:/=+\-@]*`: "Team A/b=c",
		`arn:aws:ivschat:[a-z0-9-]+:[0-9]+:room/[a-zA-Z0-9-]+`: "arn:aws:ivschat:us-east-1:000000000000:room/a",
		`[a-c]x`: "bx",
		`a`:      "a",
	} {
		e := Pattern(text)
		if !e.follow(value) || e.follow(value+"\n") || e.follow(value+"é") {
			t.Errorf("%s: the steps are %+v", text, e.steps)
		}
	}
}
