package policy_test

import (
	"reflect"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/policy"
)

const (
	allow = policy.Allowed
	deny  = policy.ExplicitDeny
	none  = policy.ImplicitDeny
)

func TestAStatementIsAboutItsActions(t *testing.T) {
	for _, c := range []struct {
		statement, action string
		want              policy.Effect
	}{
		// Names of actions do not depend on letter case (IAM JSON policy elements: Action).
		{`Action: ivschat:GetRoom`, "ivschat:GetRoom", allow},
		{`Action: ivschat:GetRoom`, "ivschat:GETROOM", allow},
		{`Action: IVSChat:getroom`, "ivschat:GetRoom", allow},
		{`Action: ivschat:GetRoom`, "ivschat:GetRooms", none},
		{`Action: ivschat:GetRoom`, "ivschat:ListRooms", none},
		{`Action: ivschat:GetRoom`, "ivs:GetRoom", none},
		{`Action: [ivschat:GetRoom, ivschat:ListRooms]`, "ivschat:ListRooms", allow},
		{`Action: [ivschat:GetRoom, ivschat:ListRooms]`, "ivschat:DeleteRoom", none},
		{`Action: ["ivs:GetChannel", "s3:*", "ivschat:GetRoom"]`, "ivschat:GetRoom", allow},
		{`Action: "*"`, "ivschat:GetRoom", allow},
		{`Action: "*"`, "s3:GetObject", allow},
		{`Action: "*:*"`, "ivschat:GetRoom", allow},
		{`Action: ivschat:*`, "ivschat:GetRoom", allow},
		{`Action: ivschat:*`, "ivs:GetChannel", none},
		{`Action: ivschat:Get*`, "ivschat:GetLoggingConfiguration", allow},
		{`Action: ivschat:get*`, "ivschat:GetRoom", allow},
		{`Action: ivschat:Get*`, "ivschat:ListRooms", none},
		{`Action: ivschat:*Room`, "ivschat:CreateRoom", allow},
		{`Action: ivschat:*Room`, "ivschat:ListRooms", none},
		{`Action: ivschat:*Room*`, "ivschat:ListRooms", allow},
		{`Action: ivschat:List*s`, "ivschat:ListLoggingConfigurations", allow},
		{`Action: ivschat:List*s`, "ivschat:ListTagsForResource", none},
		{`Action: ivschat:???Room`, "ivschat:GetRoom", allow},
		{`Action: ivschat:???Room`, "ivschat:UpdateRoom", none},
		{`Action: ivschat:GetRoom?`, "ivschat:GetRoom", none},
		{`Action: ivschat:GetRoom*`, "ivschat:GetRoom", allow},
		// NotAction matches everything except the list (IAM JSON policy elements: NotAction).
		{`NotAction: ivschat:DeleteRoom`, "ivschat:GetRoom", allow},
		{`NotAction: ivschat:DeleteRoom`, "s3:GetObject", allow},
		{`NotAction: ivschat:DeleteRoom`, "ivschat:deleteroom", none},
		{`NotAction: [ivschat:Delete*, ivschat:Update*]`, "ivschat:UpdateRoom", none},
		{`NotAction: [ivschat:Delete*, ivschat:Update*]`, "ivschat:CreateRoom", allow},
		{`NotAction: "*"`, "ivschat:GetRoom", none},
		{`NotAction: "iam:*"`, "ivschat:GetRoom", allow},
	} {
		p := parse(t, "2012-10-17", `{Effect: Allow, Resource: "*", `+c.statement+`}`)
		if got := evaluate(p, policy.Request{Action: c.action, Resource: room}); got != c.want {
			t.Errorf("%s: %s is %s, want %s", c.statement, c.action, got, c.want)
		}
	}
}

