package policy_test

import (
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/policy"
)

// A conditionCase is a Condition, the condition keys of a request, and whether the condition holds.
type conditionCase struct {
	condition, keys string
	holds           bool
}

// checkConditions checks that a statement with each condition allows the request if the condition holds, and that it
// denies the request if its Effect is Deny.
func checkConditions(t *testing.T, version string, cases []conditionCase) {
	t.Helper()
	for _, c := range cases {
		request := policy.Request{Action: "ivschat:GetRoom", Resource: room, Value: keys(c.keys)}
		for effect, matched := range map[string]policy.Effect{"Allow": allow, "Deny": deny} {
			p := parse(t, version, `{Effect: `+effect+`, Action: "*", Resource: "*", Condition: {`+c.condition+`}}`)
			want := none
			if c.holds {
				want = matched
			}
			if got := evaluate(p, request); got != want {
				t.Errorf("%s %s with %s: %s, want %s", effect, c.condition, c.keys, got, want)
			}
			explained := policy.Explain([]*policy.Policy{p}, request)
			if explained.Statements[0].Matches() != c.holds || explained.Effect != want {
				t.Errorf("%s with %s is explained as %+v", c.condition, c.keys, explained)
			}
		}
	}
}

func TestConditionsCompareStrings(t *testing.T) {
	checkConditions(t, "2012-10-17", []conditionCase{
		{`StringEquals: {aws:username: anna}`, "aws:username=anna", true},
		{`StringEquals: {aws:username: anna}`, "aws:username=Anna", false},
		{`StringEquals: {aws:username: anna}`, "aws:username=ann", false},
		{`StringEquals: {aws:username: anna}`, "", false},
		{`StringEquals: {aws:username: [bert, anna]}`, "aws:username=anna", true},
		{`StringEquals: {aws:username: [bert, anna]}`, "aws:username=carl", false},
		{`StringEquals: {aws:username: "a*"}`, "aws:username=anna", false},
		{`StringEquals: {aws:username: "a*"}`, "aws:username=a*", true},
		{`StringEquals: {aws:username: ""}`, "aws:username=", true},
		{`StringEquals: {AWS:UserName: anna}`, "aws:username=anna", true}, // keys do not depend on letter case
		{`StringEquals: {aws:PrincipalAccount: 123456789012}`, "aws:PrincipalAccount=123456789012", true},
		{`StringEquals: {aws:PrincipalAccount: 012345678901}`, "aws:PrincipalAccount=012345678901", true},
		{`StringNotEquals: {aws:username: anna}`, "aws:username=anna", false},
		{`StringNotEquals: {aws:username: anna}`, "aws:username=bert", true},
		{`StringNotEquals: {aws:username: anna}`, "", true}, // a negated operator is true without the key
		{`StringNotEquals: {aws:username: [anna, bert]}`, "aws:username=bert", false},
		{`StringNotEquals: {aws:username: [anna, bert]}`, "aws:username=carl", true},
		{`StringEqualsIgnoreCase: {aws:username: anna}`, "aws:username=ANNA", true},
		{`StringEqualsIgnoreCase: {aws:username: anna}`, "aws:username=bert", false},
		{`StringEqualsIgnoreCase: {aws:username: anna}`, "", false},
		{`StringNotEqualsIgnoreCase: {aws:username: anna}`, "aws:username=ANNA", false},
		{`StringNotEqualsIgnoreCase: {aws:username: anna}`, "aws:username=bert", true},
		{`StringNotEqualsIgnoreCase: {aws:username: anna}`, "", true},
		{`StringLike: {aws:username: "a*"}`, "aws:username=anna", true},
		{`StringLike: {aws:username: "a*"}`, "aws:username=Anna", false},
		{`StringLike: {aws:username: "a??a"}`, "aws:username=anna", true},
		{`StringLike: {aws:username: "a?a"}`, "aws:username=anna", false},
		{`StringLike: {aws:username: ["b*", "*a"]}`, "aws:username=anna", true},
		{`StringLike: {aws:username: "*"}`, "aws:username=", true},
		{`StringLike: {aws:username: "*"}`, "", false},
		{`StringNotLike: {aws:username: "a*"}`, "aws:username=anna", false},
		{`StringNotLike: {aws:username: "a*"}`, "aws:username=bert", true},
		{`StringNotLike: {aws:username: "a*"}`, "", true},
		{`StringNotLike: {aws:username: ["a*", "b*"]}`, "aws:username=bert", false},
		{`StringNotLike: {aws:username: ["a*", "b*"]}`, "aws:username=carl", true},
	})
}

