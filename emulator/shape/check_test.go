package shape_test

import (
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/shape"
)

func TestTheLengthOfAStringIsCountedInCodePoints(t *testing.T) {
	t.Parallel()
	characters := map[string]string{"1 byte": "a", "2 bytes": "é", "3 bytes": "値", "4 bytes": "🍳"}
	for name, character := range characters {
		t.Run(name, func(t *testing.T) {
			times := func(n int) string { return quoted(strings.Repeat(character, n)) }
			expect(t, shape.String{Min: 2, Max: 4},
				verdict{times(1), "must have a length between 2 and 4, but has 1"},
				verdict{times(2), ""},
				verdict{times(3), ""},
				verdict{times(4), ""},
				verdict{times(5), "must have a length between 2 and 4, but has 5"})
		})
	}
	expect(t, shape.String{Max: 2},
		verdict{`""`, ""},
		verdict{quoted("e\u0301"), ""}, // a letter and its accent
		verdict{quoted("e\u0301\u0302"), "must have a length between 0 and 2, but has 3"},
		verdict{quoted("👩‍👩‍👧"), "must have a length between 0 and 2, but has 5"},
		verdict{`"\ud83c\udf73\ud83c\udf73"`, ""})
	expect(t, shape.String{Min: 1},
		verdict{`""`, "must have a length of at least 1, but has 0"},
		verdict{quoted(strings.Repeat("a", 9999)), ""})
	expect(t, shape.String{Min: 3, Max: 3},
		verdict{`"aa"`, "must have a length of exactly 3, but has 2"},
		verdict{`"aaa"`, ""})
}

func TestAPatternMatchesTheWholeString(t *testing.T) {
	t.Parallel()
	why := func(text string) string { return `must match the pattern ^(?:a+|b)$, but is ` + text }
	expect(t, shape.String{Pattern: shape.Pattern("a+|b")},
		verdict{`"aa"`, ""},
		verdict{`"b"`, ""},
		verdict{`"ab"`, why(`"ab"`)},
		verdict{`"xb"`, why(`"xb"`)},
		verdict{`"ax"`, why(`"ax"`)},
		verdict{`""`, why(`""`)},
		verdict{`"A"`, why(`"A"`)},
		verdict{`"b\n"`, why(`"b\n"`)},
		verdict{`"x\nb"`, why(`"x\nb"`)})
}

func TestAnEnumAcceptsOnlyItsValues(t *testing.T) {
	t.Parallel()
	expect(t, shape.String{Enum: []string{"ALLOW", "DENY"}},
		verdict{`"ALLOW"`, ""},
		verdict{`"DENY"`, ""},
		verdict{`"allow"`, `must be one of ALLOW, DENY, but is "allow"`},
		verdict{`""`, `must be one of ALLOW, DENY, but is ""`})
}

func TestAReservedPrefixIsRefusedInUpperAndLowerCase(t *testing.T) {
	t.Parallel()
	why := func(text string) string {
		return `must not begin with aws:, which is reserved, but is "` + text + `"`
	}
	expect(t, shape.String{NotPrefix: "aws:"},
		verdict{`"aws:"`, why("aws:")},
		verdict{`"aws:x"`, why("aws:x")},
		verdict{`"AWS:x"`, why("AWS:x")},
		verdict{`"aWs:x"`, why("aWs:x")},
		verdict{`"aws"`, ""},
		verdict{`"xaws:"`, ""},
		verdict{`" aws:"`, ""},
		verdict{`"awsx:"`, ""},
		verdict{`""`, ""},
		verdict{`"値:"`, ""})
}