func TestAStatementIsAboutItsResources(t *testing.T) {
	for _, c := range []struct {
		statement, resource string
		want                policy.Effect
	}{
		{`Resource: "*"`, room, allow},
		{`Resource: "*"`, "*", allow},
		{`Resource: ` + room, room, allow},
		{`Resource: ` + room, otherRoom, none},
		{`Resource: [` + otherRoom + `, ` + room + `]`, room, allow},
		// What identifies a resource depends on letter case.
		{`Resource: arn:aws:ivschat:us-east-1:123456789012:room/abcdefghijkl`, room, none},
		{`Resource: arn:aws:ivschat:us-east-1:123456789012:Room/AbCdEfGhIjKl`, room, none},
		{`Resource: arn:aws:ivschat:us-east-1:123456789012:room/*`, room, allow},
		{`Resource: arn:aws:ivschat:us-east-1:123456789012:room/*`, loggingConfig, none},
		{`Resource: arn:aws:ivschat:us-east-1:123456789012:*/AbCdEfGhIjKl`, loggingConfig, allow},
		{`Resource: arn:aws:ivschat:*:123456789012:room/*`, room, allow},
		{`Resource: arn:aws:ivschat:eu-*:123456789012:room/*`, room, none},
		{`Resource: arn:aws:ivschat:us-*-1:123456789012:room/*`, room, allow},
		{`Resource: arn:aws:ivschat:*:*:room/*`, room, allow},
		{`Resource: arn:aws:ivschat:*:999999999999:room/*`, room, none},
		{`Resource: arn:aws:ivschat:us-east-?:123456789012:room/*`, room, allow},
		{`Resource: arn:aws:ivschat:us-east-??:123456789012:room/*`, room, none},
		{`Resource: arn:aws:ivschat:us-east-1:123456789012:room/AbCdEfGhIjK?`, room, allow},
		{`Resource: arn:aws:ivschat:us-east-1:123456789012:room/AbCdEfGhIjKl?`, room, none},
		{`Resource: arn:aws:ivschat:us-east-1:123456789012:room/AbCdEfGhIjKl*`, room, allow},
		{`Resource: arn:aws:ivschat:us-east-1:123456789012:room/Ab*Ij*`, room, allow},
		{`Resource: arn:aws:ivschat:us-east-1:123456789012:room/Ij*Ab*`, room, none},
		// A * at the end of a part also takes in colons, and a * takes in slashes (IAM JSON policy elements: Resource).
		{`Resource: arn:aws:ivschat:*`, room, allow},
		{`Resource: arn:aws:ivschat:us-east-1:*`, room, allow},
		{`Resource: arn:aws:s3:*`, room, none},
		{`Resource: "arn:*"`, room, allow},
		{`Resource: arn:aws:ivschat:us-east-1:123456789012:*`, room, allow},
		{`Resource: arn:aws-cn:ivschat:us-east-1:123456789012:room/*`, room, none},
		// A new resource has no ARN yet, so that only a * matches it.
		{`Resource: arn:aws:ivschat:us-east-1:123456789012:room/*`, "arn:aws:ivschat:us-east-1:123456789012:room/*", allow},
		{`Resource: ` + room, "arn:aws:ivschat:us-east-1:123456789012:room/*", none},
		{`Resource: arn:aws:ivschat:us-east-1:123456789012:room/*`, "*", none},
		{`NotResource: ` + room, room, none},
		{`NotResource: ` + room, otherRoom, allow},
		{`NotResource: [` + room + `, ` + otherRoom + `]`, otherRoom, none},
		{`NotResource: [` + room + `, ` + otherRoom + `]`, loggingConfig, allow},
		{`NotResource: "*"`, room, none},
		{`NotResource: arn:aws:ivschat:*:*:room/*`, loggingConfig, allow},
		{`NotResource: arn:aws:ivschat:*:*:room/*`, room, none},
	} {
		p := parse(t, "2012-10-17", `{Effect: Allow, Action: "*", `+c.statement+`}`)
		if got := evaluate(p, policy.Request{Action: "ivschat:GetRoom", Resource: c.resource}); got != c.want {
			t.Errorf("%s: %s is %s, want %s", c.statement, c.resource, got, c.want)
		}
	}
}

