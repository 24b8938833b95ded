package conformance

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
)

// Forms of members.
const (
	nanoseconds = `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z$`
	text2022    = recorded + "frames of 2022"
	text2025    = recorded + "chat log of 2025"
)

// message gives the MESSAGE that the frame makes.
func message(p *probe, more string) frame {
	c := p.join(p.room(), "anna")
	c.say(`{"Action":"SEND_MESSAGE","Content":"Hi"%s}`, more)
	return c.hears("MESSAGE")
}

// deletion gives the EVENT of a DELETE_MESSAGE.
func deletion(p *probe, more string) frame {
	c := p.join(p.room(), "anna")
	c.say(`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"%s}`, more)
	return c.hears("EVENT")
}

// disconnection gives the EVENT of a DISCONNECT_USER.
func disconnection(p *probe, more string) frame {
	c := p.join(p.room(), "anna")
	c.say(`{"Action":"DISCONNECT_USER","UserId":"ben"%s}`, more)
	return c.hears("EVENT")
}

// event gives the EVENT of a SendEvent, and its id.
func event(p *probe, attributes map[string]string) (f frame, id string) {
	room := p.room()
	c := p.join(room, "anna")
	id = p.sendEvent(room, "app:x", attributes)
	return c.hears("EVENT"), id
}

// failure gives an ERROR.
func failure(p *probe, more string) frame {
	c := p.join(p.room(), "anna")
	c.say(`{"Action":"VIEW"%s}`, more)
	return c.hears("ERROR")
}

