package admin

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// getEvents streams entries of the journal as server-sent events until the client disconnects or the
// emulator stops. It starts after the ID in the Last-Event-ID header or in the query, or with the
// next entry. The header takes precedence: a browser that connects again sends it with the same query.
func (a *api) getEvents(w http.ResponseWriter, r *http.Request) error {
	filter, err := a.eventFilter(r)
	if err != nil {
		return err
	}
	after, err := number(r.URL.Query(), "after", a.Journal.Last())
	if err != nil {
		return err
	}
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		if after, err = parseNumber("Last-Event-ID", id); err != nil {
			return err
		}
		if after > a.Journal.Last() {
			after = 0 // the ID is of an earlier run, so every entry is new to the client
		}
	}
	ctx, cancel := a.waitContext(r)
	defer cancel()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return nil
	}
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

// eventFilter returns the filter of the query, whose room must be known.
func (a *api) eventFilter(r *http.Request) (filter journal.Filter, err error) {
	filter.Account = accountOf(r)
	if query := r.URL.Query(); query.Has("room") {
		arn, err := parseRoom(r, query.Get("room"))
		if err != nil {
			return filter, err
		}
		filter.Room = arn.String()
		return filter, a.checkKnown(r.Context(), arn)
	}
	return filter, nil
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
