package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/iam"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/policy"
)

type policySuggestCommand struct {
	adminTarget
	Journal   string `env:"-" complete:"file" help:"File with the journal of a run, as exec writes it, instead of a running emulator. - means standard input." placeholder:"FILE"`
	Principal string `env:"-" help:"Only what this caller did: the ARN of its principal, or its access key ID. The emulator must run with --auth." placeholder:"CALLER"`
	AnyRoom   bool   `env:"-" help:"Allow the actions for all rooms and logging configurations of the account and the region, instead of those that were used."`
	Denied    bool   `env:"-" help:"Add what was refused with AccessDeniedException."`
}

func (c policySuggestCommand) check() error {
	if c.Journal != "" {
		return checkAccount(c.Account)
	}
	return c.adminTarget.check()
}

// Run prints the policy.
func (c policySuggestCommand) Run(ctx context.Context, terminal terminal) error {
	calls, missed, err := c.calls(ctx, terminal)
	if err != nil {
		return err
	}
	if missed > 0 {
		terminal.messages.Warn(fmt.Sprintf("the journal was full, so that at most %d of its entries are missing: "+
			"the policy may lack permissions; start the emulator with more --journal-bytes", missed))
	}
	calls = slices.DeleteFunc(calls, func(call journal.Entry) bool { return !c.counts(call) })
	needs, unknown := needsOf(calls, c.AnyRoom)
	if unknown > 0 {
		terminal.messages.Warn(fmt.Sprintf("the requests of %d calls were too long for the journal: "+
			"the policy may lack permissions for them", unknown))
	}
	if len(needs) == 0 {
		return errors.New("the journal has no such call that was carried out: run your program first, or add --denied")
	}
	suggested := newPolicyDocument(needs)
	if n := suggested.size(); n > maximumManagedPolicy {
		terminal.messages.Warn(fmt.Sprintf("the policy has %d characters without white space, and a managed policy of "+
			"IAM at most %d: use --any-room", n, maximumManagedPolicy))
	}
	return printJSON(terminal.out, suggested)
}

// maximumJournal is how many bytes of a file with a journal are read.
const maximumJournal = 1 << 30

// calls returns the calls of the journal, the oldest first, and at most how many entries it lacks.
func (c policySuggestCommand) calls(
	ctx context.Context, terminal terminal,
) (calls []journal.Entry, missed int, err error) {
	var list struct {
		Document string          `json:"document"` // of a file
		Items    []journal.Entry `json:"items"`
		Missed   int             `json:"missed"` // of the admin API
	}
	if c.Journal == "" {
		query := url.Values{"kind": {string(journal.Call)}, "after": {"0"}, "count": {"0"}}
		err = c.call(ctx, http.MethodGet, "journal", query, nil, &list)
		return list.Items, list.Missed, err
	}
	text := terminal.in
	if c.Journal != standard {
		file, err := os.Open(c.Journal)
		if err != nil {
			return nil, 0, fmt.Errorf("read the journal: %w", err)
		}
		defer file.Close() // it was only read
		text = file
	}
	err = json.NewDecoder(io.LimitReader(text, maximumJournal)).Decode(&list)
	if err != nil || list.Document != journalDocument {
		return nil, 0, fmt.Errorf("%s is not a journal that ivschat-local exec has written", c.Journal)
	}
	if n := len(list.Items); n > 0 {
		missed = int(list.Items[n-1].ID) - n // IDs count up from 1
	}
	return list.Items, missed, nil
}

// afterPermission are the exceptions of operations whose caller had the permission. Without it, the same call would be
// refused with AccessDeniedException, so a program that expects them needs it.
var afterPermission = []string{
	ivschat.ConflictException.Name, ivschat.ResourceNotFoundException.Name, ivschat.ServiceQuotaExceededException.Name,
}

// counts reports whether a call is one of those for which the policy is.
func (c policySuggestCommand) counts(entry journal.Entry) bool {
	byCaller := c.Principal == "" ||
		entry.Caller != nil && (c.Principal == entry.Caller.PrincipalARN || c.Principal == entry.Caller.AccessKeyID)
	wanted := entry.Status < http.StatusBadRequest || slices.Contains(afterPermission, entry.Exception) ||
		c.Denied && entry.Exception == ivschat.AccessDeniedException.Name
	return entry.Kind == journal.Call && byCaller && wanted && (c.Account == "" || c.Account == entry.Account)
}

