package claims

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// nanoseconds is the pattern of a SendTime.
const nanoseconds = `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z$`

var messageFrameClaims = []conformance.Claim{
	{
		ID: "M301",
		Sentence: "A MESSAGE has the members Type, Id, RequestId, Attributes, Content, SendTime " +
			"and Sender, in this order.",
		Source: chatLoggingPost,
		Check: func(p *conformance.Probe) {
			p.RequireEqual("the order", memberOrder(receiveMessage(p, "")),
				"Type Id RequestId Attributes Content SendTime Sender")
		},
	},
	{
		ID:       "M302",
		Sentence: "A Sender has the members UserId and Attributes, in this order.",
		Source:   chatLoggingPost,
		Check: func(p *conformance.Probe) {
			f := receiveMessage(p, "")
			p.RequireMatch("the frame", f.Raw, `"Sender":\{"UserId":"anna","Attributes":\{`)
		},
	},
	{
		ID:       "M312",
		Sentence: "The Attributes of a MESSAGE are null when the request has none.",
		Source:   frames2022,
		Check: func(p *conformance.Probe) {
			p.RequireMatch("the frame", receiveMessage(p, "").Raw, `"Attributes":null,"Content"`)
		},
	},
	{
		ID:       "M313",
		Sentence: "The Attributes of a MESSAGE are {} when the request has {}.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			f := receiveMessage(p, `,"Attributes":{}`)
			p.RequireMatch("the frame", f.Raw, `"Attributes":\{\},"Content"`)
		},
	},
	{
		ID:       "M314",
		Sentence: "The Attributes of a MESSAGE are those of the request.",
		Source:   chatLoggingPost,
		Check: func(p *conformance.Probe) {
			f := receiveMessage(p, `,"Attributes":{"b":"2","a":"1"}`)
			p.RequireEqual("Attributes",
				f.Members["Attributes"], map[string]any{"a": "1", "b": "2"})
		},
	},
	{
		ID:       "M315",
		Sentence: "The keys of Attributes are sorted.",
		Source:   moderatingPost,
		Check: func(p *conformance.Probe) {
			f := receiveMessage(p, `,"Attributes":{"b":"2","a":"1"}`)
			p.RequireMatch("the frame", f.Raw, `"Attributes":\{"a":"1","b":"2"\}`)
		},
	},
	{
		ID:       "M316",
		Sentence: "The Attributes of a Sender are {} when the token has none.",
		Source:   chatLoggingPost,
		Check: func(p *conformance.Probe) {
			f := receiveMessage(p, "")
			p.RequireMatch("the frame", f.Raw, `"Sender":\{"UserId":"anna","Attributes":\{\}\}`)
		},
	},
	{
		ID:       "M317",
		Sentence: "A Sender has the user ID and the attributes of the token.",
		Source:   messagingReference + "Message",
		Check: func(p *conformance.Probe) {
			room := p.Room()
			token := createToken(p, room, ivschat.CreateChatTokenInput{
				UserId:       aws.String("🙂 <a>"),
				Capabilities: conformance.AllCapabilities(),
				Attributes:   map[string]string{"avatar": "x"},
			})
			c := p.Connect(*token.Token)
			c.Send(`{"Action":"SEND_MESSAGE","Content":"Hi"}`)
			p.RequireEqual("Sender", c.Receive("MESSAGE").Members["Sender"],
				map[string]any{"UserId": "🙂 <a>", "Attributes": map[string]any{"avatar": "x"}})
		},
	},
	{
		ID:       "M318",
		Sentence: "SendTime is in UTC with nanoseconds and without trailing zeros.",
		Source:   chatLoggingPost + "; " + frames2022,
		Check: func(p *conformance.Probe) {
			p.RequireMatch("SendTime", receiveMessage(p, "").Text("SendTime"), nanoseconds)
			for _, f := range receiveEvents(p) {
				p.RequireMatch("SendTime", f.Text("SendTime"), nanoseconds)
			}
		},
	},
	{
		ID:       "M319",
		Sentence: "SendTime is more precise than microseconds.",
		Source:   chatLoggingPost,
		Check: func(p *conformance.Probe) {
			c := p.Join(p.Room(), "anna")
			for range 5 { // one in a thousand ends with three zeros
				c.Send(`{"Action":"SEND_MESSAGE","Content":"Hi"}`)
				if len(c.Receive("MESSAGE").Text("SendTime")) > len("2006-01-02T15:04:05.000000Z") {
					return
				}
			}
			p.Fatalf("none of five is more precise")
		},
	},
	{
		ID:       "M320",
		Sentence: "SendTime is the time at which the service received the request.",
		Source:   messagingReference + "Message",
		Check: func(p *conformance.Probe) {
			room := p.CreateRoom(ivschat.CreateRoomInput{})
			c := p.Join(*room.Arn, "anna")
			c.Send(`{"Action":"SEND_MESSAGE","Content":"Hi"}`)
			sent, err := time.Parse(time.RFC3339Nano, c.Receive("MESSAGE").Text("SendTime"))
			p.Require(err == nil, "%v", err)
			requireDuring(p, room, "SendTime", sent)
		},
	},
}
