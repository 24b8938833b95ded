package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

func (a *api) getHandshakes(w http.ResponseWriter, r *http.Request) error {
	return a.sendEntries(w, r, journal.Filter{Kind: journal.Handshake, Account: accountOf(r)})
}

func (a *api) getJournal(w http.ResponseWriter, r *http.Request) error {
	kind, err := oneOf(r, "kind", journal.Kinds())
	if err != nil {
		return err
	}
	return a.sendEntries(w, r, journal.Filter{Kind: kind, Account: accountOf(r)})
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
	if err := a.checkKnown(r.Context(), arn); err != nil {
		return err
	}
	filter := journal.Filter{Kind: journal.Frame, Room: arn.String(), Direction: direction}
	return a.sendEntries(w, r, filter)
}

// checkKnown refuses a room that does not exist, unless it has open sessions or entries in the journal:
// then it was deleted, and what is left of it can still be read.
func (a *api) checkKnown(ctx context.Context, arn ivschat.ARN) error {
	_, err := a.Rooms.Room(ctx, arn)
	exception, ok := errors.AsType[*ivschat.Exception](err)
	if !ok {
		return err
	}
	if len(a.Live.Sessions("", arn)) > 0 || a.Journal.Has(journal.Filter{Room: arn.String()}) {
		return nil
	}
	return newStatusError(http.StatusNotFound, "%s", exception.Message)
}

// An entriesView is a part of the journal in JSON.
type entriesView struct {
	Items    []journal.Entry `json:"items"`
	Last     uint64          `json:"last"`     // ID of the last item, or after if there is none
	Complete bool            `json:"complete"` // whether there are as many items as count says
	TimedOut bool            `json:"timedOut"`
	Message  string          `json:"message,omitempty"` // why a wait ended without success
}

// sendEntries answers with the page of selected entries that the query asks for.
func (a *api) sendEntries(w http.ResponseWriter, r *http.Request, filter journal.Filter) error {
	page, err := pageOf(r)
	if err != nil {
		return err
	}
	view := entriesView{Last: page.after}
	if page.latest {
		view.Items = a.Journal.Latest(page.count, filter)
	} else {
		a.wait(w, r, page, filter, &view)
	}
	if len(view.Items) > 0 {
		view.Last = view.Items[len(view.Items)-1].ID
	}
	view.Items, view.Complete = notNil(view.Items), len(view.Items) >= page.count
	return send(w, http.StatusOK, view)
}

// wait waits for the entries of the page. If there are not enough in the end, the view says why.
func (a *api) wait(
	w http.ResponseWriter, r *http.Request, page page, filter journal.Filter, view *entriesView,
) {
	ctx, cancel := a.waitContext(r)
	defer cancel()
	ctx, cancelTimeout := context.WithTimeout(ctx, page.timeout)
	defer cancelTimeout()
	view.Items = a.Journal.Wait(ctx, page.after, page.count, filter)
	if len(view.Items) >= page.count || page.timeout == 0 {
		return
	}
	ended := "the emulator stops"
	if view.TimedOut = ctx.Err() == context.DeadlineExceeded; view.TimedOut {
		ended = fmt.Sprintf("after %v", page.timeout)
	}
	view.Message = fmt.Sprintf("%s: there are %d of the %d entries after %d; the journal's last entry is %d",
		ended, len(view.Items), page.count, page.after, a.Journal.Last())
}

// waitContext returns the context of a request that may wait. It also ends when the emulator begins
// to stop. The caller must call cancel.
func (a *api) waitContext(r *http.Request) (ctx context.Context, cancel func()) {
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
