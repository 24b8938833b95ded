package conformance

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/gorilla/websocket"
)

// hasError sends a frame and wants the ERROR next, and the connection to live
// on.
func hasError(code int, frames ...string) func(*probe) {
	return func(p *probe) {
		room := p.room()
		c := p.join(room, "anna")
		for _, frame := range frames {
			c.say("%s", frame)
			c.hearsError(code)
		}
		c.say(`{"Action":"SEND_MESSAGE","Content":"still here"}`)
		p.same("Content", c.hears("MESSAGE").has("Content"), "still here")
	}
}

// hasMessage sends a frame and wants a MESSAGE of the content.
func hasMessage(frame, content string) func(*probe) {
	return func(p *probe) {
		c := p.join(p.room(), "anna")
		c.say("%s", frame)
		p.same("Content", c.hears("MESSAGE").has("Content"), content)
	}
}

// hasEvent sends a frame and wants an EVENT of the name.
func hasEvent(frame, name string) func(*probe) {
	return func(p *probe) {
		c := p.join(p.room(), "anna")
		c.say("%s", frame)
		p.same("EventName", c.hears("EVENT").has("EventName"), name)
	}
}

// needs wants an action to be 403 without the one capability and to do with it.
func needs(capability int, frame string) func(*probe) {
	return func(p *probe) {
		room := p.room()
		one := everything[capability]
		p.connect(p.token(room, "with", one)).say("%s", frame)
		var others = append(append(everything[:0:0], everything[:capability]...), everything[capability+1:]...)
		without := p.connect(p.token(room, "without", others...))
		without.say("%s", frame)
		for {
			if f := without.hear(); f.has("Type") == "ERROR" {
				p.same("ErrorCode", f.code(), 403)
				return
			}
		}
	}
}

