package iam

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/mistakes"
	"github.com/ivschat-local/ivschat-local/emulator/policy"
	"github.com/ivschat-local/ivschat-local/emulator/spelling"
)

// MaximumBytes is the size limit of a credentials file.
const MaximumBytes = 1 << 20

// The members of a caller in a credentials file.
const (
	accessKeyIDMember     = "accessKeyId"
	secretAccessKeyMember = "secretAccessKey"
	sessionTokenMember    = "sessionToken"
	accountMember         = "account"
	principalARNMember    = "principalArn"
	expirationMember      = "expiration"
	policiesMember        = "policies"
)

var memberNames = []string{
	accessKeyIDMember, secretAccessKeyMember, sessionTokenMember, accountMember, principalARNMember, expirationMember,
	policiesMember,
}

// Parse parses a credentials file, JSON or YAML: a list of callers. Callers without an account have the default
// account. The error has everything that is wrong, each with its line, and nothing secret.
func Parse(text []byte, defaultAccount string) (*Callers, error) {
	if len(text) > MaximumBytes {
		return nil, fmt.Errorf("the credentials have %d bytes: at most %d", len(text), MaximumBytes)
	}
	root, err := policy.ReadDocument(text)
	if err != nil {
		return nil, err
	}
	p := parser{defaultAccount: defaultAccount, lines: map[string]int{}}
	list := p.callers(root)
	if err := p.err(); err != nil {
		return nil, err
	}
	return NewCallers(list...), nil
}

// A parser collects what is wrong with a credentials file.
type parser struct {
	defaultAccount string
	lines          map[string]int // where each access key is
	mistakes       []mistake
}

// A mistake is something that is wrong.
type mistake struct {
	line int
	text string
}

// maximumMistakes is how many mistakes are told.
const maximumMistakes = 100

// fail adds a mistake. The path is that of the value.
func (p *parser) fail(line int, path, why string, args ...any) {
	p.mistakes = append(p.mistakes, mistake{line, fmt.Sprintf("line %d: %s: %s", line, path, fmt.Sprintf(why, args...))})
}

// err returns an error with the mistakes in the order of their lines, or nil if there are none.
func (p *parser) err() error {
	slices.SortStableFunc(p.mistakes, func(a, b mistake) int { return cmp.Compare(a.line, b.line) })
	var texts mistakes.List
	for _, m := range p.mistakes[:min(len(p.mistakes), maximumMistakes)] {
		texts = append(texts, m.text)
	}
	if more := len(p.mistakes) - maximumMistakes; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return texts.Err()
}

// callers parses the document.
func (p *parser) callers(root *yaml.Node) (callers []*Caller) {
	const whole = "the credentials"
	switch {
	case root.Kind != yaml.SequenceNode:
		p.fail(root.Line, whole, "must be a list of objects with %s and %s, but are %s",
			accessKeyIDMember, secretAccessKeyMember, kindOf(root))
	case len(root.Content) == 0:
		p.fail(root.Line, whole, "must have at least one access key, but the list is empty")
	}
	for i, item := range root.Content {
		if path := fmt.Sprintf("[%d]", i); item.Kind == yaml.MappingNode {
			callers = append(callers, p.caller(item, path))
		} else if root.Kind == yaml.SequenceNode {
			p.fail(item.Line, path, "must be an object, but is %s", kindOf(item))
		}
	}
	return callers
}

// kindOf says what a value is, without its content, which may be secret.
func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "an object"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!null":
		return "null"
	case "!!bool":
		return "true or false"
	case "!!int", "!!float":
		return "a number: put it in quotes"
	}
	return "a string"
}

// caller parses one object.
func (p *parser) caller(n *yaml.Node, path string) *Caller {
	c := &Caller{}
	members := map[string]*yaml.Node{}
	for member := range slices.Chunk(n.Content, 2) {
		name, value := member[0].Value, member[1]
		if !slices.Contains(memberNames, name) {
			p.fail(member[0].Line, path, "%.64q is not a member of an access key, whose members are %s%s", name,
				strings.Join(memberNames, ", "), spelling.DidYouMean(name, memberNames))
			continue
		}
		value.Line = member[0].Line // where its author looks for it
		members[name] = value
	}
	for _, required := range []string{accessKeyIDMember, secretAccessKeyMember} {
		if members[required] == nil {
			p.fail(n.Line, path, "%s is missing", required)
		}
	}
	c.AccessKeyID = p.text(members, path, accessKeyIDForm)
	c.SecretAccessKey = p.text(members, path, secretAccessKeyForm)
	c.SessionToken = p.text(members, path, sessionTokenForm)
	c.Account = cmp.Or(p.text(members, path, accountForm), p.defaultAccount)
	c.Expiration, _ = time.Parse(time.RFC3339, p.text(members, path, expirationForm)) // valid, or absent
	if member := members[accessKeyIDMember]; c.AccessKeyID != "" {
		if line := p.lines[c.AccessKeyID]; line != 0 {
			p.fail(member.Line, path+"."+accessKeyIDMember, "the access key of line %d has the same %s: change or remove one",
				line, accessKeyIDMember)
		}
		p.lines[c.AccessKeyID] = member.Line
	}
	c.PrincipalARN = p.principal(members[principalARNMember], path, c)
	c.Policies = p.policies(members[policiesMember], path)
	return c
}

