package control

import (
	"context"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

type createChatTokenRequest struct {
	RoomIdentifier           string               `json:"roomIdentifier"`
	UserID                   string               `json:"userId"`
	Capabilities             []ivschat.Capability `json:"capabilities"`
	SessionDurationInMinutes int                  `json:"sessionDurationInMinutes"`
	Attributes               map[string]string    `json:"attributes"`
}

type createChatTokenResponse struct {
	Token                 string `json:"token"`
	TokenExpirationTime   string `json:"tokenExpirationTime"`
	SessionExpirationTime string `json:"sessionExpirationTime"`
}

func (a *API) createChatToken(
	ctx context.Context, c call, request createChatTokenRequest,
) (createChatTokenResponse, error) {
	room, err := a.room(ctx, c.owner(), request.RoomIdentifier)
	if err != nil {
		return createChatTokenResponse{}, err
	}
	// The response has whole seconds, so the token has whole seconds, too: the times that the caller
	// gets are enforced (decision D7).
	issued := c.now.Truncate(time.Second)
	session := issued.Add(a.sessionDuration(request.SessionDurationInMinutes))
	token := ivschat.ChatToken{
		ID:                    a.Random.ID(),
		Room:                  room.ARN,
		UserID:                request.UserID,
		Capabilities:          request.Capabilities,
		Attributes:            request.Attributes,
		IssueTime:             issued,
		TokenExpirationTime:   earlier(issued.Add(a.TokenTTL), session),
		SessionExpirationTime: session,
	}
	sealed, err := a.Tokens.SealChatToken(ctx, token)
	return createChatTokenResponse{
		Token:                 sealed,
		TokenExpirationTime:   formatTokenTime(token.TokenExpirationTime),
		SessionExpirationTime: formatTokenTime(token.SessionExpirationTime),
	}, err
}

// sessionDuration returns the session duration for a request. Minutes are 0 if the request does not
// set them.
func (a *API) sessionDuration(minutes int) time.Duration {
	switch {
	case a.SessionDuration > 0:
		return a.SessionDuration
	case minutes > 0:
		return time.Duration(minutes) * time.Minute
	default:
		return ivschat.DefaultSessionDuration
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
