package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// send answers with a value as JSON. People read it in a terminal, so < and > stay as they are.
func send(w http.ResponseWriter, status int, value any) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes())
	return nil
}

// sendItems answers with a list. Every list of the admin API has its items in the member items.
func sendItems[Item any](w http.ResponseWriter, status int, items []Item) error {
	return send(w, status, map[string]any{"items": notNil(items)})
}

// sendDocument returns a handler that answers with a JSON document.
func sendDocument(text []byte) handlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(text)
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

// notFound handles a path that does not exist.
func notFound(_ http.ResponseWriter, r *http.Request) error {
	return newStatusError(http.StatusNotFound,
		"the path %s does not exist: see %sopenapi.json", r.URL.Path, Prefix)
}

// methodNotAllowed handles a path that exists, but not with the method.
func methodNotAllowed(_ http.ResponseWriter, r *http.Request) error {
	return newStatusError(http.StatusMethodNotAllowed,
		"%s does not support %s: see %sopenapi.json", r.URL.Path, r.Method, Prefix)
}

// sendError answers with an error. An error that is not for the client goes to the log.
func (a *api) sendError(w http.ResponseWriter, r *http.Request, err error) {
	answer, ok := errors.AsType[*statusError](err)
	switch {
	case ok:
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