func TestConditionsCompareTags(t *testing.T) {
	checkConditions(t, "2012-10-17", []conditionCase{
		{`StringEquals: {aws:ResourceTag/team: blue}`, "aws:ResourceTag/team=blue", true},
		{`StringEquals: {aws:ResourceTag/team: blue}`, "aws:ResourceTag/team=red", false},
		{`StringEquals: {aws:ResourceTag/team: blue}`, "aws:ResourceTag/stage=blue", false},
		{`StringEquals: {aws:ResourceTag/team: blue}`, "aws:RequestTag/team=blue", false},
		{`StringEquals: {aws:resourcetag/team: blue}`, "aws:ResourceTag/team=blue", true},
		{`StringEquals: {"aws:ResourceTag/cost center/1": a}`, "aws:ResourceTag/cost center/1=a", true},
		{`StringNotEquals: {aws:ResourceTag/team: blue}`, "aws:ResourceTag/stage=test", true},
		{`StringEquals: {aws:RequestTag/team: [blue, red]}`, "aws:RequestTag/team=red", true},
		{`StringEquals: {aws:ResourceTag/team: blue, aws:ResourceTag/stage: test}`,
			"aws:ResourceTag/team=blue; aws:ResourceTag/stage=test", true},
		{`StringEquals: {aws:ResourceTag/team: blue, aws:ResourceTag/stage: test}`, "aws:ResourceTag/team=blue", false},
		{`StringEquals: {aws:PrincipalTag/team: blue}`, "aws:PrincipalTag/team=blue", true},
	})
}

// All keys and all operators of a Condition have to hold (IAM JSON policy elements: Condition).
func TestEveryConditionHasToHold(t *testing.T) {
	const both = `StringEquals: {aws:username: anna, aws:RequestedRegion: us-east-1}, Bool: {aws:SecureTransport: true}`
	checkConditions(t, "2012-10-17", []conditionCase{
		{``, "", true},
		{`StringEquals: {}`, "", true},
		{both, "aws:username=anna; aws:RequestedRegion=us-east-1; aws:SecureTransport=true", true},
		{both, "aws:username=anna; aws:RequestedRegion=us-east-1; aws:SecureTransport=false", false},
		{both, "aws:username=anna; aws:RequestedRegion=eu-west-1; aws:SecureTransport=true", false},
		{both, "aws:username=bert; aws:RequestedRegion=us-east-1; aws:SecureTransport=true", false},
		{both, "aws:username=anna; aws:RequestedRegion=us-east-1", false},
	})
}

func TestConditionsCompareNumbers(t *testing.T) {
	checkConditions(t, "2012-10-17", []conditionCase{
		{`NumericEquals: {aws:EpochTime: 10}`, "aws:EpochTime=10", true},
		{`NumericEquals: {aws:EpochTime: "10"}`, "aws:EpochTime=10.0", true},
		{`NumericEquals: {aws:EpochTime: 10}`, "aws:EpochTime=11", false},
		{`NumericEquals: {aws:EpochTime: 10}`, "aws:EpochTime=ten", false},
		{`NumericEquals: {aws:EpochTime: 10}`, "", false},
		{`NumericEquals: {aws:EpochTime: 9007199254740993}`, "aws:EpochTime=9007199254740992", false},
		{`NumericNotEquals: {aws:EpochTime: 10}`, "aws:EpochTime=10", false},
		{`NumericNotEquals: {aws:EpochTime: 10}`, "aws:EpochTime=11", true},
		{`NumericNotEquals: {aws:EpochTime: [10, 11]}`, "aws:EpochTime=11", false},
		{`NumericNotEquals: {aws:EpochTime: 10}`, "", true},
		{`NumericLessThan: {aws:EpochTime: 10}`, "aws:EpochTime=9.99", true},
		{`NumericLessThan: {aws:EpochTime: 10}`, "aws:EpochTime=10", false},
		{`NumericLessThan: {aws:EpochTime: 10}`, "aws:EpochTime=-100", true},
		{`NumericLessThan: {aws:EpochTime: 10}`, "", false},
		{`NumericLessThanEquals: {aws:EpochTime: 10}`, "aws:EpochTime=10", true},
		{`NumericLessThanEquals: {aws:EpochTime: 10}`, "aws:EpochTime=11", false},
		{`NumericGreaterThan: {aws:EpochTime: 10}`, "aws:EpochTime=11", true},
		{`NumericGreaterThan: {aws:EpochTime: 10}`, "aws:EpochTime=10", false},
		{`NumericGreaterThan: {aws:EpochTime: 9}`, "aws:EpochTime=10", true}, // not as texts
		{`NumericGreaterThanEquals: {aws:EpochTime: 2.5}`, "aws:EpochTime=2.5", true},
		{`NumericGreaterThanEquals: {aws:EpochTime: 2.5}`, "aws:EpochTime=2.4", false},
		{`NumericGreaterThan: {aws:EpochTime: [100, 5]}`, "aws:EpochTime=10", true}, // any of the values
		{`NumericLessThan: {aws:EpochTime: 10}`, "aws:EpochTime=", false},
	})
}

