package admin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

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
		if after, err = a.afterEvent(id); err != nil {
			return err
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
			if a.sendEvent(w, entry) != nil {
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

// run tells the runs of the emulator apart. Each counts its entries from 1.
func (a *api) run() string { return strconv.FormatInt(a.Started.UnixNano(), 36) }

// afterEvent returns the ID of the entry after which a client goes on that has received an event. It is 0
// for an event of an earlier run: then every entry is new to the client. An ID without a run is the number
// of an entry.
func (a *api) afterEvent(id string) (uint64, error) {
	number, run, hasRun := strings.Cut(id, "-")
	after, err := parseNumber("Last-Event-ID", number)
	if hasRun && run != a.run() || after > a.Journal.Last() {
		after = 0
	}
	return after, err
}

// sendEvent writes an entry as one event, whose data is JSON.
func (a *api) sendEvent(w http.ResponseWriter, entry journal.Entry) error {
	data, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "id: %d-%s\nevent: %s\ndata: %s\n\n", entry.ID, a.run(), entry.Kind, data)
	return err
}
