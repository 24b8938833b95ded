package control

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/clientip"
	"github.com/ivschat-local/ivschat-local/emulator/iam"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/model"
	"github.com/ivschat-local/ivschat-local/emulator/policy"
)

// authorize checks that the caller may carry out an operation with valid members. Whether what it is about exists is
// checked later (decision D80).
func (a *API) authorize(r request, op model.Operation, members map[string]any) (err error) {
	caller, ctx := r.call.caller, r.Context()
	*caller.checked, err = caller.iam.Authorize(iam.Attempt{
		Operation:       op.Name,
		Owner:           r.call.owner(),
		Members:         members,
		Now:             r.call.now,
		SourceIP:        clientip.Of(r.Request),
		UserAgent:       r.UserAgent(),
		SecureTransport: r.TLS != nil,
		Tags:            func(arn ivschat.ARN) (ivschat.Tags, error) { return a.Tags.Tags(ctx, arn) },
	})
	return err
}

// callerEntry returns what the journal says about a caller whose signature was verified.
func (r *response) callerEntry() *journal.CallerEntry {
	e := &journal.CallerEntry{AccessKeyID: r.caller.iam.AccessKeyID, PrincipalARN: r.caller.iam.PrincipalARN}
	for _, p := range *r.caller.checked {
		e.Permissions = append(e.Permissions, journal.PermissionEntry{
			Action: p.Action, Resource: strings.Clone(p.Resource), Effect: string(p.Effect),
			Policy: p.Policy, Statement: p.Statement, Sid: p.Sid, Line: p.Line,
		})
	}
	return e
}

// logCaller returns what the log says about a caller whose signature was verified: who it is, and which statements
// allowed the request, or why it was denied.
func (r *response) logCaller() []slog.Attr {
	line := []slog.Attr{slog.String("principal", r.caller.iam.PrincipalARN)}
	var allowed []string
	for _, p := range *r.caller.checked {
		if p.Effect == policy.Allowed {
			if text := statement(p); !slices.Contains(allowed, text) {
				allowed = append(allowed, text)
			}
			continue
		}
		line = append(line, slog.String("effect", string(p.Effect)),
			slog.String("action", p.Action), slog.String("resource", p.Resource))
		switch {
		case p.Effect == policy.ExplicitDeny:
			return append(line, slog.String("denied_by", statement(p)))
		case len(r.caller.iam.Policies) == 0:
			return append(line, slog.String("why", "the access key "+r.caller.iam.AccessKeyID+
				" has no policies: give it some in the credentials file"))
		case p.OtherAccount:
			return append(line, slog.String("why",
				"the resource belongs to another account, and the service has no resource-based policies"))
		}
		return append(line, slog.String("why", "no statement of its policies allows it: "+
			"ivschat-local policy explain says what each of them wants"))
	}
	if len(allowed) > 0 {
		line = append(line, slog.String("allowed_by", strings.Join(allowed, "; ")))
	}
	return line
}

// statement says which statement decided.
func statement(p iam.Permission) string {
	which := fmt.Sprintf("statement %d", p.Statement)
	if p.Sid != "" {
		which = "statement " + p.Sid
	}
	if p.Line == 0 { // of a policy of AWS
		return p.Policy + ", " + which
	}
	return fmt.Sprintf("%s, %s, line %d", p.Policy, which, p.Line)
}
