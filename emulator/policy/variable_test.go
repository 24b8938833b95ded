package policy_test

import (
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/policy"
)

const rooms = "arn:aws:ivschat:us-east-1:123456789012:room/"

func TestVariablesStandForTheValuesOfTheRequest(t *testing.T) {
	for _, c := range []struct {
		resource, keys, room string
		want                 policy.Effect
	}{
		{`${aws:username}`, "aws:username=anna", "anna", allow},
		{`${aws:username}`, "aws:username=anna", "bert", none},
		{`${AWS:UserName}`, "aws:username=anna", "anna", allow},
		{`${ aws:username }`, "aws:username=anna", "anna", allow},
		{`${aws:username}`, "", "anna", none}, // without a value, nothing matches
		{`${aws:username}`, "", "${aws:username}", none},
		{`${aws:username}`, "aws:username=anna,bert", "anna", none},
		{`${aws:username}-*`, "aws:username=anna", "anna-1", allow},
		{`*-${aws:username}`, "aws:username=anna", "1-anna", allow},
		{`${aws:PrincipalTag/team}-${aws:username}`, "aws:username=anna; aws:PrincipalTag/team=blue", "blue-anna", allow},
		{`${aws:PrincipalTag/team}-${aws:username}`, "aws:username=anna", "-anna", none},
		{`${aws:username}`, "aws:username=*", "anna", none}, // a value has no wildcards
		{`${aws:username}`, "aws:username=*", "*", allow},
		{`${aws:username}`, "aws:username=${aws:userid}; aws:userid=x", "${aws:userid}", allow}, // and no variables
		{`${aws:username, 'guest'}`, "aws:username=anna", "anna", allow},
		{`${aws:username, 'guest'}`, "aws:username=anna", "guest", none},
		{`${aws:username, 'guest'}`, "", "guest", allow},
		{`${aws:username,'guest'}`, "", "guest", allow},
		{`${aws:username,  'guest' }`, "", "guest", allow},
		{`${aws:username, 'gu*t'}`, "", "guest", none},
		{`${aws:username, ''}`, "", "", allow},
		{`${aws:username, 'a, b}'}x`, "", "a, b}x", allow},
		{`${*}`, "", "*", allow},
		{`${*}`, "", "anna", none},
		{`${?}`, "", "?", allow},
		{`${?}`, "", "a", none},
		{`${$}{aws:username}`, "aws:username=anna", "${aws:username}", allow},
		{`a$b`, "", "a$b", allow},
		{`$`, "", "$", allow},
	} {
		statement := `{Effect: Allow, Action: "*", Resource: "` + rooms + c.resource + `"}`
		request := policy.Request{Action: "ivschat:GetRoom", Resource: rooms + c.room, Value: keys(c.keys)}
		if got := evaluate(parse(t, "2012-10-17", statement), request); got != c.want {
			t.Errorf("%s with %s: %s is %s, want %s", c.resource, c.keys, c.room, got, c.want)
		}
	}
}

// A pattern with a variable that has no value matches no resource, also in NotResource.
func TestAVariableWithoutAValueExcludesNothing(t *testing.T) {
	p := parse(t, "2012-10-17", `{Effect: Allow, Action: "*", NotResource: "`+rooms+`${aws:username}"}`)
	for text, want := range map[string]policy.Effect{"": allow, "aws:username=AbCdEfGhIjKl": none, "aws:username=x": allow} {
		if got := evaluate(p, policy.Request{Action: "ivschat:GetRoom", Resource: room, Value: keys(text)}); got != want {
			t.Errorf("with %q, it is %s, want %s", text, got, want)
		}
	}
}

func TestConditionsHaveVariables(t *testing.T) {
	const team = "aws:ResourceTag/team=blue; aws:PrincipalTag/team="
	checkConditions(t, "2012-10-17", []conditionCase{
		{`StringEquals: {aws:ResourceTag/team: "${aws:PrincipalTag/team}"}`, team + "blue", true},
		{`StringEquals: {aws:ResourceTag/team: "${aws:PrincipalTag/team}"}`, team + "red", false},
		{`StringEquals: {aws:ResourceTag/team: "${aws:PrincipalTag/team}"}`, "aws:ResourceTag/team=blue", false},
		{`StringNotEquals: {aws:ResourceTag/team: "${aws:PrincipalTag/team}"}`, team + "blue", false},
		{`StringNotEquals: {aws:ResourceTag/team: "${aws:PrincipalTag/team}"}`, team + "red", true},
		{`StringNotEquals: {aws:ResourceTag/team: "${aws:PrincipalTag/team}"}`, "aws:ResourceTag/team=blue", true},
		{`StringLike: {aws:ResourceTag/team: "${aws:PrincipalTag/team}*"}`, team + "bl", true},
		{`StringEquals: {aws:ResourceTag/team: "${aws:PrincipalTag/team, 'blue'}"}`, "aws:ResourceTag/team=blue", true},
		{`StringEqualsIgnoreCase: {aws:ResourceTag/team: "${aws:PrincipalTag/team}"}`, team + "BLUE", true},
		{`StringLike: {aws:username: "a${*}b"}`, "aws:username=a*b", true},
		{`StringLike: {aws:username: "a${*}b"}`, "aws:username=axb", false},
		{`StringLike: {aws:username: "a${?}b"}`, "aws:username=axb", false},
		{`StringEquals: {aws:username: "a${*}b"}`, "aws:username=a*b", true},
		{`"ForAnyValue:StringEquals": {aws:TagKeys: "${aws:username}"}`, "aws:TagKeys=a,anna; aws:username=anna", true},
	})
}

// Without Version 2012-10-17, variables are ordinary text (IAM JSON policy elements: Version).
func TestOldVersionsHaveNoVariables(t *testing.T) {
	cases := []conditionCase{
		{`StringEquals: {aws:username: "${aws:userid}"}`, "aws:username=anna; aws:userid=anna", false},
		{`StringEquals: {aws:username: "${aws:userid}"}`, "aws:username=${aws:userid}", true},
		{`StringEquals: {aws:username: "${unknown"}`, "aws:username=${unknown", true},
		{`StringLike: {aws:username: "${*}"}`, "aws:username=${anything}", true},
	}
	checkConditions(t, "2008-10-17", cases)
	p, err := policy.Parse("", []byte(`{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "`+rooms+`${aws:username}"}}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]policy.Effect{"anna": none, "${aws:username}": allow} {
		request := policy.Request{Action: "ivschat:GetRoom", Resource: rooms + name, Value: keys("aws:username=anna")}
		if got := evaluate(p, request); got != want {
			t.Errorf("without a Version, %s is %s, want %s", name, got, want)
		}
	}
}