func TestADenyDecidesBeforeEveryAllow(t *testing.T) {
	const (
		allowAll   = `{Sid: AllowAll, Effect: Allow, Action: "*", Resource: "*"}`
		allowGet   = `{Sid: AllowGet, Effect: Allow, Action: ivschat:Get*, Resource: "*"}`
		denyAll    = `{Sid: DenyAll, Effect: Deny, Action: "*", Resource: "*"}`
		denyGet    = `{Sid: DenyGet, Effect: Deny, Action: ivschat:GetRoom, Resource: "*"}`
		denyOther  = `{Sid: DenyOther, Effect: Deny, Action: "*", Resource: ` + otherRoom + `}`
		denyPlain  = `{Sid: DenyPlain, Effect: Deny, Action: "*", Resource: "*", Condition: {Bool: {aws:SecureTransport: false}}}`
		denyNotGet = `{Sid: DenyNotGet, Effect: Deny, NotAction: ivschat:Get*, Resource: "*"}`
		denyNot    = `{Sid: DenyNotRoom, Effect: Deny, Action: "*", NotResource: ` + room + `}`
	)
	for _, c := range []struct {
		statements, keys string
		want             policy.Effect
		sid              string
	}{
		{allowAll, "", allow, "AllowAll"},
		{denyAll, "", deny, "DenyAll"},
		{allowAll + "," + denyAll, "", deny, "DenyAll"},
		{denyAll + "," + allowAll, "", deny, "DenyAll"},
		{allowAll + "," + denyGet, "", deny, "DenyGet"},
		{denyGet + "," + allowAll + "," + allowGet, "", deny, "DenyGet"},
		{allowAll + "," + denyOther, "", allow, "AllowAll"},
		{denyOther, "", none, ""},
		{allowGet + "," + allowAll, "", allow, "AllowGet"}, // the first one that allows is named
		{allowGet + "," + denyPlain, "aws:SecureTransport=false", deny, "DenyPlain"},
		{allowGet + "," + denyPlain, "aws:SecureTransport=true", allow, "AllowGet"},
		{denyNotGet + "," + allowAll, "", allow, "AllowAll"},
		{denyNot + "," + allowAll, "", allow, "AllowAll"},
		{denyNot, "", none, ""},
	} {
		p := parse(t, "2012-10-17", c.statements)
		got := policy.Evaluate([]*policy.Policy{p}, policy.Request{
			Action: "ivschat:GetRoom", Resource: room, Value: keys(c.keys),
		})
		sid := ""
		if got.Statement != nil {
			sid = got.Statement.Sid
		}
		if got.Effect != c.want || sid != c.sid || (got.Policy == "") != (c.want == none) {
			t.Errorf("%s with %s: %+v (%s), want %s (%s)", c.statements, c.keys, got, sid, c.want, c.sid)
		}
	}
}

func TestADenyOfOnePolicyDecidesBeforeAnAllowOfAnother(t *testing.T) {
	allowed, _ := policy.Parse("one", []byte(`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`))
	denied, _ := policy.Parse("two", []byte(`{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`))
	request := policy.Request{Action: "ivschat:GetRoom", Resource: room}
	for _, policies := range [][]*policy.Policy{{allowed, denied}, {denied, allowed}, {denied}} {
		if got := policy.Evaluate(policies, request); got.Effect != deny || got.Policy != "two" ||
			got.Statement != &denied.Statements[0] {
			t.Errorf("the decision is %+v", got)
		}
	}
	if got := policy.Evaluate(nil, request); got != (policy.Decision{Effect: none}) {
		t.Errorf("without policies, the decision is %+v", got)
	}
}

func TestAnExplanationSaysWhyEachStatementMatchesOrDoesNot(t *testing.T) {
	p := parse(t, "2012-10-17", `
{Effect: Allow, Action: ivschat:ListRooms, Resource: "*"},
{Effect: Allow, Action: "*", Resource: `+otherRoom+`},
{Effect: Allow, Action: "*", Resource: "*", Condition: {
  StringEquals: {aws:ResourceTag/team: ["${aws:PrincipalTag/team}", red]},
  BoolIfExists: {aws:SecureTransport: true}}},
{Effect: Allow, Action: "*", Resource: "*", Condition: {"ForAnyValue:StringLike": {aws:TagKeys: t*}}}`)
	got := policy.Explain([]*policy.Policy{p}, policy.Request{
		Action: "ivschat:GetRoom", Resource: room, Value: keys("aws:ResourceTag/team=blue; aws:TagKeys=x,team"),
	})
	if got.Effect != allow || got.Statement != &p.Statements[3] || got.Policy != "test" || len(got.Statements) != 4 {
		t.Fatalf("the explanation is %+v", got)
	}
	type line struct{ action, resource, matches bool }
	for i, want := range []line{{false, true, false}, {true, false, false}, {true, true, false}, {true, true, true}} {
		s := got.Statements[i]
		if (line{s.Action, s.Resource, s.Matches()}) != want || s.Policy != "test" || s.Statement != &p.Statements[i] {
			t.Errorf("statement %d: %+v, want %+v", i, s, want)
		}
	}
	wantConditions := []policy.ConditionResult{
		{
			Operator: "StringEquals", Key: "aws:ResourceTag/team", Line: 7,
			Want: []string{"${aws:PrincipalTag/team}", "red"}, Got: []string{"blue"}, Holds: false,
		},
		{Operator: "BoolIfExists", Key: "aws:SecureTransport", Line: 8, Want: []string{"true"}, Got: nil, Holds: true},
	}
	if !reflect.DeepEqual(got.Statements[2].Conditions, wantConditions) {
		t.Errorf("the conditions are %+v, want %+v", got.Statements[2].Conditions, wantConditions)
	}
}
