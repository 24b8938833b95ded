package room

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Nodes are all processes that have sessions, this one among them. Their errors mean that it is not known what
// happened on some nodes.
type Nodes interface {
	// Infos returns what the method of this name of the Rooms of every node returns, with the nodes' names.
	Infos(ctx context.Context, account string, room ivschat.ARN) ([]SessionInfo, error)
	// EndOne calls the method of this name of the Rooms of every node, and reports whether one of them found the
	// session.
	EndOne(ctx context.Context, account string, id int64, end End) (found bool, err error)
	// CloseAll calls the method of this name of the Rooms of every node, and returns when all have returned.
	CloseAll(account string, reason hub.Reason) error
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

// Infos returns the open sessions of this process as values, in the order of Sessions.
func (r *Rooms) Infos(account string, room ivschat.ARN) []SessionInfo {
	sessions := r.Sessions(account, room)
	infos := make([]SessionInfo, len(sessions))
	for i, s := range sessions {
		infos[i] = s.Info()
	}
	return infos
}

// AllInfos returns the open sessions of all nodes of an account and of a room, the oldest first. An empty account
// or ARN means all. The error is a ServiceUnavailable.
func (r *Rooms) AllInfos(ctx context.Context, account string, room ivschat.ARN) ([]SessionInfo, error) {
	if r.Nodes == nil {
		return r.Infos(account, room), nil
	}
	infos, err := r.Nodes.Infos(ctx, account, room)
	if err != nil {
		return nil, unavailable(err)
	}
	slices.SortFunc(infos, func(a, b SessionInfo) int {
		return cmp.Or(a.ConnectTime.Compare(b.ConnectTime), cmp.Compare(a.ID, b.ID))
	})
	return infos, nil
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

// EndOne ends the open session with this ID, if this process has it and it is of the account, or of any if that is
// "". It reports whether it did. After an expiration it returns when the client has been told, or when that takes
// too long.
func (r *Rooms) EndOne(account string, id int64, end End) (found bool) {
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

// End is EndOne for the sessions of all nodes. The error is a ServiceUnavailable.
func (r *Rooms) End(ctx context.Context, account string, id int64, end End) (found bool, err error) {
	if r.Nodes == nil {
		return r.EndOne(account, id, end), nil
	}
	if found, err = r.Nodes.EndOne(ctx, account, id, end); err != nil {
		return false, unavailable(err)
	}
	return found, nil
}
