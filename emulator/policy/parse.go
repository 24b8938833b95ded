package policy

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/ivschat-local/ivschat-local/emulator/mistakes"
	"github.com/ivschat-local/ivschat-local/emulator/spelling"
)

// Parse parses a policy document in JSON or YAML. The error has everything that is wrong, each with its line.
func Parse(name string, text []byte) (*Policy, error) {
	if len(text) > MaximumBytes {
		return nil, fmt.Errorf("the policy has %d bytes: at most %d", len(text), MaximumBytes)
	}
	document, err := ReadDocument(text)
	if err != nil {
		return nil, err
	}
	return ParseNode(name, document)
}

// ParseNode parses a policy that is part of a larger document, which ReadDocument or package yaml has read. The error
// has everything that is wrong, each with its line in that document. The node is not changed.
func ParseNode(name string, node *yaml.Node) (*Policy, error) {
	if size(node) > MaximumBytes {
		return nil, fmt.Errorf("line %d: the policy is longer than %d bytes", node.Line, MaximumBytes)
	}
	p := &parser{}
	if checkNode(node, 0, &p.mistakes); len(p.mistakes) > 0 {
		return nil, p.mistakes.Err()
	}
	statements := p.policy(node)
	if err := p.mistakes.Err(); err != nil {
		return nil, err
	}
	return &Policy{Name: name, Statements: statements}, nil
}

// size returns about how many bytes of text a node has.
func size(n *yaml.Node) int {
	total := len(n.Value) + 1
	for _, content := range n.Content {
		total += size(content)
	}
	return total
}

// A parser collects what is wrong with a policy.
type parser struct {
	mistakes  mistakes.List
	variables bool            // the Version knows variables
	sids      map[string]bool // so far
}

// A place is a value of the document, with where it is.
type place struct {
	path string // such as Statement[0].Action
	name string // of a member, such as Action
	line int    // of the name, or of the item of a list
	node *yaml.Node
}

// expect adds a mistake with its line, unless the condition holds, which it returns.
func (p *parser) expect(ok bool, at place, format string, args ...any) bool {
	if !ok {
		where := fmt.Sprintf("line %d: ", at.line)
		if at.path != "" {
			where += at.path + ": "
		}
		p.mistakes = append(p.mistakes, where+fmt.Sprintf(format, args...))
	}
	return ok
}

// policy parses the document.
func (p *parser) policy(root *yaml.Node) (statements []Statement) {
	at := place{line: root.Line, node: root}
	members := p.object(at, "Version", "Id", "Statement")
	if version, exists := members["Version"]; exists {
		text := p.text(version)
		p.variables = text == "2012-10-17"
		p.expect(text == "" || p.variables || text == "2008-10-17", version,
			"must be 2012-10-17 or 2008-10-17, but is %.64q", text)
	}
	if id, exists := members["Id"]; exists {
		p.text(id)
	}
	list, exists := members["Statement"]
	if members == nil || !p.expect(exists, at, "Statement is missing") {
		return nil
	}
	p.sids = map[string]bool{}
	for i, item := range p.items(list) {
		s := p.statement(item)
		s.Number = i + 1
		statements = append(statements, s)
	}
	return statements
}

var alphanumeric = regexp.MustCompile(`^[0-9A-Za-z]*$`)

// statement parses one statement.
func (p *parser) statement(at place) (s Statement) {
	s.Line = at.node.Line
	members := p.object(at, "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition",
		"Principal", "NotPrincipal")
	if members == nil {
		return s
	}
	if sid, exists := members["Sid"]; exists {
		s.Sid = p.text(sid)
		p.expect(alphanumeric.MatchString(s.Sid), sid, "must have letters and digits only, but is %.64q", s.Sid)
		p.expect(s.Sid == "" || !p.sids[s.Sid], sid, "another statement also has the Sid %.64q", s.Sid)
		p.sids[s.Sid] = true
	}
	for _, name := range []string{"Principal", "NotPrincipal"} {
		member, exists := members[name]
		p.expect(!exists, member, "an identity-based policy cannot have it: remove it")
	}
	effect, exists := members["Effect"]
	if p.expect(exists, at, "Effect is missing: write Allow or Deny") {
		text := p.text(effect)
		s.Allow = text == "Allow"
		p.expect(text == "" || s.Allow || text == "Deny", effect, "must be Allow or Deny, but is %.64q%s",
			text, spelling.DidYouMean(text, []string{"Allow", "Deny"}))
	}
	concerned := p.actions(&s, members, at)
	p.resources(&s, members, at, concerned)
	if conditions, exists := members["Condition"]; exists {
		p.conditions(&s, conditions, concerned)
	}
	return s
}

