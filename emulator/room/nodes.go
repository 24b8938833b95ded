package room

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Nodes are all processes that have sessions, this one among them. Their errors mean that it is not known what
// happened on some nodes.
type Nodes interface {
	// Select returns what SelectHere of the Rooms of every node returns, with the nodes' names.
	Select(ctx context.Context, s Selection) ([]RoomSessions, error)
	// End calls EndHere of the Rooms of every node, and reports whether one of them found the session.
	End(ctx context.Context, account string, id int64, end End) (found bool, err error)
	// Close calls CloseHere of the Rooms of every node, and returns when all have returned.
	Close(account string, reason hub.Reason) error
}

// A Selection is which open sessions are asked for.
type Selection struct {
	Account string      // "" for all
	Room    ivschat.ARN // the zero ARN for all
	UserID  *string     // nil for all
	// Maximum is how many sessions are listed of each room, -1 for all. They are the oldest ones, or with
	// ByExpiration those that expire first, in this order.
	Maximum      int
	ByExpiration bool
}

// RoomSessions are the open sessions of a room.
type RoomSessions struct {
	Room   ivschat.ARN
	Count  int           // also of those that are not listed
	Listed []SessionInfo // that are selected
}

// A SessionInfo is an open session as a value, as it was when it was asked for.
type SessionInfo struct {
	ID                    int64
	Node                  string // name of the node that has it; "" if there is only one process
	Room                  ivschat.ARN
	UserID                string
	ClientIP              string // "" while its handshake is not answered yet
	Capabilities          []ivschat.Capability
	Attributes            map[string]string
	ConnectTime           time.Time
	SessionExpirationTime time.Time
	FramesIn, FramesOut   int64
	Queued                int // frames
}

// Info returns the session as a value.
func (s *Session) Info() SessionInfo {
	return SessionInfo{
		ID:                    s.ID(),
		Room:                  s.Token.Room,
		UserID:                s.Token.UserID,
		ClientIP:              s.ClientIP(),
		Capabilities:          s.Token.Capabilities,
		Attributes:            s.Token.Attributes,
		ConnectTime:           s.ConnectTime,
		SessionExpirationTime: s.Token.SessionExpirationTime,
		FramesIn:              s.FramesIn.Load(),
		FramesOut:             s.FramesOut.Load(),
		Queued:                s.Queued(),
	}
}

// compare returns the order in which sessions are listed.
func (s Selection) compare(a, b SessionInfo) int {
	if s.ByExpiration {
		return cmp.Or(a.SessionExpirationTime.Compare(b.SessionExpirationTime), cmp.Compare(a.ID, b.ID))
	}
	return cmp.Or(a.ConnectTime.Compare(b.ConnectTime), cmp.Compare(a.ID, b.ID))
}

// shorten sorts what is listed of a room, and leaves out what is too much.
func (s Selection) shorten(r *RoomSessions) {
	sort.Slice(r.Listed, func(i, j int) bool { return s.compare(r.Listed[i], r.Listed[j]) < 0 })
	if s.Maximum >= 0 && len(r.Listed) > s.Maximum {
		r.Listed = slices.Clone(r.Listed[:s.Maximum])
	}
}

// SelectHere returns the rooms that have open sessions in this process, in no order.
func (r *Rooms) SelectHere(s Selection) (found []RoomSessions) {
	positions := map[ivschat.ARN]int{}
	for _, session := range r.all(s.Account, s.Room) {
		if !session.open() {
			continue
		}
		i, known := positions[session.Token.Room]
		if !known {
			i = len(found)
			positions[session.Token.Room] = i
			found = append(found, RoomSessions{Room: session.Token.Room})
		}
		found[i].Count++
		if s.Maximum != 0 && (s.UserID == nil || *s.UserID == session.Token.UserID) {
			found[i].Listed = append(found[i].Listed, session.Info())
		}
	}
	for i := range found {
		s.shorten(&found[i])
	}
	return found
}

// Select returns the rooms that have open sessions on any node. The error is a ServiceUnavailable.
func (r *Rooms) Select(ctx context.Context, s Selection) (map[ivschat.ARN]RoomSessions, error) {
	var found []RoomSessions
	if r.Nodes == nil {
		found = r.SelectHere(s)
	} else {
		var err error
		if found, err = r.Nodes.Select(ctx, s); err != nil {
			return nil, unavailable(err)
		}
	}
	rooms := make(map[ivschat.ARN]RoomSessions, len(found))
	for _, here := range found {
		in, elsewhere := rooms[here.Room]
		in.Room, in.Count, in.Listed = here.Room, in.Count+here.Count, append(in.Listed, here.Listed...)
		if elsewhere {
			s.shorten(&in)
		}
		rooms[here.Room] = in
	}
	return rooms, nil
}

// An End is how a session is ended or broken, without a rule for a fault.
type End struct {
	// Expire ends it as at its SessionExpirationTime.
	Expire bool
	// CloseCode closes the connection with this close code, if it is not 0.
	CloseCode int
	// Reset resets the connection, and Silence makes it silent.
	Reset, Silence bool
}

// EndHere ends the open session with this ID, if this process has it and it is of the account, or of any if that is
// "". It reports whether it did. After an expiration it returns when the client has been told, or when that takes
// too long.
func (r *Rooms) EndHere(account string, id int64, end End) (found bool) {
	r.mu.Lock()
	s := r.sessions[id]
	r.mu.Unlock()
	if s == nil || !s.open() || account != "" && account != s.Token.Room.Owner.AccountID {
		return false
	}
	switch {
	case end.Expire:
		s.Expire()
	case end.CloseCode != 0:
		s.Break(fault.CloseConnection{Code: end.CloseCode})
	case end.Reset:
		s.Break(fault.ResetConnection{})
	case end.Silence:
		s.Break(fault.SilenceConnection{})
	}
	return true
}

// End is EndHere for the sessions of all nodes. The error is a ServiceUnavailable.
func (r *Rooms) End(ctx context.Context, account string, id int64, end End) (found bool, err error) {
	if r.Nodes == nil {
		return r.EndHere(account, id, end), nil
	}
	if found, err = r.Nodes.End(ctx, account, id, end); err != nil {
		return false, unavailable(err)
	}
	return found, nil
}
