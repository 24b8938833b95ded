package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	live "github.com/ivschat-local/ivschat-local/emulator/room"
)

type roomView struct {
	ARN                         string       `json:"arn"`
	Account                     string       `json:"account"`
	Region                      string       `json:"region"`
	Name                        string       `json:"name"`
	MaximumMessageLength        int          `json:"maximumMessageLength"`
	MaximumMessageRatePerSecond int          `json:"maximumMessageRatePerSecond"`
	Tags                        ivschat.Tags `json:"tags"`
	Deleted                     bool         `json:"deleted,omitempty"` // only its sessions are left (decision D29)
	Sessions                    []session    `json:"sessions"`
}

type session struct {
	UserID                string               `json:"userId"`
	Capabilities          []ivschat.Capability `json:"capabilities"`
	Attributes            map[string]string    `json:"attributes"`
	ConnectTime           time.Time            `json:"connectTime"`
	SessionExpirationTime time.Time            `json:"sessionExpirationTime"`
	FramesIn              int64                `json:"framesIn"`
	FramesOut             int64                `json:"framesOut"`
	Queued                int                  `json:"queued"`
}

func view(room ivschat.Room, sessions []*live.Session) roomView {
	view := roomView{
		ARN: room.ARN.String(), Account: room.ARN.Owner.AccountID, Region: room.ARN.Owner.Region, Name: room.Name,
		MaximumMessageLength: room.MaximumMessageLength, MaximumMessageRatePerSecond: room.MaximumMessageRatePerSecond,
		Tags: someMap(room.Tags), Sessions: []session{},
	}
	for _, s := range sessions {
		view.Sessions = append(view.Sessions, session{
			s.Token.UserID, someList(s.Token.Capabilities), someMap(s.Token.Attributes), s.Since, s.Token.SessionExpirationTime, s.FramesIn.Load(), s.FramesOut.Load(), s.Queued(),
		})
	}
	return view
}

// someMap and someList give what is empty a form that is not null.
func someMap[M ~map[string]string](m M) M {
	if m == nil {
		return M{}
	}
	return m
}

func someList[Item any](list []Item) []Item {
	if list == nil {
		return []Item{}
	}
	return list
}

// remains is what is left of a room that was deleted: its sessions.
func remains(arn ivschat.ARN, sessions []*live.Session) roomView {
	view := view(ivschat.Room{ARN: arn}, sessions)
	view.Deleted = true
	return view
}

func (d door) getRooms(w http.ResponseWriter, r *http.Request) error {
	there, err := d.State.Resources(r.Context(), account(r))
	if err != nil {
		return err
	}
	sessions := map[ivschat.ARN][]*live.Session{} // one look for all rooms
	for _, s := range d.Live.Sessions(account(r), ivschat.ARN{}) {
		sessions[s.Token.Room] = append(sessions[s.Token.Room], s)
	}
	views := []roomView{}
	for _, room := range there.Rooms {
		views = append(views, view(room, sessions[room.ARN]))
		delete(sessions, room.ARN)
	}
	for _, arn := range slices.SortedFunc(maps.Keys(sessions), func(a, b ivschat.ARN) int { return strings.Compare(a.String(), b.String()) }) {
		views = append(views, remains(arn, sessions[arn]))
	}
	return answer(w, http.StatusOK, map[string]any{"rooms": views})
}

// arn reads the room in the path, which need not exist any more.
func arn(r *http.Request) (ivschat.ARN, error) {
	text, err := url.PathUnescape(mux.Vars(r)["arn"])
	if err != nil {
		return ivschat.ARN{}, badRequest("the path cannot be decoded: %v", err)
	}
	room, err := ivschat.ParseARN(text)
	if err != nil {
		return room, badRequest("%v", err)
	}
	if limit := account(r); limit != "" && room.Owner.AccountID != limit {
		return room, &refusal{http.StatusNotFound, fmt.Sprintf("account %s has no %s", limit, room)}
	}
	return room, nil
}

func (d door) getRoom(w http.ResponseWriter, r *http.Request) error {
	wanted, err := arn(r)
	if err != nil {
		return err
	}
	sessions := d.Live.Sessions("", wanted)
	room, err := d.Rooms.Room(r.Context(), wanted)
	switch {
	case err == nil:
		return answer(w, http.StatusOK, view(room, sessions))
	case len(sessions) > 0:
		return answer(w, http.StatusOK, remains(wanted, sessions))
	default:
		return &refusal{http.StatusNotFound, err.Error()}
	}
}

// What a query may ask for.
const (
	usualCount     = 100
	usualTimeout   = 10 * time.Second
	longestTimeout = 10 * time.Minute
)

// number reads a whole number from the query.
func number(r *http.Request, name string, otherwise uint64) (uint64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return 0, badRequest("%s must be a whole number, but is %q", name, text)
	}
	return n, nil
}

