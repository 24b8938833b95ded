package admin

import (
	"net/http"
	"strconv"

	"github.com/gorilla/mux"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/room"
)

// A sessionEnd has exactly one of its members.
type sessionEnd struct {
	Expire  *bool `json:"expire"`
	Close   *int  `json:"close"`
	Reset   *bool `json:"reset"`
	Silence *bool `json:"silence"`
}

// check returns an error if the body does not say exactly one thing that can be done.
func (e sessionEnd) check() error {
	if n := countTrue(e.Expire != nil, e.Close != nil, e.Reset != nil, e.Silence != nil); n != 1 {
		return badRequest("the body must have exactly one of expire, close, reset and silence, but has %d", n)
	}
	for name, value := range map[string]*bool{"expire": e.Expire, "reset": e.Reset, "silence": e.Silence} {
		if value != nil && !*value {
			return badRequest("%s must be true, but is false", name)
		}
	}
	if e.Close == nil {
		return nil
	}
	if err := (fault.CloseConnection{Code: *e.Close}).Check(); err != nil {
		return badRequest("%v", err)
	}
	return nil
}

// end returns what is to be done, after check.
func (e sessionEnd) end() room.End {
	end := room.End{Expire: e.Expire != nil, Reset: e.Reset != nil, Silence: e.Silence != nil}
	if e.Close != nil {
		end.CloseCode = *e.Close
	}
	return end
}

// postSession ends or breaks one session, without a rule for a fault.
func (a *api) postSession(w http.ResponseWriter, r *http.Request) error {
	var end sessionEnd
	if err := decodeBody(w, r, &end); err != nil {
		return err
	}
	if err := end.check(); err != nil {
		return err
	}
	text := mux.Vars(r)["id"]
	found := false
	if id, err := strconv.ParseInt(text, 10, 64); err == nil {
		if found, err = a.Live.End(r.Context(), accountOf(r), id, end.end()); err != nil {
			return err
		}
	}
	if !found {
		return newStatusError(http.StatusNotFound,
			"there is no open session %.40q: GET rooms lists those that are open, with their id", text)
	}
	return sendNothing(w)
}
