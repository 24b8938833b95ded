package control

import (
	"context"
	"encoding/json"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A list names what a page token belongs to: the operation, the caller and the
// filters. A token opens for that list only.
func list(operation string, caller ivschat.Owner, filters ...string) string {
	name, _ := json.Marshal(append([]string{operation, caller.AccountID, caller.Region}, filters...)) // strings always marshal
	return string(name)
}

// page turns the members of a List request into the page that it asks for. An
// empty nextToken is the start, since the AWS CLI is documented to send one.
func (a *API) page(ctx context.Context, list, nextToken string, maxResults int) (ivschat.Page, error) {
	page := ivschat.Page{Limit: maxResults}
	if maxResults == 0 {
		page.Limit = ivschat.MaximumPageSize
	}
	if nextToken == "" {
		return page, nil
	}
	position, err := a.Tokens.OpenPageToken(ctx, list, nextToken)
	if err != nil {
		return page, ivschat.InvalidField("nextToken", "nextToken", "must be a token that this operation returned to this account, in this region and for these filters")
	}
	page.After = position
	return page, nil
}

// nextToken gives the token for what comes after the position, "" at the end.
func (a *API) nextToken(ctx context.Context, list string, position []byte) (string, error) {
	if position == nil {
		return "", nil
	}
	return a.Tokens.SealPageToken(ctx, list, position)
}
