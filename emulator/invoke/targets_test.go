package invoke

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
)

func TestTheFirstPatternThatMatchesDecides(t *testing.T) {
	servers := map[string]*server{}
	for _, name := range []string{"first", "second", "lambda"} {
		servers[name] = newServer(t, answering(200, `{"by":"`+name+`"}`))
	}
	targets := targets(t, Config{
		Handlers: []string{
			"arn:aws:lambda:eu-west-1:*:function:review=" + servers["first"].URL,
			"arn:aws:lambda:eu-*:function:re*=" + servers["second"].URL + "/?a=b",
		},
		LambdaEndpoint: servers["lambda"].URL,
	})
	for function, want := range map[string]string{
		reviewARN: "first",
		aliasARN:  "second", // the first pattern has no alias
		"arn:aws:lambda:eu-west-2:123456789012:function:review": "second",
		"arn:aws:lambda:us-east-1:123456789012:function:review": "lambda",
		"arn:aws:lambda:eu-west-1:123456789012:function:other":  "lambda",
	} {
		answer, err := targets.Invoke(context.Background(), callOf(function))
		if err != nil || string(answer) != `{"by":"`+want+`"}` {
			t.Errorf("%s: %s, %v, want %s", function, answer, err, want)
		}
	}
}

func TestEveryKindOfTargetAnswers(t *testing.T) {
	server := newServer(t, answering(200, "from the server"))
	for target, want := range map[string]string{
		"allow":                          `{"ReviewResult":"ALLOW","Content":"hello"}`,
		"deny:other":                     `{"ReviewResult":"ALLOW","Content":"hello"}`,
		"deny:other,hello":               `{"ReviewResult":"DENY","Content":"hello","Attributes":{"Reason":"The message contains`,
		server.URL:                       "from the server",
		"command:" + lineOf("echo", "x"): `"{\"Content\":\"hello\"} [\"x\"]"`,
	} {
		invoker := targets(t, Config{Handlers: []string{"*=" + target}, Timeout: time.Hour})
		answer, err := invoker.Invoke(t.Context(), callOf(reviewARN))
		if err != nil || !strings.HasPrefix(string(answer), want) {
			t.Errorf("%s: got %s, %v, want %s", target, answer, err, want)
		}
	}
}

func TestAFunctionWithoutATargetIsToldWithTheFlags(t *testing.T) {
	_, err := targets(t, Config{Handlers: []string{"arn:aws:lambda:us-*=http://localhost"}}).
		Invoke(context.Background(), callOf(reviewARN))
	missing, ok := errors.AsType[*NoTargetError](err)
	if !ok || missing.Function != reviewARN {
		t.Fatalf("got %v", err)
	}
	for _, text := range []string{
		"no --review-handler matches the function", "--review-handler '" + reviewARN + "=TARGET'", "--lambda-endpoint URL",
	} {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%v does not contain %s", err, text)
		}
	}
}

