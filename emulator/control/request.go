package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/plainjson"
	"github.com/ivschat-local/ivschat-local/emulator/shape"
)

// A request is an HTTP request whose body is read and whose caller is known.
type request struct {
	*http.Request
	body []byte // valid until the request is answered
	call call
}

// maximumBody is the size limit of a body, in bytes. The model allows far less.
const maximumBody = 1 << 20

// buffers has *bytes.Buffer values for the bodies of requests and responses.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func getBuffer() *bytes.Buffer {
	buffer := buffers.Get().(*bytes.Buffer)
	buffer.Reset()
	return buffer
}

// maximumPooled is the size, in bytes, of the largest buffer that is used again. A larger one is rarely
// needed, and would stay in memory for a long time.
const maximumPooled = 64 << 10

func putBuffer(buffer *bytes.Buffer) {
	if buffer.Cap() <= maximumPooled {
		buffers.Put(buffer)
	}
}

// readBody reads the body of a request into a buffer (decision D3 and decision D51).
func readBody(body *bytes.Buffer, w http.ResponseWriter, r *http.Request) error {
	coding := strings.Join(r.Header["Content-Encoding"], ", ")
	if coding != "" && !strings.EqualFold(coding, "identity") {
		return &ivschat.Exception{
			Type: ivschat.MalformedHTTPRequest,
			Message: fmt.Sprintf(
				"Request body must be sent without compression, but Content-Encoding is %.100q", coding),
		}
	}
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, maximumBody))
	_, tooLarge := errors.AsType[*http.MaxBytesError](err)
	switch {
	case err == nil:
		return nil
	case tooLarge:
		return &ivschat.Exception{
			Type: ivschat.RequestEntityTooLarge, Message: "Request body must be at most 1 MiB",
		}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &ivschat.Exception{
			Type: ivschat.RequestTimeoutException, Message: "Request body did not arrive in time",
		}
	default:
		return &ivschat.Exception{
			Type: ivschat.RequestAbortedException, Message: "Request body ended before it was complete",
		}
	}
}

// members collects the members of a request from its body, path and query. The model determines
// which of them have a meaning (decision D19).
func (r request) members(input shape.Structure) (map[string]any, error) {
	members, err := parseBody(r.body) // which is empty unless it has a meaning
	if err != nil {
		return nil, err
	}
	for _, m := range input.Members {
		switch m.In {
		case shape.Path:
			_, members[m.Name] = splitPath(r.URL.Path)
		case shape.Query:
			if values := r.URL.Query()[m.Name]; values != nil {
				members[m.Name] = listOf(values)
			}
		}
	}
	return members, nil
}

// recorded returns the request for the journal: its body, unchanged, unless it has members in its path
// or query, too.
func (r request) recorded(input shape.Structure) []byte {
	elsewhere := func(m shape.Member) bool { return m.In != shape.Body }
	if !slices.ContainsFunc(input.Members, elsewhere) {
		if len(input.Members) > 0 && len(bytes.TrimSpace(r.body)) == 0 {
			return []byte("{}") // which an empty body means
		}
		return r.body
	}
	members, err := r.members(input)
	if err != nil {
		return r.body
	}
	text, _ := json.Marshal(members) // decoded JSON always encodes
	return text
}

func listOf(values []string) []any {
	items := make([]any, len(values))
	for i, v := range values {
		items[i] = v
	}
	return items
}

// parseBody parses one JSON object. An empty body counts as an empty object, so that curl -X POST
// is enough for an operation without required members. The result does not refer to the body, whose
// buffer is reused.
func parseBody(body []byte) (map[string]any, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return map[string]any{}, nil
	}
	if !utf8.Valid(body) {
		return nil, malformed("it is not UTF-8")
	}
	value, ok := plainjson.Parse(body)
	if !ok {
		var err error
		if value, err = parseJSON(body); err != nil {
			return nil, malformed(err.Error())
		}
	}
	members, ok := value.(map[string]any)
	if !ok {
		return nil, malformed("it is JSON, but not an object")
	}
	return members, nil
}

func parseJSON(text []byte) (value any, err error) {
	if plainjson.TooDeep(text) {
		return nil, fmt.Errorf("it is nested more than %d levels deep", plainjson.MaximumDepth)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more after the first JSON value")
	}
	return value, nil
}

// malformed returns the exception for a body that cannot be parsed (decision D3).
func malformed(why string) *ivschat.Exception {
	return &ivschat.Exception{
		Type:    ivschat.ValidationException,
		Message: "Request body must be one JSON object: " + why,
		Reason:  ivschat.OtherReason,
	}
}