var frameClaims = []Claim{
	{ID: "M301", Sentence: "A MESSAGE has Type, Id, RequestId, Attributes, Content, SendTime, Sender, in this order.", Source: text2022, check: func(p *probe) {
		p.same("the order", order(message(p, "").text), "Type Id RequestId Attributes Content SendTime Sender")
	}},
	{ID: "M302", Sentence: "A Sender has UserId, Attributes, in this order.", Source: text2022, check: func(p *probe) {
		f := message(p, "")
		p.like("the frame", f.text, `"Sender":\{"UserId":"anna","Attributes":\{`)
	}},
	{ID: "M303", Sentence: "An EVENT has Type, Id, RequestId, EventName, Attributes, SendTime, in this order.", Source: text2022, check: func(p *probe) {
		of, _ := event(p, nil)
		for _, f := range []frame{of, deletion(p, ""), disconnection(p, "")} {
			p.same("the order", order(f.text), "Type Id RequestId EventName Attributes SendTime")
		}
	}},
	{ID: "M304", Sentence: "An ERROR has Type, Id, RequestId, ErrorCode, ErrorMessage and nothing else.", Source: msgGuide + "Error Messages", check: func(p *probe) {
		f := failure(p, "")
		p.check(len(f.members) == 5 && f.has("Id") != "" && f.code() != 0 && f.has("ErrorMessage") != "", "it is %s", f.text)
		_, there := f.members["RequestId"]
		p.check(there, "it has no RequestId: %s", f.text)
	}},
	{ID: "M305", Sentence: "An ERROR has its members in the order Type, Id, RequestId, ErrorCode, ErrorMessage.", Source: Decided, check: func(p *probe) {
		p.same("the order", order(failure(p, "").text), "Type Id RequestId ErrorCode ErrorMessage")
	}},
	{ID: "M306", Sentence: "Ids of frames are twelve letters and digits.", Source: model, check: func(p *probe) {
		p.like("Id", message(p, "").has("Id"), id)
		p.like("Id", deletion(p, "").has("Id"), id)
		p.like("Id", disconnection(p, "").has("Id"), id)
		p.like("Id", failure(p, "").has("Id"), id)
	}},
	{ID: "M307", Sentence: "No two frames have the same Id, ERRORs included.", Source: jsClient + ": it drops an Id that it has seen", check: func(p *probe) {
		c := p.join(p.room(), "anna")
		seen := map[string]bool{}
		for _, frame := range []string{`{`, `{`, `{"Action":"SEND_MESSAGE","Content":"x"}`, `{"Action":"SEND_MESSAGE","Content":"x"}`, `{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`} {
			c.say("%s", frame)
			id := c.hear().has("Id")
			p.check(!seen[id], "%s came twice", id)
			seen[id] = true
		}
	}},
	{ID: "M308", Sentence: "A frame bears the RequestId of the request that made it.", Source: text2022, check: func(p *probe) {
		p.same("RequestId", message(p, `,"RequestId":"r-1"`).has("RequestId"), "r-1")
	}},
	{ID: "M309", Sentence: "RequestId is there and \"\" when the client gave none.", Source: text2022, check: func(p *probe) {
		p.same("RequestId", message(p, "").members["RequestId"], "")
		p.same("RequestId", failure(p, "").members["RequestId"], "")
	}},
	{ID: "M310", Sentence: "RequestId is \"\" in what SendEvent sends.", Source: text2022, check: func(p *probe) {
		f, _ := event(p, nil)
		p.same("RequestId", f.members["RequestId"], "")
	}},
	{ID: "M311", Sentence: "An event of a moderator bears the RequestId of the action.", Source: "amazon-ivs-chat-web-demo", check: func(p *probe) {
		p.same("RequestId", deletion(p, `,"RequestId":"r-1"`).has("RequestId"), "r-1")
		p.same("RequestId", disconnection(p, `,"RequestId":"r-2"`).has("RequestId"), "r-2")
	}},
	{ID: "M312", Sentence: "Attributes of a MESSAGE are null when it has none.", Source: text2022, check: func(p *probe) {
		p.like("the frame", message(p, "").text, `"Attributes":null,"Content"`)
	}},
	{ID: "M313", Sentence: "Attributes of a MESSAGE that was sent with {} are {}.", Source: Decided, check: func(p *probe) {
		p.like("the frame", message(p, `,"Attributes":{}`).text, `"Attributes":\{\},"Content"`)
	}},
	{ID: "M314", Sentence: "Attributes of a MESSAGE are those that it was sent with.", Source: text2022, check: func(p *probe) {
		p.same("Attributes", message(p, `,"Attributes":{"b":"2","a":"1"}`).members["Attributes"], map[string]any{"a": "1", "b": "2"})
	}},
	{ID: "M315", Sentence: "The keys of Attributes are in order.", Source: "every recording", check: func(p *probe) {
		p.like("the frame", message(p, `,"Attributes":{"b":"2","a":"1"}`).text, `"Attributes":\{"a":"1","b":"2"\}`)
	}},
	{ID: "M316", Sentence: "Attributes of a Sender whose token has none are {}.", Source: text2025, check: func(p *probe) {
		p.like("the frame", message(p, "").text, `"Sender":\{"UserId":"anna","Attributes":\{\}\}`)
	}},
	{ID: "M317", Sentence: "A Sender has the user id and the attributes of the token.", Source: msgGuide + "Message", check: func(p *probe) {
		room := p.room()
		token := *call(p, p.sdk.CreateChatToken, ivschat.CreateChatTokenInput{RoomIdentifier: &room, UserId: aws.String("🙂 <a>"), Capabilities: everything, Attributes: map[string]string{"avatar": "x"}}).Token
		c := p.connect(token)
		c.say(`{"Action":"SEND_MESSAGE","Content":"Hi"}`)
		p.same("Sender", c.hears("MESSAGE").members["Sender"], map[string]any{"UserId": "🙂 <a>", "Attributes": map[string]any{"avatar": "x"}})
	}},
	{ID: "M318", Sentence: "SendTime is in UTC with nanoseconds, without trailing zeros.", Source: text2022, check: func(p *probe) {
		p.like("SendTime", message(p, "").has("SendTime"), nanoseconds)
		of, _ := event(p, nil)
		for _, f := range []frame{of, deletion(p, ""), disconnection(p, "")} {
			p.like("SendTime", f.has("SendTime"), nanoseconds)
		}
	}},
	{ID: "M319", Sentence: "SendTime has more than microseconds.", Source: text2022, check: func(p *probe) {
		c := p.join(p.room(), "anna")
		for range 5 { // one in a thousand ends with zeros
			c.say(`{"Action":"SEND_MESSAGE","Content":"Hi"}`)
			if len(c.hears("MESSAGE").has("SendTime")) > len("2006-01-02T15:04:05.000000Z") {
				return
			}
		}
		p.fatal("five have no more")
	}},
	{ID: "M320", Sentence: "SendTime is when the service received the request.", Source: msgGuide + "Message", check: func(p *probe) {
		room := p.createRoom(ivschat.CreateRoomInput{})
		c := p.join(*room.Arn, "anna")
		c.say(`{"Action":"SEND_MESSAGE","Content":"Hi"}`)
		sent, err := time.Parse(time.RFC3339Nano, c.hears("MESSAGE").has("SendTime"))
		p.check(err == nil, "%v", err)
		p.during(room, "SendTime", sent)
	}},
	{ID: "M321", Sentence: "aws:DELETE_MESSAGE names the message as MessageID, which clients read.", Source: text2022, check: func(p *probe) {
		p.same("MessageID", attribute(deletion(p, ""), "MessageID"), "abcdefghijkl")
	}},
	{ID: "M322", Sentence: "aws:DELETE_MESSAGE names the message as MessageId, too.", Source: msgGuide + "Event", check: func(p *probe) {
		p.same("MessageId", attribute(deletion(p, ""), "MessageId"), "abcdefghijkl")
	}},
	{ID: "M323", Sentence: "aws:DELETE_MESSAGE has the Reason.", Source: text2022, check: func(p *probe) {
		p.same("Reason", attribute(deletion(p, `,"Reason":"why"`), "Reason"), "why")
	}},
	{ID: "M324", Sentence: "aws:DISCONNECT_USER names the user.", Source: text2022, check: func(p *probe) {
		p.same("UserId", attribute(disconnection(p, ""), "UserId"), "ben")
	}},
	{ID: "M325", Sentence: "aws:DISCONNECT_USER has the Reason.", Source: text2022, check: func(p *probe) {
		p.same("Reason", attribute(disconnection(p, `,"Reason":"why"`), "Reason"), "why")
	}},
	{ID: "M326", Sentence: "Reason is left out when none was given.", Source: Decided, check: func(p *probe) {
		p.same("Reason", attribute(deletion(p, ""), "Reason"), nil)
		p.same("Reason", attribute(disconnection(p, ""), "Reason"), nil)
	}},
	{ID: "M327", Sentence: "An event of SendEvent has its EventName and Attributes.", Source: model, check: func(p *probe) {
		f, _ := event(p, map[string]string{"k": "v"})
		p.same("EventName", f.has("EventName"), "app:x")
		p.same("Attributes", f.members["Attributes"], map[string]any{"k": "v"})
	}},
	{ID: "M328", Sentence: "An event of SendEvent has the Id that SendEvent replied.", Source: model, check: func(p *probe) {
		f, id := event(p, nil)
		p.same("Id", f.has("Id"), id)
	}},
	{ID: "M329", Sentence: "Attributes of an event without any are null.", Source: Decided, check: func(p *probe) {
		f, _ := event(p, nil)
		p.like("the frame", f.text, `"Attributes":null`)
	}},
	{ID: "M330", Sentence: "The event of DeleteMessage has the Id that DeleteMessage replied, and names the message.", Source: model, check: func(p *probe) {
		room := p.room()
		c := p.join(room, "anna")
		got := call(p, p.sdk.DeleteMessage, ivschat.DeleteMessageInput{RoomIdentifier: &room, Id: aws.String("abcdefghijkl"), Reason: aws.String("why")})
		f := c.hears("EVENT")
		p.same("Id", f.has("Id"), *got.Id)
		p.same("Attributes", f.members["Attributes"], map[string]any{"MessageID": "abcdefghijkl", "MessageId": "abcdefghijkl", "Reason": "why"})
	}},
	{ID: "M331", Sentence: "The event of DisconnectUser is that of the action.", Source: text2022, check: func(p *probe) {
		room := p.room()
		c := p.join(room, "anna")
		call(p, p.sdk.DisconnectUser, ivschat.DisconnectUserInput{RoomIdentifier: &room, UserId: aws.String("ben"), Reason: aws.String("why")})
		f := c.hears("EVENT")
		p.same("EventName", f.has("EventName"), "aws:DISCONNECT_USER")
		p.same("Attributes", f.members["Attributes"], map[string]any{"UserId": "ben", "Reason": "why"})
	}},
	{ID: "M332", Sentence: "ErrorCode is a number.", Source: jsClient, check: func(p *probe) {
		f := failure(p, "")
		_, ok := f.members["ErrorCode"].(float64)
		p.check(ok, "it is %s", f.text)
	}},
	{ID: "M333", Sentence: "ErrorCode is one of 400, 401, 403, 404, 406, 413, 429, 500.", Source: iosClient + ": it knows no other", check: func(p *probe) {
		c := p.connect(p.token(p.room(), "viewer"))
		for _, frame := range []string{`{`, `{"Action":"SEND_MESSAGE","Content":"x"}`, `{"Action":"VIEW"}`} {
			c.say("%s", frame)
			p.like("ErrorCode", fmt.Sprint(c.hears("ERROR").code()), `^(400|401|403|404|406|413|429|500)$`)
		}
	}},
	{ID: "M334", Sentence: "Characters that HTML has a meaning for are not escaped.", Source: text2022, check: func(p *probe) {
		c := p.join(p.room(), "anna")
		c.say(`{"Action":"SEND_MESSAGE","Content":"<b>&</b>"}`)
		p.like("the frame", c.hears("MESSAGE").text, `"Content":"<b>&</b>"`)
	}},
	{ID: "M335", Sentence: "RequestId is \"\" in the events of DeleteMessage and DisconnectUser, which have none.", Source: text2022, check: func(p *probe) {
		room := p.room()
		c := p.join(room, "anna")
		call(p, p.sdk.DeleteMessage, ivschat.DeleteMessageInput{RoomIdentifier: &room, Id: aws.String("abcdefghijkl")})
		p.same("RequestId", c.hears("EVENT").members["RequestId"], "")
		call(p, p.sdk.DisconnectUser, ivschat.DisconnectUserInput{RoomIdentifier: &room, UserId: aws.String("ben")})
		p.same("RequestId", c.hears("EVENT").members["RequestId"], "")
	}},
}

// attribute gives one of the Attributes.
func attribute(f frame, key string) any {
	attributes, _ := f.members["Attributes"].(map[string]any)
	return attributes[key]
}
