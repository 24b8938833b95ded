package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/emulator/iam"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/policy"
	"github.com/ivschat-local/ivschat-local/emulator/spelling"
)

// denied is the exit code of policy explain for what the policies do not allow.
const denied = 4

type policyExplainCommand struct {
	Credentials string   `required:"" complete:"file" help:"Credentials file with the policies." placeholder:"FILE"`
	Principal   string   `env:"-" help:"Who would make the request: the ARN of a principal, or an access key ID. By default, the first of the file." placeholder:"CALLER"`
	Action      string   `env:"-" required:"" complete:"action" help:"Action, such as ivschat:CreateRoom." placeholder:"ACTION"`
	Resource    string   `env:"-" required:"" help:"ARN of the resource. To create or list, it ends with room/* or logging-configuration/*." placeholder:"ARN"`
	Context     []string `env:"-" sep:"none" help:"Value of a condition key, such as aws:ResourceTag/team=chat. The flag can be repeated, also for several values of a key." placeholder:"KEY=VALUE"`
	Account     string   `default:"000000000000" help:"Account of the callers that have none in the file." placeholder:"ID"`
	JSON        bool     `name:"json" env:"-" help:"Print JSON."`
}

func (c policyExplainCommand) check() error {
	var wrong []error
	if action := c.action(); action == "" && c.Action != "" {
		meant := spelling.DidYouMean("ivschat:"+c.Action[strings.LastIndex(c.Action, ":")+1:], policy.Actions())
		wrong = append(wrong, cli.Wrongf("action", "must be an action of Amazon IVS Chat, such as ivschat:CreateRoom, "+
			"but is %q%s", c.Action, meant))
	}
	if c.Resource != "" && !strings.HasPrefix(c.Resource, "arn:") {
		wrong = append(wrong, cli.Wrongf("resource", "must be an ARN, such as "+
			"arn:aws:ivschat:us-east-1:123456789012:room/*, but is %q", c.Resource))
	} else if all := c.all(); c.Resource != "" && !strings.HasSuffix(c.Resource, all) {
		wrong = append(wrong, cli.Wrongf("resource", "must end with %s for %s, which is about no single resource, but is %q",
			all, c.action(), c.Resource))
	}
	_, err := c.values()
	return errors.Join(append(wrong, err, checkAccount(c.Account))...)
}

// action returns the action in AWS's letter case, or "" if there is none.
func (c policyExplainCommand) action() string {
	for _, action := range policy.Actions() {
		if strings.EqualFold(action, c.Action) {
			return action
		}
	}
	return ""
}

// all returns the end of the resource of an action that creates or lists, such as room/*, and otherwise "".
func (c policyExplainCommand) all() string {
	if c.action() == "" {
		return ""
	}
	needs := iam.Needs(strings.TrimPrefix(c.action(), "ivschat:"), ivschat.Owner{}, nil)
	return needs[0].Resource[strings.LastIndex(needs[0].Resource, ":")+1:]
}

// values returns the values of condition keys.
func (c policyExplainCommand) values() (map[string][]string, error) {
	values := map[string][]string{}
	for _, text := range c.Context {
		name, value, hasValue := strings.Cut(text, "=")
		_, key, known := policy.FindConditionKey(name)
		switch {
		case !hasValue:
			return nil, cli.Wrongf("context", "must be KEY=VALUE, but is %q", text)
		case !known:
			return nil, cli.Wrongf("context", "%q is not a condition key%s", name, spelling.DidYouMean(name, conditionKeys()))
		}
		values[key] = append(values[key], value)
	}
	return values, nil
}

// conditionKeys returns the names of all condition keys.
func conditionKeys() (names []string) {
	for _, key := range policy.ConditionKeys() {
		names = append(names, key.Name)
	}
	return names
}

// Run explains what the policies decide. The exit code says whether the request would be allowed.
func (c policyExplainCommand) Run(terminal terminal) error {
	_, callers, err := readCredentials(c.Credentials, c.Account)
	if err != nil {
		return err
	}
	caller, err := c.caller(callers)
	if err != nil {
		return err
	}
	values, _ := c.values() // checked
	need := iam.Need{Action: c.action(), Resource: c.Resource}
	explanation := c.document(caller, caller.Explain(need, time.Now(), values))
	if c.JSON {
		err = printJSON(terminal.out, explanation)
	} else {
		err = explanation.print(terminal.out, c.Credentials)
	}
	if err == nil && explanation.Effect != policy.Allowed {
		err = cli.Exit(denied)
	}
	return err
}

// caller returns the caller of the file that was asked for.
func (c policyExplainCommand) caller(callers *iam.Callers) (*iam.Caller, error) {
	all := callers.All()
	i := slices.IndexFunc(all, func(one *iam.Caller) bool {
		return c.Principal == "" || c.Principal == one.PrincipalARN || c.Principal == one.AccessKeyID
	})
	if i >= 0 {
		return all[i], nil
	}
	var names []string
	for _, one := range all {
		names = append(names, one.PrincipalARN)
	}
	return nil, &cli.Failure{Code: absent, Err: fmt.Errorf("%s has no caller %s%s",
		c.Credentials, c.Principal, spelling.DidYouMean(c.Principal, names))}
}

