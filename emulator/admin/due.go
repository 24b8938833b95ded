package admin

import (
	"cmp"
	"container/heap"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/room"
)

// A dueKind is the kind of something that falls due.
type dueKind string

const (
	tokenExpiration      dueKind = "tokenExpiration"      // a chat token opens no connection any more
	sessionExpiration    dueKind = "sessionExpiration"    // a session ends
	chatLogDelivery      dueKind = "chatLogDelivery"      // a window of records ends
	loggingConfiguration dueKind = "loggingConfiguration" // CREATING, UPDATING or DELETING ends
)

func dueKinds() []dueKind {
	return []dueKind{tokenExpiration, sessionExpiration, chatLogDelivery, loggingConfiguration}
}

// A dueItem is something that falls due, in JSON.
type dueItem struct {
	Time                 time.Time `json:"time"` // of the account's clock
	Kind                 dueKind   `json:"kind"`
	Account              string    `json:"account"`
	Room                 string    `json:"room,omitempty"` // ARN
	UserID               string    `json:"userId,omitempty"`
	Session              int64     `json:"session,omitempty"`              // ID
	LoggingConfiguration string    `json:"loggingConfiguration,omitempty"` // ARN
}

// compare compares two items by their times. Those that fall due together have the same order in every answer.
func (i dueItem) compare(other dueItem) int {
	return cmp.Or(i.Time.Compare(other.Time), cmp.Compare(i.Kind, other.Kind), cmp.Compare(i.Account, other.Account),
		cmp.Compare(i.Room, other.Room), cmp.Compare(i.UserID, other.UserID), cmp.Compare(i.Session, other.Session),
		cmp.Compare(i.LoggingConfiguration, other.LoggingConfiguration))
}

// A dueList keeps the earliest items, so that the answer costs little however many there are.
type dueList struct {
	maximum int
	total   int       // how many there are, also those that are not kept
	kept    latestDue // at most maximum items
}

// add adds what falls due at a time. It makes the item only if that is not too late to be kept.
func (l *dueList) add(at time.Time, item func() dueItem) {
	l.total++
	if len(l.kept) < l.maximum {
		heap.Push(&l.kept, item())
		return
	}
	if l.maximum == 0 || at.After(l.kept[0].Time) {
		return
	}
	if made := item(); made.compare(l.kept[0]) < 0 {
		l.kept[0] = made
		heap.Fix(&l.kept, 0)
	}
}

// latestDue is a heap of items, the latest first.
type latestDue []dueItem

// Len implements heap.Interface.
func (h latestDue) Len() int { return len(h) }

// Less implements heap.Interface.
func (h latestDue) Less(i, j int) bool { return h[i].compare(h[j]) > 0 }

// Swap implements heap.Interface.
func (h latestDue) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *latestDue) Push(x any) { *h = append(*h, x.(dueItem)) }

// Pop implements heap.Interface, but nothing is taken out of the heap.
func (h *latestDue) Pop() any { panic("not used") }

// getDue answers with what will fall due on the service's clock, the earliest first.
func (a *api) getDue(w http.ResponseWriter, r *http.Request) error {
	kind, err := oneOf(r, "kind", dueKinds())
	if err != nil {
		return err
	}
	count, err := countOf(r)
	if err != nil {
		return err
	}
	text, err := a.readAll(r, func(ctx context.Context, account string) ([]byte, error) {
		return a.listDue(ctx, account, kind, count)
	})
	if err != nil {
		return err
	}
	return sendDocument(text)(w, r)
}