func TestConditionsCompareDates(t *testing.T) {
	checkConditions(t, "2012-10-17", []conditionCase{
		{`DateEquals: {aws:CurrentTime: "2026-01-31T12:00:00Z"}`, "aws:CurrentTime=2026-01-31T12:00:00Z", true},
		{`DateEquals: {aws:CurrentTime: "2026-01-31T13:00:00+01:00"}`, "aws:CurrentTime=2026-01-31T12:00:00Z", true},
		{`DateEquals: {aws:CurrentTime: 2026-01-31}`, "aws:CurrentTime=2026-01-31T00:00:00Z", true},
		{`DateEquals: {aws:CurrentTime: 2026-01}`, "aws:CurrentTime=2026-01-01T00:00:00Z", true},
		{`DateEquals: {aws:CurrentTime: 2026}`, "aws:CurrentTime=2026-01-01T00:00:00Z", true},
		{`DateEquals: {aws:CurrentTime: "2026-01-31T12:00Z"}`, "aws:CurrentTime=2026-01-31T12:00:00Z", true},
		{`DateEquals: {aws:CurrentTime: "2026-01-31T12:00:00.5Z"}`, "aws:CurrentTime=2026-01-31T12:00:00Z", false},
		{`DateEquals: {aws:CurrentTime: 1769860800}`, "aws:CurrentTime=2026-01-31T12:00:00Z", true},
		{`DateEquals: {aws:EpochTime: "2026-01-31T12:00:00Z"}`, "aws:EpochTime=1769860800", true},
		{`DateEquals: {aws:CurrentTime: 2026-01-31}`, "", false},
		{`DateEquals: {aws:CurrentTime: 2026-01-31}`, "aws:CurrentTime=today", false},
		{`DateNotEquals: {aws:CurrentTime: 2026-01-31}`, "aws:CurrentTime=2026-01-31T00:00:00Z", false},
		{`DateNotEquals: {aws:CurrentTime: 2026-01-31}`, "aws:CurrentTime=2026-01-31T00:00:01Z", true},
		{`DateNotEquals: {aws:CurrentTime: 2026-01-31}`, "", true},
		{`DateLessThan: {aws:CurrentTime: 2026-01-31}`, "aws:CurrentTime=2026-01-30T23:59:59Z", true},
		{`DateLessThan: {aws:CurrentTime: 2026-01-31}`, "aws:CurrentTime=2026-01-31T00:00:00Z", false},
		{`DateLessThan: {aws:CurrentTime: 2026-01-31}`, "aws:CurrentTime=2026-01-31T01:00:00+02:00", true},
		{`DateLessThanEquals: {aws:CurrentTime: 2026-01-31}`, "aws:CurrentTime=2026-01-31T00:00:00Z", true},
		{`DateLessThanEquals: {aws:CurrentTime: 2026-01-31}`, "aws:CurrentTime=2026-01-31T00:00:01Z", false},
		{`DateGreaterThan: {aws:CurrentTime: 2026-01-31}`, "aws:CurrentTime=2026-01-31T00:00:01Z", true},
		{`DateGreaterThan: {aws:CurrentTime: 2026-01-31}`, "aws:CurrentTime=2026-01-31T00:00:00Z", false},
		{`DateGreaterThan: {aws:CurrentTime: 2026-01-31}`, "", false},
		{`DateGreaterThanEquals: {aws:CurrentTime: 2026-01-31}`, "aws:CurrentTime=2026-01-31T00:00:00Z", true},
		{`DateGreaterThanEquals: {aws:CurrentTime: 2026-01-31}`, "aws:CurrentTime=2025-12-31T00:00:00Z", false},
		{`DateGreaterThan: {aws:CurrentTime: 2026-01-01}, DateLessThan: {aws:CurrentTime: 2026-02-01}`,
			"aws:CurrentTime=2026-01-15T00:00:00Z", true},
	})
}

