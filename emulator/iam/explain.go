package iam

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/policy"
)

// An Explanation says how the policies of a caller decide about a permission.
type Explanation struct {
	Permission
	Message    string                   // of the AccessDeniedException; "" if it is allowed
	Statements []policy.StatementResult // all of all policies of the caller, in their order
}

// Explain says how the policies of the caller decide about a permission in a request with these values of condition
// keys, which have the names of policy.FindConditionKey. Other keys have the values of a request that the caller makes
// now.
func (c *Caller) Explain(need Need, now time.Time, values map[string][]string) Explanation {
	region := strings.Split(need.Resource+":::", ":")[3]
	r := request{caller: c, need: need, attempt: Attempt{
		Owner: ivschat.Owner{AccountID: c.Account, Region: region}, Now: now,
	}}
	onResource, inRequest := tagsIn(values, "aws:ResourceTag/"), tagsIn(values, "aws:RequestTag/")
	value := func(key string) ([]string, bool) {
		if tag, ok := strings.CutPrefix(key, "aws:ResourceTag/"); ok {
			return find(onResource, tag)
		}
		if tag, ok := strings.CutPrefix(key, "aws:RequestTag/"); ok {
			return find(inRequest, tag)
		}
		if given, ok := values[key]; ok {
			return given, true
		}
		if key == "aws:TagKeys" {
			return slices.Sorted(maps.Keys(inRequest)), len(inRequest) > 0
		}
		return r.value(key)
	}
	e := Explanation{Permission: c.decide(need, value)}
	if e.Effect != policy.Allowed {
		e.Message = c.denied(e.Permission).Message
	}
	e.Statements = policy.Explain(c.Policies, policy.Request{
		Action: need.Action, Resource: need.Resource, Value: value,
	}).Statements
	return e
}

// tagsIn returns the tags in values whose keys have the prefix.
func tagsIn(values map[string][]string, prefix string) ivschat.Tags {
	tags := ivschat.Tags{}
	for key, given := range values {
		if tag, ok := strings.CutPrefix(key, prefix); ok {
			tags[tag] = given[0] // a tag has one value
		}
	}
	return tags
}