// listDue returns the answer with what falls due of an account and a kind, or of all if they are "".
func (a *api) listDue(ctx context.Context, account string, kind dueKind, count int) ([]byte, error) {
	list := &dueList{maximum: count}
	wants := func(k dueKind) bool { return kind == "" || kind == k }
	if wants(tokenExpiration) {
		a.addTokens(list, account)
	}
	if wants(sessionExpiration) {
		if err := a.addSessions(ctx, list, account); err != nil {
			return nil, err
		}
	}
	if wants(chatLogDelivery) {
		if err := a.addWindows(ctx, list, account); err != nil {
			return nil, err
		}
	}
	if wants(loggingConfiguration) {
		if err := a.addTransitions(ctx, list, account); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(list.kept, dueItem.compare)
	return encode(struct {
		Items []dueItem `json:"items"`
		Total int       `json:"total"`
	}{notNil(list.kept), list.total})
}

// isAhead reports whether the clock of the account has not reached the time.
func (a *api) isAhead(account string, at time.Time) bool {
	return at.After(a.Clock.Account(account).Now())
}

// addTokens adds the chat tokens whose CreateChatToken is still in the journal.
func (a *api) addTokens(list *dueList, account string) {
	issued := journal.Filter{
		Kind: journal.Call, Account: account, Operation: "CreateChatToken", Status: http.StatusOK,
	}
	for call := range a.Journal.All(0, issued) {
		var response struct{ TokenExpirationTime time.Time }
		// A fault can answer anything.
		if json.Unmarshal(call.Response, &response) != nil || !a.isAhead(call.Account, response.TokenExpirationTime) {
			continue
		}
		list.add(response.TokenExpirationTime, func() dueItem {
			var request struct{ RoomIdentifier, UserID string }
			_ = json.Unmarshal(call.Request, &request) // it was accepted
			return dueItem{
				Time: response.TokenExpirationTime.UTC(), Kind: tokenExpiration, Account: call.Account,
				Room: request.RoomIdentifier, UserID: request.UserID,
			}
		})
	}
}

// addSessions adds the open sessions. Those of a room that are too late for the list are only counted.
func (a *api) addSessions(ctx context.Context, list *dueList, account string) error {
	open, err := a.Live.Select(ctx, room.Selection{Account: account, Maximum: list.maximum, ByExpiration: true})
	if err != nil {
		return err
	}
	for in, sessions := range open {
		list.total += sessions.Count - len(sessions.Listed)
		for _, s := range sessions.Listed {
			if !a.isAhead(in.Owner.AccountID, s.SessionExpirationTime) {
				continue
			}
			list.add(s.SessionExpirationTime, func() dueItem {
				return dueItem{
					Time: s.SessionExpirationTime.UTC(), Kind: sessionExpiration, Account: in.Owner.AccountID,
					Room: in.String(), UserID: s.UserID, Session: s.ID,
				}
			})
		}
	}
	return nil
}

// addWindows adds the windows in which records of chat logs are collected.
func (a *api) addWindows(ctx context.Context, list *dueList, account string) error {
	windows, err := a.ChatLogs.Windows(ctx, account)
	if err != nil {
		return err
	}
	for _, window := range windows {
		owner := window.Room.Owner.AccountID
		if !a.isAhead(owner, window.End) {
			continue
		}
		list.add(window.End, func() dueItem {
			return dueItem{
				Time: window.End.UTC(), Kind: chatLogDelivery, Account: owner, Room: window.Room.String(),
				LoggingConfiguration: window.LoggingConfiguration.String(),
			}
		})
	}
	return nil
}

// addTransitions adds the logging configurations that are CREATING, UPDATING or DELETING.
func (a *api) addTransitions(ctx context.Context, list *dueList, account string) error {
	transitions, err := a.Lifecycle.Transitions(ctx, account)
	if err != nil {
		return err
	}
	for _, transition := range transitions {
		owner := transition.LoggingConfiguration.Owner.AccountID
		if !a.isAhead(owner, transition.End) {
			continue
		}
		list.add(transition.End, func() dueItem {
			return dueItem{
				Time: transition.End.UTC(), Kind: loggingConfiguration, Account: owner,
				LoggingConfiguration: transition.LoggingConfiguration.String(),
			}
		})
	}
	return nil
}