// needsOf returns the permissions that calls need, and how many calls have a request that the journal does not have.
// The resources that the calls have created are those of their type, because their IDs will be others next time.
func needsOf(calls []journal.Entry, anyResource bool) (needs map[iam.Need]bool, unknown int) {
	needs, created := map[iam.Need]bool{}, map[string]bool{}
	for _, call := range calls {
		if call.RequestBytes > 0 {
			unknown++
			continue
		}
		var members map[string]any
		_ = json.Unmarshal(call.Request, &members) // valid, or there would be another exception
		owner := ivschat.Owner{AccountID: call.Account, Region: call.Region}
		for _, need := range iam.Needs(call.Operation, owner, members) {
			if isPossible(need, call.Operation, owner) {
				needs[need] = true
			}
		}
		var response struct{ ARN string }
		if strings.HasPrefix(call.Operation, "Create") && json.Unmarshal(call.Response, &response) == nil {
			created[response.ARN] = true
		}
	}
	for need := range needs {
		if created[need.Resource] || anyResource {
			delete(needs, need)
			need.Resource = allLike(need.Resource)
			needs[need] = true
		}
	}
	maps.DeleteFunc(needs, func(need iam.Need, _ bool) bool {
		all := iam.Need{Action: need.Action, Resource: allLike(need.Resource)}
		return all != need && needs[all] // which allows it, too
	})
	return needs, unknown
}

// isPossible reports whether a call of this owner can have needed a permission. A journal may come from elsewhere, and
// what it has must not become a wildcard in the policy: only operations that create or list need one.
func isPossible(need iam.Need, operation string, owner ivschat.Owner) bool {
	if !slices.Contains(policy.Actions(), need.Action) || !ivschat.IsAccountID(owner.AccountID) ||
		!ivschat.IsRegion(owner.Region) {
		return false
	}
	if without := iam.Needs(operation, owner, nil)[0]; without.Resource != "" { // which no member names
		return true
	}
	_, err := ivschat.ParseARN(need.Resource)
	return err == nil
}

// allLike returns the ARN for all resources of the type, the account and the region of a resource.
func allLike(resource string) string {
	beginning, _, _ := strings.Cut(resource, "/")
	return beginning + "/*"
}

// A policyDocument is a policy of IAM.
type policyDocument struct {
	Version   string
	Statement []policyStatement
}

// A policyStatement allows actions on resources.
type policyStatement struct {
	Sid, Effect      string
	Action, Resource []string
}

// maximumManagedPolicy is how many characters a managed policy can have, without white space (IAM User Guide: IAM and
// AWS STS quotas).
const maximumManagedPolicy = 6144

// size returns the number of characters without white space.
func (d policyDocument) size() int {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(d) // never fails
	return text.Len() - 1 // without the line break
}

// newPolicyDocument returns a policy with the permissions. There is one statement for all resources of a type with the
// same actions, those for all resources of a type first.
func newPolicyDocument(needs map[iam.Need]bool) policyDocument {
	actions := map[string][]string{} // by resource
	for need := range needs {
		actions[need.Resource] = append(actions[need.Resource], need.Action)
	}
	statements := map[string]*policyStatement{} // by the type and the actions
	for _, resource := range slices.Sorted(maps.Keys(actions)) {
		slices.Sort(actions[resource])
		key := sidOf(resource) + strings.Join(actions[resource], " ")
		if statements[key] == nil {
			statements[key] = &policyStatement{Sid: sidOf(resource), Effect: "Allow", Action: actions[resource]}
		}
		statements[key].Resource = append(statements[key].Resource, resource)
	}
	document := policyDocument{Version: "2012-10-17"}
	for _, statement := range statements {
		document.Statement = append(document.Statement, *statement)
	}
	slices.SortFunc(document.Statement, func(a, b policyStatement) int {
		return cmp.Or(-strings.Compare(a.Sid, b.Sid), strings.Compare(a.Resource[0], b.Resource[0]))
	})
	number := map[string]int{}
	for i := range document.Statement {
		sid := &document.Statement[i].Sid
		if number[*sid]++; number[*sid] > 1 {
			*sid += fmt.Sprint(number[*sid])
		}
	}
	return document
}

// sidOf returns the beginning of the Sid of statements for a type of resources. It has only letters and digits (IAM
// User Guide: IAM JSON policy elements: Sid).
func sidOf(resource string) string {
	if strings.Contains(resource, ":"+string(ivschat.RoomResource)+"/") {
		return "Rooms"
	}
	return "LoggingConfigurations"
}