func TestConditionsCompareBooleansAndBytes(t *testing.T) {
	checkConditions(t, "2012-10-17", []conditionCase{
		{`Bool: {aws:SecureTransport: true}`, "aws:SecureTransport=true", true},
		{`Bool: {aws:SecureTransport: "true"}`, "aws:SecureTransport=true", true},
		{`Bool: {aws:SecureTransport: "True"}`, "aws:SecureTransport=true", true},
		{`Bool: {aws:SecureTransport: true}`, "aws:SecureTransport=false", false},
		{`Bool: {aws:SecureTransport: false}`, "aws:SecureTransport=false", true},
		{`Bool: {aws:SecureTransport: false}`, "aws:SecureTransport=", false},
		{`Bool: {aws:SecureTransport: false}`, "", false},
		{`Bool: {aws:SecureTransport: [true, false]}`, "aws:SecureTransport=false", true},
		{`BinaryEquals: {aws:userid: QUlEQQ==}`, "aws:userid=AIDA", true},
		{`BinaryEquals: {aws:userid: QUlEQQ==}`, "aws:userid=AIDB", false},
		{`BinaryEquals: {aws:userid: QUlEQQ==}`, "aws:userid=QUlEQQ==", false},
		{`BinaryEquals: {aws:userid: QUlEQQ==}`, "", false},
	})
}

func TestConditionsCompareIPAddresses(t *testing.T) {
	checkConditions(t, "2012-10-17", []conditionCase{
		{`IpAddress: {aws:SourceIp: 203.0.113.0/24}`, "aws:SourceIp=203.0.113.255", true},
		{`IpAddress: {aws:SourceIp: 203.0.113.0/24}`, "aws:SourceIp=203.0.114.0", false},
		{`IpAddress: {aws:SourceIp: 203.0.113.77/24}`, "aws:SourceIp=203.0.113.1", true},
		{`IpAddress: {aws:SourceIp: 203.0.113.7}`, "aws:SourceIp=203.0.113.7", true},
		{`IpAddress: {aws:SourceIp: 203.0.113.7}`, "aws:SourceIp=203.0.113.8", false},
		{`IpAddress: {aws:SourceIp: 203.0.113.7}`, "aws:SourceIp=::ffff:203.0.113.7", true},
		{`IpAddress: {aws:SourceIp: 0.0.0.0/0}`, "aws:SourceIp=127.0.0.1", true},
		{`IpAddress: {aws:SourceIp: 0.0.0.0/0}`, "aws:SourceIp=::1", false},
		{`IpAddress: {aws:SourceIp: "2001:DB8:1234:5678::/64"}`, "aws:SourceIp=2001:db8:1234:5678::1", true},
		{`IpAddress: {aws:SourceIp: "2001:DB8:1234:5678::/64"}`, "aws:SourceIp=2001:db8:1234:5679::1", false},
		{`IpAddress: {aws:SourceIp: "::1"}`, "aws:SourceIp=::1", true},
		{`IpAddress: {aws:SourceIp: "::1"}`, "aws:SourceIp=::2", false},
		{`IpAddress: {aws:SourceIp: "fe80::/10"}`, "aws:SourceIp=fe80::1%eth0", true},
		{`IpAddress: {aws:SourceIp: ["203.0.113.0/24", "2001:DB8:1234:5678::/64"]}`, "aws:SourceIp=203.0.113.9", true},
		{`IpAddress: {aws:SourceIp: 203.0.113.0/24}`, "aws:SourceIp=localhost", false},
		{`IpAddress: {aws:SourceIp: 203.0.113.0/24}`, "", false},
		{`NotIpAddress: {aws:SourceIp: 203.0.113.0/24}`, "aws:SourceIp=203.0.113.9", false},
		{`NotIpAddress: {aws:SourceIp: 203.0.113.0/24}`, "aws:SourceIp=198.51.100.9", true},
		{`NotIpAddress: {aws:SourceIp: [203.0.113.0/24, 198.51.100.0/24]}`, "aws:SourceIp=198.51.100.9", false},
		{`NotIpAddress: {aws:SourceIp: 203.0.113.0/24}`, "", true},
	})
}

