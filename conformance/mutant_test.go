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
	"github.com/ivschat-local/ivschat-local/emulator/socket"
)

// A mutant describes an emulator with one misbehaviour. It is a proxy in front of an emulator
// that behaves, and changes requests, replies and frames. Each of its functions may be nil.
type mutant struct {
	// request changes the members of a request to the control plane.
	request func(operation string, members object)
	// answers returns what replaces the answers of functions.
	answers func(answers string) string
	// reply changes a reply of the control plane.
	reply func(operation string, r *mutableReply)
	// handshake reports whether it has answered the handshake itself.
	handshake func(x *proxy, w http.ResponseWriter, r *http.Request) bool
	// refusal changes a refused handshake. It reports whether it has answered it itself.
	refusal func(x *proxy, w http.ResponseWriter, r *http.Request, refused *mutableReply) bool
	// opened is called after the handshake.
	opened func(c *proxyConn)
	// fromClient returns what replaces a frame from the client.
	fromClient func(c *proxyConn, frame string) string
	// toClient returns what replaces a frame to the client.
	toClient func(c *proxyConn, frame string) []string
	// closed returns what replaces a close code to the client: 0 is no close frame, and
	// stayOpen leaves the connection open.
	closed func(c *proxyConn, code int) int
	// arrived changes what arrives at destinations of chat logs.
	arrived func([]conformance.Arrival) []conformance.Arrival
	// options changes how handshakes are answered.
	options func(u *websocket.Upgrader)
}

// A mutableReply is an HTTP reply that a mutant can change.
type mutableReply struct {
	status  int
	header  http.Header
	body    string
	members object // of the body, if it is a JSON object; they replace the body
}

// A proxy runs a mutant in front of an emulator.
type proxy struct {
	mutant
	emulator *emulator.Emulator

	mu    sync.Mutex // guards conns
	conns []*proxyConn
}

// A proxyConn is a client's connection through a proxy.
type proxyConn struct {
	proxy          *proxy
	client, server *websocket.Conn
	writeMu        sync.Mutex   // guards writes of frames to client
	received       atomic.Int32 // number of frames from the client
	note           string       // for the mutant to remember something
}

// startMutant starts an emulator that is as a claim needs it, behind a mutant.
func startMutant(t *testing.T, m mutant, claim conformance.Claim) conformance.Target {
	t.Helper()
	var target conformance.Target
	x := &proxy{mutant: m}
	switch {
	case claim.Needs&conformance.Verified != 0:
		x.emulator, target = withAuth(t, emulator.AuthSignatures, config())
	case claim.Needs&conformance.Denied != 0:
		x.emulator, target = withAuth(t, emulator.AuthIAM, config())
	default:
		x.emulator = start(t, config())
		target = inProcess(x.emulator)
	}
	server := httptest.NewServer(x)
	t.Cleanup(func() {
		x.dropAll()
		server.Close()
	})
	target.Endpoint, target.Messaging = server.URL, strings.Replace(server.URL, "http", "ws", 1)
	target.Reviews, target.ChatLogs = adminAPI(server.URL), adminAPI(server.URL)
	target.FailChange = adminAPI(server.URL).FailChange
	if m.arrived != nil {
		target.Destinations = changedDestinations{allDestinations(), m.arrived}
	}
	return target
}

// setReviews is the path with which the answers of functions are set, as a mutant knows it.
const setReviews = "_ivschat/v1/reviews"

func (x *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if socket.IsHandshake(r) {
		x.serveSocket(w, r)
		return
	}
	operation := strings.TrimPrefix(r.URL.Path, "/")
	if strings.HasPrefix(operation, "tags/") {
		operation = r.Method + " tags"
	}
	body, _ := io.ReadAll(r.Body)
	if members := parseObject(string(body)); members != nil && x.request != nil {
		x.request(operation, members)
		body, _ = json.Marshal(members)
	}
	if operation == setReviews && r.Method == http.MethodPut && x.answers != nil {
		body = []byte(x.answers(string(body)))
	}
	r.Header.Del("Accept-Encoding") // mutants cannot change what is compressed
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	recorder := httptest.NewRecorder()
	x.emulator.ServeHTTP(recorder, r)
	text := recorder.Body.String()
	reply := &mutableReply{recorder.Code, recorder.Header(), text, parseObject(text)}
	if x.reply != nil {
		x.reply(operation, reply)
		if reply.members != nil {
			text, _ := json.Marshal(reply.members)
			reply.body = string(text)
		}
	}
	reply.write(w)
}

// An object has the members of a JSON object.
type object = map[string]any

// parseObject returns the members of a JSON object, or nil if the text is not an object.
func parseObject(text string) (members object) {
	_ = json.Unmarshal([]byte(text), &members)
	return members
}

