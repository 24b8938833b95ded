package shape_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ivschat-local/ivschat-local/emulator/shape"
)

// expectViolations compares the violations and their order with the wanted ones.
func expectViolations(t *testing.T, s shape.Structure, text string, want ...string) {
	t.Helper()
	if _, found := check(t, s, text); !reflect.DeepEqual(found, want) {
		t.Errorf("%.200s: found\n%s, want\n%s", text, strings.Join(found, "\n"), strings.Join(want, "\n"))
	}
}

func TestANullMemberCountsAsAbsent(t *testing.T) {
	t.Parallel()
	s := structure(
		shape.Member{Name: "needed", Shape: shape.String{}, Required: true},
		shape.Member{Name: "other", Shape: shape.Integer{Max: 9}},
	)
	for _, text := range []string{`{}`, `{"needed":null,"other":null}`} {
		expectViolations(t, s, text, "needed (needed): is required")
		if clean, _ := check(t, s, text); len(clean) != 0 {
			t.Errorf("%s: %v remains", text, clean)
		}
	}
	expectViolations(t, s, `{"needed":""}`)
	if found := shape.Check(s, nil); len(found) != 1 {
		t.Errorf("found %v in a nil object", found)
	}
}

func TestAUnionHasExactlyOneMember(t *testing.T) {
	t.Parallel()
	union := shape.Structure{Union: true, Members: []shape.Member{
		{Name: "a", Shape: shape.String{Max: 1}},
		{Name: "b", Shape: shape.String{}},
		{Name: "c", Shape: shape.String{}},
	}}
	why := "must have exactly one of the members a, b, c, but has "
	expect(t, union,
		verdict{`{"a":""}`, ""},
		verdict{`{"c":"x"}`, ""},
		verdict{`{"a":"","b":null}`, ""},
		verdict{`{}`, why + "0"},
		verdict{`{"a":null}`, why + "0"},
		verdict{`{"unknown":1}`, why + "0"},
		verdict{`{"a":"","b":""}`, why + "2"},
		verdict{`{"a":"","b":"","c":""}`, why + "3"})
	expectOfCheck(t, union, verdict{`{"b":"","unknown":1}`, ""})
	expectViolations(t, one(union), `{"v":{"a":1}}`, "v.a (a): must be a string, but is a number")
	expectViolations(t, one(union), `{}`)
}

func TestUnknownMembersAreRemoved(t *testing.T) {
	t.Parallel()
	inner := structure(shape.Member{Name: "kept", Shape: shape.Integer{Max: 9}})
	s := structure(
		shape.Member{Name: "inner", Shape: inner},
		shape.Member{Name: "list", Shape: shape.List{Member: inner}},
		shape.Member{Name: "map", Shape: shape.Map{}},
		shape.Member{Name: "text", Shape: shape.String{}},
	)
	clean, found := check(t, s, `{
		"unknown": {"inner": 1}, "INNER": 1, "": 1,
		"inner": {"kept": 1, "unknown": 1, "Kept": 1},
		"list": [{"kept": 2, "unknown": 2}, {}, {"kept": null}],
		"map": {"any": "key"}, "text": "unknown"}`)
	want := decoded(t, `{"inner":{"kept":1},"list":[{"kept":2},{},{}],"map":{"any":"key"},"text":"unknown"}`)
	if !reflect.DeepEqual(clean, want) || found != nil {
		t.Errorf("%v remains, want %v (found %v)", clean, want, found)
	}
}

