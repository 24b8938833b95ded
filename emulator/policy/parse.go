package policy

import "errors"

// Parse parses a policy document in JSON or YAML. The error has everything that is wrong, each with its line.
func Parse(name string, text []byte) (*Policy, error) {
	return nil, errors.New("policies cannot be parsed yet")
}

// Managed returns the managed policy of AWS with a name, such as IVSFullAccess, or an ARN, and whether there is one.
func Managed(name string) (*Policy, bool) { return nil, false }