// An explanationDocument is the explanation as JSON.
type explanationDocument struct {
	Effect    policy.Effect `json:"effect"`
	Principal string        `json:"principal"`
	Action    string        `json:"action"`
	Resource  string        `json:"resource"`
	Message   string        `json:"message,omitempty"` // of the exception

	// What decided, if a statement did.
	Policy    string `json:"policy,omitempty"`
	Statement int    `json:"statement,omitempty"`
	Sid       string `json:"sid,omitempty"`
	Line      int    `json:"line,omitempty"`

	Statements []statementDocument `json:"statements"`
}

// A statementDocument says what one statement has to do with the request.
type statementDocument struct {
	Policy     string              `json:"policy"`
	Managed    bool                `json:"managed"`   // it is a policy of AWS, and not in the file
	Statement  int                 `json:"statement"` // from 1
	Sid        string              `json:"sid,omitempty"`
	Line       int                 `json:"line,omitempty"` // in the file
	Effect     string              `json:"effect"`         // Allow or Deny
	Matches    bool                `json:"matches"`
	Action     bool                `json:"action"` // matches
	Resource   bool                `json:"resource"`
	Conditions []conditionDocument `json:"conditions,omitempty"`
}

// A conditionDocument says whether one key of a condition operator has a value that the statement wants.
type conditionDocument struct {
	Operator string   `json:"operator"`
	Key      string   `json:"key"`
	Line     int      `json:"line"`
	Want     []string `json:"want"`
	Got      []string `json:"got"`
	Holds    bool     `json:"holds"`
}

// document returns the explanation of a decision about the caller.
func (c policyExplainCommand) document(caller *iam.Caller, e iam.Explanation) explanationDocument {
	d := explanationDocument{
		Effect: e.Effect, Principal: caller.PrincipalARN, Action: e.Action, Resource: e.Resource, Message: e.Message,
		Policy: e.Policy, Statement: e.Permission.Statement, Sid: e.Sid, Line: e.Line,
		Statements: []statementDocument{},
	}
	results := e.Statements
	for _, of := range caller.Policies {
		managed, _ := policy.Managed(of.Name)
		for _, result := range results[:len(of.Statements)] {
			d.Statements = append(d.Statements, statementOf(result, managed == of))
		}
		results = results[len(of.Statements):]
	}
	return d
}

// statementOf describes the result of a statement.
func statementOf(r policy.StatementResult, managed bool) statementDocument {
	d := statementDocument{
		Policy: r.Policy, Managed: managed, Statement: r.Statement.Number, Sid: r.Statement.Sid, Effect: "Deny",
		Line:    r.Statement.Line,
		Matches: r.Matches(), Action: r.Action, Resource: r.Resource,
	}
	if r.Statement.Allow {
		d.Effect = "Allow"
	}
	for _, one := range r.Conditions {
		condition := conditionDocument(one)
		condition.Got = append([]string{}, one.Got...) // [] and not null
		d.Conditions = append(d.Conditions, condition)
	}
	return d
}

// print prints the explanation as text. The file has the policies that are not of AWS.
func (d explanationDocument) print(to io.Writer, file string) error {
	var lines []string
	line := func(format string, args ...any) { lines = append(lines, cli.Printable(fmt.Sprintf(format, args...))) }
	line("%s: %s", d.Effect, cmp.Or(d.Message, d.Principal+" may perform "+d.Action+" on "+d.Resource))
	for _, s := range d.Statements {
		name := fmt.Sprintf("statement %d", s.Statement)
		if s.Sid != "" {
			name += " " + s.Sid
		}
		if !s.Managed {
			name += fmt.Sprintf(", %s:%d", file, s.Line)
		}
		line("")
		line("%s, %s (%s)", s.Policy, name, s.Effect)
		if s.Matches {
			line("  matches")
		}
		for _, why := range s.mismatches() {
			line("  does not match: %s", why)
		}
	}
	if len(d.Statements) == 0 {
		line("The caller has no policies.")
	}
	_, err := io.WriteString(to, strings.Join(lines, "\n")+"\n")
	return err
}

// mismatches returns why the statement does not match.
func (s statementDocument) mismatches() (why []string) {
	if !s.Action {
		why = append(why, "the action is another one")
	}
	if !s.Resource {
		why = append(why, "the resource is another one")
	}
	for _, c := range s.Conditions {
		if !c.Holds {
			got := "but the request does not have the key"
			if len(c.Got) > 0 {
				got = "but it is " + strings.Join(c.Got, ", ")
			}
			why = append(why, fmt.Sprintf("line %d wants %s %s %s, %s",
				c.Line, c.Operator, c.Key, strings.Join(c.Want, ", "), got))
		}
	}
	return why
}
