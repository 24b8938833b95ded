package ivschat

import (
	"fmt"
	"strings"
)

// A MessageReviewHandler is the optional Lambda function that reviews the messages of a room (API:
// MessageReviewHandler).
type MessageReviewHandler struct {
	URI            string // ARN of the function; "" if it is detached (decision D8)
	FallbackResult FallbackResult
}

// A FallbackResult is what happens to a message whose handler failed or returned no valid response
// (API: MessageReviewHandler).
type FallbackResult string

// The fallback results. FallbackAllow is the default (model: FallbackResult).
const (
	FallbackAllow FallbackResult = "ALLOW"
	FallbackDeny  FallbackResult = "DENY"
)

// CheckFunction returns why a room of the owner cannot use the function of the handler, or "" if it can. The
// function must be in the region of the room (User Guide: Chat Message Review Handler). It must also be in
// the account of the room, if that account is the real one (decision D17). The URI is "" or valid.
func (h MessageReviewHandler) CheckFunction(owner Owner, realAccount string) (problem string) {
	if h.URI == "" {
		return ""
	}
	parts := strings.Split(h.URI, ":") // arn:aws:lambda:REGION:ACCOUNT:function:NAME
	region, account := parts[3], parts[4]
	if region != owner.Region {
		return fmt.Sprintf("must be a function in the region of the room, %s, but is in %s",
			owner.Region, region)
	}
	if account != owner.AccountID && owner.AccountID == realAccount {
		return fmt.Sprintf("must be a function in the account of the room, %s, but is in %s",
			owner.AccountID, account)
	}
	return ""
}
