package claims

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var lengthClaims = []conformance.Claim{
	{
		ID: "M225",
		Sentence: "The Attributes of a message may have 1,024 bytes; more are answered with ERROR " +
			"413.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			c := p.Join(p.Room(), "anna")
			const frame = `{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"k":"%s"}}`
			c.Sendf(frame, strings.Repeat("a", 1023))
			c.Receive("MESSAGE")
			c.Sendf(frame, strings.Repeat("a", 1024))
			c.ReceiveError(413)
		},
	},
	{
		ID:       "M226",
		Sentence: "A Reason may have 256 characters; more are answered with ERROR 413.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			c := p.Join(p.Room(), "anna")
			const frame = `{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl","Reason":"%s"}`
			c.Sendf(frame, strings.Repeat("🙂", 256))
			c.Receive("EVENT")
			c.Sendf(frame, strings.Repeat("🙂", 257))
			c.ReceiveError(413)
		},
	},
	{
		ID:       "M227",
		Sentence: "A UserId may have 128 characters; more are answered with ERROR 413.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			c := p.Join(p.Room(), "anna")
			c.Sendf(`{"Action":"DISCONNECT_USER","UserId":"%s"}`, strings.Repeat("u", 128))
			c.Receive("EVENT")
			c.Sendf(`{"Action":"DISCONNECT_USER","UserId":"%s"}`, strings.Repeat("u", 129))
			c.ReceiveError(413)
		},
	},
	{
		ID: "M250",
		Sentence: "A RequestId may have 128 characters; more are answered with ERROR 400, whose " +
			"RequestId is empty.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			c := p.Join(p.Room(), "anna")
			const frame = `{"Action":"SEND_MESSAGE","Content":"x","RequestId":"%s"}`
			c.Sendf(frame, strings.Repeat("🙂", 128))
			c.Receive("MESSAGE")
			c.Sendf(frame, strings.Repeat("🙂", 129))
			p.RequireEqual("RequestId", c.ReceiveError(400).Text("RequestId"), "")
		},
	},
	{
		ID:       "M228",
		Sentence: "A frame of more than 64 KiB ends the connection with close code 1009.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			c := p.Join(p.Room(), "anna")
			_ = c.Conn.WriteMessage(websocket.TextMessage, make([]byte, 64<<10+1))
			p.RequireEqual("close code", c.WaitClosed(), websocket.CloseMessageTooBig)
		},
	},
	{
		ID: "M234",
		Sentence: "Content may have maximumMessageLength characters, which are neither bytes nor " +
			"UTF-16 units.",
		Source: serviceModel,
		Check: func(p *conformance.Probe) {
			room := p.CreateRoom(ivschat.CreateRoomInput{MaximumMessageLength: aws.Int32(3)})
			c := p.Join(*room.Arn, "anna")
			c.Send(`{"Action":"SEND_MESSAGE","Content":"🙂🙂🙂"}`)
			c.Receive("MESSAGE")
			c.Send(`{"Action":"SEND_MESSAGE","Content":"abcd"}`)
			c.ReceiveError(400)
		},
	},
	{
		ID:       "M235",
		Sentence: "Content of exactly maximumMessageLength characters is accepted.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			c := p.Join(p.Room(), "anna")
			c.Sendf(`{"Action":"SEND_MESSAGE","Content":"%s"}`, strings.Repeat("a", 500))
			c.Receive("MESSAGE")
		},
	},
	{
		ID:       "M236",
		Sentence: "Content that is too long is answered with ERROR 400.",
		Source:   messagingReference + "Error Messages (InvalidParameterValue)",
		Check: requireError(400,
			`{"Action":"SEND_MESSAGE","Content":"`+strings.Repeat("a", 501)+`"}`),
	},
	{
		ID:       "M237",
		Sentence: "The ErrorMessage for Content that is too long is “Message exceeds maximum length”.",
		Source:   webDemo + ", which compares it",
		Check: func(p *conformance.Probe) {
			c := p.Join(p.Room(), "anna")
			c.Sendf(`{"Action":"SEND_MESSAGE","Content":"%s"}`, strings.Repeat("a", 501))
			message := c.ReceiveError(400).Text("ErrorMessage")
			p.RequireEqual("ErrorMessage", message, "Message exceeds maximum length")
		},
	},
	{
		ID:       "M238",
		Sentence: "An update of maximumMessageLength applies to open connections.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			c := p.Join(room, "anna")
			updateRoom(p, room, ivschat.UpdateRoomInput{MaximumMessageLength: aws.Int32(2)})
			c.Send(`{"Action":"SEND_MESSAGE","Content":"abc"}`)
			c.ReceiveError(400)
		},
	},
}
