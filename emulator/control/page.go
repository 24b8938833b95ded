package control

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// listName returns the name of the list that a page token belongs to. It consists of the operation,
// the caller and the filters. A token is valid for its own list only (decision D15).
func listName(operation string, caller ivschat.Owner, filters ...string) string {
	parts := append([]string{operation, caller.AccountID, caller.Region}, filters...)
	name, _ := json.Marshal(parts) // strings never fail
	return string(name)
}

// page returns the page that the members of a List request select. An empty nextToken is the first
// page, because the AWS CLI is documented to send one.
func (a *API) page(
	ctx context.Context, list, nextToken string, maxResults int,
) (ivschat.Page, error) {
	page := ivschat.Page{Limit: maxResults}
	if maxResults == 0 {
		page.Limit = ivschat.MaximumPageSize
	}
	if nextToken == "" {
		return page, nil
	}
	position, err := a.Tokens.OpenPageToken(ctx, list, nextToken)
	if errors.Is(err, ivschat.ErrInvalidToken) {
		return page, ivschat.InvalidField("nextToken", "nextToken",
			"must be a token that this operation returned to this account, in this region and for these filters")
	}
	if err != nil {
		return page, err
	}
	page.After = position
	return page, nil
}

// nextToken returns the token for the page after the position. Without a position there is no such
// page, and it returns "".
func (a *API) nextToken(ctx context.Context, list string, position []byte) (string, error) {
	if position == nil {
		return "", nil
	}
	return a.Tokens.SealPageToken(ctx, list, position)
}
