package ivschat

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
