package policy_test

import (
	"fmt"

	"github.com/ivschat-local/ivschat-local/emulator/policy"
)

// Moderators may delete messages in the rooms of their team only.
func Example() {
	moderators, err := policy.Parse("moderators", []byte(`
Version: 2012-10-17
Statement:
  - Effect: Allow
    Action: [ivschat:GetRoom, ivschat:DeleteMessage]
    Resource: arn:aws:ivschat:*:123456789012:room/*
    Condition:
      StringEquals:
        aws:ResourceTag/team: blue
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	request := policy.Request{
		Action:   "ivschat:DeleteMessage",
		Resource: "arn:aws:ivschat:us-east-1:123456789012:room/abcdefghijkl",
		Value: func(key string) ([]string, bool) {
			if key == "aws:ResourceTag/team" {
				return []string{"red"}, true
			}
			return nil, false
		},
	}
	fmt.Println(policy.Evaluate([]*policy.Policy{moderators}, request).Effect)

	for _, statement := range policy.Explain([]*policy.Policy{moderators}, request).Statements {
		for _, c := range statement.Conditions {
			fmt.Printf("line %d: %s %s wants %v, the request has %v: %t\n",
				c.Line, c.Operator, c.Key, c.Want, c.Got, c.Holds)
		}
	}
	// Output:
	// implicitDeny
	// line 9: StringEquals aws:ResourceTag/team wants [blue], the request has [red]: false
}

// Everything that is wrong with a policy is told at once, with its line.
func ExampleParse() {
	_, err := policy.Parse("example", []byte(`{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "allow",
      "Action": "ivschat:CreateRom",
      "Resource": "*",
      "Condition": {"StringEqual": {"aws:SourceIp": "203.0.113.7"}}
    }
  ]
}`))
	fmt.Println(err)
	// Output:
	// line 5: Statement[0].Effect: must be Allow or Deny, but is "allow": did you mean Allow?; line 6: Statement[0].Action: there is no action "ivschat:CreateRom": did you mean ivschat:CreateRoom?; line 8: Statement[0].Condition: the condition operator "StringEqual" is unknown: did you mean StringEquals?
}
