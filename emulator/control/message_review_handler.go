package control

import "github.com/ivschat-local/ivschat-local/emulator/ivschat"

// A messageReviewHandlerUpdate has the members of a room's handler that a request sets.
type messageReviewHandlerUpdate struct {
	URI            *string                 `json:"uri"`
	FallbackResult *ivschat.FallbackResult `json:"fallbackResult"`
}

// apply returns the handler after the update. A nil update changes nothing, and a member that is
// not set keeps its value. An empty uri detaches the function, but the handler stays visible
// (decision D8).
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

// checkFunction refuses a function that a room of the owner cannot use. It is not asked whether the function
// exists (decision D17).
func (a *API) checkFunction(owner ivschat.Owner, update *messageReviewHandlerUpdate) error {
	handler := update.apply(nil)
	if handler == nil {
		return nil
	}
	if problem := handler.CheckFunction(owner, a.RealAccount); problem != "" {
		return ivschat.InvalidField("uri", "messageReviewHandler.uri", problem)
	}
	return nil
}