func TestAllViolationsAreReportedInOrderWithTheirPaths(t *testing.T) {
	t.Parallel()
	s := structure(
		shape.Member{Name: "z", Shape: shape.String{
			Max: 2, Pattern: shape.Pattern("[a-z]*"), Enum: []string{"a"}, NotPrefix: "a",
		}},
		shape.Member{Name: "missing", Shape: shape.String{}, Required: true},
		shape.Member{Name: "list", Shape: shape.List{Member: structure(
			shape.Member{Name: "n", Shape: shape.Integer{Min: 1, Max: 9}, Required: true},
		)}},
		shape.Member{Name: "tags", Shape: shape.Map{
			Key: shape.String{Min: 1}, Value: shape.String{Max: 1}, MaxBytes: 5,
		}},
		shape.Member{Name: "a", Shape: structure(
			shape.Member{Name: "b", Shape: structure(shape.Member{Name: "c", Shape: shape.Integer{}})},
		)},
		shape.Member{Name: "ids", Shape: shape.List{Member: shape.String{Max: 1}}},
	)
	text := `{"a":{"b":{"c":"x"}},"ids":["a",null,"bb"],"list":[{"n":0},{"n":5},{},7],
		"tags":{"k":"vv","b\"é":"ww","":"","a":null},"z":"A23"}`
	for range 20 { // the order of a Go map differs from time to time
		expectViolations(t, s, text,
			"z (z): must have a length between 0 and 2, but has 3",
			`z (z): must match the pattern ^(?:[a-z]*)$, but is "A23"`,
			`z (z): must be one of a, but is "A23"`,
			`z (z): must not begin with a, which is reserved, but is "A23"`,
			"missing (missing): is required",
			"list[0].n (n): must be between 1 and 9, but is 0",
			"list[2].n (n): is required",
			"list[3] (list): must be an object, but is a number",
			`tags[""] (tags): must have a length of at least 1, but has 0`,
			`tags["a"] (tags): must be a string, but is null`,
			`tags["b\"é"] (tags): must have a length between 0 and 1, but has 2`,
			`tags["k"] (tags): must have a length between 0 and 1, but has 2`,
			"tags (tags): must have at most 5 bytes in its keys and values together, but has 10",
			"a.b.c (c): must be an integer, but is a string",
			"ids[1] (ids): must be a string, but is null",
			"ids[2] (ids): must have a length between 0 and 1, but has 2",
		)
	}
}

func TestConfidentialValuesAreNotQuoted(t *testing.T) {
	t.Parallel()
	secret := shape.String{
		Min: 100, Pattern: shape.Pattern("x"), Enum: []string{"x"}, NotPrefix: "sec", Confidential: true,
	}
	short := shape.String{Max: 1, Confidential: true}
	s := structure(
		shape.Member{Name: "user", Shape: secret},
		shape.Member{Name: "users", Shape: shape.List{Member: secret}},
		shape.Member{Name: "attributes", Shape: shape.Map{Key: secret, Value: secret, MaxBytes: 3}},
		shape.Member{Name: "wrong", Shape: shape.Map{Key: short, Value: short}},
		shape.Member{Name: "kind", Shape: short},
	)
	_, found := check(t, s, `{"user":"secret","users":["secret"],"attributes":{"secret key":"secret"},
		"wrong":{"secret":["secret"]},"kind":{"secret":"secret"}}`)
	if len(found) != 4+4+8+1+2+1 {
		t.Errorf("found %d violations: %q", len(found), found)
	}
	if all := strings.Join(found, "\n"); strings.Contains(all, "secret") {
		t.Errorf("a violation quotes a secret:\n%s", all)
	}
}

func TestQuotedValuesAreShortened(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("🍳", 9999)
	s := structure(
		shape.Member{Name: "v", Shape: shape.String{Enum: []string{"a"}}},
		shape.Member{Name: "m", Shape: shape.Map{Value: shape.String{Max: 1}}},
	)
	_, found := check(t, s, `{"v":`+quoted(long)+`,"m":{`+quoted(long)+`:"bb"}}`)
	shortened := `"` + strings.Repeat("🍳", 64) + `…"`
	if len(found) != 2 || !strings.HasSuffix(found[0], "but is "+shortened) ||
		!strings.HasPrefix(found[1], "m["+shortened+"] (m): ") {
		t.Errorf("found %q", found)
	}
	just := strings.Repeat("🍳", 64)
	if _, found := check(t, s, `{"v":`+quoted(just)+`}`); len(found) != 1 || !strings.HasSuffix(found[0], `but is "`+just+`"`) {
		t.Errorf("64 characters: found %q", found)
	}
	if !utf8.ValidString(strings.Join(found, "")) {
		t.Error("a character was cut in two")
	}
}

func TestTheNumberOfViolationsIsLimited(t *testing.T) {
	t.Parallel()
	s := one(shape.List{Member: shape.Integer{}})
	for given, want := range map[int]int{999: 999, 1000: 1000, 1001: 1000, 5000: 1000} {
		_, found := check(t, s, `{"v":[`+strings.Repeat(`"x",`, given-1)+`"x"]}`)
		if len(found) != want {
			t.Fatalf("%d wrong items give %d violations", given, len(found))
		}
		if last := fmt.Sprintf("v[%d] (v)", want-1); !strings.HasPrefix(found[want-1], last) {
			t.Errorf("the last violation is %s", found[want-1])
		}
	}
}
