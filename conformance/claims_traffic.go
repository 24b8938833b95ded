package conformance

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/gorilla/websocket"
)

var roomTrafficClaims = []Claim{
	{ID: "M401", Sentence: "A MESSAGE reaches everyone in the room.", Source: msgGuide + "SendMessage", check: func(p *probe) {
		room := p.room()
		anna, ben, cleo := p.join(room, "anna"), p.join(room, "ben"), p.join(room, "cleo")
		anna.say(`{"Action":"SEND_MESSAGE","Content":"hi"}`)
		p.same("Content", ben.hears("MESSAGE").has("Content"), "hi")
		p.same("Content", cleo.hears("MESSAGE").has("Content"), "hi")
	}},
	{ID: "M402", Sentence: "A MESSAGE reaches its sender, too.", Source: jsClient + ": its promise waits for it", check: func(p *probe) {
		p.same("Content", message(p, "").has("Content"), "Hi")
	}},
	{ID: "M403", Sentence: "A MESSAGE is the same frame for all.", Source: msgGuide + "Message", check: func(p *probe) {
		room := p.room()
		anna, ben := p.join(room, "anna"), p.join(room, "ben")
		anna.say(`{"Action":"SEND_MESSAGE","Content":"hi","RequestId":"r","Attributes":{"k":"v"}}`)
		p.same("the frame", ben.hears("MESSAGE").text, anna.hears("MESSAGE").text)
	}},
	{ID: "M404", Sentence: "A MESSAGE reaches nobody in another room.", Source: model, check: func(p *probe) {
		here, there := p.room(), p.room()
		anna, ben := p.join(here, "anna"), p.join(there, "ben")
		anna.say(`{"Action":"SEND_MESSAGE","Content":"hi"}`)
		anna.hears("MESSAGE")
		ben.hearsNothing(there)
	}},
	{ID: "M405", Sentence: "A MESSAGE comes once.", Source: jsClient, check: func(p *probe) {
		room := p.room()
		anna := p.join(room, "anna")
		anna.say(`{"Action":"SEND_MESSAGE","Content":"hi"}`)
		anna.hears("MESSAGE")
		anna.hearsNothing(room)
	}},
	{ID: "M406", Sentence: "What one client sends comes in the order in which it was sent.", Source: Decided, check: func(p *probe) {
		room := p.room()
		anna, ben := p.join(room, "anna"), p.join(room, "ben")
		for i := range 8 {
			anna.say(`{"Action":"SEND_MESSAGE","Content":"%d"}`, i)
		}
		for i := range 8 {
			p.same("Content", ben.hears("MESSAGE").has("Content"), fmt.Sprint(i))
		}
	}},
	{ID: "M407", Sentence: "Everyone hears one order.", Source: Decided, check: func(p *probe) {
		room := p.room()
		clients := []*chatter{p.join(room, "anna"), p.join(room, "ben"), p.join(room, "cleo")}
		for i := range 3 {
			for _, c := range clients {
				c.say(`{"Action":"SEND_MESSAGE","Content":"%d"}`, i)
			}
		}
		var heard [3][]string
		for i, c := range clients {
			for range 9 {
				heard[i] = append(heard[i], c.hears("MESSAGE").has("Id"))
			}
		}
		p.check(slices.Equal(heard[0], heard[1]) && slices.Equal(heard[0], heard[2]), "they heard %v", heard)
	}},
	{ID: "M408", Sentence: "aws:DELETE_MESSAGE reaches everyone, whoever asked for it too.", Source: jsClient, check: func(p *probe) {
		room := p.room()
		anna, ben := p.join(room, "anna"), p.join(room, "ben")
		anna.say(`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`)
		for _, c := range []*chatter{anna, ben} {
			p.same("EventName", c.hears("EVENT").has("EventName"), "aws:DELETE_MESSAGE")
		}
	}},
	{ID: "M409", Sentence: "aws:DISCONNECT_USER reaches everyone, the user and the moderator too.", Source: iosClient, check: func(p *probe) {
		room := p.room()
		anna, ben, cleo := p.join(room, "anna"), p.join(room, "ben"), p.join(room, "cleo")
		anna.say(`{"Action":"DISCONNECT_USER","UserId":"ben"}`)
		for _, c := range []*chatter{anna, ben, cleo} {
			p.same("EventName", c.hears("EVENT").has("EventName"), "aws:DISCONNECT_USER")
		}
	}},
	{ID: "M410", Sentence: "A user who was disconnected is closed with code 1000.", Source: jsClient, check: func(p *probe) {
		room := p.room()
		anna, ben := p.join(room, "anna"), p.join(room, "ben")
		anna.say(`{"Action":"DISCONNECT_USER","UserId":"ben"}`)
		p.same("close code", ben.ends(), websocket.CloseNormalClosure)
	}},
	{ID: "M411", Sentence: "Every connection of a user who was disconnected is closed.", Source: msgGuide + "DisconnectUser", check: func(p *probe) {
		room := p.room()
		bens := []*chatter{p.join(room, "ben"), p.join(room, "ben")}
		call(p, p.sdk.DisconnectUser, ivschat.DisconnectUserInput{RoomIdentifier: &room, UserId: aws.String("ben")})
		for _, ben := range bens {
			p.same("close code", ben.ends(), websocket.CloseNormalClosure)
		}
	}},
	{ID: "M412", Sentence: "Nobody else is closed.", Source: msgGuide + "DisconnectUser", check: func(p *probe) {
		room := p.room()
		anna := p.join(room, "anna")
		p.join(room, "ben")
		call(p, p.sdk.DisconnectUser, ivschat.DisconnectUserInput{RoomIdentifier: &room, UserId: aws.String("ben")})
		anna.hears("EVENT")
		anna.say(`{"Action":"SEND_MESSAGE","Content":"still here"}`)
		anna.hears("MESSAGE")
	}},
	{ID: "M413", Sentence: "The same user in another room is not disconnected.", Source: model, check: func(p *probe) {
		here, there := p.room(), p.room()
		p.join(here, "ben")
		elsewhere := p.join(there, "ben")
		call(p, p.sdk.DisconnectUser, ivschat.DisconnectUserInput{RoomIdentifier: &here, UserId: aws.String("ben")})
		elsewhere.hearsNothing(there)
	}},
	{ID: "M414", Sentence: "A user who was disconnected may come back with a new token.", Source: msgGuide + "DisconnectUser", check: func(p *probe) {
		room := p.room()
		ben := p.join(room, "ben")
		ben.say(`{"Action":"DISCONNECT_USER","UserId":"ben"}`)
		ben.ends()
		p.join(room, "ben").hearsNothing(room)
	}},
	{ID: "M415", Sentence: "A user may disconnect themselves.", Source: msgGuide + "DisconnectUser", check: func(p *probe) {
		ben := p.join(p.room(), "ben")
		ben.say(`{"Action":"DISCONNECT_USER","UserId":"ben","RequestId":"r"}`)
		p.same("RequestId", ben.hears("EVENT").has("RequestId"), "r")
		p.same("close code", ben.ends(), websocket.CloseNormalClosure)
	}},
	{ID: "M416", Sentence: "An event of SendEvent reaches everyone in the room.", Source: model, check: func(p *probe) {
		room := p.room()
		anna, viewer := p.join(room, "anna"), p.connect(p.token(room, "viewer"))
		p.sendEvent(room, "app:x", nil)
		for _, c := range []*chatter{anna, viewer} {
			p.same("EventName", c.hears("EVENT").has("EventName"), "app:x")
		}
	}},
	{ID: "M417", Sentence: "Nobody hears that somebody came or went.", Source: msgGuide + "Event", check: func(p *probe) {
		room := p.room()
		anna := p.join(room, "anna")
		ben := p.join(room, "ben")
		ben.leaves()
		ben.ends() // so the target knows
		anna.hearsNothing(room)
	}},
	{ID: "M418", Sentence: "A deleted room leaves its connections open.", Source: userGuide + "Troubleshooting", check: func(p *probe) {
		room := p.room()
		c := p.join(room, "anna")
		call(p, p.sdk.DeleteRoom, ivschat.DeleteRoomInput{Identifier: &room})
		c.say(`{"Action":"SEND_MESSAGE","Content":"hello?"}`)
		c.hears("ERROR")
	}},
	{ID: "M419", Sentence: "A ping is answered with its pong.", Source: "RFC 6455; " + iosClient, check: func(p *probe) {
		room := p.room()
		c := p.join(room, "anna")
		pong := ""
		c.conn.SetPongHandler(func(text string) error { pong = text; return nil })
		err := c.conn.WriteControl(websocket.PingMessage, []byte("there?"), time.Now().Add(p.Patience))
		p.check(err == nil, "%v", err)
		for i := 0; pong == "" && i < 5; i++ { // reading a message reads a pong, too
			c.say(`{"Action":"SEND_MESSAGE","Content":"x"}`)
			c.hears("MESSAGE")
		}
		p.same("the pong", pong, "there?")
	}},
	{ID: "M420", Sentence: "A client that closes gets its close frame back.", Source: "RFC 6455", check: func(p *probe) {
		c := p.join(p.room(), "anna")
		c.leaves()
		p.same("close code", c.ends(), websocket.CloseNormalClosure)
	}},
	{ID: "M421", Sentence: "Whoever has left hears nothing, and is not in the way of others.", Source: "RFC 6455", check: func(p *probe) {
		room := p.room()
		anna, ben := p.join(room, "anna"), p.join(room, "ben")
		_ = ben.conn.Close()
		anna.say(`{"Action":"SEND_MESSAGE","Content":"hi"}`)
		anna.hears("MESSAGE")
	}},
	{ID: "M422", Sentence: "An event of SendEvent can be deleted like a message.", Source: model, check: func(p *probe) {
		room := p.room()
		anna := p.join(room, "anna")
		id := p.sendEvent(room, "app:x", nil)
		anna.hears("EVENT")
		anna.say(`{"Action":"DELETE_MESSAGE","Id":"%s"}`, id)
		p.same("MessageID", attribute(anna.hears("EVENT"), "MessageID"), id)
	}},
}