func TestConditionsCompareARNs(t *testing.T) {
	const anna = "aws:PrincipalArn=arn:aws:iam::123456789012:user/team/anna"
	checkConditions(t, "2012-10-17", []conditionCase{
		{`ArnEquals: {aws:PrincipalArn: "arn:aws:iam::123456789012:user/team/anna"}`, anna, true},
		{`ArnEquals: {aws:PrincipalArn: "arn:aws:iam::123456789012:user/team/Anna"}`, anna, false},
		{`ArnEquals: {aws:PrincipalArn: "arn:aws:iam::123456789012:user/*"}`, anna, true}, // like ArnLike
		{`ArnLike: {aws:PrincipalArn: "arn:aws:iam::123456789012:user/*"}`, anna, true},
		{`ArnLike: {aws:PrincipalArn: "arn:aws:iam::123456789012:role/*"}`, anna, false},
		{`ArnLike: {aws:PrincipalArn: "arn:aws:iam::*:user/team/an?a"}`, anna, true},
		{`ArnLike: {aws:PrincipalArn: "arn:*:iam::123456789012:user/*"}`, anna, true},
		// Each part is compared separately, so that no * takes in a colon before the last part.
		{`ArnLike: {aws:PrincipalArn: "arn:aws:iam::*:anna"}`, "aws:PrincipalArn=arn:aws:iam::1:x:anna", false},
		{`ArnLike: {aws:PrincipalArn: "arn:aws:*:1:*:anna"}`, "aws:PrincipalArn=arn:aws:iam::1:anna", false},
		{`ArnLike: {aws:PrincipalArn: "*"}`, anna, true},
		{`ArnLike: {aws:PrincipalArn: "arn:aws:iam::123456789012:*"}`, "aws:PrincipalArn=arn:aws:iam::123456789012:a:b", true},
		{`ArnLike: {aws:PrincipalArn: "arn:aws:iam::123456789012:user/*"}`, "aws:PrincipalArn=anna", false},
		{`ArnLike: {aws:PrincipalArn: "arn:aws:iam::123456789012:user/*"}`, "", false},
		{`ArnLike: {aws:PrincipalArn: ["arn:aws:iam::1:root", "arn:aws:iam::*:user/*"]}`, anna, true},
		{`ArnNotEquals: {aws:PrincipalArn: "arn:aws:iam::123456789012:user/*"}`, anna, false},
		{`ArnNotEquals: {aws:PrincipalArn: "arn:aws:iam::123456789012:role/*"}`, anna, true},
		{`ArnNotEquals: {aws:PrincipalArn: "arn:aws:iam::123456789012:role/*"}`, "", true},
		{`ArnNotLike: {aws:PrincipalArn: "arn:aws:iam::123456789012:user/*"}`, anna, false},
		{`ArnNotLike: {aws:PrincipalArn: "arn:aws:iam::123456789012:role/*"}`, anna, true},
		{`ArnNotLike: {aws:PrincipalArn: ["arn:aws:iam::*:role/*", "arn:aws:iam::*:user/*"]}`, anna, false},
		{`ArnNotLike: {aws:PrincipalArn: "arn:aws:iam::123456789012:role/*"}`, "", true},
		{`ArnLike: {aws:PrincipalArn: "arn:aws:iam::123456789012:user/team/${aws:username}"}`, anna + "; aws:username=anna", true},
		{`ArnLike: {aws:PrincipalArn: "arn:aws:iam::123456789012:user/team/${aws:username}"}`, anna + "; aws:username=bert", false},
	})
}

func TestOperatorsWithIfExistsHoldWithoutTheKey(t *testing.T) {
	checkConditions(t, "2012-10-17", []conditionCase{
		{`StringEqualsIfExists: {aws:username: anna}`, "", true},
		{`StringEqualsIfExists: {aws:username: anna}`, "aws:username=anna", true},
		{`StringEqualsIfExists: {aws:username: anna}`, "aws:username=bert", false},
		{`StringNotEqualsIfExists: {aws:username: anna}`, "", true},
		{`StringNotEqualsIfExists: {aws:username: anna}`, "aws:username=anna", false},
		{`StringLikeIfExists: {aws:username: a*}`, "", true},
		{`NumericLessThanIfExists: {aws:EpochTime: 10}`, "", true},
		{`NumericLessThanIfExists: {aws:EpochTime: 10}`, "aws:EpochTime=11", false},
		{`DateGreaterThanIfExists: {aws:CurrentTime: 2026-01-01}`, "", true},
		{`BoolIfExists: {aws:SecureTransport: true}`, "", true},
		{`BoolIfExists: {aws:SecureTransport: true}`, "aws:SecureTransport=false", false},
		{`IpAddressIfExists: {aws:SourceIp: 203.0.113.7}`, "", true},
		{`ArnLikeIfExists: {aws:PrincipalArn: "arn:aws:iam::*:user/*"}`, "", true},
		{`StringEqualsIfExists: {aws:username: anna, aws:userid: AIDA}`, "aws:userid=AIDB", false},
		{`"ForAnyValue:StringEqualsIfExists": {aws:TagKeys: team}`, "", true},
		{`"ForAllValues:StringEqualsIfExists": {aws:TagKeys: team}`, "", true},
	})
}

