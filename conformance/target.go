package conformance

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// defaultTimeout is long: a busy machine must not make a check fail.
const defaultTimeout = 20 * time.Second

// A Target is the service, or an endpoint that claims to behave like it.
type Target struct {
	Endpoint  string // URL of the control plane; "" is the one of AWS
	Messaging string // ws:// or wss:// URL of the messaging endpoint; "" is the one of AWS
	Region    string

	// Credentials belong to an account that is used for nothing else. Without them, every claim
	// uses an account of its own.
	Credentials aws.CredentialsProvider
	// NewAccount returns an account that nothing else uses, and its access key. It is nil when any 12 digits are
	// an account, with any key.
	NewAccount func() (account string, key aws.Credentials)
	// NewCallers returns callers of an account that nothing else uses. It is nil when there are none.
	NewCallers func() Callers
	// Switches are those that are on.
	Switches Switch

	// Real reports that the target is the service itself. Then claims run one after another, and
	// checks that need made-up AWS resources are skipped.
	Real bool
	// Slow allows checks that take minutes or create 60 rooms.
	Slow bool
	// Prefix begins the names of rooms and logging configurations.
	Prefix string
	// Timeout is how long a check waits for what it expects. 0 means twenty seconds.
	Timeout time.Duration
	// Advance moves the target's clock forward. It is nil when the clock cannot be moved.
	Advance func(time.Duration)
	// Reviews answers for the functions of message review handlers. It is nil when their answers cannot be
	// chosen.
	Reviews Reviews
	// FailChange makes the next creation, update or deletion of a logging configuration in the account, by the
	// operation, fail at its end. It is nil when changes cannot be made to fail.
	FailChange func(ctx context.Context, account, operation string) error
	// ChatLogs tells what is in chat logs. It is nil when that cannot be seen.
	ChatLogs ChatLogs
	// Delivers reports that the destinations of chat logs accept what they receive. It needs ChatLogs.
	Delivers bool
	// Destinations are the destinations of chat logs. It is nil when what arrives there cannot be seen.
	Destinations Destinations
}

// Callers are access keys of IAM users in one account. Their permissions differ.
type Callers struct {
	Account string
	All     aws.Credentials // may do everything
	None    aws.Credentials // has no policies
	Some    aws.Credentials // has the policy SomePermissions
}

// SomePermissions is the policy of Callers.Some.
const SomePermissions = `{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": ["ivschat:Create*", "ivschat:Delete*", "ivschat:SendEvent"], "Resource": "*"},
    {"Effect": "Deny", "Action": "ivschat:SendEvent", "Resource": "*"},
    {"Effect": "Allow", "Action": "ivschat:Update*", "Resource": "arn:aws:ivschat:*:*:room/*"},
    {"Effect": "Allow", "Action": "ivschat:Get*", "Resource": "*",
      "Condition": {"StringEquals": {"aws:ResourceTag/team": "blue"}}},
    {"Effect": "Allow", "Action": "ivschat:TagResource", "Resource": "*",
      "Condition": {"StringEquals": {"aws:RequestTag/team": "blue"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"]}}},
    {"Effect": "Allow", "Action": "ivschat:UntagResource", "Resource": "*",
      "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"]}}}
  ]
}`
