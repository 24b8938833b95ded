package chatclient

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// A RefusedError is an answer that refuses a handshake or an operation. Members that
// the answer does not have are zero.
type RefusedError struct {
	Request   string       // "handshake", or the name of the operation
	Status    int          // HTTP status
	ErrorType string       // x-amzn-ErrorType, for instance AccessDeniedException
	RequestID string       // x-amzn-RequestId
	Message   string       // member message of the body, or the body if it is not JSON
	FieldList []FieldError // of a ValidationException: everything that is wrong with the input
}

// A FieldError says what is wrong with one member of an input. It is a
// ValidationExceptionField of the service.
type FieldError struct {
	Name    string // for instance destinationConfiguration.s3.bucketName
	Message string
}

// Error describes the answer in one line.
func (e *RefusedError) Error() string {
	text := fmt.Sprintf("%s refused: %d %s", e.Request, e.Status, http.StatusText(e.Status))
	if e.ErrorType != "" {
		text += ", " + e.ErrorType
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	var details []string
	for i, field := range e.FieldList {
		if i > 0 || !strings.Contains(e.Message, field.Message) { // the message has the first
			details = append(details, field.Name+": "+field.Message)
		}
	}
	if e.RequestID != "" {
		details = append(details, "request ID "+e.RequestID)
	}
	if len(details) > 0 {
		text += " (" + strings.Join(details, "; ") + ")"
	}
	return text
}

// maxRefusalBytes is how much of the body of a refusal is read.
const maxRefusalBytes = 64 << 10

// refused describes an answer. It reads the body and leaves it open.
func refused(request string, response *http.Response) *RefusedError {
	body, _ := io.ReadAll(io.LimitReader(response.Body, maxRefusalBytes)) // what arrived is enough
	e := &RefusedError{
		Request:   request,
		Status:    response.StatusCode,
		ErrorType: response.Header.Get("x-amzn-ErrorType"),
		RequestID: response.Header.Get("x-amzn-RequestId"),
		Message:   strings.TrimSpace(string(body)),
	}
	var members struct {
		Message   string
		FieldList []FieldError
	}
	if json.Unmarshal(body, &members) == nil {
		e.Message, e.FieldList = members.Message, members.FieldList
	}
	return e
}

// websocketURL replaces the schemes http and https.
func websocketURL(endpoint string) (string, error) {
	parsed, err := url.Parse(endpoint)
	if err != nil {
		return "", fmt.Errorf("the endpoint must be a URL such as ws://127.0.0.1:4700: %w", err)
	}
	switch parsed.Scheme {
	case "http", "ws":
		parsed.Scheme = "ws"
	case "https", "wss":
		parsed.Scheme = "wss"
	default:
		return "", fmt.Errorf("the endpoint must be a URL such as ws://127.0.0.1:4700, but is %q", endpoint)
	}
	return parsed.String(), nil
}

// handshake opens a connection. It ends early when the context does, which
// gorilla/websocket alone does only until the network connection is there.
func handshake(ctx context.Context, address, token string, options Options) (*websocket.Conn, error) {
	dial := options.NetDial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	stop := func() bool { return true }
	dialer := websocket.Dialer{
		NetDialContext: func(dialing context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(dialing, network, address)
			if err == nil {
				stop = context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
			}
			return conn, err
		},
		Proxy:            options.Proxy,
		TLSClientConfig:  options.TLS,
		HandshakeTimeout: cmp.Or(options.HandshakeTimeout, DefaultHandshakeTimeout),
		ReadBufferSize:   options.ReadBufferSize,
		WriteBufferSize:  options.WriteBufferSize,
		Subprotocols:     []string{token},
	}
	conn, response, err := dialer.DialContext(ctx, address, nil)
	interrupted := !stop() // and the deadline may be set
	switch {
	case errors.Is(err, websocket.ErrBadHandshake) && response.StatusCode != http.StatusSwitchingProtocols:
		return nil, refused("handshake", response)
	case err == nil && interrupted:
		_ = conn.Close()
		fallthrough
	case interrupted:
		return nil, fmt.Errorf("connect to %s: %w", address, context.Cause(ctx))
	case err != nil:
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	return conn, nil
}