// oneOf returns the one of two members that a statement must have.
func (p *parser) oneOf(members map[string]place, at place, name, not string) (member place, isNot, exists bool) {
	positive, hasPositive := members[name]
	negative, hasNegative := members[not]
	switch {
	case hasPositive && hasNegative:
		p.expect(false, negative, "the statement also has %s: remove one of the two", name)
	case hasPositive:
		return positive, false, true
	case hasNegative:
		return negative, true, true
	default:
		p.expect(false, at, "%s or %s is missing", name, not)
	}
	return place{}, false, false
}

// actions parses Action or NotAction, and reports whether the statement concerns the service.
func (p *parser) actions(s *Statement, members map[string]place, at place) (concerned bool) {
	member, not, exists := p.oneOf(members, at, "Action", "NotAction")
	if !exists {
		return true
	}
	s.actions.not = not
	for _, item := range p.items(member) {
		text := p.text(item)
		concerned = p.action(item, text) || concerned
		lower, err := grammar{wildcards: true}.compile(strings.ToLower(text))
		p.expect(err == nil, item, "%v", err)
		s.actions.list = append(s.actions.list, template{fixed: lower.fixed})
	}
	return concerned && !not || s.actions.concernsService()
}

// action checks one action, and reports whether it has the prefix of the service.
func (p *parser) action(at place, text string) bool {
	if text == "" || text == "*" {
		return false
	}
	prefix, name, found := strings.Cut(text, ":")
	if !p.expect(found && prefix != "" && name != "", at,
		"must be * or an action with its service, such as ivschat:CreateRoom, but is %.64q", text) {
		return false
	}
	if !strings.EqualFold(prefix, service) {
		meant := spelling.Nearest(prefix, []string{service}) != "" ||
			strings.EqualFold(prefix, "ivs") && isAction(name) && !strings.HasSuffix(strings.ToLower(name), "resource")
		return !p.expect(!meant, at, "there is no action %.64q: did you mean %s:%.64s?", text, service, name)
	}
	p.expect(strings.ContainsAny(name, "*?") || isAction(name), at, "there is no action %.64q%s", text,
		spelling.DidYouMean(text, Actions()))
	return true
}

// resources parses Resource or NotResource.
func (p *parser) resources(s *Statement, members map[string]place, at place, concerned bool) {
	member, not, exists := p.oneOf(members, at, "Resource", "NotResource")
	if !exists {
		return
	}
	s.resources.not = not
	g := grammar{wildcards: true, variables: p.variables, knownOnly: concerned}
	for _, item := range p.items(member) {
		text := p.text(item)
		compiled, err := g.compile(text)
		p.expect(err == nil, item, "%v", err)
		p.resource(item, text)
		s.resources.list = append(s.resources.list, compiled)
	}
}

// arnColons is how many colons an ARN has at least.
const arnColons = 5

// resource checks one resource.
func (p *parser) resource(at place, text string) {
	if text == "" || text == "*" {
		return
	}
	fixed, _, hasVariable := strings.Cut(text, "${")
	switch {
	case !strings.HasPrefix(text, "arn:"):
		p.expect(false, at, "must be * or an ARN, such as arn:aws:ivschat:*:*:room/*, but is %.64q", text)
	case hasVariable && p.variables && strings.Count(fixed, ":") < arnColons:
		p.expect(false, at, "a variable must be after the fifth colon of an ARN, but the value is %.128q", text)
	case strings.Count(fixed, ":") < arnColons && !strings.Contains(fixed, "*"):
		p.expect(false, at, "an ARN has six parts with colons between them, but the value is %.64q", text)
	}
}
