package admin

import (
	"errors"
	"net/http"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A tokenView is a chat token in JSON.
type tokenView struct {
	Room                  string               `json:"room"` // ARN
	UserID                string               `json:"userId"`
	Capabilities          []ivschat.Capability `json:"capabilities"`
	Attributes            map[string]string    `json:"attributes"`
	IssueTime             time.Time            `json:"issueTime"`
	TokenExpirationTime   time.Time            `json:"tokenExpirationTime"`
	SessionExpirationTime time.Time            `json:"sessionExpirationTime"`
	Used                  bool                 `json:"used"`
	Expired               bool                 `json:"expired"`
}

// inspectToken answers with what a chat token contains, without using the token.
func (a *api) inspectToken(w http.ResponseWriter, r *http.Request) error {
	var request struct {
		Token string `json:"token"`
	}
	if err := decodeBody(w, r, &request); err != nil {
		return err
	}
	token, err := a.Tokens.OpenChatToken(r.Context(), request.Token)
	if errors.Is(err, ivschat.ErrInvalidToken) {
		return badRequest("the chat token was not issued by this emulator, or it was changed")
	}
	if err != nil {
		return err
	}
	if account := accountOf(r); account != "" && token.Room.Owner.AccountID != account {
		return badRequest("the chat token is not for a room of account %s", account)
	}
	used, err := a.Tokens.TokenUsed(r.Context(), token.ID, token.TokenExpirationTime)
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, tokenView{
		Room:                  token.Room.String(),
		UserID:                token.UserID,
		Capabilities:          notNil(token.Capabilities),
		Attributes:            notNilMap(token.Attributes),
		IssueTime:             token.IssueTime,
		TokenExpirationTime:   token.TokenExpirationTime,
		SessionExpirationTime: token.SessionExpirationTime,
		Used:                  used,
		Expired:               !a.Clock.Account(token.Room.Owner.AccountID).Now().Before(token.TokenExpirationTime),
	})
}