func (r *mutableReply) write(w http.ResponseWriter) {
	for name, values := range r.header {
		if name != "Content-Length" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(r.status)
	if r.status != http.StatusNoContent {
		_, _ = io.WriteString(w, r.body)
	}
}

// setException makes the reply an exception.
func (r *mutableReply) setException(status int, name string) {
	r.status, r.body, r.members = status, `{"message":"mutant"}`, nil
	r.header.Set("x-amzn-ErrorType", name)
}

func (x *proxy) serveSocket(w http.ResponseWriter, r *http.Request) {
	if x.handshake != nil && x.handshake(x, w, r) {
		return
	}
	if !isWellFormed(r) {
		recorder := httptest.NewRecorder()
		x.emulator.ServeHTTP(recorder, r)
		x.refuse(w, r, &mutableReply{recorder.Code, recorder.Header(), recorder.Body.String(), nil})
		return
	}
	dialer := websocket.Dialer{Subprotocols: websocket.Subprotocols(r)}
	url := strings.Replace(x.emulator.URL(), "http", "ws", 1) + r.URL.Path
	header := http.Header{"Host": {r.Host}}
	if hops, ok := r.Header["X-Forwarded-For"]; ok {
		header["X-Forwarded-For"] = hops
	}
	server, response, err := dialer.Dial(url, header)
	if err != nil {
		if !errors.Is(err, websocket.ErrBadHandshake) {
			panic(err)
		}
		body, _ := io.ReadAll(response.Body)
		x.refuse(w, r, &mutableReply{response.StatusCode, response.Header, string(body), nil})
		return
	}
	defer server.Close()
	x.mu.Lock() // the connection must be in conns before a fast client sends a frame
	client := x.upgrade(w, r)
	if client == nil {
		x.mu.Unlock()
		return
	}
	c := &proxyConn{proxy: x, client: client, server: server}
	x.conns = append(x.conns, c)
	x.mu.Unlock()
	if x.opened != nil {
		x.opened(c)
	}
	go c.forwardToServer()
	c.forwardToClient()
}

// isWellFormed reports whether a handshake has what its claims leave out.
func isWellFormed(r *http.Request) bool {
	return websocket.IsWebSocketUpgrade(r) && r.Header.Get("Sec-Websocket-Version") == "13" &&
		r.Header.Get("Sec-Websocket-Key") != ""
}

// refuse answers a handshake that the emulator refused.
func (x *proxy) refuse(w http.ResponseWriter, r *http.Request, refused *mutableReply) {
	if x.refusal == nil || !x.refusal(x, w, r, refused) {
		refused.write(w)
	}
}

// upgrade accepts the client's handshake. It returns nil if the handshake fails.
func (x *proxy) upgrade(w http.ResponseWriter, r *http.Request) *websocket.Conn {
	upgrader := websocket.Upgrader{
		CheckOrigin:  func(*http.Request) bool { return true },
		Subprotocols: websocket.Subprotocols(r),
	}
	if x.options != nil {
		x.options(&upgrader)
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return nil
	}
	return conn
}

// forwardToServer forwards frames from the client until the client disconnects.
func (c *proxyConn) forwardToServer() {
	defer c.server.Close()
	for {
		kind, frame, err := c.client.ReadMessage()
		if err != nil {
			return
		}
		c.received.Add(1)
		if c.proxy.fromClient != nil {
			frame = []byte(c.proxy.fromClient(c, string(frame)))
		}
		if c.server.WriteMessage(kind, frame) != nil {
			return
		}
	}
}

// forwardToClient forwards frames to the client, and at last the close code.
func (c *proxyConn) forwardToClient() {
	for {
		_, frame, err := c.server.ReadMessage()
		if err != nil {
			code := closeCode(err)
			if c.proxy.closed != nil {
				code = c.proxy.closed(c, code)
			}
			c.close(code)
			return
		}
		frames := []string{string(frame)}
		if c.proxy.toClient != nil {
			frames = c.proxy.toClient(c, string(frame))
		}
		for _, frame := range frames {
			c.send(frame)
		}
	}
}

// closeCode returns the close code of a read error, or 0 if there was no close frame.
func closeCode(err error) int {
	closed, ok := errors.AsType[*websocket.CloseError](err)
	if !ok || closed.Code == websocket.CloseAbnormalClosure {
		return 0
	}
	return closed.Code
}

// send sends a frame to the client.
func (c *proxyConn) send(frame string) {
	c.writeMu.Lock()
	defer c.writeMu.Unlock()
	_ = c.client.WriteMessage(websocket.TextMessage, []byte(frame))
}

// stayOpen is not a close code: the connection to the client stays open.
const stayOpen = -1

// close closes the connection to the client, without a close frame if the code is 0.
func (c *proxyConn) close(code int) {
	if code == stayOpen {
		return
	}
	if code != 0 {
		frame := websocket.FormatCloseMessage(code, "")
		deadline := time.Now().Add(time.Second)
		_ = c.client.WriteControl(websocket.CloseMessage, frame, deadline)
	}
	_ = c.client.Close()
}

// sendAll sends a frame to every client, to the first client last. When the first client goes
// on, the others have the frame.
func (x *proxy) sendAll(frame string) { x.sendAllExcept(nil, frame) }

func (x *proxy) sendAllExcept(except *proxyConn, frame string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, c := range slices.Backward(x.conns) {
		if c != except {
			c.send(frame)
		}
	}
}

// dropAll drops every client without a close frame.
func (x *proxy) dropAll() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, c := range x.conns {
		c.close(0)
		_ = c.server.Close()
	}
}

// isType reports whether a frame has the type, or is an EVENT with that name.
func isType(frame, kind string) bool {
	members := parseObject(frame)
	return fmt.Sprint(members["Type"]) == kind || fmt.Sprint(members["EventName"]) == kind
}
