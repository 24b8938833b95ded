package ivschat

// A MessageReviewHandler is the optional Lambda function that reviews each
// message of a room (API: MessageReviewHandler).
type MessageReviewHandler struct {
	URI            string // ARN of the function; "" when detached (decision D8)
	FallbackResult FallbackResult
}

// A FallbackResult is what happens to a message whose handler gave no usable
// answer (API: MessageReviewHandler).
type FallbackResult string

// The fallback results. FallbackAllow is the default (model).
const (
	FallbackAllow FallbackResult = "ALLOW"
	FallbackDeny  FallbackResult = "DENY"
)
