package conformance_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/conformance"
	"github.com/ivschat-local/ivschat-local/emulator"
)

// A mutant is an emulator that misbehaves in one way: it stands in front of one
// that does not and changes what passes. Each of its functions may be nil.
type mutant struct {
	request   func(operation string, members map[string]any)              // of a control plane request
	reply     func(operation string, r *answer)                           // to it
	handshake func(m *front, w http.ResponseWriter, r *http.Request) bool // reports whether it has answered itself
	refusal   func(m *front, w http.ResponseWriter, r *http.Request, refused *answer) bool
	opened    func(c *line)                      // after the handshake
	up        func(c *line, frame string) string // from the client
	down      func(c *line, frame string) []string
	ended     func(c *line, code int) int // the close code that the client gets, 0 for none, or never
	options   func(u *websocket.Upgrader)
}

// An answer is an HTTP reply that can be changed.
type answer struct {
	status  int
	header  http.Header
	body    string
	members map[string]any // of the body, when it is a JSON object
}

// A front is a mutant at work.
type front struct {
	mutant
	inner *emulator.Emulator

	mu    sync.Mutex
	lines []*line
}

// A line is a connection through the front.
type line struct {
	front        *front
	outer, inner *websocket.Conn
	mu           sync.Mutex   // of writes to outer
	said         atomic.Int32 // frames that came from the client
	kept         string       // whatever the mutant wants to remember
}

// mutate starts an emulator behind a mutant.
func mutate(t *testing.T, m mutant) conformance.Target {
	t.Helper()
	f := &front{mutant: m, inner: start(t, emulator.Config{})}
	server := httptest.NewServer(f)
	t.Cleanup(func() {
		f.hangUp()
		server.Close()
	})
	return conformance.Target{
		Endpoint: server.URL, Messaging: strings.Replace(server.URL, "http", "ws", 1), Region: "us-east-1", Advance: f.inner.Clock().Advance,
	}
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if websocket.IsWebSocketUpgrade(r) || r.Header.Get("Upgrade") != "" {
		f.serveSocket(w, r)
		return
	}
	operation := strings.TrimPrefix(r.URL.Path, "/")
	if strings.HasPrefix(operation, "tags/") {
		operation = r.Method + " tags"
	}
	body, _ := io.ReadAll(r.Body)
	if members := object(string(body)); members != nil && f.request != nil {
		f.request(operation, members)
		body, _ = json.Marshal(members)
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	recorder := httptest.NewRecorder()
	f.inner.ServeHTTP(recorder, r)
	a := &answer{recorder.Code, recorder.Header(), recorder.Body.String(), object(recorder.Body.String())}
	if f.reply != nil {
		f.reply(operation, a)
		if a.members != nil {
			text, _ := json.Marshal(a.members)
			a.body = string(text)
		}
	}
	a.write(w)
}

func object(text string) (members map[string]any) {
	_ = json.Unmarshal([]byte(text), &members)
	return members
}

func (a *answer) write(w http.ResponseWriter) {
	for name, values := range a.header {
		if name != "Content-Length" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(a.status)
	if a.status != http.StatusNoContent {
		_, _ = io.WriteString(w, a.body)
	}
}

func (f *front) upgrade(w http.ResponseWriter, r *http.Request) *websocket.Conn {
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }, Subprotocols: websocket.Subprotocols(r)}
	if f.options != nil {
		f.options(&upgrader)
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return nil
	}
	return conn
}

func (f *front) serveSocket(w http.ResponseWriter, r *http.Request) {
	if f.handshake != nil && f.handshake(f, w, r) {
		return
	}
	dialer := websocket.Dialer{Subprotocols: websocket.Subprotocols(r)}
	inner, response, err := dialer.Dial(strings.Replace(f.inner.URL(), "http", "ws", 1)+r.URL.Path, nil)
	if err != nil {
		if !errors.Is(err, websocket.ErrBadHandshake) {
			panic(err)
		}
		body, _ := io.ReadAll(response.Body)
		refused := &answer{response.StatusCode, response.Header, string(body), nil}
		if f.refusal == nil || !f.refusal(f, w, r, refused) {
			refused.write(w)
		}
		return
	}
	defer inner.Close()
	f.mu.Lock() // until the line is known, since the client may be fast
	outer := f.upgrade(w, r)
	if outer == nil {
		f.mu.Unlock()
		return
	}
	c := &line{front: f, outer: outer, inner: inner}
	f.lines = append(f.lines, c)
	f.mu.Unlock()
	if f.opened != nil {
		f.opened(c)
	}
	go c.carryUp()
	c.carryDown()
}

// carryUp carries frames from the client until it is gone.
func (c *line) carryUp() {
	defer c.inner.Close()
	for {
		kind, frame, err := c.outer.ReadMessage()
		if err != nil {
			return
		}
		c.said.Add(1)
		if c.front.up != nil {
			frame = []byte(c.front.up(c, string(frame)))
		}
		if c.inner.WriteMessage(kind, frame) != nil {
			return
		}
	}
}

// carryDown carries frames to the client, and the end as it was.
func (c *line) carryDown() {
	for {
		_, frame, err := c.inner.ReadMessage()
		if err != nil {
			code := 0
			if closed := (*websocket.CloseError)(nil); errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure {
				code = closed.Code
			}
			if c.front.ended != nil {
				code = c.front.ended(c, code)
			}
			c.end(code)
			return
		}
		frames := []string{string(frame)}
		if c.front.down != nil {
			frames = c.front.down(c, string(frame))
		}
		for _, frame := range frames {
			c.tell(frame)
		}
	}
}

// tell writes a frame to the client.
func (c *line) tell(frame string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.outer.WriteMessage(websocket.TextMessage, []byte(frame))
}

// never is no close code: the connection stays open.
const never = -1

// end ends the connection to the client, with a close frame unless the code is
// 0.
func (c *line) end(code int) {
	if code == never {
		return
	}
	if code != 0 {
		_ = c.outer.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
	}
	_ = c.outer.Close()
}

// tellAll writes a frame to every client, to the first of them last: when it
// goes on, the others have theirs.
func (f *front) tellAll(frame string) { f.tellAllBut(nil, frame) }

func (f *front) tellAllBut(one *line, frame string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range slices.Backward(f.lines) {
		if c != one {
			c.tell(frame)
		}
	}
}

// hangUp drops every client.
func (f *front) hangUp() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.lines {
		c.end(0)
		_ = c.inner.Close()
	}
}

// exception makes the answer one.
func (a *answer) exception(status int, name string) {
	a.status, a.body, a.members = status, `{"message":"mutant"}`, nil
	a.header.Set("x-amzn-ErrorType", name)
}

// isType reports whether a frame is of the type, an EVENT of that name too.
func isType(frame, kind string) bool {
	members := object(frame)
	return fmt.Sprint(members["Type"]) == kind || fmt.Sprint(members["EventName"]) == kind
}
