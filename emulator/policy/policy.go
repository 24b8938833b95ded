// Package policy evaluates identity-based policies of AWS IAM (IAM User Guide: IAM JSON policy reference). It depends on
// nothing but its arguments, and can be used as a library.
package policy

// A Policy is one policy document, or a managed policy of AWS.
type Policy struct {
	Name       string // says which one it is, such as IVSFullAccess
	Statements []Statement
}

// A Statement is one statement of a policy.
type Statement struct {
	Sid   string // "" without one
	Line  int    // in the document in which it was found, from 1
	Allow bool   // the Effect is Allow, and not Deny

	actions, resources patterns
}

// patterns are those of Action or NotAction, or of Resource or NotResource.
type patterns struct {
	not  bool
	list []string // with * and ?
}

// A Request is what a principal wants to do.
type Request struct {
	Action   string // such as ivschat:CreateRoom; the letter case does not matter
	Resource string // ARN, or one with * for what does not exist yet
	// Value returns the values of a condition key, such as aws:SourceIp or aws:ResourceTag/team, and whether the request
	// has the key. The name has the letter case of AWS's documentation. nil means that there are no keys.
	Value func(key string) (values []string, found bool)
}

// An Effect is what the policies say about a request.
type Effect string

// The effects, as the policy simulator of IAM writes them (API Reference: EvaluationResult).
const (
	Allowed      Effect = "allowed"
	ExplicitDeny Effect = "explicitDeny" // a statement denies it
	ImplicitDeny Effect = "implicitDeny" // no statement allows it
)

// A Decision is the result of an evaluation.
type Decision struct {
	Effect    Effect
	Policy    string     // the name of the policy that decided; "" for ImplicitDeny
	Statement *Statement // which decided; nil for ImplicitDeny
}
