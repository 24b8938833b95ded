package control

import (
	"context"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

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

// checkFunction refuses a function that a room of the owner cannot use (decision D17).
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

// checkPermission refuses a function that IVS Chat may not invoke for a room. The message is that of the real
// service (decision D20).
func (a *API) checkPermission(ctx context.Context, room ivschat.ARN, update *messageReviewHandlerUpdate) error {
	handler := update.apply(nil)
	if a.Functions == nil || handler == nil || handler.URI == "" {
		return nil
	}
	allowed, err := a.Functions.Allowed(ctx, handler.URI, room)
	if err == nil && !allowed {
		err = ivschat.InvalidField("uri", "messageReviewHandler.uri", "invalid lambda permission")
	}
	return err
}
