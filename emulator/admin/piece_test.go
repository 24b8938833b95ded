package admin_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// A pieceWriter is the writer of a response. It counts the pieces that are written.
type pieceWriter struct {
	*httptest.ResponseRecorder
	pieces int
	write  func(piece int) error // called before a piece is written
	flush  func() error
}

func (w *pieceWriter) Write(text []byte) (int, error) {
	w.pieces++
	if w.write != nil {
		if err := w.write(w.pieces); err != nil {
			return 0, err
		}
	}
	return w.ResponseRecorder.Write(text)
}

func (w *pieceWriter) FlushError() error {
	if w.flush != nil {
		return w.flush()
	}
	return nil
}

// longJournal returns a journal with entries of ten kilobytes, and the handler of the admin API with it.
func longJournal(entries int) (*journal.Journal, http.Handler) {
	j := journal.New(journal.MinimumBytes)
	for range entries {
		j.Add(journal.Entry{Kind: journal.Frame, Text: strings.Repeat("x", 10_000)})
	}
	return j, admin.Handler(admin.Config{Journal: j, Logger: slog.New(slog.DiscardHandler)})
}

func get(handler http.Handler, w http.ResponseWriter, path string) {
	handler.ServeHTTP(w, httptest.NewRequest("GET", "http://localhost"+admin.Prefix+path, nil))
}

func TestNothingIsSentAfterAPieceThatCouldNotBeSent(t *testing.T) {
	for _, path := range []string{"journal?after=0&count=0", "events?after=0"} {
		synctest.Test(t, func(t *testing.T) {
			_, handler := longJournal(50)
			w := &pieceWriter{ResponseRecorder: httptest.NewRecorder()}
			w.write = func(piece int) error {
				if piece == 1 {
					return errors.New("the connection broke")
				}
				return nil
			}
			get(handler, w, path) // which ends
			if w.pieces != 1 {
				t.Errorf("%s: %d pieces were sent", path, w.pieces-1)
			}
		})
	}
}

func TestAStreamEndsWhenTheConnectionDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, handler := longJournal(1)
		w := &pieceWriter{ResponseRecorder: httptest.NewRecorder()}
		w.flush = func() error { return errors.New("the connection broke") }
		get(handler, w, "events?after=0") // which ends
		if w.pieces != 1 {                // the comment at the beginning
			t.Errorf("%d pieces were sent, want 1", w.pieces)
		}
	})
}

func TestALongAnswerIsSentInPiecesWhileTheJournalIsRead(t *testing.T) {
	const entries = 80
	j, handler := longJournal(entries)
	itemsOf := func(w *pieceWriter) int {
		t.Helper()
		get(handler, w, "journal?after=0&count=0")
		var answer struct{ Items []any }
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		return len(answer.Items)
	}
	w := &pieceWriter{ResponseRecorder: httptest.NewRecorder()}
	if n := itemsOf(w); n != entries || w.pieces > entries/2 {
		t.Errorf("%d items in %d pieces", n, w.pieces)
	}
	w = &pieceWriter{ResponseRecorder: httptest.NewRecorder(), write: func(piece int) error {
		if piece == 1 {
			j.Forget("")
		}
		return nil
	}}
	if n := itemsOf(w); n == 0 || n == entries {
		t.Errorf("%d items, though the journal was cleared after the first piece", n)
	}
}

// Otherwise, a list of a busy journal could go on for ever.
func TestAListHasNoEntryThatIsAddedWhileItIsSent(t *testing.T) {
	const entries = 80
	j, handler := longJournal(entries)
	w := &pieceWriter{ResponseRecorder: httptest.NewRecorder(), write: func(int) error {
		j.Add(journal.Entry{Kind: journal.Frame})
		return nil
	}}
	get(handler, w, "journal?after=0&count=0")
	var answer struct {
		Items []any
		Last  int
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || len(answer.Items) != entries ||
		answer.Last != entries {
		t.Errorf("%d items, and last %d: %v", len(answer.Items), answer.Last, err)
	}
}
