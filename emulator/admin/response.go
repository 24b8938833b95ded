package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// send answers with a value as JSON.
func send(w http.ResponseWriter, status int, value any) error {
	text, err := encode(value)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = sendPieces(w, text)
	return nil
}

// encode returns a value as JSON. People read it in a terminal, so < and > stay as they are.
func encode(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return text.Bytes(), err
}

// sendPieces sends a text. A client that does not read is disconnected, however long the text is (decision
// D44).
func sendPieces(w http.ResponseWriter, text []byte) error {
	for piece := range slices.Chunk(text, pieceBytes) {
		setDeadline(w)
		if _, err := w.Write(piece); err != nil {
			return err
		}
	}
	return nil
}

// setDeadline limits how long the next piece may take. The server ends the deadline after the answer. A
// writer without deadlines, such as that of a test, keeps everything in memory.
func setDeadline(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout))
}

// sendItems answers with a list.
func sendItems[Item any](w http.ResponseWriter, status int, items []Item) error {
	return send(w, status, itemsOf(items))
}

// itemsOf returns a list for JSON. Every list of the admin API has its items in the member items.
func itemsOf[Item any](items []Item) map[string]any {
	return map[string]any{"items": notNil(items)}
}

// sendDocument returns a handler that answers with a JSON document.
func sendDocument(text []byte) handlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "application/json")
		_ = sendPieces(w, text)
		return nil
	}
}

// sendNothing answers a request that succeeded and has no result.
func sendNothing(w http.ResponseWriter) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// A statusError is an error for the client. The answer has its HTTP status and its message.
type statusError struct {
	status  int
	message string
}

// Error returns the message.
func (e *statusError) Error() string { return e.message }

func newStatusError(status int, format string, args ...any) error {
	return &statusError{status, fmt.Sprintf(format, args...)}
}

func badRequest(format string, args ...any) error {
	return newStatusError(http.StatusBadRequest, format, args...)
}

// refused returns an error for the client about a change that was not made: what is wrong with it, or that the other
// nodes cannot be reached.
func refused(err error) error {
	if asUnavailable(err) != nil {
		return err
	}
	return badRequest("%v", err)
}

// asUnavailable returns the exception that says that the other nodes cannot be reached, nil if the error is another
// one.
func asUnavailable(err error) *ivschat.Exception {
	exception, _ := errors.AsType[*ivschat.Exception](err)
	if exception == nil || exception.Type != ivschat.ServiceUnavailable {
		return nil
	}
	return exception
}

// notFound handles a path that does not exist.
func notFound(_ http.ResponseWriter, r *http.Request) error {
	return newStatusError(http.StatusNotFound,
		"the path %.200s does not exist: see %sopenapi.json", r.URL.Path, Prefix)
}

// methodNotAllowed handles a path that exists, but not with the method.
func methodNotAllowed(_ http.ResponseWriter, r *http.Request) error {
	return newStatusError(http.StatusMethodNotAllowed,
		"%.200s does not support %.40s: see %sopenapi.json", r.URL.Path, r.Method, Prefix)
}

// An answer is the answer to a request. It knows whether it has begun.
type answer struct {
	http.ResponseWriter
	begun bool
}

// WriteHeader begins the answer.
func (w *answer) WriteHeader(status int) {
	w.begun = true
	w.ResponseWriter.WriteHeader(status)
}

// Write begins the answer, unless it has begun.
func (w *answer) Write(text []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(text)
}

// Unwrap returns the writer that http.ResponseController needs.
func (w *answer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// recovering returns a handler that makes a panic an internal error. It ends the connection only if the
// answer has begun, so that the client does not take it for a complete one.
func (a *api) recovering(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writer := &answer{ResponseWriter: w}
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p != http.ErrAbortHandler {
				err := fmt.Errorf("panic: %v\n%s", p, debug.Stack())
				if !writer.begun {
					a.sendError(writer, r, err)
					return
				}
				a.Logger.Error("internal error", "path", r.URL.Path, "error", err)
			}
			panic(http.ErrAbortHandler)
		}()
		handler.ServeHTTP(writer, r)
	})
}

// sendError answers with an error. An error that is not for the client goes to the log.
func (a *api) sendError(w http.ResponseWriter, r *http.Request, err error) {
	answer, ok := errors.AsType[*statusError](err)
	unavailable := asUnavailable(err)
	switch {
	case ok:
	case unavailable != nil:
		answer = &statusError{unavailable.Type.Status, unavailable.Message}
	case errors.Is(err, context.Canceled): // the client has disconnected
		answer = &statusError{http.StatusServiceUnavailable, "the request was cancelled"}
	default:
		a.Logger.Error("internal error", "path", r.URL.Path, "error", err)
		answer = &statusError{
			http.StatusInternalServerError, "internal error: see the emulator's log for the reason",
		}
	}
	_ = send(w, answer.status, map[string]string{"message": answer.message})
}