// A form says what a string must be.
type form struct {
	name  string // of its member
	text  string // such as: 12 digits
	valid func(string) bool
	shown bool // it is not secret, and so an error has it
}

// The forms of strings. An access key ID is not secret, but a text that is not one may be.
var (
	accessKeyIDForm = form{
		accessKeyIDMember, "1 to 128 letters, digits, _ and -", regexp.MustCompile(`^[\w-]{1,128}$`).MatchString, false,
	}
	secretAccessKeyForm = form{
		secretAccessKeyMember, "1 to 1024 characters without blanks",
		func(text string) bool { return len(text) <= 1024 && noBlanks.MatchString(text) }, false,
	}
	sessionTokenForm = form{
		sessionTokenMember, "1 to 16384 characters of ASCII without blanks",
		func(text string) bool { return len(text) <= 16<<10 && headerValue.MatchString(text) }, false,
	}
	accountForm = form{accountMember, "12 digits", ivschat.IsAccountID, true}

	expirationForm = form{
		expirationMember, "a time in RFC 3339, such as 2027-01-31T12:00:00Z",
		func(text string) bool { _, err := time.Parse(time.RFC3339, text); return err == nil }, true,
	}

	noBlanks    = regexp.MustCompile(`^\S+$`)
	headerValue = regexp.MustCompile(`^[!-~]+$`)
)

// text returns a member that is a string, or "" if it is absent or not valid.
func (p *parser) text(members map[string]*yaml.Node, path string, form form) string {
	n := members[form.name]
	if n == nil {
		return ""
	}
	path += "." + form.name
	switch {
	case !isText(n):
		p.fail(n.Line, path, "must be a string: %s, but is %s", form.text, kindOf(n))
		return ""
	case !form.valid(n.Value) && form.shown:
		p.fail(n.Line, path, "must be %s, but is %.64q", form.text, n.Value)
		return ""
	case !form.valid(n.Value):
		p.fail(n.Line, path, "must be %s", form.text)
		return ""
	}
	return n.Value
}

// isText reports whether a value is a string. In YAML, a time without quotes is one, too.
func isText(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && (n.ShortTag() == "!!str" || n.ShortTag() == "!!timestamp")
}

// policies parses a list of policies.
func (p *parser) policies(n *yaml.Node, path string) (policies []*policy.Policy) {
	if n == nil {
		return nil
	}
	path += "." + policiesMember
	if n.Kind != yaml.SequenceNode {
		p.fail(n.Line, path, "must be a list of names and documents of policies, but is %s", kindOf(n))
		return nil
	}
	for i, item := range n.Content {
		policies = append(policies, p.policy(item, i, fmt.Sprintf("%s[%d]", path, i)))
	}
	return policies
}

// The members of an inline policy with a name, as CloudFormation and the API of IAM have them.
const (
	policyNameMember     = "PolicyName"
	policyDocumentMember = "PolicyDocument"
)

// policy parses the name or the ARN of a managed policy, or an inline policy: its document, or an object with its name
// and its document.
func (p *parser) policy(n *yaml.Node, index int, path string) *policy.Policy {
	if isText(n) {
		managed, found := policy.Managed(n.Value)
		if !found {
			p.fail(n.Line, path, "%.128q is not one of the policies of AWS that are built in, which are %s%s", n.Value,
				strings.Join(policy.ManagedNames(), ", "), spelling.DidYouMean(n.Value, policy.ManagedNames()))
		}
		return managed
	}
	if n.Kind != yaml.MappingNode {
		p.fail(n.Line, path, "must be the name of a policy of AWS, such as IVSFullAccess, or the document of a policy, "+
			"but is %s", kindOf(n))
		return nil
	}
	name, document := fmt.Sprintf("inline policy %d", index+1), n
	if members := slices.Collect(slices.Chunk(n.Content, 2)); slices.ContainsFunc(members, isPolicyDocument) {
		name, document = p.named(members, name, path)
	}
	parsed, err := policy.ParseNode(name, document)
	if err != nil {
		p.mistakes = append(p.mistakes, mistake{n.Line, err.Error()})
	}
	return parsed
}

func isPolicyDocument(member []*yaml.Node) bool { return member[0].Value == policyDocumentMember }

// named parses the members of an inline policy with a name, which may be left out.
func (p *parser) named(members [][]*yaml.Node, unnamed, path string) (name string, document *yaml.Node) {
	name = unnamed
	for _, member := range members {
		switch key, value := member[0].Value, member[1]; {
		case key == policyDocumentMember:
			document = value
		case key == policyNameMember && isText(value) && value.Value != "":
			name = value.Value
		case key == policyNameMember:
			p.fail(member[0].Line, path+"."+key, "must be a string that is not empty")
		default:
			p.fail(member[0].Line, path, "%.64q is not a member of a policy with a %s, which has a %s, too%s", key,
				policyDocumentMember, policyNameMember, spelling.DidYouMean(key, []string{policyNameMember, policyDocumentMember}))
		}
	}
	return name, document
}