func TestNullChecksWhetherARequestHasAKey(t *testing.T) {
	checkConditions(t, "2012-10-17", []conditionCase{
		{`"Null": {aws:username: true}`, "", true},
		{`"Null": {aws:username: true}`, "aws:username=anna", false},
		{`"Null": {aws:username: "false"}`, "aws:username=anna", true},
		{`"Null": {aws:username: "false"}`, "", false},
		{`"Null": {aws:TagKeys: true}`, "aws:TagKeys", true}, // without values
		{`"Null": {aws:TagKeys: false}`, "aws:TagKeys=a,b", true},
		{`"Null": {aws:RequestTag/team: false}`, "aws:RequestTag/stage=test", false},
		{`"Null": {aws:username: [true, false]}`, "", true},
	})
}

// The cases are the tables of IAM User Guide: Single-valued vs. multivalued context keys, and Multivalued context key
// examples.
func TestSetOperatorsCompareSeveralValues(t *testing.T) {
	const (
		allEqual = `"ForAllValues:StringEquals": {aws:TagKeys: [environment, cost-center]}`
		checked  = allEqual + `, "Null": {aws:TagKeys: false}`
		anyEqual = `"ForAnyValue:StringEquals": {aws:TagKeys: [environment, cost-center]}`
		allNot   = `"ForAllValues:StringNotLike": {aws:TagKeys: [key1*, key2*]}`
		anyNot   = `"ForAnyValue:StringNotEquals": {aws:TagKeys: [environment, cost-center]}`
	)
	checkConditions(t, "2012-10-17", []conditionCase{
		{checked, "aws:TagKeys=environment", true},
		{checked, "aws:TagKeys=cost-center", true},
		{checked, "aws:TagKeys=environment,cost-center", true},
		{checked, "aws:TagKeys=environment,dept", false},
		{checked, "", false},
		{allEqual, "", true},
		{allEqual, "aws:TagKeys", true},
		{allEqual, "aws:TagKeys=dept", false},
		{anyEqual, "aws:TagKeys=environment", true},
		{anyEqual, "aws:TagKeys=cost-center", true},
		{anyEqual, "aws:TagKeys=environment,cost-center", true},
		{anyEqual, "aws:TagKeys=environment,dept", true},
		{anyEqual, "aws:TagKeys=dept", false},
		{anyEqual, "", false},
		{anyEqual, "aws:TagKeys", false},
		{allNot, "aws:TagKeys=key1:legal", false},
		{allNot, "aws:TagKeys=key1:hr,key1:personnel", false},
		{allNot, "aws:TagKeys=key1:hr,key2:audit", false},
		{allNot, "aws:TagKeys=key1:hr,key3:audit", false},
		{allNot, "aws:TagKeys=key3:legal", true},
		{allNot, "", true},
		{anyNot, "aws:TagKeys=environment", false},
		{anyNot, "aws:TagKeys=environment,dept", true},
		{anyNot, "", false}, // also with a negated operator
		{`"ForAnyValue:StringLike": {aws:TagKeys: "Created*"}`, "aws:TagKeys=x,CreatedAt", true},
		{`"ForAllValues:StringLike": {aws:TagKeys: "Created*"}`, "aws:TagKeys=CreatedBy,CreatedAt", true},
		{`"ForAnyValue:StringEquals": {aws:username: anna}`, "aws:username=anna", true},
		{`"ForAllValues:StringEquals": {aws:username: anna}`, "aws:username=bert", false},
		// Several values of a key that has one in AWS: one of them has to match, and none with a negated operator.
		{`StringEquals: {aws:username: anna}`, "aws:username=bert,anna", true},
		{`StringNotEquals: {aws:username: anna}`, "aws:username=bert,anna", false},
		{`StringNotEquals: {aws:username: anna}`, "aws:username=bert,carl", true},
	})
}
