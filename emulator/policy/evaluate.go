package policy

import (
	"slices"
	"strings"
)

// Evaluate decides about a request. A statement that denies it decides before all that allow it, and without any
// statement it is denied (IAM User Guide: Policy evaluation logic). It never fails.
func Evaluate(policies []*Policy, r Request) Decision {
	action, decision := strings.ToLower(r.Action), Decision{Effect: ImplicitDeny}
	for _, p := range policies {
		for i := range p.Statements {
			s := &p.Statements[i]
			if s.Allow && decision.Effect == Allowed || !s.matches(action, &r) {
				continue
			}
			if !s.Allow {
				return Decision{Effect: ExplicitDeny, Policy: p.Name, Statement: s}
			}
			decision = Decision{Effect: Allowed, Policy: p.Name, Statement: s}
		}
	}
	return decision
}

// matches reports whether the statement is about a request, whose action is in lower case.
func (s *Statement) matches(action string, r *Request) bool {
	return s.actions.matchAction(action) && s.resources.matchResource(r) &&
		!slices.ContainsFunc(s.conditions, func(c condition) bool { return !c.holds(r, r.values(c.key)) })
}

// matchResource reports whether the patterns match the resource of a request.
func (p patterns) matchResource(r *Request) bool {
	matches := slices.ContainsFunc(p.list, func(t template) bool {
		expanded, ok := t.expand(r)
		return ok && match(expanded, r.Resource)
	})
	return matches != p.not
}

// An Explanation says how a decision was reached.
type Explanation struct {
	Decision
	Statements []StatementResult // all of all policies, in their order
}

// A StatementResult says why a statement matches a request, or does not.
type StatementResult struct {
	Policy    string // the name of its policy
	Statement *Statement
	// Action and Resource say whether the action and the resource match. With NotAction and NotResource, they match
	// if no pattern does.
	Action, Resource bool
	Conditions       []ConditionResult // all, in the order of the document
}

// Matches reports whether the statement matches the request: its action, its resource, and all conditions.
func (s StatementResult) Matches() bool {
	return s.Action && s.Resource && !slices.ContainsFunc(s.Conditions, func(c ConditionResult) bool { return !c.Holds })
}

// A ConditionResult is the result of one key of one condition operator.
type ConditionResult struct {
	Operator string   // as in the document, such as ForAnyValue:StringLike
	Key      string   // such as aws:ResourceTag/team
	Line     int      // of the key in the document, from 1
	Want     []string // the values in the document; with variables, as they are there
	Got      []string // the values of the request; none if it does not have the key
	Holds    bool
}

// Explain decides like Evaluate, and says what each statement had to do with the decision.
func Explain(policies []*Policy, r Request) Explanation {
	action, explanation := strings.ToLower(r.Action), Explanation{Decision: Evaluate(policies, r)}
	for _, p := range policies {
		for i := range p.Statements {
			s := &p.Statements[i]
			result := StatementResult{
				Policy: p.Name, Statement: s,
				Action: s.actions.matchAction(action), Resource: s.resources.matchResource(&r),
			}
			for _, c := range s.conditions {
				result.Conditions = append(result.Conditions, c.explain(&r))
			}
			explanation.Statements = append(explanation.Statements, result)
		}
	}
	return explanation
}

func (c *condition) explain(r *Request) ConditionResult {
	got := r.values(c.key)
	result := ConditionResult{Operator: c.name, Key: c.key, Line: c.line, Got: got, Holds: c.holds(r, got)}
	for _, v := range c.values {
		result.Want = append(result.Want, v.text.text)
	}
	return result
}
