package shape_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/shape"
)

// decoded is a JSON object as Check takes it.
func decoded(t testing.TB, text string) (members map[string]any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&members); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return members
}

// check gives what it finds as "path (member): why".
func check(t testing.TB, s shape.Structure, text string) (clean map[string]any, found []string) {
	t.Helper()
	clean = decoded(t, text)
	for _, v := range shape.Check(s, clean) {
		found = append(found, fmt.Sprintf("%s (%s): %s", v.Path, v.Member, v.Why))
	}
	return clean, found
}

func structure(members ...shape.Member) shape.Structure { return shape.Structure{Members: members} }

// one is a structure with one member v.
func one(s shape.Shape) shape.Structure { return structure(shape.Member{Name: "v", Shape: s}) }

// A verdict is what is wrong with a value, "" if nothing is.
type verdict struct{ value, why string }

func judge(t *testing.T, s shape.Shape, verdicts ...verdict) {
	t.Helper()
	for _, v := range verdicts {
		_, found := check(t, one(s), `{"v":`+v.value+`}`)
		var want []string
		if v.why != "" {
			want = []string{"v (v): " + v.why}
		}
		if !reflect.DeepEqual(found, want) {
			t.Errorf("%.200s: found %q, not %q", v.value, found, want)
		}
	}
}

// quoted is a JSON string.
func quoted(text string) string {
	q, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(q)
}

func TestTheLengthOfAStringIsCountedInCodePoints(t *testing.T) {
	t.Parallel()
	for name, letter := range map[string]string{"bytes": "a", "two bytes": "é", "three bytes": "値", "emoji": "🍳"} {
		t.Run(name, func(t *testing.T) {
			times := func(n int) string { return quoted(strings.Repeat(letter, n)) }
			judge(t, shape.String{Min: 2, Max: 4},
				verdict{times(1), "must have a length between 2 and 4, but has 1"},
				verdict{times(2), ""}, verdict{times(3), ""}, verdict{times(4), ""},
				verdict{times(5), "must have a length between 2 and 4, but has 5"})
		})
	}
	judge(t, shape.String{Max: 2},
		verdict{`""`, ""},
		verdict{quoted("e\u0301"), ""}, // one letter on the screen
		verdict{quoted("e\u0301\u0302"), "must have a length between 0 and 2, but has 3"},
		verdict{quoted("👩‍👩‍👧"), "must have a length between 0 and 2, but has 5"},
		verdict{`"\ud83c\udf73\ud83c\udf73"`, ""})
	judge(t, shape.String{Min: 1},
		verdict{`""`, "must have a length of at least 1, but has 0"}, verdict{quoted(strings.Repeat("a", 9999)), ""})
	judge(t, shape.String{Min: 3, Max: 3},
		verdict{`"aa"`, "must have a length of exactly 3, but has 2"}, verdict{`"aaa"`, ""})
}

func TestAPatternCoversTheWholeString(t *testing.T) {
	t.Parallel()
	why := func(text string) string { return `must match the pattern ^(?:a+|b)$, but is ` + text }
	judge(t, shape.String{Pattern: shape.Pattern("a+|b")},
		verdict{`"aa"`, ""}, verdict{`"b"`, ""},
		verdict{`"ab"`, why(`"ab"`)}, verdict{`"xb"`, why(`"xb"`)}, verdict{`"ax"`, why(`"ax"`)},
		verdict{`""`, why(`""`)}, verdict{`"A"`, why(`"A"`)},
		verdict{`"b\n"`, why(`"b\n"`)}, verdict{`"x\nb"`, why(`"x\nb"`)})
}

func TestAnEnumTakesItsValuesOnly(t *testing.T) {
	t.Parallel()
	judge(t, shape.String{Enum: []string{"ALLOW", "DENY"}},
		verdict{`"ALLOW"`, ""}, verdict{`"DENY"`, ""},
		verdict{`"allow"`, `must be one of ALLOW, DENY, but is "allow"`}, verdict{`""`, `must be one of ALLOW, DENY, but is ""`})
}

