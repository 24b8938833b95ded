package invoke

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// policyTimeout is how long a policy may take. A server that was just started can need seconds.
const policyTimeout = 10 * time.Second

// policies reads the policies of functions with Lambda's operation GetPolicy.
type policies struct{ api *awsapi.Client }

// allowed reports whether IVS Chat may invoke a function for a room. It may not if the function or its policy
// does not exist.
func (p policies) allowed(ctx context.Context, function string, room ivschat.ARN) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, policyTimeout)
	defer cancel()
	// The version or alias is part of the name: floci refuses a second one in the query.
	function = strings.TrimSuffix(function, ":$LATEST") // has the policy of the function
	r, err := p.api.Do(ctx, awsapi.Request{
		Account: room.Owner.AccountID, Region: room.Owner.Region, Method: http.MethodGet,
		Path: functionsPath + awsapi.Segment(function) + "/policy",
	})
	server := "the Lambda endpoint " + p.api.String()
	if err != nil {
		return false, awsapi.Unreachable(ctx, server, err, "start the server, or correct --lambda-endpoint")
	}
	name, _ := r.Exception()
	switch {
	case r.Status == http.StatusNotFound && name == "ResourceNotFoundException":
		return false, nil
	case !r.OK():
		return false, fmt.Errorf("%s did not tell the policy of the function %s (status %d%s): "+
			"if it has no GetPolicy, use --lambda-permission ignore", server, function, r.Status, r.Describe())
	}
	policy, err := parsePolicy(r.Body)
	if err != nil {
		return false, fmt.Errorf("%s told a policy of the function %s that cannot be read: %w", server, function, err)
	}
	return policy.allows(function, room), nil
}

// A policy is a resource-based policy (IAM User Guide: Grammar of the IAM JSON policy language).
type policy struct{ Statement statements }

// statements is a list of statements, or a single one.
type statements []statement

// UnmarshalJSON reads a list or a single statement.
func (s *statements) UnmarshalJSON(text []byte) error {
	if text[0] == '[' {
		return json.Unmarshal(text, (*[]statement)(s))
	}
	*s = make(statements, 1)
	return json.Unmarshal(text, &(*s)[0])
}

// A statement allows or denies something. The members whose names begin with Not are nil if they are absent.
type statement struct {
	Effect                               string
	Principal                            principals
	Action, Resource                     values
	Condition                            map[string]map[string]values // by operator and key
	NotPrincipal, NotAction, NotResource json.RawMessage
}

// values is a list of texts. Numbers and truth values count as their texts.
type values []string

// UnmarshalJSON reads a list or a single value.
func (v *values) UnmarshalJSON(text []byte) error {
	var list []json.RawMessage
	if json.Unmarshal(text, &list) != nil {
		list = []json.RawMessage{text}
	}
	*v = nil
	for _, value := range list {
		var word string
		if json.Unmarshal(value, &word) != nil {
			if word = string(value); strings.ContainsAny(word, "{[") {
				return fmt.Errorf("%s is not a text", awsapi.Short(word))
			}
		}
		*v = append(*v, word)
	}
	return nil
}

// principals are who a statement is about, by their kind: AWS or Service. "*" alone is the same as all of AWS.
type principals map[string]values

// UnmarshalJSON reads "*" or an object.
func (p *principals) UnmarshalJSON(text []byte) error {
	var all string
	if json.Unmarshal(text, &all) == nil {
		*p = principals{"AWS": {all}}
		return nil
	}
	return json.Unmarshal(text, (*map[string]values)(p))
}

// parsePolicy reads the response of GetPolicy, in which the policy is JSON in a string.
func parsePolicy(text []byte) (p policy, err error) {
	var response struct{ Policy string }
	if err = json.Unmarshal(text, &response); err == nil {
		err = json.Unmarshal([]byte(response.Policy), &p)
	}
	return p, err
}

// servicePrincipal is the name of IVS Chat in policies (User Guide: Chat Message Review Handler).
const servicePrincipal = "ivschat.amazonaws.com"

// allows reports whether IVS Chat may invoke a function for a room.
func (p policy) allows(function string, room ivschat.ARN) (allowed bool) {
	for _, s := range p.Statement {
		is := s.applies(function, room)
		switch {
		case s.Effect == "Deny" && is != no:
			return false
		case s.Effect == "Allow" && is == yes:
			allowed = true
		}
	}
	return allowed
}

// A certainty says whether something is so. Conditions about what the emulator does not know are unknown. They do
// not let a statement allow something, but let it deny something.
type certainty int

const (
	no certainty = iota
	unknown
	yes
)

// when returns yes or no.
func when(is bool) certainty {
	if is {
		return yes
	}
	return no
}

// applies reports whether a statement is about IVS Chat invoking a function for a room.
func (s statement) applies(function string, room ivschat.ARN) certainty {
	is := min(when(s.isAboutIVSChat()), when(s.Action.like("lambda:invokefunction", strings.ToLower)),
		when(s.Resource.like(function, nil)))
	if s.NotPrincipal != nil || s.NotAction != nil || s.NotResource != nil { // Lambda makes no such statements
		is = unknown
	}
	for operator, conditions := range s.Condition {
		for key, values := range conditions {
			is = min(is, condition(operator, key, values, room))
		}
	}
	return is
}

// isAboutIVSChat reports whether the statement is about IVS Chat or everyone.
func (s statement) isAboutIVSChat() bool {
	service := s.Principal["Service"]
	return slices.Contains(service, servicePrincipal) || slices.Contains(service, "*") ||
		slices.Contains(s.Principal["AWS"], "*")
}

// like reports whether one of the values, as patterns with * and ?, matches a text. change is applied to the
// values before, if it is not nil.
func (v values) like(text string, change func(string) string) bool {
	return slices.ContainsFunc(v, func(pattern string) bool {
		if change != nil {
			pattern = change(pattern)
		}
		return matchesPolicy(pattern, text)
	})
}

// condition reports whether a condition is met (IAM User Guide: IAM JSON policy elements: Condition operators).
func condition(operator, key string, values values, room ivschat.ARN) certainty {
	actual := ""
	switch strings.ToLower(key) {
	case "aws:sourceaccount":
		actual = room.Owner.AccountID
	case "aws:sourcearn":
		actual = room.String()
	default:
		return unknown
	}
	operator, _ = strings.CutSuffix(strings.ToLower(operator), "ifexists") // both exist
	positive := strings.Replace(operator, "not", "", 1)
	is := false
	switch positive {
	case "stringequals":
		is = slices.Contains(values, actual)
	case "stringequalsignorecase":
		is = slices.ContainsFunc(values, func(value string) bool { return strings.EqualFold(value, actual) })
	case "stringlike":
		is = values.like(actual, nil)
	case "arnequals", "arnlike":
		is = slices.ContainsFunc(values, func(value string) bool { return matchesARN(value, actual) })
	default:
		return unknown
	}
	return when(is == (positive == operator))
}
