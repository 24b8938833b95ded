// Package policy evaluates identity-based policies of AWS IAM (IAM User Guide: IAM JSON policy reference). It depends
// on nothing but its arguments, and can be used as a library.
//
// Parse reads a policy that is a document of its own. For a policy inside a larger document, such as a file with
// credentials, ReadDocument reads the whole document, JSON or YAML, as a tree of YAML nodes, and ParseNode takes the
// node of the policy. The errors of both have the lines of the whole document:
//
//	document, err := policy.ReadDocument(text)
//	…
//	p, err := policy.ParseNode("inline", node)
//
// Evaluate decides about a request, and Explain says what each statement had to do with it. A request needs values for
// the condition keys: ConditionKeys lists all that a policy can use.
package policy

// MaximumBytes is the size limit of a policy: ten times what IAM allows for a managed policy (IAM User Guide: IAM and
// AWS STS quotas).
const MaximumBytes = 64 << 10

// A Policy is one policy document, or a managed policy of AWS.
type Policy struct {
	Name       string // says which one it is, such as IVSFullAccess
	Statements []Statement
}

// A Statement is one statement of a policy.
type Statement struct {
	Number int    // in its policy, from 1
	Sid    string // "" without one
	Line   int    // in the document in which it was found, from 1; 0 in a managed policy of AWS
	Allow  bool   // the Effect is Allow, and not Deny

	actions, resources patterns
	conditions         []condition
}

// patterns are those of Action or NotAction, or of Resource or NotResource.
type patterns struct {
	not  bool // NotAction or NotResource
	list []template
}

// A Request is what a principal wants to do.
type Request struct {
	Action   string // such as ivschat:CreateRoom; the letter case does not matter
	Resource string // ARN, or one with * for what does not exist yet
	// Value returns the values of a condition key, such as aws:SourceIp or aws:ResourceTag/team, and whether the request
	// has the key. A key without values counts as missing. The name has the letter case of ConditionKeys; what follows
	// a slash has that of the policy, and must be compared without regard to letter case (IAM User Guide: IAM JSON
	// policy elements: Condition). It may be called several times for a key. nil means that there are no keys.
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
