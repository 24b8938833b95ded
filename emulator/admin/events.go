package admin

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/internal/contexts"
)

// getEvents streams entries of the journal as server-sent events until the client disconnects or the
// emulator stops. It starts after the ID in the Last-Event-ID header or in the query, or with the
// next entry. The header takes precedence: a browser that connects again sends it with the same query. The IDs are
// the same on all nodes of a cluster, so the stream can go on at another node. It ends when another run begins.
func (a *api) getEvents(w http.ResponseWriter, r *http.Request) error {
	filter, err := a.eventFilter(r)
	if err != nil {
		return err
	}
	run := a.run()
	after, err := a.eventsAfter(r, run)
	if err != nil {
		return err
	}
	ctx, cancel := contexts.UntilClosed(r.Context(), a.Stopping)
	defer cancel()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would keep events back
	if r.Method == http.MethodHead {
		return nil
	}
	stream, reader := newStream(w), a.Journal.Read(after, filter)
	// Some proxies send the header of an answer together with the first part of its body. A client that has received
	// no event when the stream ends, such as a browser, connects again with this ID.
	fmt.Fprintf(&stream.text, ": this comment opens the stream\nid: %d-%s\n\n", after, run)
	for stream.flush(); stream.err == nil && ctx.Err() == nil && run == a.run(); stream.flush() {
		batch := reader.Next()
		if batch.Missed > 0 {
			fmt.Fprintf(&stream.text, "event: missed\ndata: {\"missed\":%d}\n\n", batch.Missed)
		}
		for _, entry := range batch.Entries {
			stream.addEvent(entry, run)
		}
		if stream.text.Len() == 0 { // everything before was flushed
			reader.Wait(ctx, 1)
		}
	}
	return nil
}

// eventsAfter returns the ID of the entry after which a stream starts.
func (a *api) eventsAfter(r *http.Request, run string) (uint64, error) {
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		return a.afterEvent("Last-Event-ID", id, run)
	}
	query := r.URL.Query()
	if after := query.Get("after"); strings.Contains(after, "-") {
		return a.afterEvent("after", after, run)
	}
	return number(query, "after", a.Journal.Last())
}

// eventFilter returns the filter of the query, whose room must be known.
func (a *api) eventFilter(r *http.Request) (filter journal.Filter, err error) {
	filter.Account = accountOf(r)
	if filter.Kinds, filter.Direction, err = kindsOf(r); err != nil {
		return filter, err
	}
	if query := r.URL.Query(); query.Has("room") {
		arn, err := parseRoom(r, query.Get("room"))
		if err != nil {
			return filter, err
		}
		filter.Account, filter.Room = arn.Owner.AccountID, arn.String()
		return filter, a.checkKnown(r.Context(), arn)
	}
	return filter, nil
}

// kindsOf returns the kinds that the query names, and the direction of frames. A direction without kinds is about
// frames alone.
func kindsOf(r *http.Request) (kinds []journal.Kind, direction journal.Direction, err error) {
	if kinds, err = someOf(r, "kind", journal.Kinds()); err != nil {
		return nil, "", err
	}
	if direction, err = oneOf(r, "direction", journal.Directions()); err != nil || direction == "" {
		return kinds, "", err
	}
	if len(kinds) == 0 {
		kinds = []journal.Kind{journal.Frame}
	}
	if !slices.Contains(kinds, journal.Frame) {
		return nil, "", badRequest("only frames have a direction, so kind must have %s, but is %s",
			journal.Frame, r.URL.Query().Get("kind"))
	}
	return kinds, direction, nil
}

// run tells the runs of the emulator apart, or those of its cluster. Each counts its entries from 1.
func (a *api) run() string {
	if a.Cluster != nil {
		return a.Cluster.Run()
	}
	return strconv.FormatInt(a.Started.UnixNano(), 36)
}

// afterEvent returns the ID of the entry after which a client goes on that has received an event. It is 0
// for an event of an earlier run: then every entry is new to the client. An ID without a run is the number
// of an entry. An event that does not exist yet is taken for the latest one (decision D45).
func (a *api) afterEvent(name, id, run string) (uint64, error) {
	number, known, hasRun := strings.Cut(id, "-")
	after, err := strconv.ParseUint(number, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // if it is too large, after is the largest number
		return 0, badRequest("%s must be the ID of an event, but is %.40q", name, id)
	}
	if hasRun && known != run {
		return 0, nil
	}
	return min(after, a.Journal.Last()), nil
}

// addEvent adds an entry to a stream as one event, whose data is JSON.
func (s *stream) addEvent(entry *journal.Entry, run string) {
	fmt.Fprintf(&s.text, "id: %d-%s\nevent: %s\ndata: ", entry.ID, run, entry.Kind)
	_ = s.encoder.Encode(entry) // never fails, and ends with a line break
	s.text.WriteByte('\n')
}
