package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// getEntries returns a handler for the entries of a kind, or of every kind if it is "". The name is
// that of their array in the answer.
func (a *api) getEntries(kind journal.Kind, name string) handlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		return a.sendEntries(w, r, journal.Filter{Kind: kind, Account: accountOf(r)}, name)
	}
}

func (a *api) getJournal(w http.ResponseWriter, r *http.Request) error {
	kind, err := oneOf(r, "kind", journal.Kinds())
	if err != nil {
		return err
	}
	return a.getEntries(kind, "entries")(w, r)
}

func (a *api) getFrames(w http.ResponseWriter, r *http.Request) error {
	arn, err := roomOf(r)
	if err != nil {
		return err
	}
	direction, err := oneOf(r, "direction", journal.Directions())
	if err != nil {
		return err
	}
	filter := journal.Filter{Kind: journal.Frame, Room: arn.String(), Direction: direction}
	return a.sendEntries(w, r, filter, "frames")
}

// sendEntries answers with the page of selected entries that the query asks for.
func (a *api) sendEntries(
	w http.ResponseWriter, r *http.Request, filter journal.Filter, name string,
) error {
	page, err := pageOf(r)
	if err != nil {
		return err
	}
	var entries []journal.Entry
	if count := int(min(page.count, journal.Capacity)); page.latest {
		entries = a.Journal.Latest(count, filter)
	} else {
		ctx, cancel := a.waitContext(w, r)
		defer cancel()
		ctx, cancelTimeout := context.WithTimeout(ctx, page.timeout)
		defer cancelTimeout()
		entries = a.Journal.Wait(ctx, page.after, count, filter)
	}
	last := page.after
	if len(entries) > 0 {
		last = entries[len(entries)-1].ID
	}
	return send(w, http.StatusOK, map[string]any{
		name: notNil(entries), "last": last, "complete": uint64(len(entries)) >= page.count,
	})
}

// waitContext returns the context of a request that may wait. It also ends when the emulator begins
// to stop. The caller must call cancel.
func (a *api) waitContext(w http.ResponseWriter, r *http.Request) (ctx context.Context, cancel func()) {
	// Without this, the server's timeout for reading the request would end the wait.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	ctx, cancelContext := context.WithCancel(r.Context())
	done := make(chan struct{}) // closed by the goroutine when it ends
	go func() {
		defer close(done)
		select {
		case <-a.Stopping:
			cancelContext()
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		cancelContext()
		<-done
	}
}