var actionClaims = []Claim{
	{ID: "M201", Sentence: "SEND_MESSAGE sends Content as a MESSAGE.", Source: msgGuide + "SendMessage", check: hasMessage(`{"Action":"SEND_MESSAGE","Content":"hi"}`, "hi")},
	{ID: "M202", Sentence: "Member names are matched in any letter case.", Source: "demos by AWS's Todd Sharp", check: hasMessage(`{"action":"SEND_MESSAGE","content":"hi","attributes":{},"requestid":"r"}`, "hi")},
	{ID: "M203", Sentence: "Content may be any text.", Source: msgGuide + "SendMessage", check: hasMessage(`{"Action":"SEND_MESSAGE","Content":"日本 <b>&\"🙂\u0000\n"}`, "日本 <b>&\"🙂\x00\n")},
	{ID: "M204", Sentence: "SEND_MESSAGE without Content is ERROR 400.", Source: msgGuide + "SendMessage", check: hasError(400, `{"Action":"SEND_MESSAGE"}`, `{"Action":"SEND_MESSAGE","Content":null}`)},
	{ID: "M205", Sentence: "SEND_MESSAGE with empty Content is ERROR 400.", Source: Decided, check: hasError(400, `{"Action":"SEND_MESSAGE","Content":""}`)},
	{ID: "M206", Sentence: "DELETE_MESSAGE is an EVENT aws:DELETE_MESSAGE.", Source: msgGuide + "DeleteMessage", check: hasEvent(`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`, "aws:DELETE_MESSAGE")},
	{ID: "M207", Sentence: "DELETE_MESSAGE without Id is ERROR 400.", Source: msgGuide + "DeleteMessage", check: hasError(400, `{"Action":"DELETE_MESSAGE"}`)},
	{ID: "M208", Sentence: "DELETE_MESSAGE with an Id that has not the form of one is ERROR 400.", Source: Decided, check: hasError(400, `{"Action":"DELETE_MESSAGE","Id":"short"}`, `{"Action":"DELETE_MESSAGE","Id":"abc-efghijkl"}`)},
	{ID: "M209", Sentence: "DISCONNECT_USER is an EVENT aws:DISCONNECT_USER.", Source: recorded + "frames of 2022", check: hasEvent(`{"Action":"DISCONNECT_USER","UserId":"nobody"}`, "aws:DISCONNECT_USER")},
	{ID: "M210", Sentence: "DISCONNECT_USER without UserId is ERROR 400.", Source: msgGuide + "DisconnectUser", check: hasError(400, `{"Action":"DISCONNECT_USER"}`)},
	{ID: "M211", Sentence: "SEND_MESSAGE needs the capability SEND_MESSAGE, else ERROR 403.", Source: msgGuide + "SendMessage", check: needs(0, `{"Action":"SEND_MESSAGE","Content":"hi"}`)},
	{ID: "M212", Sentence: "DELETE_MESSAGE needs the capability DELETE_MESSAGE, else ERROR 403.", Source: msgGuide + "DeleteMessage", check: needs(1, `{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`)},
	{ID: "M213", Sentence: "DISCONNECT_USER needs the capability DISCONNECT_USER, else ERROR 403.", Source: msgGuide + "DisconnectUser", check: needs(2, `{"Action":"DISCONNECT_USER","UserId":"nobody"}`)},
	{ID: "M214", Sentence: "Whoever has no capability may view.", Source: model, check: func(p *probe) {
		room := p.room()
		viewer, anna := p.connect(p.token(room, "viewer")), p.join(room, "anna")
		anna.say(`{"Action":"SEND_MESSAGE","Content":"hi"}`)
		p.same("Content", viewer.hears("MESSAGE").has("Content"), "hi")
	}},
	{ID: "M215", Sentence: "Nothing of an action without its capability is delivered.", Source: msgGuide + "SendMessage", check: func(p *probe) {
		room := p.room()
		viewer, anna := p.connect(p.token(room, "viewer")), p.join(room, "anna")
		viewer.say(`{"Action":"SEND_MESSAGE","Content":"hi"}`)
		viewer.hearsError(403)
		anna.hearsNothing(room)
	}},
	{ID: "M216", Sentence: "An Action that is none is ERROR 400.", Source: msgGuide + "Error Messages", check: hasError(400, `{"Action":"VIEW"}`, `{"Action":"send_message","Content":"x"}`, `{"Action":7}`)},
	{ID: "M217", Sentence: "A frame without Action is ERROR 400.", Source: msgGuide + "Error Messages", check: hasError(400, `{}`, `{"Content":"x"}`)},
	{ID: "M218", Sentence: "What is no JSON is ERROR 400: the guide's own sample sends [object Object].", Source: userGuide + "Send and Receive Messages", check: hasError(400, `[object Object]`, `{`, ``)},
	{ID: "M219", Sentence: "JSON that is no object is ERROR 400.", Source: msgGuide + "Error Messages", check: hasError(400, `[]`, `7`, `null`, `"x"`)},
	{ID: "M220", Sentence: "JSON that nests deeply is ERROR 400.", Source: Decided, check: hasError(400, strings.Repeat("[", 50_000))},
	{ID: "M221", Sentence: "A frame that is not UTF-8 is ERROR 400.", Source: Decided, check: hasError(400, "{\"Action\":\"\xff\"}")},
	{ID: "M222", Sentence: "A binary frame is ERROR 400, and nothing of it is delivered.", Source: Decided, check: func(p *probe) {
		room := p.room()
		c := p.join(room, "anna")
		c.write(websocket.BinaryMessage, `{"Action":"SEND_MESSAGE","Content":"binary"}`)
		c.hearsError(400)
		c.hearsNothing(room)
	}},
	{ID: "M223", Sentence: "A member of the wrong type is ERROR 400.", Source: msgGuide + "Error Messages", check: hasError(400, `{"Action":"SEND_MESSAGE","Content":7}`, `{"Action":"SEND_MESSAGE","Content":"x","RequestId":7}`, `{"Action":"DISCONNECT_USER","UserId":{}}`)},
	{ID: "M224", Sentence: "Attributes whose values are no strings are ERROR 400.", Source: msgGuide + "SendMessage", check: hasError(400, `{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"k":1}}`, `{"Action":"SEND_MESSAGE","Content":"x","Attributes":[]}`)},
	{ID: "M225", Sentence: "Attributes of a message may have 1,024 bytes; more are ERROR 413.", Source: Decided, check: func(p *probe) {
		c := p.join(p.room(), "anna")
		c.say(`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"k":"%s"}}`, strings.Repeat("a", 1023))
		c.hears("MESSAGE")
		c.say(`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"k":"%s"}}`, strings.Repeat("a", 1024))
		c.hearsError(413)
	}},
	{ID: "M226", Sentence: "A Reason may have 256 characters; more are ERROR 413.", Source: Decided, check: func(p *probe) {
		c := p.join(p.room(), "anna")
		c.say(`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl","Reason":"%s"}`, strings.Repeat("🙂", 256))
		c.hears("EVENT")
		c.say(`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl","Reason":"%s"}`, strings.Repeat("🙂", 257))
		c.hearsError(413)
	}},
	{ID: "M227", Sentence: "A UserId may have 128 characters; more are ERROR 413.", Source: Decided, check: func(p *probe) {
		c := p.join(p.room(), "anna")
		c.say(`{"Action":"DISCONNECT_USER","UserId":"%s"}`, strings.Repeat("u", 128))
		c.hears("EVENT")
		c.say(`{"Action":"DISCONNECT_USER","UserId":"%s"}`, strings.Repeat("u", 129))
		c.hearsError(413)
	}},
	{ID: "M228", Sentence: "A frame of more than 64 KiB ends the connection with code 1009.", Source: Decided, check: func(p *probe) {
		c := p.join(p.room(), "anna")
		_ = c.conn.WriteMessage(websocket.TextMessage, make([]byte, 64<<10+1))
		p.same("close code", c.ends(), websocket.CloseMessageTooBig)
	}},
	{ID: "M229", Sentence: "Members that are not known are ignored.", Source: Decided, check: hasMessage(`{"Action":"SEND_MESSAGE","Content":"hi","Colour":"red"}`, "hi")},
	{ID: "M230", Sentence: "An ERROR bears the RequestId of what it answers.", Source: jsClient, check: func(p *probe) {
		c := p.connect(p.token(p.room(), "viewer"))
		c.say(`{"Action":"SEND_MESSAGE","Content":"x","RequestId":"r-1"}`)
		p.same("RequestId", c.hearsError(403).has("RequestId"), "r-1")
	}},
	{ID: "M231", Sentence: "An ERROR goes to whoever asked and to nobody else.", Source: msgGuide + "Error Messages", check: func(p *probe) {
		room := p.room()
		anna, ben := p.join(room, "anna"), p.join(room, "ben")
		anna.say(`{"Action":"VIEW"}`)
		anna.hearsError(400)
		ben.hearsNothing(room)
	}},
	{ID: "M232", Sentence: "DELETE_MESSAGE need not name a message that ever was.", Source: alchemy, check: hasEvent(`{"Action":"DELETE_MESSAGE","Id":"neverNeverWa"}`, "aws:DELETE_MESSAGE")},
	{ID: "M233", Sentence: "What a client asks of a room that was deleted is ERROR 404.", Source: msgGuide + "Error Messages", check: func(p *probe) {
		room := p.room()
		c := p.join(room, "anna")
		call(p, p.sdk.DeleteRoom, ivschat.DeleteRoomInput{Identifier: &room})
		for _, frame := range []string{`"SEND_MESSAGE","Content":"x"`, `"DELETE_MESSAGE","Id":"abcdefghijkl"`, `"DISCONNECT_USER","UserId":"u"`} {
			c.say(`{"Action":%s}`, frame)
			c.hearsError(404)
		}
	}},
	{ID: "M234", Sentence: "Content is at most maximumMessageLength characters, not bytes and not UTF-16 units.", Source: model, check: func(p *probe) {
		c := p.join(*p.createRoom(ivschat.CreateRoomInput{MaximumMessageLength: aws.Int32(3)}).Arn, "anna")
		c.say(`{"Action":"SEND_MESSAGE","Content":"🙂🙂🙂"}`)
		c.hears("MESSAGE")
		c.say(`{"Action":"SEND_MESSAGE","Content":"abcd"}`)
		c.hearsError(400)
	}},
	{ID: "M235", Sentence: "Content as long as maximumMessageLength passes.", Source: model, check: func(p *probe) {
		c := p.join(p.room(), "anna")
		c.say(`{"Action":"SEND_MESSAGE","Content":"%s"}`, strings.Repeat("a", 500))
		c.hears("MESSAGE")
	}},
	{ID: "M236", Sentence: "Content that is too long is ERROR 400.", Source: msgGuide + "Error Messages (InvalidParameterValue)", check: hasError(400, `{"Action":"SEND_MESSAGE","Content":"`+strings.Repeat("a", 501)+`"}`)},
	{ID: "M237", Sentence: "Of Content that is too long the ErrorMessage is “Message exceeds maximum length”.", Source: webDemo + ", which compares it", check: func(p *probe) {
		c := p.join(p.room(), "anna")
		c.say(`{"Action":"SEND_MESSAGE","Content":"%s"}`, strings.Repeat("a", 501))
		p.same("ErrorMessage", c.hearsError(400).has("ErrorMessage"), "Message exceeds maximum length")
	}},
	{ID: "M238", Sentence: "maximumMessageLength is that of the room as it is now.", Source: model, check: func(p *probe) {
		room := p.room()
		c := p.join(room, "anna")
		p.update(room, ivschat.UpdateRoomInput{MaximumMessageLength: aws.Int32(2)})
		c.say(`{"Action":"SEND_MESSAGE","Content":"abc"}`)
		c.hearsError(400)
	}},
}
