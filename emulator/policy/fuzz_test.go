package policy_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/policy"
)

func FuzzParseAndEvaluate(f *testing.F) {
	for _, seed := range []string{
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ivschat:*","Resource":"*"}]}`,
		"Version: 2012-10-17\nStatement:\n- {Effect: Deny, NotAction: [a:b], NotResource: 'arn:aws:ivschat:::${aws:username, ''x''}'}",
		`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ForAllValues:StringLikeIfExists":{"aws:TagKeys":["a*",7,true]},
"DateLessThan":{"aws:CurrentTime":"2026"},"IpAddress":{"aws:SourceIp":"::/0"},"ArnLike":{"aws:PrincipalArn":"arn:*:::::"},
"NumericEquals":{"aws:EpochTime":1},"BinaryEquals":{"aws:userid":""},"Null":{"aws:username":false}}}}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:userid":"${$}${*}${?}${aws:username}"}}}]}`,
		"{\"a\":{\"a\":[[", "a: &a [*a]", "? ? ?", "- - - -", "\xff", "{\"Statement\":[{},{\"Sid\":1}]}",
	} {
		f.Add([]byte(seed), "ivschat:GetRoom", room, "anna")
	}
	f.Fuzz(func(t *testing.T, document []byte, action, resource, value string) {
		p, err := policy.Parse("fuzz", document)
		if err != nil {
			if p != nil || !strings.Contains(err.Error(), "line ") && len(document) <= policy.MaximumBytes {
				t.Errorf("%q: %+v, %v", document, p, err)
			}
			return
		}
		for _, r := range []policy.Request{
			{Action: action, Resource: resource},
			{Action: action, Resource: resource, Value: func(string) ([]string, bool) { return []string{value}, true }},
			{Action: action, Resource: resource, Value: func(string) ([]string, bool) { return []string{value, "x"}, true }},
		} {
			decision := policy.Evaluate([]*policy.Policy{p}, r)
			explanation := policy.Explain([]*policy.Policy{p}, r)
			if explanation.Decision != decision || len(explanation.Statements) != len(p.Statements) {
				t.Errorf("%q: %+v, but it is explained as %+v", document, decision, explanation)
			}
			checkComposition(t, p, r)
		}
	})
}

// checkComposition checks the decision about a policy from what each of its statements decides alone.
func checkComposition(t *testing.T, p *policy.Policy, r policy.Request) {
	t.Helper()
	want := none
	for i := range p.Statements {
		one := &policy.Policy{Statements: p.Statements[i : i+1]}
		switch effect := evaluate(one, r); {
		case effect == deny:
			want = deny
		case effect == allow && want == none:
			want = allow
		}
	}
	if got := evaluate(p, r); got != want {
		t.Errorf("the statements decide %s alone, but %s together: %+v", want, got, p)
	}
	backwards := &policy.Policy{Statements: slices.Clone(p.Statements)}
	slices.Reverse(backwards.Statements)
	if got := evaluate(backwards, r); got != want {
		t.Errorf("the statements in another order decide %s, want %s: %+v", got, want, p)
	}
}

// pick takes a byte of the input to choose one of several texts.
func pick(input *[]byte, texts ...string) string {
	if len(*input) == 0 {
		return texts[0]
	}
	chosen := texts[int((*input)[0])%len(texts)]
	*input = (*input)[1:]
	return chosen
}

// randomStatement makes a valid statement.
func randomStatement(input *[]byte, effect string) string {
	return fmt.Sprintf(`{Effect: %s, %s: %s, %s: %s, Condition: {%s}}`, effect,
		pick(input, "Action", "NotAction"),
		pick(input, `"*"`, "ivschat:GetRoom", "ivschat:get*", `"s3:*"`, "[ivschat:ListRooms, ivschat:GetRoom]"),
		pick(input, "Resource", "NotResource"),
		pick(input, `"*"`, room, otherRoom, "arn:aws:ivschat:*:*:room/Ab*", `"`+rooms+`${aws:username}"`),
		pick(input, "", "StringEquals: {aws:username: anna}", "StringNotEquals: {aws:username: [anna, bert]}",
			"BoolIfExists: {aws:SecureTransport: true}", `"Null": {aws:username: true}`,
			`"ForAllValues:StringLike": {aws:TagKeys: a*}`, `"ForAnyValue:StringNotLike": {aws:TagKeys: a*}`,
			"IpAddress: {aws:SourceIp: 203.0.113.0/24}", "DateLessThan: {aws:CurrentTime: 2026-01-01}"))
}

func randomKeys(input *[]byte) string {
	return pick(input, "", "aws:username=anna", "aws:username=AbCdEfGhIjKl", "aws:username=carl") + "; " +
		pick(input, "", "aws:SecureTransport=true", "aws:SecureTransport=false") + "; " +
		pick(input, "", "aws:TagKeys", "aws:TagKeys=a,ab", "aws:TagKeys=a,b") + "; " +
		pick(input, "aws:SourceIp=203.0.113.1", "aws:SourceIp=::1") + "; " +
		pick(input, "aws:CurrentTime=2025-06-01T00:00:00Z", "aws:CurrentTime=2026-06-01T00:00:00Z")
}

func FuzzAMatchingDenyAlwaysWins(f *testing.F) {
	for i := range 40 {
		f.Add([]byte(strings.Repeat(string(rune('a'+i)), i)), uint8(i))
	}
	f.Fuzz(func(t *testing.T, input []byte, position uint8) {
		if len(input) > 100 {
			t.Skip()
		}
		request := policy.Request{
			Action:   pick(&input, "ivschat:GetRoom", "ivschat:ListRooms", "s3:GetObject"),
			Resource: pick(&input, room, otherRoom, "*"),
			Value:    keys(randomKeys(&input)),
		}
		denial := randomStatement(&input, "Deny")
		matches := evaluate(parse(t, "2012-10-17", denial), request) == deny
		var statements []string
		for len(input) > 0 {
			statements = append(statements, randomStatement(&input, pick(&input, "Allow", "Deny")))
		}
		before := none
		if len(statements) > 0 {
			p := parse(t, "2012-10-17", strings.Join(statements, ",\n"))
			checkComposition(t, p, request)
			before = evaluate(p, request)
		}
		statements = slices.Insert(statements, int(position)%(len(statements)+1), denial)
		p := parse(t, "2012-10-17", strings.Join(statements, ",\n"))
		checkComposition(t, p, request)
		want := before
		if matches {
			want = deny
		}
		decision := policy.Evaluate([]*policy.Policy{p}, request)
		if decision.Effect != want {
			t.Errorf("%s: %s, and with\n%s\n%s, want %s", statements, before, denial, decision.Effect, want)
		}
		if decision.Effect == deny && decision.Statement.Allow || decision.Effect == allow && !decision.Statement.Allow {
			t.Errorf("the statement %+v decided %s", decision.Statement, decision.Effect)
		}
		if !reflect.DeepEqual(decision, policy.Explain([]*policy.Policy{p}, request).Decision) {
			t.Errorf("%s is explained otherwise", statements)
		}
	})
}
