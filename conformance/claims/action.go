package claims

import "github.com/ivschat-local/ivschat-local/conformance"

var actionClaims = []conformance.Claim{
	{
		ID:       "M201",
		Sentence: "SEND_MESSAGE sends its Content as a MESSAGE.",
		Source:   messagingReference + "SendMessage",
		Check:    requireMessage(`{"Action":"SEND_MESSAGE","Content":"hi"}`, "hi"),
	},
	{
		ID:       "M202",
		Sentence: "Member names may be in lower case.",
		Source:   addingChatPost,
		Check: requireMessage(
			`{"action":"SEND_MESSAGE","content":"hi","attributes":{"username":"anna"}}`, "hi"),
	},
	{
		ID:       "M240",
		Sentence: "Member names are matched in any letter case.",
		Source:   conformance.Decided,
		Check: requireMessage(
			`{"aCTION":"SEND_MESSAGE","CONTENT":"hi","attriButes":{},"requestid":"r"}`, "hi"),
	},
	{
		ID:       "M203",
		Sentence: "Content may be any text.",
		Source:   conformance.Decided,
		Check: requireMessage(`{"Action":"SEND_MESSAGE","Content":"日本 <b>&\"🙂\u0000\n"}`,
			"日本 <b>&\"🙂\x00\n"),
	},
	{
		ID:       "M204",
		Sentence: "SEND_MESSAGE without Content is answered with ERROR 400.",
		Source:   messagingReference + "SendMessage; " + messagingReference + "Error Messages",
		Check: requireError(400,
			`{"Action":"SEND_MESSAGE"}`, `{"Action":"SEND_MESSAGE","Content":null}`),
	},
	{
		ID:       "M205",
		Sentence: "SEND_MESSAGE with empty Content is answered with ERROR 400.",
		Source:   conformance.Decided,
		Check:    requireError(400, `{"Action":"SEND_MESSAGE","Content":""}`),
	},
	{
		ID:       "M206",
		Sentence: "DELETE_MESSAGE sends the EVENT aws:DELETE_MESSAGE.",
		Source:   messagingReference + "DeleteMessage",
		Check: requireEvent(`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`,
			"aws:DELETE_MESSAGE"),
	},
	{
		ID:       "M207",
		Sentence: "DELETE_MESSAGE without Id is answered with ERROR 400.",
		Source:   messagingReference + "DeleteMessage; " + messagingReference + "Error Messages",
		Check:    requireError(400, `{"Action":"DELETE_MESSAGE"}`),
	},
	{
		ID:       "M208",
		Sentence: "DELETE_MESSAGE with a malformed Id is answered with ERROR 400.",
		Source:   conformance.Decided,
		Check: requireError(400,
			`{"Action":"DELETE_MESSAGE","Id":"short"}`,
			`{"Action":"DELETE_MESSAGE","Id":"abc-efghijkl"}`),
	},
	{
		ID:       "M209",
		Sentence: "DISCONNECT_USER sends the EVENT aws:DISCONNECT_USER.",
		Source:   moderatingPost,
		Check: requireEvent(`{"Action":"DISCONNECT_USER","UserId":"nobody"}`,
			"aws:DISCONNECT_USER"),
	},
	{
		ID:       "M210",
		Sentence: "DISCONNECT_USER without UserId is answered with ERROR 400.",
		Source:   messagingReference + "DisconnectUser; " + messagingReference + "Error Messages",
		Check:    requireError(400, `{"Action":"DISCONNECT_USER"}`),
	},
	{
		ID:       "M229",
		Sentence: "Unknown members are ignored.",
		Source:   conformance.Decided,
		Check:    requireMessage(`{"Action":"SEND_MESSAGE","Content":"hi","Colour":"red"}`, "hi"),
	},
	{
		ID:       "M230",
		Sentence: "An ERROR has the RequestId of the request that it answers.",
		Source:   jsClient,
		Check: func(p *conformance.Probe) {
			c := p.Connect(p.Token(p.Room(), "viewer"))
			c.Send(`{"Action":"SEND_MESSAGE","Content":"x","RequestId":"r-1"}`)
			p.RequireEqual("RequestId", c.ReceiveError(403).Text("RequestId"), "r-1")
		},
	},
	{
		ID:       "M231",
		Sentence: "An ERROR reaches only the client that sent the request.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			anna, ben := p.Join(room, "anna"), p.Join(room, "ben")
			anna.Send(`{"Action":"VIEW"}`)
			anna.ReceiveError(400)
			ben.ReceiveNothing(room)
		},
	},
	{
		ID:       "M232",
		Sentence: "DELETE_MESSAGE succeeds for a message that never existed.",
		Source:   conformance.Decided,
		Check: requireEvent(`{"Action":"DELETE_MESSAGE","Id":"neverNeverWa"}`,
			"aws:DELETE_MESSAGE"),
	},
	{
		ID:       "M233",
		Sentence: "A request in a deleted room is answered with ERROR 404.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			c := p.Join(room, "anna")
			deleteRoom(p, room)
			for _, frame := range []string{
				`{"Action":"SEND_MESSAGE","Content":"x"}`,
				`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`,
				`{"Action":"DISCONNECT_USER","UserId":"u"}`,
			} {
				c.Send(frame)
				c.ReceiveError(404)
			}
		},
	},
}

// requireError returns a check that sends each frame, requires an ERROR with the code as the
// next frame, and requires the connection to stay usable.
func requireError(code int, frames ...string) func(*conformance.Probe) {
	return func(p *conformance.Probe) {
		c := p.Join(p.Room(), "anna")
		for _, frame := range frames {
			c.Send(frame)
			c.ReceiveError(code)
		}
		c.Send(`{"Action":"SEND_MESSAGE","Content":"still here"}`)
		p.RequireEqual("Content", c.Receive("MESSAGE").Text("Content"), "still here")
	}
}

// requireMessage returns a check that sends a frame and requires a MESSAGE with the content.
func requireMessage(frame, content string) func(*conformance.Probe) {
	return func(p *conformance.Probe) {
		c := p.Join(p.Room(), "anna")
		c.Send(frame)
		p.RequireEqual("Content", c.Receive("MESSAGE").Text("Content"), content)
	}
}

// requireEvent returns a check that sends a frame and requires an EVENT with the name.
func requireEvent(frame, name string) func(*conformance.Probe) {
	return func(p *conformance.Probe) {
		c := p.Join(p.Room(), "anna")
		c.Send(frame)
		p.RequireEqual("EventName", c.Receive("EVENT").Text("EventName"), name)
	}
}
