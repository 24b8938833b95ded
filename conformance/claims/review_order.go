package claims

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var reviewOrderClaims = []conformance.Claim{
	{
		ID:       "M770",
		Sentence: "The messages of one client keep their order, also if the review of the first takes longest.",
		Source:   conformance.Decided,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			late := conformance.Answer{Content: "^0$", JSON: `{"ReviewResult":"ALLOW","Content":"0"}`}
			late.Delay = 100 * time.Millisecond
			r := reviewedRoom(p, types.FallbackResultAllow, late, answer(allowChanged))
			for i := range 3 {
				r.anna.Sendf(`{"Action":"SEND_MESSAGE","Content":"%d","RequestId":"%d"}`, i, i)
			}
			for i := range 3 {
				p.RequireEqual("RequestId", r.ben.Receive("MESSAGE").Text("RequestId"), fmt.Sprint(i))
			}
		},
	},
	{
		ID:       "M771",
		Sentence: "A review does not delay the messages of other clients.",
		Source:   conformance.Decided,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			first, _ := overtake(p)
			p.RequireEqual("the first Content", first.Text("Content"), "ben")
		},
	},
	{
		ID:       "M772",
		Sentence: "SendTime is the time at which the message was sent, and not that at which its review ended.",
		Source:   messagingReference + "Message",
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			first, second := overtake(p)
			p.RequireEqual("the last Content", second.Text("Content"), "changed")
			p.Require(sendTime(p, second).Before(sendTime(p, first)),
				"a message that was sent later has the SendTime %s, and the earlier one %s",
				first.Text("SendTime"), second.Text("SendTime"))
		},
	},
	{
		ID: "M773",
		Sentence: "If the sender is disconnected during the review, nobody receives the message, and it is not " +
			"answered.",
		Source: conformance.Decided,
		Needs:  conformance.Answers,
		Check: func(p *conformance.Probe) {
			r := duringReview(p, types.FallbackResultAllow, allowChanged, func(r review) {
				disconnectUser(p, r.arn, "anna")
			})
			r.anna.Receive("EVENT")
			p.RequireEqual("close code", r.anna.WaitClosed(), websocket.CloseNormalClosure)
			p.RequireEqual("EventName", r.ben.Receive("EVENT").Text("EventName"), "aws:DISCONNECT_USER")
			r.ben.Send(helloFrame) // whose review begins later and takes as long
			sender := r.ben.Receive("MESSAGE").Members["Sender"]
			p.RequireMatch("Sender", conformance.JSON(sender), `"UserId":"ben"`)
		},
	},
	{
		ID:       "M774",
		Sentence: "If the sender leaves during the review, the message is delivered.",
		Source:   conformance.Decided,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			r := duringReview(p, types.FallbackResultDeny, allowChanged, func(r review) { _ = r.anna.Conn.Close() })
			p.RequireEqual("Content", r.ben.Receive("MESSAGE").Text("Content"), "changed")
		},
	},
	{
		ID:       "M775",
		Sentence: "If the room is deleted during the review, the message is answered with ERROR 404.",
		Source:   conformance.Decided,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			r := duringReview(p, types.FallbackResultAllow, allowChanged, func(r review) { deleteRoom(p, r.arn) })
			p.RequireEqual("RequestId", r.anna.ReceiveError(404).Text("RequestId"), "r")
		},
	},
	{
		ID:       "M776",
		Sentence: "If the message review handler of the room is changed during the review, the earlier one decides.",
		Source:   conformance.Decided,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			r := duringReview(p, types.FallbackResultDeny, `{}`, func(r review) {
				updateRoom(p, r.arn, ivschat.UpdateRoomInput{MessageReviewHandler: &types.MessageReviewHandler{
					FallbackResult: types.FallbackResultAllow,
				}})
			})
			r.anna.ReceiveError(406)
		},
	},
}

// duringReview calls during while messageFrame is reviewed in a room with the fallbackResult. Then the function
// gives the answer.
func duringReview(
	p *conformance.Probe, fallback types.FallbackResult, json string, during func(review),
) (r review) {
	p.DuringReview([]conformance.Answer{answer(json)},
		func() string {
			r = reviewedRoom(p, fallback)
			return r.arn
		},
		func() { r.anna.Send(messageFrame) },
		func() { during(r) })
	return r
}

// overtake sends a message of ben while one of anna is reviewed, and returns what ben receives.
func overtake(p *conformance.Probe) (first, second conformance.Frame) {
	var r review
	p.DuringReview([]conformance.Answer{
		{Content: "^hello$", JSON: allowChanged}, answer(`{"ReviewResult":"ALLOW","Content":"ben"}`),
	},
		func() string {
			r = reviewedRoom(p, types.FallbackResultDeny)
			return r.arn
		},
		func() { r.anna.Send(messageFrame) },
		func() {
			r.ben.Send(helloFrame)
			first = r.ben.Receive("MESSAGE")
		})
	return first, r.ben.Receive("MESSAGE")
}

// sendTime returns the SendTime of a MESSAGE.
func sendTime(p *conformance.Probe, f conformance.Frame) time.Time {
	at, err := time.Parse(time.RFC3339Nano, f.Text("SendTime"))
	p.Require(err == nil, "%v", err)
	return at
}
