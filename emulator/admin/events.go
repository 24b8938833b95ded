package admin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// getEvents streams entries of the journal as server-sent events until the client disconnects or the
// emulator stops. It starts after the ID in the Last-Event-ID header or in the query, or with the
// next entry. The header takes precedence: a browser that connects again sends it with the same query.
func (a *api) getEvents(w http.ResponseWriter, r *http.Request) error {
	after, err := number(r.URL.Query(), "after", a.Journal.Last())
	if err != nil {
		return err
	}
	if id, err := strconv.ParseUint(r.Header.Get("Last-Event-ID"), 10, 63); err == nil {
		after = id
	}
	ctx, cancel := a.waitContext(w, r)
	defer cancel()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	filter := journal.Filter{Account: accountOf(r), Room: r.URL.Query().Get("room")}
	flush := http.NewResponseController(w).Flush
	// The status is sent with the first flush, so an error can only end the stream.
	for err := flush(); err == nil && ctx.Err() == nil; err = flush() {
		a.Journal.Wait(ctx, after, 1, filter)
		for _, entry := range a.Journal.After(after, 0, filter) {
			if sendEvent(w, entry) != nil {
				return nil
			}
			after = entry.ID
		}
	}
	return nil
}

// sendEvent writes an entry as one event, whose data is JSON.
func sendEvent(w http.ResponseWriter, entry journal.Entry) error {
	data, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "id: %d\nevent: %s\ndata: %s\n\n", entry.ID, entry.Kind, data)
	return err
}
