package claims

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var frameClaims = []conformance.Claim{
	{
		ID:       "M306",
		Sentence: "The Id of a frame is 12 letters and digits.",
		Source:   serviceModel + "; " + messagingReference + "Error Messages",
		Check: func(p *conformance.Probe) {
			p.RequireMatch("Id", receiveMessage(p, "").Text("Id"), resourceID)
			p.RequireMatch("Id", receiveDeletion(p, "").Text("Id"), resourceID)
			p.RequireMatch("Id", receiveDisconnection(p, "").Text("Id"), resourceID)
			p.RequireMatch("Id", receiveError(p, "").Text("Id"), resourceID)
		},
	},
	{
		ID:       "M307",
		Sentence: "No two frames have the same Id, and this includes ERRORs.",
		Source:   jsClient + ": it drops an Id that it has seen",
		Check: func(p *conformance.Probe) {
			c := p.Join(p.Room(), "anna")
			seen := map[string]bool{}
			for _, frame := range []string{
				`{`, `{`,
				`{"Action":"SEND_MESSAGE","Content":"x"}`,
				`{"Action":"SEND_MESSAGE","Content":"x"}`,
				`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`,
			} {
				c.Send(frame)
				id := c.ReceiveAny().Text("Id")
				p.Require(!seen[id], "two frames have the Id %s", id)
				seen[id] = true
			}
		},
	},
	{
		ID:       "M308",
		Sentence: "A frame has the RequestId of the request that caused it.",
		Source:   jsClient + ": its promises wait for it",
		Check: func(p *conformance.Probe) {
			f := receiveMessage(p, `,"RequestId":"r-1"`)
			p.RequireEqual("RequestId", f.Text("RequestId"), "r-1")
		},
	},
	{
		ID:       "M309",
		Sentence: "RequestId is \"\" in a MESSAGE and an EVENT whose requests have none.",
		Source:   chatLoggingPost + "; " + moderatingPost,
		Check: func(p *conformance.Probe) {
			for _, f := range []conformance.Frame{
				receiveMessage(p, ""), receiveDeletion(p, ""), receiveDisconnection(p, ""),
			} {
				p.RequireEqual("RequestId", f.Members["RequestId"], "")
			}
		},
	},
	{
		ID:       "M336",
		Sentence: "RequestId is \"\" in an ERROR whose request has none.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			p.RequireEqual("RequestId", receiveError(p, "").Members["RequestId"], "")
		},
	},
	{
		ID:       "M310",
		Sentence: "RequestId is \"\" in the EVENT of SendEvent.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			f, _ := receiveEvent(p, nil)
			p.RequireEqual("RequestId", f.Members["RequestId"], "")
		},
	},
	{
		ID:       "M311",
		Sentence: "The EVENT of a moderator's action has the RequestId of that action.",
		Source:   jsClient + "; " + chatDemo,
		Check: func(p *conformance.Probe) {
			deletion := receiveDeletion(p, `,"RequestId":"r-1"`)
			p.RequireEqual("RequestId", deletion.Text("RequestId"), "r-1")
			disconnection := receiveDisconnection(p, `,"RequestId":"r-2"`)
			p.RequireEqual("RequestId", disconnection.Text("RequestId"), "r-2")
		},
	},
	{
		ID:       "M334",
		Sentence: "Characters with a meaning in HTML are not escaped.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			c := p.Join(p.Room(), "anna")
			c.Send(`{"Action":"SEND_MESSAGE","Content":"<b>&</b>"}`)
			p.RequireMatch("the frame", c.Receive("MESSAGE").Raw, `"Content":"<b>&</b>"`)
		},
	},
	{
		ID: "M335",
		Sentence: "RequestId is \"\" in the EVENTs of DeleteMessage and DisconnectUser, whose " +
			"requests have none.",
		Source: moderatingPost,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			c := p.Join(room, "anna")
			deleteMessage(p, room, "abcdefghijkl")
			p.RequireEqual("RequestId", c.Receive("EVENT").Members["RequestId"], "")
			disconnectUser(p, room, "ben")
			p.RequireEqual("RequestId", c.Receive("EVENT").Members["RequestId"], "")
		},
	},
}

// receiveMessage returns the MESSAGE of a SEND_MESSAGE. more is appended to its members.
func receiveMessage(p *conformance.Probe, more string) conformance.Frame {
	c := p.Join(p.Room(), "anna")
	c.Sendf(`{"Action":"SEND_MESSAGE","Content":"Hi"%s}`, more)
	return c.Receive("MESSAGE")
}

// receiveDeletion returns the EVENT of a DELETE_MESSAGE. more is appended to its members.
func receiveDeletion(p *conformance.Probe, more string) conformance.Frame {
	c := p.Join(p.Room(), "anna")
	c.Sendf(`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"%s}`, more)
	return c.Receive("EVENT")
}

// receiveDisconnection returns the EVENT of a DISCONNECT_USER. more is appended to its members.
func receiveDisconnection(p *conformance.Probe, more string) conformance.Frame {
	c := p.Join(p.Room(), "anna")
	c.Sendf(`{"Action":"DISCONNECT_USER","UserId":"ben"%s}`, more)
	return c.Receive("EVENT")
}

// receiveEvent returns the EVENT of a SendEvent and the ID that SendEvent returned.
func receiveEvent(
	p *conformance.Probe, attributes map[string]string,
) (f conformance.Frame, id string) {
	room := p.Room()
	c := p.Join(room, "anna")
	id = sendEvent(p, room, "app:x", attributes)
	return c.Receive("EVENT"), id
}

// receiveError returns the ERROR of an unknown Action. more is appended to its members.
func receiveError(p *conformance.Probe, more string) conformance.Frame {
	c := p.Join(p.Room(), "anna")
	c.Sendf(`{"Action":"VIEW"%s}`, more)
	return c.Receive("ERROR")
}

// receiveEvents returns an EVENT of each kind.
func receiveEvents(p *conformance.Probe) []conformance.Frame {
	event, _ := receiveEvent(p, nil)
	return []conformance.Frame{event, receiveDeletion(p, ""), receiveDisconnection(p, "")}
}

// memberOrder returns the names of the frame's members in their order, separated by spaces.
func memberOrder(f conformance.Frame) string {
	decoder := json.NewDecoder(strings.NewReader(f.Raw))
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
