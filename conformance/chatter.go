package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
	"github.com/gorilla/websocket"
)

const (
	canSend       = types.ChatTokenCapabilitySendMessage
	canDelete     = types.ChatTokenCapabilityDeleteMessage
	canDisconnect = types.ChatTokenCapabilityDisconnectUser
)

var everything = []types.ChatTokenCapability{canSend, canDelete, canDisconnect}

// token makes a chat token.
func (p *probe) token(room, user string, capabilities ...types.ChatTokenCapability) string {
	return *call(p, p.sdk.CreateChatToken, ivschat.CreateChatTokenInput{RoomIdentifier: &room, UserId: &user, Capabilities: capabilities}).Token
}

// A chatter is a connected chat client.
type chatter struct {
	p    *probe
	conn *websocket.Conn
}

func (p *probe) messagingURL() string {
	if p.Messaging != "" {
		return p.Messaging
	}
	return "wss://edge.ivschat." + p.Region + ".amazonaws.com"
}

// dial tries to connect and gives the answer if it is refused.
func (p *probe) dial(path string, header http.Header, subprotocols ...string) (*chatter, reply) {
	dialer := websocket.Dialer{Subprotocols: subprotocols, HandshakeTimeout: p.Patience}
	conn, response, err := dialer.DialContext(p.ctx, p.messagingURL()+path, header)
	if errors.Is(err, websocket.ErrBadHandshake) {
		body, _ := io.ReadAll(response.Body)
		return nil, reply{response.StatusCode, response.Header, string(body)}
	}
	p.check(err == nil, "connect: %v", err)
	p.cleanups = append(p.cleanups, func() { _ = conn.Close() })
	return &chatter{p, conn}, reply{response.StatusCode, response.Header, ""}
}

// connect connects with a token.
func (p *probe) connect(token string) *chatter {
	c, refused := p.dial("", nil, token)
	p.check(c != nil, "the handshake was refused: %d %s", refused.status, refused.body)
	return c
}

// join connects a user who may do everything.
func (p *probe) join(room, user string) *chatter {
	return p.connect(p.token(room, user, everything...))
}

// say sends a text frame.
func (c *chatter) say(format string, args ...any) {
	c.write(websocket.TextMessage, fmt.Sprintf(format, args...))
}

func (c *chatter) write(kind int, frame string) {
	err := c.conn.WriteMessage(kind, []byte(frame))
	c.p.check(err == nil, "send a frame: %v", err)
}

// A frame is what a client received.
type frame struct {
	text    string
	members map[string]any
}

// has gives a member that is a string, "" if it is none.
func (f frame) has(member string) string {
	text, _ := f.members[member].(string)
	return text
}

// code is the ErrorCode, 0 if there is none.
func (f frame) code() int {
	code, _ := f.members["ErrorCode"].(float64)
	return int(code)
}

// hear waits for the next frame.
func (c *chatter) hear() frame {
	c.p.check(c.conn.SetReadDeadline(time.Now().Add(c.p.Patience)) == nil, "the connection is closed")
	kind, text, err := c.conn.ReadMessage()
	c.p.check(err == nil, "instead of a frame: %v", err)
	c.p.check(kind == websocket.TextMessage, "the frame %q is binary", text)
	f := frame{text: string(text)}
	c.p.check(json.Unmarshal(text, &f.members) == nil, "the frame %q is no JSON object", text)
	return f
}

// hears waits for the next frame, which has to be of the type.
func (c *chatter) hears(kind string) frame {
	f := c.hear()
	c.p.check(f.has("Type") == kind, "heard %s, want a frame of type %s", f.text, kind)
	return f
}

// hearsError wants an ERROR of the code next.
func (c *chatter) hearsError(code int) frame {
	f := c.hears("ERROR")
	c.p.check(f.code() == code, "heard %s, want ErrorCode %d", f.text, code)
	return f
}

// hearsNothing wants no frame, and knows that none is on its way when what was
// sent after it arrives.
func (c *chatter) hearsNothing(room string) {
	const fence = "conformance:fence"
	call(c.p, c.p.sdk.SendEvent, ivschat.SendEventInput{RoomIdentifier: &room, EventName: aws.String(fence)})
	if f := c.hear(); f.has("EventName") != fence {
		c.p.fatal("heard %s, want nothing", f.text)
	}
}

// leaves sends a close frame.
func (c *chatter) leaves() {
	err := c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(c.p.Patience))
	c.p.check(err == nil, "leave: %v", err)
}

// ends waits for the end and gives its close code, 0 if there was no close
// frame.
func (c *chatter) ends() int {
	for {
		c.p.check(c.conn.SetReadDeadline(time.Now().Add(c.p.Patience)) == nil, "the connection was closed here")
		_, _, err := c.conn.ReadMessage()
		if closed := (*websocket.CloseError)(nil); errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure {
			return closed.Code
		}
		if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
			c.p.fatal("the connection is still open after %v", c.p.Patience)
		}
		if err != nil {
			return 0
		}
	}
}

// order gives the names of an object's members in their order.
func order(text string) string {
	decoder := json.NewDecoder(strings.NewReader(text))
	if _, err := decoder.Token(); err != nil {
		return ""
	}
	var names []string
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			break
		}
		names = append(names, fmt.Sprint(name))
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			break
		}
	}
	return strings.Join(names, " ")
}
