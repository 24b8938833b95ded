package claims

import (
	"fmt"
	"slices"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var deliveryClaims = []conformance.Claim{
	{
		ID:       "M401",
		Sentence: "A MESSAGE reaches everyone in the room.",
		Source:   messagingReference + "SendMessage",
		Check: func(p *conformance.Probe) {
			room := p.Room()
			anna, ben, cleo := p.Join(room, "anna"), p.Join(room, "ben"), p.Join(room, "cleo")
			anna.Send(`{"Action":"SEND_MESSAGE","Content":"hi"}`)
			p.RequireEqual("Content", ben.Receive("MESSAGE").Text("Content"), "hi")
			p.RequireEqual("Content", cleo.Receive("MESSAGE").Text("Content"), "hi")
		},
	},
	{
		ID:       "M402",
		Sentence: "A MESSAGE reaches its sender as well.",
		Source:   jsClient + ": its promise waits for it",
		Check: func(p *conformance.Probe) {
			p.RequireEqual("Content", receiveMessage(p, "").Text("Content"), "Hi")
		},
	},
	{
		ID:       "M403",
		Sentence: "Everyone receives the same frame for a MESSAGE.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			anna, ben := p.Join(room, "anna"), p.Join(room, "ben")
			anna.Send(`{"Action":"SEND_MESSAGE","Content":"hi",` +
				`"RequestId":"r","Attributes":{"k":"v"}}`)
			p.RequireEqual("the frame", ben.Receive("MESSAGE").Raw, anna.Receive("MESSAGE").Raw)
		},
	},
	{
		ID:       "M404",
		Sentence: "A MESSAGE reaches no one in another room.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room, otherRoom := p.Room(), p.Room()
			anna, ben := p.Join(room, "anna"), p.Join(otherRoom, "ben")
			anna.Send(`{"Action":"SEND_MESSAGE","Content":"hi"}`)
			anna.Receive("MESSAGE")
			ben.ReceiveNothing(otherRoom)
		},
	},
	{
		ID:       "M405",
		Sentence: "A MESSAGE arrives exactly once.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			anna := p.Join(room, "anna")
			anna.Send(`{"Action":"SEND_MESSAGE","Content":"hi"}`)
			anna.Receive("MESSAGE")
			anna.ReceiveNothing(room)
		},
	},
	{
		ID:       "M406",
		Sentence: "The messages of one client arrive in the order in which the client sent them.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			anna, ben := p.Join(room, "anna"), p.Join(room, "ben")
			for i := range 8 {
				anna.Sendf(`{"Action":"SEND_MESSAGE","Content":"%d"}`, i)
			}
			for i := range 8 {
				p.RequireEqual("Content", ben.Receive("MESSAGE").Text("Content"), fmt.Sprint(i))
			}
		},
	},
	{
		ID:       "M407",
		Sentence: "Everyone receives the messages of a room in the same order.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			clients := []*conformance.ChatClient{
				p.Join(room, "anna"), p.Join(room, "ben"), p.Join(room, "cleo"),
			}
			for i := range 3 {
				for _, c := range clients {
					c.Sendf(`{"Action":"SEND_MESSAGE","Content":"%d"}`, i)
				}
			}
			var ids [3][]string
			for i, c := range clients {
				for range 9 {
					ids[i] = append(ids[i], c.Receive("MESSAGE").Text("Id"))
				}
			}
			p.Require(slices.Equal(ids[0], ids[1]) && slices.Equal(ids[0], ids[2]),
				"the clients received %v", ids)
		},
	},
	{
		ID:       "M416",
		Sentence: "The EVENT of SendEvent reaches everyone in the room.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			anna, viewer := p.Join(room, "anna"), p.Connect(p.Token(room, "viewer"))
			sendEvent(p, room, "app:x", nil)
			for _, c := range []*conformance.ChatClient{anna, viewer} {
				p.RequireEqual("EventName", c.Receive("EVENT").Text("EventName"), "app:x")
			}
		},
	},
	{
		ID:       "M421",
		Sentence: "A client that has left does not disturb the delivery to others.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			anna, ben := p.Join(room, "anna"), p.Join(room, "ben")
			_ = ben.Conn.Close()
			anna.Send(`{"Action":"SEND_MESSAGE","Content":"hi"}`)
			anna.Receive("MESSAGE")
		},
	},
	{
		ID:       "M422",
		Sentence: "The EVENT of SendEvent can be deleted like a message.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			anna := p.Join(room, "anna")
			id := sendEvent(p, room, "app:x", nil)
			anna.Receive("EVENT")
			anna.Sendf(`{"Action":"DELETE_MESSAGE","Id":"%s"}`, id)
			p.RequireEqual("MessageID", anna.Receive("EVENT").Attribute("MessageID"), id)
		},
	},
}
