package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/ivschat-local/ivschat-local/emulator/cors"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A response is the result of a request: what is sent to the client, and what is logged.
type response struct {
	caller    caller
	requestID string
	status    int
	body      any                // nil for a success without a body
	exception *ivschat.Exception // nil for a success
	failure   error              // an internal error, for the log only
	fault     *faultResponse     // what a fault sends instead; nil without such a fault

	origin     string // of the web page that sent the request; "" without one
	unreadable bool   // for web pages
}

// fail sets the response for an error. An error that is not an exception is only logged; the client
// gets an InternalServerException without its text.
func (r *response) fail(err error) {
	if fault, ok := errors.AsType[*faultResponse](err); ok {
		r.fault, r.status = fault, fault.answer().Status
		return
	}
	exception, ok := errors.AsType[*ivschat.Exception](err)
	switch {
	case ok:
	case errors.Is(err, context.Canceled):
		exception = cancelled()
	default:
		r.failure, exception = err, internal()
	}
	r.exception, r.status, r.body = exception, exception.Type.Status, exceptionBody(exception)
}

// cancelled returns the exception for a request whose client has disconnected. No one receives it,
// but the log and the journal show it.
func cancelled() *ivschat.Exception {
	return &ivschat.Exception{
		Type:    ivschat.RequestAbortedException,
		Message: "The request was cancelled",
	}
}

// internal returns the exception for an error of the emulator.
func internal() *ivschat.Exception {
	return &ivschat.Exception{
		Type:    ivschat.InternalServerException,
		Message: "Internal error of the emulator: its log has the reason, with this request ID",
	}
}

// requestIDHeader is x-amzn-RequestId in the spelling of net/http.
const requestIDHeader = "X-Amzn-Requestid"

// contentType is the value of Content-Type. It is shared, and must not be changed.
var contentType = []string{"application/json"}

// encode writes the body of the response into a buffer, which stays empty if there is no body.
func (r *response) encode(text *bytes.Buffer) {
	if r.fault != nil {
		text.WriteString(r.fault.answer().Body)
		return
	}
	if r.status == http.StatusNoContent {
		return
	}
	if body, ok := r.body.(appender); ok {
		text.Write(append(body.appendJSON(text.AvailableBuffer()), '\n'))
		return
	}
	encoder := json.NewEncoder(text)
	encoder.SetEscapeHTML(false) // decision D54
	_ = encoder.Encode(r.body)   // plain structs never fail
}

// write sends the response with its encoded body. This is the only place that does. Errors of writing
// are ignored, because they only mean that the client has disconnected.
func (r *response) write(w http.ResponseWriter, text []byte) {
	header := w.Header()
	values := []string{r.requestID, strconv.Itoa(len(text))} // in one piece of memory
	if r.fault == nil || !r.fault.answer().Bare {
		header[requestIDHeader] = values[:1:1]
		if !r.unreadable {
			cors.Allow(header, r.origin)
		}
	}
	if r.fault != nil {
		fault.Respond(w, r.fault.effect)
		return
	}
	if r.exception != nil {
		header.Set("x-amzn-ErrorType", r.exception.Type.Name)
	}
	if r.status != http.StatusNoContent {
		header["Content-Type"] = contentType
		header["Content-Length"] = values[1:]
	}
	w.WriteHeader(r.status)
	_, _ = w.Write(text)
}