func TestAReviewHandlerIsAPatternAndATarget(t *testing.T) {
	for _, valid := range []string{
		"*=http://localhost:3000", "arn:*=https://a.example/b?c=d", reviewARN + "=http://[::1]",
		aliasARN + "=http://a", "*:function:review=http://a", "**=http://u:p@a", "arn:aws:lambda:*=http://a",
		"*=command:node handler.js --a=b", "*=deny:darn,heck", "*=allow",
	} {
		if err := CheckHandler(valid); err != nil {
			t.Errorf("%s: %v", valid, err)
		}
	}
	const whole = "must have http://…, https://…, command:PROGRAM, deny:WORD,WORD or allow after =, but has \"localhost\""
	if err := CheckHandler("*=localhost"); err == nil || err.Error() != whole {
		t.Errorf("got %v, want %s", err, whole)
	}
	const pattern, target = "must have the ARN of a Lambda function before =", "must have http://…"
	for invalid, want := range map[string][]string{
		"":                            {"must be PATTERN=TARGET, such as " + exampleHandler, `but is ""`},
		"http://a":                    {"must be PATTERN=TARGET", "did you mean '*=http://a'?"},
		"allow":                       {"must be PATTERN=TARGET", "did you mean '*=allow'?"},
		reviewARN:                     {"must be PATTERN=TARGET"},
		"=allow":                      {pattern, `but has ""`},
		"review=allow":                {pattern, "did you mean 'arn:aws:lambda:*:function:review=allow'?"},
		"review*=allow":               {pattern, "did you mean 'arn:aws:lambda:*:function:review*=allow'?"},
		"r:live=allow":                {pattern, "did you mean 'arn:aws:lambda:*:function:r:live=allow'?"},
		"function:r=a=b":              {pattern, "did you mean 'arn:aws:lambda:*:function:r=a=b'?"},
		"http://a/?b=c":               {pattern, `but has "http://a/?…"`},
		"arn:aws:iam::1:role/r=allow": {pattern},
		"arn:aws:s3:*=allow":          {pattern},
		"arn:aws:lambda:eu-west-1:1:function:r=allow":      {pattern},
		"arn:aws:lambda:eu-west-1:123456789012:r=http://a": {pattern},
		"*=":                {target, `but has ""`},
		"*=HTTP://a":        {target, "did you mean http://?"},
		"*=http:a":          {target, "did you mean http://?"},
		"*=localhost:3000":  {target, `but has "localhost:3000": did you mean http://?`},
		"*=a.example:80/b":  {target, "did you mean http://?"},
		"*=node review.mjs": {target, "did you mean command:?"},
		"*=htp://a":         {target, "did you mean http://?"},
		"*=https:a":         {target, "did you mean https://?"},
		"*=comand:x":        {target, "did you mean command:?"},
		"*=Deny:x":          {target, "did you mean deny:?"},
		"*=allow:x":         {target, "did you mean allow?"},
		"*=http://":         {"must have a URL such as http://localhost:3000 after =", "it has no host"},
		"*=http://a:b":      {"must have a URL", "invalid port"},
		"*=https://a#b":     {"must have a URL", "it has a fragment"},
		"*=http://\x00":     {"must have a URL"},
		"*=command: ":       {"must have a program after command:"},
		"*=deny: ,":         {"must have words after deny:"},
	} {
		err := CheckHandler(invalid)
		for _, text := range want {
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("%q: %v, want %s", invalid, err, text)
			}
		}
		_, err = New(Config{Handlers: []string{"*=http://a", invalid}})
		named := fmt.Sprintf("the review handler %q: must ", awsapi.HideSecrets(invalid))
		if err == nil || !strings.HasPrefix(err.Error(), named) {
			t.Errorf("New says %v about %q", err, invalid)
		}
	}
}

func TestAnErrorAboutASettingHasNoPassword(t *testing.T) {
	for _, url := range []string{
		"http://ada:secret@a:bad", "http://ada:secret/1@a", "http://ada:%zzsecret@a",
		"http://ada:secret#@a", "http://secret:secret@", "htp://ada:secret@a", "http://a/?key=secret#b", "//ada:secret@a",
	} {
		for _, handler := range []string{url, "*=" + url, "review=" + url} {
			if err := CheckHandler(handler); err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: %v", handler, err)
			}
			if _, err := New(Config{Handlers: []string{handler}}); err == nil || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: %v", handler, err)
			}
		}
		if err := CheckLambdaEndpoint(url); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestAPatternMatchesWholeTexts(t *testing.T) {
	for _, test := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"a", "", false}, {"*", "", true}, {"*", "abc", true}, {"***", "abc", true},
		{"abc", "abc", true}, {"abc", "abcd", false}, {"bc", "abc", false}, {"a*", "abc", true}, {"*c", "abc", true},
		{"a*c", "abc", true}, {"a*c", "ac", true}, {"a*c", "acb", false}, {"a*bc*d", "abbcbcd", true},
		{"ab*ba", "aba", false},
		{"a?c", "abc", false}, {"a?c", "a?c", true}, {"a*", "a*b", true}, {"*a*a*", "a", false}, {"*aab", "aaab", true},
		{strings.Repeat("a*", 1000) + "b", strings.Repeat("a", 10_000), false}, // not in exponential time
	} {
		if got := matches(test.pattern, test.text); got != test.want {
			t.Errorf("%.40q matches %.40q: %v", test.pattern, test.text, got)
		}
	}
}