func TestAReservedBeginningIsRefusedInAnyLetterCase(t *testing.T) {
	t.Parallel()
	why := func(text string) string { return `must not begin with aws:, which is reserved, but is "` + text + `"` }
	judge(t, shape.String{NotPrefix: "aws:"},
		verdict{`"aws:"`, why("aws:")}, verdict{`"aws:x"`, why("aws:x")}, verdict{`"AWS:x"`, why("AWS:x")}, verdict{`"aWs:x"`, why("aWs:x")},
		verdict{`"aws"`, ""}, verdict{`"xaws:"`, ""}, verdict{`" aws:"`, ""}, verdict{`"awsx:"`, ""}, verdict{`""`, ""}, verdict{`"値:"`, ""})
}

func TestAnIntegerIsWrittenWithoutFractionOrExponent(t *testing.T) {
	t.Parallel()
	no := func(text string) string { return "must be an integer, but is " + text }
	out := func(text string) string { return "must be between 1 and 100, but is " + text }
	nines := strings.Repeat("9", 60)
	judge(t, shape.Integer{Min: 1, Max: 100},
		verdict{"0", out("0")}, verdict{"1", ""}, verdict{"2", ""}, verdict{"99", ""}, verdict{"100", ""}, verdict{"101", out("101")},
		verdict{"-0", out("-0")}, verdict{"-1", out("-1")},
		verdict{"1.0", no("1.0")}, verdict{"1e0", no("1e0")}, verdict{"1E2", no("1E2")}, verdict{"1.5", no("1.5")}, verdict{"1e400", no("1e400")},
		verdict{"9223372036854775808", out("9223372036854775808")}, verdict{"-9223372036854775809", out("-9223372036854775809")},
		verdict{nines, out(nines[:40])}, verdict{"0." + nines, no("0." + nines[:38])},
		verdict{`"1"`, no("a string")}, verdict{"true", no("a boolean")}, verdict{"[1]", no("a list")}, verdict{"{}", no("an object")})
	judge(t, shape.Integer{Min: -5, Max: 0}, verdict{"-0", ""}, verdict{"-5", ""}, verdict{"-6", "must be between -5 and 0, but is -6"})
}

func TestAListCountsItsItems(t *testing.T) {
	t.Parallel()
	judge(t, shape.List{Member: shape.String{Max: 1}, Min: 1, Max: 3},
		verdict{`[]`, "must have a number of items between 1 and 3, but has 0"},
		verdict{`["a"]`, ""}, verdict{`["a","a","a"]`, ""},
		verdict{`["a","a","long","a"]`, "must have a number of items between 1 and 3, but has 4"},
		verdict{`"a"`, "must be a list, but is a string"}, verdict{`{"0":"a"}`, "must be a list, but is an object"})
	judge(t, shape.List{Member: shape.String{}}, verdict{`[]`, ""}, verdict{`["a","a","a","a"]`, ""})
}

func TestAMapCountsItsEntriesAndBytes(t *testing.T) {
	t.Parallel()
	judge(t, shape.Map{Min: 1, Max: 2},
		verdict{`{}`, "must have a number of entries between 1 and 2, but has 0"},
		verdict{`{"a":""}`, ""}, verdict{`{"a":"","b":""}`, ""},
		verdict{`{"a":"","b":"","c":1}`, "must have a number of entries between 1 and 2, but has 3"},
		verdict{`[]`, "must be an object, but is a list"}, verdict{`1`, "must be an object, but is a number"})
	judge(t, shape.Map{MaxBytes: 8},
		verdict{`{}`, ""}, verdict{`{"a":"123456"}`, ""}, verdict{`{"a":"1234567"}`, ""},
		verdict{`{"a":"12345678"}`, "must have at most 8 bytes in its keys and values together, but has 9"},
		verdict{`{"🍳":"🍳"}`, ""}, verdict{`{"a":"b","c":"d","é":"é"}`, ""},
		verdict{`{"a":"b","c":"de","é":"é"}`, "must have at most 8 bytes in its keys and values together, but has 9"},
		verdict{`{"\ud83c\udf73a":"🍳"}`, "must have at most 8 bytes in its keys and values together, but has 9"})
}

func TestEveryKindOfValueIsNamed(t *testing.T) {
	t.Parallel()
	judge(t, shape.String{}, verdict{"1", "must be a string, but is a number"}, verdict{"false", "must be a string, but is a boolean"},
		verdict{"[]", "must be a string, but is a list"}, verdict{"{}", "must be a string, but is an object"})
	judge(t, structure(), verdict{"{}", ""}, verdict{`"{}"`, "must be an object, but is a string"}, verdict{"[]", "must be an object, but is a list"})
}
