package main

type policyCommand struct {
	Explain policyExplainCommand `cmd:"" help:"Say whether the policies in a credentials file allow a request, and what each statement has to do with it."`
	Suggest policySuggestCommand `cmd:"" help:"Print the policy with the fewest permissions with which the calls of a run work."`
}
