package policy_test

import (
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/policy"
)

const (
	room          = "arn:aws:ivschat:us-east-1:123456789012:room/AbCdEfGhIjKl"
	otherRoom     = "arn:aws:ivschat:us-east-1:123456789012:room/ZzZzZzZzZzZz"
	loggingConfig = "arn:aws:ivschat:us-east-1:123456789012:logging-configuration/AbCdEfGhIjKl"
)

// parse returns a policy with statements in YAML's flow style, without the brackets around the list.
func parse(t testing.TB, version, statements string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("test", []byte("Version: "+version+"\nStatement: [\n"+statements+"\n]"))
	if err != nil {
		t.Fatalf("%s\n%v", statements, err)
	}
	return p
}

// keys returns the function Value of a request, from a text such as "aws:username=anna; aws:TagKeys=a,b". A name
// without = is a key without values.
func keys(text string) func(string) ([]string, bool) {
	values := map[string][]string{}
	for pair := range strings.SplitSeq(text, "; ") {
		name, list, hasValues := strings.Cut(pair, "=")
		values[name] = nil
		if hasValues {
			values[name] = strings.Split(list, ",")
		}
	}
	delete(values, "")
	return func(key string) ([]string, bool) {
		list, found := values[key]
		return list, found
	}
}

func evaluate(p *policy.Policy, r policy.Request) policy.Effect {
	return policy.Evaluate([]*policy.Policy{p}, r).Effect
}
