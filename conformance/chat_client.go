package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/gorilla/websocket"
)

// A ChatClient is a connected client of the messaging endpoint. Like those of a Probe, its
// methods may end the check as failed.
type ChatClient struct {
	Conn *websocket.Conn
	p    *Probe
}

// MessagingURL returns the URL of the messaging endpoint.
func (p *Probe) MessagingURL() string {
	if p.Messaging != "" {
		return p.Messaging
	}
	return "wss://edge.ivschat." + p.Region + ".amazonaws.com"
}

// Dial connects to the messaging endpoint. If the handshake is refused, the client is nil and
// the reply is the refusal.
func (p *Probe) Dial(path string, header http.Header, subprotocols ...string) (*ChatClient, Reply) {
	dialer := websocket.Dialer{Subprotocols: subprotocols, HandshakeTimeout: p.Timeout}
	conn, response, err := dialer.DialContext(p.ctx, p.MessagingURL()+path, header)
	if errors.Is(err, websocket.ErrBadHandshake) {
		body, _ := io.ReadAll(response.Body)
		return nil, Reply{response.StatusCode, response.Header, string(body), p}
	}
	p.Require(err == nil, "connect: %v", err)
	p.cleanups = append(p.cleanups, func() { _ = conn.Close() })
	return &ChatClient{conn, p}, Reply{response.StatusCode, response.Header, "", p}
}

// Connect connects with a token. The handshake must succeed.
func (p *Probe) Connect(token string) *ChatClient {
	client, refusal := p.Dial("", nil, token)
	p.Require(client != nil, "the handshake was refused: %d %s", refusal.Status, refusal.Body)
	return client
}

// Join connects a user with all capabilities.
func (p *Probe) Join(room, user string) *ChatClient {
	return p.Connect(p.Token(room, user, AllCapabilities()...))
}

// Send sends a text frame.
func (c *ChatClient) Send(frame string) { c.Write(websocket.TextMessage, frame) }

// Sendf sends a formatted text frame.
func (c *ChatClient) Sendf(format string, args ...any) { c.Send(fmt.Sprintf(format, args...)) }

// Write sends a frame of a type of the WebSocket protocol.
func (c *ChatClient) Write(messageType int, frame string) {
	err := c.Conn.WriteMessage(messageType, []byte(frame))
	c.p.Require(err == nil, "send a frame: %v", err)
}

// ReceiveAny waits for the next frame.
func (c *ChatClient) ReceiveAny() Frame {
	err := c.Conn.SetReadDeadline(time.Now().Add(c.p.Timeout))
	c.p.Require(err == nil, "the connection is closed")
	messageType, text, err := c.Conn.ReadMessage()
	c.p.Require(err == nil, "instead of a frame: %v", err)
	c.p.Require(messageType == websocket.TextMessage, "the frame %q is binary", text)
	f := Frame{Raw: string(text)}
	err = json.Unmarshal(text, &f.Members)
	c.p.Require(err == nil, "the frame %q is not a JSON object", text)
	return f
}

// Receive waits for the next frame, which must be of the type.
func (c *ChatClient) Receive(frameType string) Frame {
	f := c.ReceiveAny()
	c.p.Require(f.Text("Type") == frameType, "received %s, want the type %s", f.Raw, frameType)
	return f
}

// ReceiveError waits for the next frame, which must be an ERROR with the code.
func (c *ChatClient) ReceiveError(code int) Frame {
	f := c.Receive("ERROR")
	c.p.Require(f.ErrorCode() == code, "received %s, want ErrorCode %d", f.Raw, code)
	return f
}

// ReceiveNothing requires that no frame is on its way. It sends an event to the room, which
// must be the next frame.
func (c *ChatClient) ReceiveNothing(room string) {
	const marker = "conformance:marker"
	input := ivschat.SendEventInput{RoomIdentifier: &room, EventName: aws.String(marker)}
	Call(c.p, c.p.SDK.SendEvent, input)
	if f := c.ReceiveAny(); f.Text("EventName") != marker {
		c.p.Fatalf("received %s, want nothing", f.Raw)
	}
}

// SendClose sends a close frame.
func (c *ChatClient) SendClose() {
	frame := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	deadline := time.Now().Add(c.p.Timeout)
	err := c.Conn.WriteControl(websocket.CloseMessage, frame, deadline)
	c.p.Require(err == nil, "send a close frame: %v", err)
}

// WaitClosed waits until the connection ends. It returns the close code, or 0 if there was no
// close frame.
func (c *ChatClient) WaitClosed() int {
	for {
		err := c.Conn.SetReadDeadline(time.Now().Add(c.p.Timeout))
		c.p.Require(err == nil, "the check itself closed the connection")
		_, _, err = c.Conn.ReadMessage()
		closed, ok := errors.AsType[*websocket.CloseError](err)
		if ok && closed.Code != websocket.CloseAbnormalClosure {
			return closed.Code
		}
		if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
			c.p.Fatalf("the connection is still open after %v", c.p.Timeout)
		}
		if err != nil {
			return 0
		}
	}
}