func TestAnIntegerHasNoFractionOrExponent(t *testing.T) {
	t.Parallel()
	notInteger := func(text string) string { return "must be an integer, but is " + text }
	outOfRange := func(text string) string { return "must be between 1 and 100, but is " + text }
	nines := strings.Repeat("9", 60)
	integer := shape.Integer{Min: 1, Max: 100}
	expect(t, integer,
		verdict{"0", outOfRange("0")},
		verdict{"1", ""},
		verdict{"2", ""},
		verdict{"99", ""},
		verdict{"100", ""},
		verdict{"101", outOfRange("101")},
		verdict{"-0", outOfRange("-0")},
		verdict{"-1", outOfRange("-1")},
		verdict{"1.5", notInteger("1.5")},
		verdict{"1e400", notInteger("1e400")},
		verdict{"9223372036854775808", outOfRange("9223372036854775808")},
		verdict{"-9223372036854775809", outOfRange("-9223372036854775809")},
		verdict{nines, outOfRange(nines[:40])},
		verdict{"0." + nines, notInteger("0." + nines[:38])},
		verdict{`"1"`, notInteger("a string")},
		verdict{"true", notInteger("a boolean")},
		verdict{"[1]", notInteger("a list")},
		verdict{"{}", notInteger("an object")})
	expectOfCheck(t, integer,
		verdict{"1.0", notInteger("1.0")},
		verdict{"1e0", notInteger("1e0")},
		verdict{"1E2", notInteger("1E2")})
	expect(t, shape.Integer{Min: -5, Max: 0},
		verdict{"-0", ""},
		verdict{"-5", ""},
		verdict{"-6", "must be between -5 and 0, but is -6"})
}

func TestTheItemsOfAListAreCounted(t *testing.T) {
	t.Parallel()
	expect(t, shape.List{Member: shape.String{Max: 1}, Min: 1, Max: 3},
		verdict{`[]`, "must have a number of items between 1 and 3, but has 0"},
		verdict{`["a"]`, ""},
		verdict{`["a","a","a"]`, ""},
		verdict{`["a","a","long","a"]`, "must have a number of items between 1 and 3, but has 4"},
		verdict{`"a"`, "must be a list, but is a string"},
		verdict{`{"0":"a"}`, "must be a list, but is an object"})
	expect(t, shape.List{Member: shape.String{}},
		verdict{`[]`, ""},
		verdict{`["a","a","a","a"]`, ""})
}

func TestTheEntriesAndBytesOfAMapAreCounted(t *testing.T) {
	t.Parallel()
	expect(t, shape.Map{Min: 1, Max: 2},
		verdict{`{}`, "must have a number of entries between 1 and 2, but has 0"},
		verdict{`{"a":""}`, ""},
		verdict{`{"a":"","b":""}`, ""},
		verdict{`{"a":"","b":"","c":1}`, "must have a number of entries between 1 and 2, but has 3"},
		verdict{`[]`, "must be an object, but is a list"},
		verdict{`1`, "must be an object, but is a number"})
	tooLong := "must have at most 8 bytes in its keys and values together, but has 9"
	expect(t, shape.Map{MaxBytes: 8},
		verdict{`{}`, ""},
		verdict{`{"a":"123456"}`, ""},
		verdict{`{"a":"1234567"}`, ""},
		verdict{`{"🍳":"🍳"}`, ""},
		verdict{`{"a":"b","c":"d","é":"é"}`, ""})
	expectOfCheck(t, shape.Map{MaxBytes: 1},
		verdict{`{"a":""}`, ""},
		verdict{`{"a":"b"}`, "must have at most 1 bytes in its keys and values together, but has 2"})
	expectOfCheck(t, shape.Map{MaxBytes: 8},
		verdict{`{"a":"12345678"}`, tooLong},
		verdict{`{"a":"b","c":"de","é":"é"}`, tooLong},
		verdict{`{"\ud83c\udf73a":"🍳"}`, tooLong})
}

func TestMessagesNameTheKindOfAValue(t *testing.T) {
	t.Parallel()
	expect(t, shape.String{},
		verdict{"1", "must be a string, but is a number"},
		verdict{"false", "must be a string, but is a boolean"},
		verdict{"[]", "must be a string, but is a list"},
		verdict{"{}", "must be a string, but is an object"})
	expect(t, structure(),
		verdict{"{}", ""},
		verdict{`"{}"`, "must be an object, but is a string"},
		verdict{"[]", "must be an object, but is a list"})
}
