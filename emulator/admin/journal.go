package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/room"
	"github.com/ivschat-local/ivschat-local/internal/contexts"
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
	return a.sendEntries(w, r, journal.Filter{
		Kind: journal.Frame, Account: arn.Owner.AccountID, Room: arn.String(), Direction: direction,
	})
}

// checkKnown refuses a room that does not exist, unless it has open sessions or entries in the journal:
// then it was deleted, and what is left of it can still be read.
func (a *api) checkKnown(ctx context.Context, arn ivschat.ARN) error {
	_, err := a.Rooms.Room(ctx, arn)
	exception, ok := errors.AsType[*ivschat.Exception](err)
	if !ok {
		return err
	}
	filter := journal.Filter{Room: arn.String()}
	if a.Journal.Has(filter) || a.ChatLogs.Records().Has(filter) {
		return nil
	}
	if open, err := a.Live.Select(ctx, room.Selection{Room: arn}); err != nil || len(open) > 0 {
		return err
	}
	return newStatusError(http.StatusNotFound, "%s", exception.Message)
}

// A listEnd has the members of a list of entries that follow the items.
type listEnd struct {
	Last     uint64 `json:"last"`     // ID of the last item, or after if there is none
	Complete bool   `json:"complete"` // whether there are as many items as count says
	TimedOut bool   `json:"timedOut"`
	Missed   uint64 `json:"missed,omitempty"`  // at most how many entries were dropped
	Message  string `json:"message,omitempty"` // why a wait ended without success
}

// sendEntries answers with the page of selected entries of the journal that the query asks for.
func (a *api) sendEntries(w http.ResponseWriter, r *http.Request, filter journal.Filter) error {
	return a.sendEntriesOf(a.Journal, w, r, filter, "")
}

// sendEntriesOf is sendEntries for any journal. If a wait ends without success, the hint, unless it is empty, is a
// part of the message.
func (a *api) sendEntriesOf(
	of *journal.Journal, w http.ResponseWriter, r *http.Request, filter journal.Filter, hint string,
) error {
	page, err := pageOf(r)
	if err != nil {
		return err
	}
	after, count, ended := page.after, page.count, ""
	if page.latest {
		after = of.BeforeLatest(count, filter)
	} else if ended = a.wait(of, r, page, filter); count == 0 {
		count = -1 // all
	}
	w.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodHead {
		return nil
	}
	newStream(w).sendList(of.Read(after, filter), count, func(sent sentEntries) listEnd {
		end := listEnd{
			Last: max(page.after, sent.last), Complete: sent.count >= page.count, Missed: sent.missed,
		}
		if ended != "" && !end.Complete {
			end.TimedOut = ended != stops
			end.Message = fmt.Sprintf("%s: there are %d of the %d entries after %d; the journal's last entry is %d",
				ended, sent.count, page.count, page.after, of.Last())
			if hint != "" {
				end.Message += "; " + hint
			}
			if sent.missed > 0 {
				end.Message += fmt.Sprintf("; at most %d were dropped, because the journal was full", sent.missed)
			}
		}
		return end
	})
	return nil
}

// stops is why a wait ended if the emulator began to stop.
const stops = "the emulator stops"

// wait waits for the entries of the page. It returns why the wait ended if there are not enough, else "".
func (a *api) wait(of *journal.Journal, r *http.Request, page page, filter journal.Filter) (ended string) {
	ctx, cancel := contexts.UntilClosed(r.Context(), a.Stopping)
	defer cancel()
	ctx, cancelTimeout := context.WithTimeout(ctx, page.timeout)
	defer cancelTimeout()
	switch {
	case page.timeout == 0 || of.Await(ctx, page.after, page.count, filter):
		return ""
	case ctx.Err() == context.DeadlineExceeded:
		return fmt.Sprintf("after %v", page.timeout)
	default:
		return stops
	}
}
