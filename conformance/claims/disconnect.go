package claims

import (
	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var disconnectClaims = []conformance.Claim{
	{
		ID:       "M408",
		Sentence: "aws:DELETE_MESSAGE reaches everyone, including the client that requested it.",
		Source:   jsClient,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			anna, ben := p.Join(room, "anna"), p.Join(room, "ben")
			anna.Send(`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`)
			for _, c := range []*conformance.ChatClient{anna, ben} {
				name := c.Receive("EVENT").Text("EventName")
				p.RequireEqual("EventName", name, "aws:DELETE_MESSAGE")
			}
		},
	},
	{
		ID:       "M409",
		Sentence: "aws:DISCONNECT_USER reaches everyone, including the user and the moderator.",
		Source:   iosClient,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			anna, ben, cleo := p.Join(room, "anna"), p.Join(room, "ben"), p.Join(room, "cleo")
			anna.Send(`{"Action":"DISCONNECT_USER","UserId":"ben"}`)
			for _, c := range []*conformance.ChatClient{anna, ben, cleo} {
				name := c.Receive("EVENT").Text("EventName")
				p.RequireEqual("EventName", name, "aws:DISCONNECT_USER")
			}
		},
	},
	{
		ID:       "M410",
		Sentence: "The connection of a disconnected user is closed with close code 1000.",
		Source:   jsClient,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			anna, ben := p.Join(room, "anna"), p.Join(room, "ben")
			anna.Send(`{"Action":"DISCONNECT_USER","UserId":"ben"}`)
			p.RequireEqual("close code", ben.WaitClosed(), websocket.CloseNormalClosure)
		},
	},
	{
		ID:       "M411",
		Sentence: "Every connection of a disconnected user is closed.",
		Source:   messagingReference + "DisconnectUser",
		Check: func(p *conformance.Probe) {
			room := p.Room()
			bens := []*conformance.ChatClient{p.Join(room, "ben"), p.Join(room, "ben")}
			disconnectUser(p, room, "ben")
			for _, ben := range bens {
				p.RequireEqual("close code", ben.WaitClosed(), websocket.CloseNormalClosure)
			}
		},
	},
	{
		ID:       "M412",
		Sentence: "DisconnectUser does not close connections of other users.",
		Source:   messagingReference + "DisconnectUser",
		Check: func(p *conformance.Probe) {
			room := p.Room()
			anna := p.Join(room, "anna")
			p.Join(room, "ben")
			disconnectUser(p, room, "ben")
			anna.Receive("EVENT")
			anna.Send(`{"Action":"SEND_MESSAGE","Content":"still here"}`)
			anna.Receive("MESSAGE")
		},
	},
	{
		ID:       "M413",
		Sentence: "DisconnectUser does not disconnect the same user in another room.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room, otherRoom := p.Room(), p.Room()
			p.Join(room, "ben")
			ben := p.Join(otherRoom, "ben")
			disconnectUser(p, room, "ben")
			ben.ReceiveNothing(otherRoom)
		},
	},
	{
		ID:       "M414",
		Sentence: "A disconnected user may connect again with a new token.",
		Source:   messagingReference + "DisconnectUser",
		Check: func(p *conformance.Probe) {
			room := p.Room()
			ben := p.Join(room, "ben")
			ben.Send(`{"Action":"DISCONNECT_USER","UserId":"ben"}`)
			ben.WaitClosed()
			p.Join(room, "ben").ReceiveNothing(room)
		},
	},
	{
		ID:       "M415",
		Sentence: "A user may disconnect themselves.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			ben := p.Join(p.Room(), "ben")
			ben.Send(`{"Action":"DISCONNECT_USER","UserId":"ben","RequestId":"r"}`)
			p.RequireEqual("RequestId", ben.Receive("EVENT").Text("RequestId"), "r")
			p.RequireEqual("close code", ben.WaitClosed(), websocket.CloseNormalClosure)
		},
	},
}
