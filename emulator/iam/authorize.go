package iam

import (
	"errors"
	"fmt"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/policy"
)

// An Attempt is a request that a caller makes.
type Attempt struct {
	Operation       string
	Owner           ivschat.Owner  // the account of the caller, and the region of the request
	Members         map[string]any // valid
	Now             time.Time      // of the service's clock
	SourceIP        string
	UserAgent       string
	SecureTransport bool // it came over TLS
	// Tags returns the tags of a resource. It is called only if a policy asks for them. If the resource does not exist,
	// the error is a ResourceNotFoundException.
	Tags func(ivschat.ARN) (ivschat.Tags, error)
}

// A Permission is one that a request needs, and what the policies of the caller say about it.
type Permission struct {
	Need
	Effect    policy.Effect
	Policy    string // the name of the policy that decided; "" if none did
	Statement int    // which of its statements decided, from 1
	Sid       string // of the statement; "" without one
	Line      int    // of the statement in the credentials file; 0 in a managed policy of AWS
	// OtherAccount reports that the policies allow it, but the resource belongs to another account.
	OtherAccount bool
}

// Authorize checks that the policies of the caller allow a request. It returns the permissions that it has checked, up
// to the first one that the caller does not have. The error is an AccessDeniedException, unless the tags of a resource
// cannot be read.
func (c *Caller) Authorize(a Attempt) ([]Permission, error) {
	var checked []Permission
	for _, need := range Needs(a.Operation, a.Owner, a.Members) {
		r := request{caller: c, attempt: a, need: need}
		permission := c.decide(need, r.value)
		if r.failure != nil {
			return checked, r.failure
		}
		if checked = append(checked, permission); permission.Effect != policy.Allowed {
			return checked, c.denied(permission)
		}
	}
	return checked, nil
}

// decide evaluates the policies of the caller. In another account, nothing is allowed (decision D83).
func (c *Caller) decide(need Need, value func(key string) ([]string, bool)) Permission {
	decision := policy.Evaluate(c.Policies, policy.Request{
		Action: need.Action, Resource: need.Resource, Value: value,
	})
	p := Permission{Need: need, Effect: decision.Effect, Policy: decision.Policy}
	if s := decision.Statement; s != nil {
		p.Statement, p.Sid, p.Line = s.Number, s.Sid, s.Line
	}
	if p.Effect == policy.Allowed && need.account() != c.Account {
		return Permission{Need: need, Effect: policy.ImplicitDeny, OtherAccount: true}
	}
	return p
}

// denied returns the exception for a permission that the caller does not have, in AWS's words (IAM User Guide:
// Troubleshoot access denied error messages).
func (c *Caller) denied(p Permission) *ivschat.Exception {
	why := "because no identity-based policy allows the " + p.Action + " action"
	switch {
	case p.Effect == policy.ExplicitDeny:
		why = "with an explicit deny in an identity-based policy"
	case p.OtherAccount:
		why = "because no resource-based policy allows the " + p.Action + " action"
	}
	return &ivschat.Exception{
		Type: ivschat.AccessDeniedException,
		Message: fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s %s",
			c.PrincipalARN, p.Action, p.Resource, why),
	}
}

// A request is an attempt, as the policies see it.
type request struct {
	caller  *Caller
	attempt Attempt
	need    Need
	read    bool         // whether tags have been read
	tags    ivschat.Tags // of the resource
	failure error        // to read them
}

// resourceTags returns the tags of the resource, if it exists and belongs to the account of the caller.
func (r *request) resourceTags() ivschat.Tags {
	arn, err := ivschat.ParseARN(r.need.Resource) // fails for one that ends with *
	if r.read || err != nil || arn.Owner.AccountID != r.caller.Account {
		return r.tags
	}
	r.read = true
	r.tags, err = r.attempt.Tags(arn)
	if _, isException := errors.AsType[*ivschat.Exception](err); !isException {
		r.failure = err
	}
	return r.tags
}
