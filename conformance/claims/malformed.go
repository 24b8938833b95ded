package claims

import (
	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var malformedFrameClaims = []conformance.Claim{
	{
		ID:       "M216",
		Sentence: "An unknown Action is answered with ERROR 400.",
		Source:   conformance.Decided,
		Check: requireError(400,
			`{"Action":"VIEW"}`, `{"Action":"send_message","Content":"x"}`, `{"Action":7}`),
	},
	{
		ID:       "M217",
		Sentence: "A frame without Action is answered with ERROR 400.",
		Source:   conformance.Decided,
		Check:    requireError(400, `{}`, `{"Content":"x"}`),
	},
	{
		ID:       "M218",
		Sentence: "A frame that is not JSON is answered with ERROR 400.",
		Source:   conformance.Decided,
		Check:    requireError(400, `[object Object]`, `{`, ``),
	},
	{
		ID:       "M219",
		Sentence: "JSON that is not an object is answered with ERROR 400.",
		Source:   conformance.Decided,
		Check:    requireError(400, `[]`, `7`, `null`, `"x"`),
	},
	{
		ID: "M220",
		Sentence: "The objects and arrays in a frame may be nested 100 levels deep; a deeper frame is " +
			"answered with ERROR 400.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			const members = `"Action":"SEND_MESSAGE","Content":"x",`
			requireMessage(nested(members, 100), "x")(p)
			requireError(400, nested(members, 101), nested(members, 9_000))(p)
		},
	},
	{
		ID:       "M221",
		Sentence: "A frame that is not UTF-8 is answered with ERROR 400.",
		Source:   conformance.Decided,
		Check:    requireError(400, "{\"Action\":\"\xff\"}"),
	},
	{
		ID:       "M222",
		Sentence: "A binary frame is answered with ERROR 400 and delivers nothing.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			c := p.Join(room, "anna")
			c.Write(websocket.BinaryMessage, `{"Action":"SEND_MESSAGE","Content":"binary"}`)
			c.ReceiveError(400)
			c.ReceiveNothing(room)
		},
	},
	{
		ID:       "M223",
		Sentence: "A member of the wrong type is answered with ERROR 400.",
		Source:   conformance.Decided,
		Check: requireError(400,
			`{"Action":"SEND_MESSAGE","Content":7}`,
			`{"Action":"SEND_MESSAGE","Content":"x","RequestId":7}`,
			`{"Action":"DISCONNECT_USER","UserId":{}}`),
	},
	{
		ID:       "M224",
		Sentence: "Attributes with values that are not strings are answered with ERROR 400.",
		Source:   conformance.Decided,
		Check: requireError(400,
			`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"k":1}}`,
			`{"Action":"SEND_MESSAGE","Content":"x","Attributes":[]}`),
	},
	{
		ID:       "M239",
		Sentence: "Attributes with a null value are answered with ERROR 400.",
		Source:   conformance.Decided,
		Check: requireError(400,
			`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"k":null}}`),
	},
}
