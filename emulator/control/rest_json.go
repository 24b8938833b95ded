package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/gorilla/mux"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/shape"
)

// maximumBody is far above the largest request that the shapes allow.
const maximumBody = 1 << 20

// gather collects the members of a request from where they travel. Which of
// them count is for their shapes to say (decision D19).
func gather(op Operation, w http.ResponseWriter, r *http.Request) (map[string]any, error) {
	members := map[string]any{}
	if r.Method == http.MethodPost {
		body := buffers.Get().(*bytes.Buffer)
		defer buffers.Put(body)
		err := readBody(body, w, r)
		if err != nil {
			return nil, err
		}
		if members, err = parseBody(body.Bytes()); err != nil { // which keeps nothing of it
			return nil, err
		}
	}
	for _, m := range op.Input.Members {
		switch m.In {
		case shape.Path:
			value, err := url.PathUnescape(mux.Vars(r)[m.Name])
			if err != nil {
				return nil, err // the server has refused such a path before
			}
			members[m.Name] = value
		case shape.Query:
			delete(members, m.Name)
			if values := r.URL.Query()[m.Name]; values != nil {
				members[m.Name] = listOf(values)
			}
		}
	}
	return members, nil
}

func listOf(values []string) []any {
	items := make([]any, len(values))
	for i, v := range values {
		items[i] = v
	}
	return items
}

func readBody(body *bytes.Buffer, w http.ResponseWriter, r *http.Request) error {
	body.Reset()
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, maximumBody))
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &tooLarge):
		return &ivschat.Exception{Kind: ivschat.RequestEntityTooLarge, Message: "Request body must be at most 1 MiB"}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &ivschat.Exception{Kind: ivschat.RequestTimeoutException, Message: "Request body did not arrive in time"}
	default:
		return &ivschat.Exception{Kind: ivschat.RequestAbortedException, Message: "Request body ended before it was complete"}
	}
}

// parseBody reads one JSON object. No body at all is an empty one, so that
// curl -X POST is enough for an operation without required members.
func parseBody(body []byte) (map[string]any, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return map[string]any{}, nil
	}
	if !utf8.Valid(body) {
		return nil, malformed("it is not UTF-8")
	}
	value, ok := parsePlain(body)
	if !ok {
		var err error
		if value, err = parseAny(body); err != nil {
			return nil, malformed(err.Error())
		}
	}
	members, ok := value.(map[string]any)
	if !ok {
		return nil, malformed("it is JSON, but no object")
	}
	return members, nil
}

func parseAny(text []byte) (value any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("there is more after the first JSON value")
	}
	return value, nil
}

// malformed refuses a body that cannot be read (decision D3).
func malformed(why string) *ivschat.Exception {
	return &ivschat.Exception{
		Kind:    ivschat.ValidationException,
		Message: "Request body must be one JSON object: " + why,
		Reason:  ivschat.OtherReason,
	}
}

// buffers are where requests and answers are written down.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// An answer is all there is to say to a request.
type answer struct {
	caller    ivschat.Owner
	requestID string
	status    int
	body      any                // nil for a success without body
	exception *ivschat.Exception // nil for a success
	fault     error              // what went wrong inside, for the log only
	broken    *brokenAnswer      // what a fault answers instead
}

// fail turns an error into the answer. What is no Exception stays inside and
// leaves as an InternalServerException without its text.
func (a *answer) fail(err error) {
	if errors.As(err, &a.broken) {
		a.status = a.broken.rule.Status
		return
	}
	if !errors.As(err, &a.exception) {
		a.fault = err
		a.exception = &ivschat.Exception{
			Kind:    ivschat.InternalServerException,
			Message: "The emulator failed; its log has the reason under this request's id",
		}
	}
	a.status, a.body = a.exception.Kind.Status, exceptionBody(a.exception)
}

// requestIDHeader is x-amzn-RequestId as net/http would spell it.
const requestIDHeader = "X-Amzn-Requestid"

// write sends the answer: the only place that writes a response. A client that
// has gone does not get it, and nothing can be done about that.
func (a *answer) write(w http.ResponseWriter) {
	if a.broken != nil {
		breakAnswer(w, a.broken.rule)
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
	text := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(text)
	text.Reset()
	encoder := json.NewEncoder(text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(a.body) // plain structs always encode
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(text.Len()))
	w.WriteHeader(a.status)
	_, _ = w.Write(text.Bytes())
}
