package admin

import (
	"context"
	"errors"
	"maps"
	"math"
	"net/http"
	"net/url"
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
	Messages                        int64                     `json:"messages"` // accepted so far
	SessionCount                    int                       `json:"sessionCount"`
	Sessions                        []sessionView             `json:"sessions"` // those that were asked for

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
	Node                  string               `json:"node,omitempty"` // only in a cluster
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

func newRoomView(r ivschat.Room, sessions []room.SessionInfo) roomView {
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

func newSessionView(s room.SessionInfo) sessionView {
	return sessionView{
		ID:                    s.ID,
		Node:                  s.Node,
		UserID:                s.UserID,
		ClientIP:              s.ClientIP,
		Capabilities:          notNil(s.Capabilities),
		Attributes:            notNilMap(s.Attributes),
		ConnectTime:           s.ConnectTime,
		SessionExpirationTime: s.SessionExpirationTime,
		FramesIn:              s.FramesIn,
		FramesOut:             s.FramesOut,
		Queued:                s.Queued,
	}
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

// sessionsOf returns which sessions of a room a request asks for.
func sessionsOf(r *http.Request) (s room.Selection, err error) {
	query := r.URL.Query()
	if query.Has("userId") {
		userID := query.Get("userId")
		s.UserID = &userID
	}
	s.Maximum, err = maximumOf(query, "sessions")
	return s, err
}

// maximumOf returns the parameter of the query that says how many items are listed, or -1 if it does not have it.
func maximumOf(query url.Values, name string) (int, error) {
	if !query.Has(name) {
		return -1, nil
	}
	n, err := number(query, name, 0)
	return int(min(n, math.MaxInt32)), err
}

// A roomSelection is which rooms a request asks for.
type roomSelection struct {
	account, region string // "" for all
	search          string // in lower case
	maximum         int    // -1 for all
	sessions        room.Selection
}

func roomSelectionOf(r *http.Request) (s roomSelection, err error) {
	query := r.URL.Query()
	s.account, s.region, s.search = accountOf(r), query.Get("region"), strings.ToLower(query.Get("search"))
	if query.Has("region") && !ivschat.IsRegion(s.region) {
		return s, badRequest("region must be a region such as us-east-1, but is %.40q", s.region)
	}
	if s.maximum, err = maximumOf(query, "count"); err != nil {
		return s, err
	}
	s.sessions, err = sessionsOf(r)
	s.sessions.Account = s.account
	return s, err
}

// selects reports whether the room is asked for.
func (s roomSelection) selects(r ivschat.Room) bool {
	if s.region != "" && s.region != r.ARN.Owner.Region {
		return false
	}
	has := func(text string) bool { return strings.Contains(strings.ToLower(text), s.search) }
	if s.search == "" || has(r.Name) || has(r.ARN.String()) {
		return true
	}
	for key, value := range r.Tags {
		if has(key) || has(value) {
			return true
		}
	}
	return false
}

func (a *api) getRooms(w http.ResponseWriter, r *http.Request) error {
	selection, err := roomSelectionOf(r)
	if err != nil {
		return err
	}
	text, err := a.readAll(r, func(ctx context.Context, _ string) ([]byte, error) {
		return a.listRooms(ctx, selection)
	})
	if err != nil {
		return err
	}
	return sendDocument(text)(w, r)
}

// listRooms returns the answer with the rooms that are asked for.
func (a *api) listRooms(ctx context.Context, selection roomSelection) ([]byte, error) {
	resources, err := a.State.Resources(ctx, selection.account)
	if err != nil {
		return nil, err
	}
	sessions, err := a.Live.Select(ctx, selection.sessions)
	if err != nil {
		return nil, err
	}
	deleted := maps.Clone(sessions)
	list := struct {
		Items []roomView `json:"items"`
		Total int        `json:"total"`
	}{Items: []roomView{}}
	add := func(found ivschat.Room, view func() roomView) {
		if !selection.selects(found) {
			return
		}
		list.Total++
		if len(list.Items) != selection.maximum {
			list.Items = append(list.Items, view())
		}
	}
	for _, found := range resources.Rooms {
		delete(deleted, found.ARN)
		add(found, func() roomView { return a.roomView(found, sessions[found.ARN]) })
	}
	for _, arn := range slices.SortedFunc(maps.Keys(deleted), compareARNs) {
		add(ivschat.Room{ARN: arn}, func() roomView { return a.deletedRoomView(arn, sessions[arn]) })
	}
	return encode(list)
}

func compareARNs(a, b ivschat.ARN) int { return strings.Compare(a.String(), b.String()) }

// roomView returns the view of a room with these sessions.
func (a *api) roomView(found ivschat.Room, sessions room.RoomSessions) roomView {
	view := newRoomView(found, sessions.Listed)
	view.SessionCount, view.Messages = sessions.Count, a.Live.Messages(found.ARN)
	return view
}

// deletedRoomView returns the view of a deleted room that still has sessions.
func (a *api) deletedRoomView(arn ivschat.ARN, sessions room.RoomSessions) roomView {
	view := a.roomView(ivschat.Room{ARN: arn}, sessions)
	view.Deleted = true
	return view
}

func (a *api) getRoom(w http.ResponseWriter, r *http.Request) error {
	arn, err := roomOf(r)
	if err != nil {
		return err
	}
	selection, err := sessionsOf(r)
	if err != nil {
		return err
	}
	selection.Room = arn
	open, err := a.Live.Select(r.Context(), selection)
	if err != nil {
		return err
	}
	sessions := open[arn]
	found, err := a.Rooms.Room(r.Context(), arn)
	if err == nil {
		return send(w, http.StatusOK, a.roomView(found, sessions))
	}
	exception, ok := errors.AsType[*ivschat.Exception](err)
	switch {
	case !ok:
		return err
	case sessions.Count > 0:
		return send(w, http.StatusOK, a.deletedRoomView(arn, sessions))
	default:
		return newStatusError(http.StatusNotFound, "%s", exception.Message)
	}
}
