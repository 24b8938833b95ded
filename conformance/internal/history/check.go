package history

import (
	"fmt"
	"time"
)

// Check returns what is wrong with a history, in sentences; nothing if it is what the service promises:
//
//   - A token opens one connection.
//   - Clients receive only what was sent and not refused, each message with one ID, and each ID once.
//   - All clients receive messages in one order. A message that was sent after the answer to another one
//     comes after it.
//   - A message that was acknowledged, or that anyone received, reaches every client whose connection was open before
//     the message was sent, unless the connection ended earlier: it received nothing that comes later.
//   - A connection receives nothing that was answered before its handshake began.
//   - After a client has received that a user is disconnected, it receives nothing that the user sent before.
func (h *History) Check() (problems []string) {
	c := &checker{
		History: h, sent: map[string]*Message{}, ids: map[string]string{}, texts: map[string]string{},
	}
	for _, message := range h.Messages {
		if c.sent[message.Text] != nil {
			c.report("the test sent %q twice", message.Text)
		}
		c.sent[message.Text] = message
		if message.ID != "" {
			c.identify(Frame{message.ID, message.Text}, "the sender")
		}
	}
	c.checkTokens()
	c.checkFrames()
	if order := newOrder(h.Connections); !order.checkCycle(c) {
		for _, connection := range h.Connections {
			order.checkGaps(c, connection)
		}
	}
	return c.problems
}

type checker struct {
	*History
	sent     map[string]*Message // by text
	ids      map[string]string   // text -> ID
	texts    map[string]string   // ID -> text
	problems []string
}

func (c *checker) report(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// identify checks that a text and an ID belong together.
func (c *checker) identify(f Frame, client string) {
	if id, known := c.ids[f.Text]; known && id != f.ID {
		c.report("%s received %q with the ID %s, but it also has the ID %s", client, f.Text, f.ID, id)
	}
	if text, known := c.texts[f.ID]; known && text != f.Text {
		c.report("%s received %q and %q with the ID %s", client, text, f.Text, f.ID)
	}
	c.ids[f.Text], c.texts[f.ID] = f.ID, f.Text
}

func (c *checker) checkTokens() {
	used := map[string]string{}
	for _, connection := range c.Connections {
		if client, twice := used[connection.Token]; twice {
			c.report("%s and %s connected with the same token", client, connection.Client)
		}
		used[connection.Token] = connection.Client
	}
}

// checkFrames checks what can be seen at one client.
func (c *checker) checkFrames() {
	seen := map[Frame]bool{} // the text is that of the client
	for _, connection := range c.Connections {
		var newest *Message                   // of what it received, what was sent last
		disconnected := map[string]*Message{} // by user
		for _, frame := range connection.Frames {
			c.identify(frame, connection.Client)
			if key := (Frame{frame.ID, connection.Client}); seen[key] {
				c.report("%s received %q (%s) twice", connection.Client, frame.Text, frame.ID)
			} else {
				seen[key] = true
			}
			message := c.sent[frame.Text]
			if message == nil {
				c.report("%s received %q, which nobody sent", connection.Client, frame.Text)
				continue
			}
			c.checkMessage(connection, message)
			if newest != nil && message.answeredBefore(newest.Sent) {
				c.report("%s received %q after %q, which was sent later than the other was answered",
					connection.Client, message.Text, newest.Text)
			}
			if newest == nil || message.Sent.After(newest.Sent) {
				newest = message
			}
			if message.Disconnects != "" {
				disconnected[message.Disconnects] = message
			}
			if message.Via == nil {
				continue
			}
			if event := disconnected[message.Via.User]; event != nil && message.Via.Opened.Before(event.Sent) {
				c.report("%s received %q of %s after %q, which disconnected this user",
					connection.Client, message.Text, message.Via.User, event.Text)
			}
		}
	}
}

// checkMessage checks whether a connection may receive a message at all.
func (c *checker) checkMessage(connection *Connection, message *Message) {
	if message.Outcome == Refused {
		c.report("%s received %q, which was refused", connection.Client, message.Text)
	}
	if message.answeredBefore(connection.Dialed) {
		c.report("%s received %q, which was answered before it connected", connection.Client, message.Text)
	}
}

func (m *Message) answeredBefore(t time.Time) bool {
	return m.Outcome == Acknowledged && m.Answered.Before(t)
}
