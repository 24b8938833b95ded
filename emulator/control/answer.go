package control

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// An answer is the result of a request: what is sent to the client, and what is logged.
type answer struct {
	caller    ivschat.Principal
	requestID string
	status    int
	body      any                // nil for a success without a body
	exception *ivschat.Exception // nil for a success
	failure   error              // an internal error, for the log only
	broken    *brokenAnswer      // what a fault sends instead; nil without such a fault
}

// fail sets the answer for an error. An error that is not an exception is only logged; the client
// gets an InternalServerException without its text.
func (a *answer) fail(err error) {
	if broken, ok := errors.AsType[*brokenAnswer](err); ok {
		a.broken, a.status = broken, broken.status()
		return
	}
	exception, ok := errors.AsType[*ivschat.Exception](err)
	switch {
	case ok:
	case errors.Is(err, context.Canceled):
		exception = cancelled()
	default:
		a.failure, exception = err, internal()
	}
	a.exception, a.status, a.body = exception, exception.Kind.Status, exceptionBody(exception)
}

// cancelled returns the exception for a request whose client has disconnected. No one receives it,
// but the log and the journal show it.
func cancelled() *ivschat.Exception {
	return &ivschat.Exception{
		Kind:    ivschat.RequestAbortedException,
		Message: "The request was cancelled",
	}
}

// internal returns the exception for an error of the emulator.
func internal() *ivschat.Exception {
	return &ivschat.Exception{
		Kind:    ivschat.InternalServerException,
		Message: "Internal error of the emulator: its log has the reason, with this request ID",
	}
}

// requestIDHeader is x-amzn-RequestId in the spelling of net/http.
const requestIDHeader = "X-Amzn-Requestid"

// write sends the answer. This is the only place that writes a response. Errors of writing are
// ignored, because they only mean that the client has disconnected.
func (a *answer) write(w http.ResponseWriter) {
	if a.broken != nil {
		a.broken.write(w)
		return
	}
	header := w.Header()
	allowBrowsers(header)
	header.Set(requestIDHeader, a.requestID)
	if a.exception != nil {
		header.Set("x-amzn-ErrorType", a.exception.Kind.Name)
	}
	if a.status == http.StatusNoContent {
		w.WriteHeader(a.status)
		return
	}
	text := getBuffer()
	defer putBuffer(text)
	encoder := json.NewEncoder(text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(a.body) // plain structs never fail
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(text.Len()))
	w.WriteHeader(a.status)
	_, _ = w.Write(text.Bytes())
}
