package review

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAValidAnswerIsAccepted(t *testing.T) {
	long := strings.Repeat("🙂", 500)
	full := strings.Repeat("é", 512) // 1,024 bytes with its key left out
	for text, want := range map[string]Answer{
		`{"ReviewResult":"ALLOW","Content":"a"}`:                   {Allow, "a", nil},
		`{"ReviewResult":"ALLOW","Content":"` + long + `"}`:        {Allow, long, nil},
		`{"ReviewResult":"ALLOW","Content":"a","Attributes":null}`: {Allow, "a", nil},
		`{"ReviewResult":"ALLOW","Content":"a","Attributes":{}}`:   {Allow, "a", map[string]string{}},
		`{"ReviewResult":"ALLOW","Content":"a","Attributes":{"":"` + full + `"}}`: {
			Allow, "a", map[string]string{"": full},
		},
		` {"ReviewResult":"ALLOW","Content":"a","other":[1],"content":3} `: {Allow, "a", nil},
		`{"ReviewResult":"DENY"}`:                           {Deny, "", nil},
		`{"ReviewResult":"DENY","Content":""}`:              {Deny, "", nil},
		`{"ReviewResult":"DENY","Content":7}`:               {Deny, "", nil},
		`{"ReviewResult":"DENY","Content":"` + long + `x"}`: {Deny, "", nil},
		`{"ReviewResult":"DENY","Attributes":{"Reason":"no"}}`: {
			Deny, "", map[string]string{"Reason": "no"},
		},
	} {
		if got, err := parseAnswer([]byte(text), 500); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%.80s: got %+v, %v", text, got, err)
		}
	}
}

func TestAnInvalidAnswerIsRefusedWithTheReason(t *testing.T) {
	const (
		missing    = "the answer has no ReviewResult, which must be ALLOW or DENY"
		object     = "the answer must be a JSON object, but is "
		result     = "the ReviewResult must be ALLOW or DENY, in capital letters"
		attributes = "the Attributes must be an object of strings, or null"
	)
	for text, want := range map[string]string{
		``:                           object + "empty",
		" \n":                        object + "empty",
		`oops`:                       object + "not JSON",
		`{"ReviewResult":"DENY"`:     object + "not JSON",
		`{"ReviewResult":"DENY"} {}`: object + "not JSON",
		`null`:                       object + "null",
		`"DENY"`:                     object + "a string",
		`[]`:                         object + "an array",
		`true`:                       object + "a boolean",
		`7`:                          object + "a number",
		`{}`:                         missing,
		`{"statusCode":200,"body":"{}"}`: missing + ": return it at the top level, and not in the body of a response " +
			"for API Gateway",
		`{"reviewResult":"DENY"}`:                                  missing + ": names are case-sensitive",
		`{"ReviewResult":"allow"}`:                                 result,
		`{"ReviewResult":null}`:                                    result,
		`{"ReviewResult":true}`:                                    result,
		`{"ReviewResult":"DENY","Attributes":[]}`:                  attributes,
		`{"ReviewResult":"DENY","Attributes":"x"}`:                 attributes,
		`{"ReviewResult":"DENY","Attributes":{"a":1}}`:             attributes,
		`{"ReviewResult":"DENY","Attributes":{"a":null}}`:          "the Attributes must be an object of strings, but a value is null",
		`{"ReviewResult":"ALLOW"}`:                                 "the answer has no Content, which ALLOW needs",
		`{"ReviewResult":"ALLOW","content":"a"}`:                   "the answer has no Content, which ALLOW needs",
		`{"ReviewResult":"ALLOW","Content":null}`:                  "the Content must be a string",
		`{"ReviewResult":"ALLOW","Content":{}}`:                    "the Content must be a string",
		`{"ReviewResult":"ALLOW","Content":""}`:                    "the Content must have 1 to 3 code points, but has 0",
		`{"ReviewResult":"ALLOW","Content":"abcd"}`:                "the Content must have 1 to 3 code points, but has 4",
		`{"ReviewResult":"ALLOW","Content":"a","Attributes":{"a":`: object + "not JSON",
		`{"ReviewResult":"DENY","Attributes":{"a":"` + strings.Repeat("é", 512) + `"}}`: "the Attributes can have at most " +
			"1024 bytes, keys and values together, but have 1025",
		strings.Repeat(`{"a":`, 300_000): "the answer is nested more than 100 levels deep",
	} {
		if got, err := parseAnswer([]byte(text), 3); err == nil || err.Error() != want {
			t.Errorf("%.80s: got %+v, %v, want %s", text, got, err, want)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	for _, text := range []string{`{"ReviewResult":"ALLOW","Content":"a","Attributes":{"a":"b"}}`, `{"ReviewResult":"DENY"}`, `[`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		answer, err := parseAnswer(text, 10)
		if err != nil {
			return
		}
		if n := utf8.RuneCountInString(answer.Content); answer.ReviewResult == Allow && (n < 1 || n > 10) {
			t.Errorf("accepted %d code points", n)
		}
		again, err := parseAnswer(answer.encode(), 10)
		if err != nil || fmt.Sprint(again) != fmt.Sprint(answer) {
			t.Errorf("%+v is %+v when it is encoded: %v", answer, again, err)
		}
	})
}
