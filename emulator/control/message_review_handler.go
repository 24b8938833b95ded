package control

import "github.com/ivschat-local/ivschat-local/emulator/ivschat"

// A messageReviewHandlerChange is what a request says of a room's handler.
type messageReviewHandlerChange struct {
	URI            *string                 `json:"uri"`
	FallbackResult *ivschat.FallbackResult `json:"fallbackResult"`
}

// applyTo gives the handler after the change. No change leaves it as it is,
// members that are not given keep their value, and an empty uri detaches the
// function while the handler stays visible (decision D8). Nobody asks whether
// there is such a function (decision D17).
func (change *messageReviewHandlerChange) applyTo(now *ivschat.MessageReviewHandler) *ivschat.MessageReviewHandler {
	if change == nil {
		return now
	}
	changed := ivschat.MessageReviewHandler{FallbackResult: ivschat.FallbackAllow}
	if now != nil {
		changed = *now
	}
	set(&changed.URI, change.URI)
	set(&changed.FallbackResult, change.FallbackResult)
	return &changed
}
