package claims

import (
	"fmt"
	"strings"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var errorFrameClaims = []conformance.Claim{
	{
		ID:       "M304",
		Sentence: "An ERROR has exactly the members Type, Id, RequestId, ErrorCode and ErrorMessage.",
		Source:   messagingReference + "Error Messages",
		Check: func(p *conformance.Probe) {
			f := receiveError(p, "")
			p.Require(len(f.Members) == 5, "the frame is %s", f.Raw)
			p.Require(f.Text("Id") != "", "the frame has no Id: %s", f.Raw)
			p.Require(f.ErrorCode() != 0, "the frame has no ErrorCode: %s", f.Raw)
			p.Require(f.Text("ErrorMessage") != "", "the frame has no ErrorMessage: %s", f.Raw)
			_, ok := f.Members["RequestId"]
			p.Require(ok, "the frame has no RequestId: %s", f.Raw)
		},
	},
	{
		ID: "M305",
		Sentence: "The members of an ERROR are in the order Type, Id, RequestId, ErrorCode, " +
			"ErrorMessage.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			order := memberOrder(receiveError(p, ""))
			p.RequireEqual("the order", order, "Type Id RequestId ErrorCode ErrorMessage")
		},
	},
	{
		ID:       "M332",
		Sentence: "ErrorCode is a number.",
		Source:   jsClient,
		Check: func(p *conformance.Probe) {
			f := receiveError(p, "")
			_, ok := f.Members["ErrorCode"].(float64)
			p.Require(ok, "the frame is %s", f.Raw)
		},
	},
	{
		ID:       "M333",
		Sentence: "ErrorCode is one of 400, 401, 403, 404, 406, 413, 429 and 500.",
		Source:   messagingReference + "Error Messages; " + iosClient + ": it knows no other",
		Check: func(p *conformance.Probe) {
			room := p.Room()
			viewer, c := p.Connect(p.Token(room, "viewer")), p.Join(room, "anna")
			viewer.Send(`{"Action":"SEND_MESSAGE","Content":"x"}`)
			viewer.ReceiveError(403)
			deleteRoom(p, room)
			for _, frame := range []string{
				`{`, `{"Action":"VIEW"}`, `{"Action":"SEND_MESSAGE","Content":"x"}`,
				`{"Action":"DISCONNECT_USER","UserId":"` + strings.Repeat("u", 129) + `"}`,
			} {
				c.Send(frame)
				code := fmt.Sprint(c.Receive("ERROR").ErrorCode())
				p.RequireMatch("ErrorCode", code, `^(400|401|403|404|406|413|429|500)$`)
			}
		},
	},
}
