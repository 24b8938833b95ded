package control

import "github.com/ivschat-local/ivschat-local/emulator/ivschat"

// A messageReviewHandlerUpdate has the members of a room's handler that a request sets.
type messageReviewHandlerUpdate struct {
	URI            *string                 `json:"uri"`
	FallbackResult *ivschat.FallbackResult `json:"fallbackResult"`
}

// apply returns the handler after the update. A nil update changes nothing, and a member that is
// not set keeps its value. An empty uri detaches the function, but the handler stays visible
// (decision D8). The function need not exist (decision D17).
func (u *messageReviewHandlerUpdate) apply(
	current *ivschat.MessageReviewHandler,
) *ivschat.MessageReviewHandler {
	if u == nil {
		return current
	}
	updated := ivschat.MessageReviewHandler{FallbackResult: ivschat.FallbackAllow}
	if current != nil {
		updated = *current
	}
	setIfPresent(&updated.URI, u.URI)
	setIfPresent(&updated.FallbackResult, u.FallbackResult)
	return &updated
}
