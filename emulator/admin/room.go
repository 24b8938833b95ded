package admin

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/room"
)

// A roomView is a room in JSON, with its open sessions. The members of the room have the names that
// AWS's replies use. A nil list or map is written as an empty one, so that clients need not expect
// null.
type roomView struct {
	ARN                             string                    `json:"arn"`
	ID                              string                    `json:"id"`
	Account                         string                    `json:"account"`
	Region                          string                    `json:"region"`
	Name                            string                    `json:"name"`
	CreateTime                      time.Time                 `json:"createTime,omitzero"`
	UpdateTime                      time.Time                 `json:"updateTime,omitzero"`
	MaximumMessageLength            int                       `json:"maximumMessageLength"`
	MaximumMessageRatePerSecond     int                       `json:"maximumMessageRatePerSecond"`
	MessageReviewHandler            *messageReviewHandlerView `json:"messageReviewHandler,omitempty"`
	LoggingConfigurationIdentifiers []string                  `json:"loggingConfigurationIdentifiers"`
	Tags                            ivschat.Tags              `json:"tags"`
	Sessions                        []sessionView             `json:"sessions"`

	// Deleted is true if the room was deleted and only its sessions are left (decision D29).
	Deleted bool `json:"deleted,omitempty"`
}

type messageReviewHandlerView struct {
	URI            string                 `json:"uri"`
	FallbackResult ivschat.FallbackResult `json:"fallbackResult"`
}

// A sessionView is an open session in JSON.
type sessionView struct {
	ID                    int64                `json:"id"`
	UserID                string               `json:"userId"`
	ClientIP              string               `json:"clientIp"` // "" while its handshake is not answered yet
	Capabilities          []ivschat.Capability `json:"capabilities"`
	Attributes            map[string]string    `json:"attributes"`
	ConnectTime           time.Time            `json:"connectTime"`
	SessionExpirationTime time.Time            `json:"sessionExpirationTime"`
	FramesIn              int64                `json:"framesIn"`
	FramesOut             int64                `json:"framesOut"`
	Queued                int                  `json:"queued"` // frames
}

func newRoomView(r ivschat.Room, sessions []*room.Session) roomView {
	view := roomView{
		ARN:                             r.ARN.String(),
		ID:                              r.ARN.ID,
		Account:                         r.ARN.Owner.AccountID,
		Region:                          r.ARN.Owner.Region,
		Name:                            r.Name,
		CreateTime:                      r.CreateTime,
		UpdateTime:                      r.UpdateTime,
		MaximumMessageLength:            r.MaximumMessageLength,
		MaximumMessageRatePerSecond:     r.MaximumMessageRatePerSecond,
		MessageReviewHandler:            (*messageReviewHandlerView)(r.MessageReviewHandler),
		LoggingConfigurationIdentifiers: []string{},
		Tags:                            notNilMap(r.Tags),
		Sessions:                        []sessionView{},
	}
	for _, arn := range r.LoggingConfigurationIdentifiers {
		view.LoggingConfigurationIdentifiers = append(view.LoggingConfigurationIdentifiers, arn.String())
	}
	for _, s := range sessions {
		view.Sessions = append(view.Sessions, newSessionView(s))
	}
	return view
}

func newSessionView(s *room.Session) sessionView {
	return sessionView{
		ID:                    s.ID(),
		UserID:                s.Token.UserID,
		ClientIP:              s.ClientIP(),
		Capabilities:          notNil(s.Token.Capabilities),
		Attributes:            notNilMap(s.Token.Attributes),
		ConnectTime:           s.ConnectTime,
		SessionExpirationTime: s.Token.SessionExpirationTime,
		FramesIn:              s.FramesIn.Load(),
		FramesOut:             s.FramesOut.Load(),
		Queued:                s.Queued(),
	}
}

// newDeletedRoomView returns the view of a deleted room that still has sessions.
func newDeletedRoomView(arn ivschat.ARN, sessions []*room.Session) roomView {
	view := newRoomView(ivschat.Room{ARN: arn}, sessions)
	view.Deleted = true
	return view
}

// notNilMap returns the map, or an empty one if it is nil.
func notNilMap[M ~map[string]string](m M) M {
	if m == nil {
		return M{}
	}
	return m
}

// notNil returns the list, or an empty one if it is nil.
func notNil[Item any](list []Item) []Item {
	if list == nil {
		return []Item{}
	}
	return list
}

func (a *api) getRooms(w http.ResponseWriter, r *http.Request) error {
	text, err := a.readAll(r, a.listRooms)
	if err != nil {
		return err
	}
	return sendDocument(text)(w, r)
}

// listRooms returns the answer with the rooms of an account.
func (a *api) listRooms(ctx context.Context, account string) ([]byte, error) {
	resources, err := a.State.Resources(ctx, account)
	if err != nil {
		return nil, err
	}
	sessions := map[ivschat.ARN][]*room.Session{} // by their rooms
	for _, s := range a.Live.Sessions(account, ivschat.ARN{}) {
		sessions[s.Token.Room] = append(sessions[s.Token.Room], s)
	}
	var views []roomView
	for _, found := range resources.Rooms {
		views = append(views, newRoomView(found, sessions[found.ARN]))
		delete(sessions, found.ARN)
	}
	deleted := slices.SortedFunc(maps.Keys(sessions), func(a, b ivschat.ARN) int {
		return strings.Compare(a.String(), b.String())
	})
	for _, arn := range deleted {
		views = append(views, newDeletedRoomView(arn, sessions[arn]))
	}
	return encode(itemsOf(views))
}

func (a *api) getRoom(w http.ResponseWriter, r *http.Request) error {
	arn, err := roomOf(r)
	if err != nil {
		return err
	}
	sessions := a.Live.Sessions("", arn)
	found, err := a.Rooms.Room(r.Context(), arn)
	if err == nil {
		return send(w, http.StatusOK, newRoomView(found, sessions))
	}
	exception, ok := errors.AsType[*ivschat.Exception](err)
	switch {
	case !ok:
		return err
	case len(sessions) > 0:
		return send(w, http.StatusOK, newDeletedRoomView(arn, sessions))
	default:
		return newStatusError(http.StatusNotFound, "%s", exception.Message)
	}
}
