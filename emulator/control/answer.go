package control

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// An answer is everything that there is to answer to a request.
type answer struct {
	caller    ivschat.Principal
	requestID string
	status    int
	body      any                // nil for a success without a body
	exception *ivschat.Exception // nil for a success
	failure   error              // an internal error, for the log only
	broken    *brokenAnswer      // what a fault answers instead
}

// fail makes an answer of an error. An error that is not an exception is only logged; the client gets
// an InternalServerException without its text.
func (a *answer) fail(err error) {
	if errors.As(err, &a.broken) {
		a.status = a.broken.status()
		return
	}
	if !errors.As(err, &a.exception) {
		a.exception = a.internal(err)
	}
	a.status, a.body = a.exception.Kind.Status, exceptionBody(a.exception)
}

func (a *answer) internal(err error) *ivschat.Exception {
	if errors.Is(err, context.Canceled) { // the client has disconnected
		return &ivschat.Exception{Kind: ivschat.RequestAbortedException, Message: "The request was cancelled"}
	}
	a.failure = err
	return &ivschat.Exception{
		Kind:    ivschat.InternalServerException,
		Message: "The emulator failed; its log has the reason under this request's ID",
	}
}

// requestIDHeader is x-amzn-RequestId in the spelling of net/http.
const requestIDHeader = "X-Amzn-Requestid"

// write sends the answer. This is the only place that writes a response. Nothing can be done if the
// client has disconnected.
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
