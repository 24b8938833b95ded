package socket

import (
	"bytes"
	"net/http"
	"unicode/utf8"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A brokenHandshake is one that a fault does not let end as any other.
type brokenHandshake struct{ rule fault.Rule }

// Error says that it is not the emulator's fault.
func (*brokenHandshake) Error() string { return "a fault broke the handshake" }

// suffer lets a fault have its way with a handshake that would be let pass.
func (h *Handler) suffer(token ivschat.ChatToken) error {
	if !h.Faults.Armed() {
		return nil
	}
	rule, fires := h.Faults.Fire(fault.Point{
		Operation: fault.Connect, Account: token.Room.Owner.AccountID, Room: token.Room.String(), UserID: token.UserID, Capabilities: token.Capabilities,
	})
	if !fires {
		return nil
	}
	if rule.Delay > 0 {
		(&conn{handler: h}).Pause(rule.Delay)
	}
	switch {
	case rule.Exception != "":
		return rule.AsException(token.Room.ID)
	case rule.Status != 0, rule.Reset:
		return &brokenHandshake{rule}
	default:
		return nil
	}
}

// breakHandshake answers with what a fault says, or not at all.
func (h *Handler) breakHandshake(w http.ResponseWriter, token ivschat.ChatToken, rule fault.Rule) {
	h.note(token, rule.Status, "fault")
	if rule.Reset {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			fault.Reset(conn)
		}
		return
	}
	rule.Write(w)
}

// suffer lets faults have their way with frames on their way to the client, and
// gives what is left of them.
func (c *conn) suffer(frames [][]byte) (left [][]byte) {
	if c.session.Broken() {
		return frames
	}
	for _, frame := range frames {
		at := c.session.Point(kindOf(frame))
		rule, fires := c.handler.Faults.Fire(at)
		if !fires {
			left = append(left, frame)
			if c.held != nil {
				left, c.held = append(left, c.held), nil
			}
			continue
		}
		if rule.Delay > 0 {
			// What came before does not wait.
			if err := c.write(left); err != nil {
				return nil
			}
			left = nil
			c.Pause(rule.Delay)
		}
		switch rule.Frame {
		case fault.Drop:
		case fault.Duplicate:
			left = append(left, frame, frame)
		case fault.Reorder:
			if c.held != nil {
				left = append(left, c.held)
			}
			c.held = frame
		case fault.Corrupt:
			left = append(left, firstHalf(frame))
		default:
			if !rule.Breaks() { // it only waits
				left = append(left, frame)
				continue
			}
			_ = c.write(left)
			c.session.Break(rule, at)
			return nil
		}
	}
	return left
}

// firstHalf cuts a frame in two, but no character: clients would refuse what is
// not UTF-8 before they look at it, and end the connection (RFC 6455, section 8.1).
func firstHalf(frame []byte) []byte {
	end := len(frame) / 2
	for end > 0 && !utf8.RuneStart(frame[end]) {
		end--
	}
	return frame[:end]
}

// kindOf gives the Type of a frame that package messaging encoded.
func kindOf(frame []byte) string {
	for _, kind := range []string{fault.Message, fault.Event, fault.Error} {
		if bytes.HasPrefix(frame, []byte(`{"Type":"`+kind+`"`)) {
			return kind
		}
	}
	return ""
}
