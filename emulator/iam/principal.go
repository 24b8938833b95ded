package iam

import (
	"cmp"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// principalPattern matches the ARN of a principal that signs requests (IAM User Guide: AWS JSON policy elements:
// Principal; IAM identifiers).
var principalPattern = regexp.MustCompile(
	`^arn:aws:(iam::(\d{12}):(root|user/([!-~]+/)?[\w+=,.@-]+)|` +
		`sts::(\d{12}):(assumed-role/[\w+=,.@-]+|federated-user)/[\w+=,.@-]+)$`)

// maximumPrincipal is how long the ARN of a principal may be.
const maximumPrincipal = 2048

// principal parses the ARN of the principal, which is that of a user unless the file says otherwise (decision D82).
func (p *parser) principal(n *yaml.Node, path string, c *Caller) string {
	if n == nil {
		return "arn:aws:iam::" + c.Account + ":user/" + c.AccessKeyID
	}
	path += "." + principalARNMember
	match := principalPattern.FindStringSubmatch(n.Value)
	switch {
	case !isText(n):
		p.fail(n.Line, path, "must be a string, but is %s", kindOf(n))
	case strings.Contains(n.Value, ":role/"):
		p.fail(n.Line, path, "a role does not sign requests, but its sessions do: "+
			"write arn:aws:sts::<account>:assumed-role/<role>/<session>")
	case match == nil || len(n.Value) > maximumPrincipal:
		p.fail(n.Line, path, "must have the form arn:aws:iam::<account>:user/<name>, arn:aws:iam::<account>:root, "+
			"arn:aws:sts::<account>:assumed-role/<role>/<session> or arn:aws:sts::<account>:federated-user/<name>, "+
			"but is %.128q", n.Value)
	case ivschat.IsAccountID(c.Account) && cmp.Or(match[2], match[5]) != c.Account:
		p.fail(n.Line, path, "belongs to the account %s, but the access key to %s: %s must be the same",
			cmp.Or(match[2], match[5]), c.Account, accountMember)
	}
	return n.Value
}