func timeout(r *http.Request, otherwise time.Duration) (time.Duration, error) {
	text := r.URL.Query().Get("timeout")
	if text == "" {
		return otherwise, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > longestTimeout {
		return 0, badRequest("timeout must be a duration of at most %s, for instance 5s, but is %q", longestTimeout, text)
	}
	return d, nil
}

// entries answers with entries of the journal: the latest, or those after an
// ID, for which it waits when it is given how many there should be.
func (d door) entries(w http.ResponseWriter, r *http.Request, filter journal.Filter, name string) error {
	query := r.URL.Query()
	count, err := number(r, "count", usualCount)
	if err != nil {
		return err
	}
	after, err := number(r, "after", 0)
	if err != nil {
		return err
	}
	wait, err := timeout(r, 0)
	if err != nil {
		return err
	}
	if query.Has("after") && query.Has("count") && !query.Has("timeout") {
		wait = usualTimeout
	}
	var found []journal.Entry
	if !query.Has("after") && !query.Has("timeout") {
		found = d.Journal.Latest(int(min(count, journal.Capacity)), filter)
	} else {
		ctx, cancel := d.patient(w, r)
		defer cancel()
		ctx, cancelWait := context.WithTimeout(ctx, wait)
		defer cancelWait()
		found = d.Journal.Wait(ctx, after, int(min(count, journal.Capacity)), filter)
	}
	last := after
	if len(found) > 0 {
		last = found[len(found)-1].ID
	}
	if found == nil {
		found = []journal.Entry{}
	}
	return answer(w, http.StatusOK, map[string]any{name: found, "last": last, "complete": uint64(len(found)) >= count})
}

// oneOf reads a member of the query that has few values, "" when it is not
// there.
func oneOf(r *http.Request, name string, values ...string) (string, error) {
	value := r.URL.Query().Get(name)
	if value != "" && !slices.Contains(values, value) {
		return "", badRequest("%s must be one of %s, but is %q", name, strings.Join(values, ", "), value)
	}
	return value, nil
}

func (d door) getFrames(w http.ResponseWriter, r *http.Request) error {
	room, err := arn(r)
	if err != nil {
		return err
	}
	direction, err := oneOf(r, "direction", "in", "out")
	if err != nil {
		return err
	}
	return d.entries(w, r, journal.Filter{Kind: journal.Frame, Room: room.String(), Direction: direction}, "frames")
}

func (d door) getEntries(kind journal.Kind, name string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		return d.entries(w, r, journal.Filter{Kind: kind, Account: account(r)}, name)
	}
}

func (d door) getJournal(w http.ResponseWriter, r *http.Request) error {
	kind, err := oneOf(r, "kind", "call", "frame", "handshake", "connect", "disconnect", "fault")
	if err != nil {
		return err
	}
	return d.getEntries(journal.Kind(kind), "entries")(w, r)
}

// getEvents streams the journal as server-sent events, from after the ID that
// the client had last, or from now on.
func (d door) getEvents(w http.ResponseWriter, r *http.Request) error {
	after := d.Journal.Last()
	if text := r.Header.Get("Last-Event-ID"); text != "" {
		if id, err := strconv.ParseUint(text, 10, 64); err == nil {
			after = id
		}
	}
	after, err := number(r, "after", after)
	if err != nil {
		return err
	}
	ctx, cancel := d.patient(w, r)
	defer cancel()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	stream := http.NewResponseController(w)
	if err := stream.Flush(); err != nil {
		return nil // the client has gone
	}
	filter := journal.Filter{Account: account(r), Room: r.URL.Query().Get("room")}
	for ctx.Err() == nil {
		d.Journal.Wait(ctx, after, 1, filter)
		for _, e := range d.Journal.After(after, 0, filter) {
			text, err := json.Marshal(e)
			if err != nil {
				return nil
			}
			if _, err := fmt.Fprintf(w, "id: %d\nevent: %s\ndata: %s\n\n", e.ID, e.Kind, text); err != nil {
				return nil
			}
			after = e.ID
		}
		if err := stream.Flush(); err != nil {
			return nil
		}
	}
	return nil
}

type tokenView struct {
	Room                  string               `json:"room"`
	UserID                string               `json:"userId"`
	Capabilities          []ivschat.Capability `json:"capabilities"`
	Attributes            map[string]string    `json:"attributes"`
	IssueTime             time.Time            `json:"issueTime"`
	TokenExpirationTime   time.Time            `json:"tokenExpirationTime"`
	SessionExpirationTime time.Time            `json:"sessionExpirationTime"`
	Used                  bool                 `json:"used"`
	Expired               bool                 `json:"expired"`
}

// inspectToken looks into a token without using it.
func (d door) inspectToken(w http.ResponseWriter, r *http.Request) error {
	text, err := body(w, r)
	if err != nil {
		return err
	}
	var request struct {
		Token string `json:"token"`
	}
	if err := decode(text, &request); err != nil {
		return err
	}
	token, err := d.Tokens.OpenChatToken(r.Context(), request.Token)
	if err != nil {
		return badRequest("that is no chat token of this emulator")
	}
	if limit := account(r); limit != "" && token.Room.Owner.AccountID != limit {
		return badRequest("that is no chat token of account %s", limit)
	}
	used, err := d.Tokens.TokenUsed(r.Context(), token.ID, token.TokenExpirationTime)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, tokenView{
		token.Room.String(), token.UserID, someList(token.Capabilities), someMap(token.Attributes), token.IssueTime, token.TokenExpirationTime, token.SessionExpirationTime,
		used, !d.Clock.Now().Before(token.TokenExpirationTime),
	})
}
