package awsapi

import (
	"net/http"
	"strings"
	"testing"
)

func TestTheExceptionOfAReplyIsFoundInItsHeaderItsJSONOrItsXML(t *testing.T) {
	for name, test := range map[string]struct{ header, body, name, message string }{
		"header": {"TooManyRequestsException:http://x", `{"message":"slow down"}`,
			"TooManyRequestsException", "slow down"},
		"__type": {"", `{"__type":"logs#ServiceException","Message":"no\n"}`, "ServiceException", "no"},
		"Code":   {"", `{"Code":"Throttled"}`, "Throttled", ""},
		"S3": {"", `<?xml version="1.0" encoding="UTF-8"?>` +
			`<Error><Code>NoSuchBucket</Code><Message>The bucket ...</Message></Error>`,
			"NoSuchBucket", "The bucket ..."},
		"namespace": {"", `<Error xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
			`<Code>A</Code><Message>b</Message></Error>`,
			"A", "b"},
		"XML in JSON": {"", `{"message":"<Error><Code>A</Code></Error>"}`, "", "<Error><Code>A</Code></Error>"},
		"HTML":        {"", `<html><Code>A</Code><Message>b</Message></html>`, "", ""},
		"no body":     {"", ``, "", ""},
		"an array":    {"", `["a"]`, "", ""},
		"a number":    {"", `{"Code": 5, "message": "x"}`, "", "x"},
		"long":        {"", `{"Code": "` + strings.Repeat("é", 1<<10) + `"}`, strings.Repeat("é", 512), ""},
		"deep":        {"", strings.Repeat("<Error>", 100_000), "", ""},
	} {
		r := Reply{Status: 400, Header: http.Header{}, Body: []byte(test.body)}
		r.Header.Set("X-Amzn-ErrorType", test.header)
		if got, message := r.Exception(); got != test.name || message != test.message {
			t.Errorf("%s: got %q, %q", name, got, message)
		}
	}
}

func TestAReplyIsDescribedInOneLine(t *testing.T) {
	for want, r := range map[Saying]Reply{
		"":                      {Status: 200},
		" NoSuchKey: not there": {Status: 404, Body: []byte(`{"Code":"NoSuchKey","Message":"not\u0000there"}`)},
		": only a message":      {Status: 404, Body: []byte(`{"Message":"only a message"}`)},
		", a redirect to http://b/c, which is not followed": {
			Status: 307, Header: http.Header{"Location": {"http://a:secret@b/c?d"}},
		},
	} {
		if got := r.Describe(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, r := range []Reply{
		{Status: 200, Header: http.Header{"Location": {"http://a"}}},
		{Status: 302},
		{Status: 400, Header: http.Header{"Location": {"a"}}},
	} {
		if got := r.Redirect(); got != "" {
			t.Errorf("%+v is described as a redirect: %s", r, got)
		}
	}
}

func TestTheStatusSaysWhetherAReplyIsASuccess(t *testing.T) {
	for status, want := range map[int]bool{199: false, 200: true, 204: true, 299: true, 300: false, 101: false} {
		if got := (Reply{Status: status}).OK(); got != want {
			t.Errorf("%d: %v", status, got)
		}
	}
	for body, want := range map[string]bool{`{"a":1}`: true, `"a"`: true, "": false, "<a>": false} {
		if got := (Reply{Body: []byte(body)}).IsJSON(); got != want {
			t.Errorf("%s: %v", body, got)
		}
	}
}

func TestATextOfAServerIsShownShortAndWithoutControlCharacters(t *testing.T) {
	for text, want := range map[string]string{
		" a\r\nb\x1b[2J\u0085c ": "a  b [2J c", "\xffa": "a",
		strings.Repeat("a", 1024) + "b": strings.Repeat("a", 1024),
	} {
		if got := Short(text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
