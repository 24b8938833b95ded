package iam

import (
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/policy"
)

const explained = `
- accessKeyId: A
  secretAccessKey: x
  account: "111122223333"
  policies:
    - Version: "2012-10-17"
      Statement:
        - {Sid: Tagged, Effect: Allow, Action: "ivschat:*", Resource: "*",
           Condition: {StringEquals: {aws:ResourceTag/Team: chat}}}
        - {Sid: New, Effect: Allow, Action: ivschat:TagResource, Resource: "*",
           Condition: {StringEquals: {aws:RequestTag/team: chat}, "ForAllValues:StringEquals": {aws:TagKeys: [team]}}}
        - {Sid: Me, Effect: Deny, Action: ivschat:SendEvent, Resource: "*",
           Condition: {StringEquals: {aws:username: A}, DateGreaterThan: {aws:CurrentTime: "2026-01-01T00:00:00Z"},
             StringLike: {aws:RequestedRegion: "eu-*"}}}
`

func TestAnExplanationUsesTheValuesOfConditionKeys(t *testing.T) {
	callers, err := Parse([]byte(explained), "000000000000")
	if err != nil {
		t.Fatal(err)
	}
	const room, other = "arn:aws:ivschat:eu-west-1:111122223333:room/a", "arn:aws:ivschat:eu-west-1:444455556666:room/a"
	type values = map[string][]string
	for name, c := range map[string]struct {
		action, resource string
		year             int
		values           values
		effect           policy.Effect
		sid              string
	}{
		"without tags":             {"GetRoom", room, 2025, nil, policy.ImplicitDeny, ""},
		"a tag of the resource":    {"GetRoom", room, 2025, values{"aws:ResourceTag/team": {"chat"}}, policy.Allowed, "Tagged"},
		"another value of the tag": {"GetRoom", room, 2025, values{"aws:ResourceTag/team": {"x"}}, policy.ImplicitDeny, ""},
		"a tag of the request":     {"TagResource", room, 2025, values{"aws:RequestTag/team": {"chat"}}, policy.Allowed, "New"},
		"two tags of the request": {
			"TagResource", room, 2025, values{"aws:RequestTag/team": {"chat"}, "aws:RequestTag/b": {""}},
			policy.ImplicitDeny, "",
		},
		"other keys of tags": {
			"TagResource", room, 2025, values{"aws:RequestTag/team": {"chat"}, "aws:TagKeys": {"b"}},
			policy.ImplicitDeny, "",
		},
		"the caller and the time": {"SendEvent", room, 2027, nil, policy.ExplicitDeny, "Me"},
		"another time":            {"SendEvent", room, 2025, nil, policy.ImplicitDeny, ""},
		"another caller":          {"SendEvent", room, 2027, values{"aws:username": {"B"}}, policy.ImplicitDeny, ""},
		"another account":         {"GetRoom", other, 2025, values{"aws:ResourceTag/team": {"chat"}}, policy.ImplicitDeny, ""},
	} {
		t.Run(name, func(t *testing.T) {
			need, now := Need{"ivschat:" + c.action, c.resource}, time.Date(c.year, 6, 1, 0, 0, 0, 0, time.UTC)
			got := callers.All()[0].Explain(need, now, c.values)
			if got.Effect != c.effect || got.Sid != c.sid || len(got.Statements) != 3 ||
				(got.Message == "") != (c.effect == policy.Allowed) {
				t.Errorf("got %+v", got)
			}
		})
	}
}
