package claims

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var reviewClaims = []conformance.Claim{
	{
		ID:       "M701",
		Sentence: "In a room with a message review handler, each SEND_MESSAGE is reviewed before it is delivered.",
		Source:   messageReviewGuide,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			r := reviewedRoom(p, types.FallbackResultAllow, answer(allowChanged))
			for range 2 {
				r.anna.Send(helloFrame)
				p.RequireEqual("Content", r.ben.Receive("MESSAGE").Text("Content"), "changed")
			}
			p.RequireEqual("the number of reviews", len(p.ReviewsEnded(r.arn, 2)), 2)
		},
	},
	{
		ID:       "M702",
		Sentence: "Events, deletions and disconnections are not reviewed.",
		Source:   conformance.Decided,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			r := reviewedRoom(p, types.FallbackResultDeny, answer(`{"ReviewResult":"DENY"}`))
			r.anna.Send(`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`)
			r.ben.Receive("EVENT")
			r.anna.Send(`{"Action":"DISCONNECT_USER","UserId":"cleo"}`)
			r.ben.Receive("EVENT")
			sendEvent(p, r.arn, "app:x", nil)
			deleteMessage(p, r.arn, "abcdefghijkl")
			disconnectUser(p, r.arn, "cleo")
			for range 3 {
				r.ben.Receive("EVENT")
			}
			p.RequireEqual("the number of reviews", len(p.ReviewsEnded(r.arn, 0)), 0)
		},
	},
	{
		ID:       "M703",
		Sentence: "A message in a room whose message review handler has the uri \"\" is not reviewed.",
		Source:   serviceModel,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			r := reviewedRoom(p, types.FallbackResultDeny, answer(`{"ReviewResult":"DENY"}`))
			updateRoom(p, r.arn, ivschat.UpdateRoomInput{
				MessageReviewHandler: &types.MessageReviewHandler{Uri: aws.String("")},
			})
			r.anna.Send(helloFrame)
			r.ben.Receive("MESSAGE")
			p.RequireEqual("the number of reviews", len(p.ReviewsEnded(r.arn, 0)), 0)
		},
	},
	{
		ID: "M704",
		Sentence: "A SEND_MESSAGE that is refused, because it is malformed or too long or needs a capability, is not " +
			"reviewed.",
		Source: conformance.Decided,
		Needs:  conformance.Answers,
		Check: func(p *conformance.Probe) {
			r := reviewedRoom(p, types.FallbackResultAllow, answer(allowChanged))
			r.anna.Send(`{"Action":"SEND_MESSAGE","Content":""}`)
			r.anna.ReceiveError(400)
			r.anna.Sendf(`{"Action":"SEND_MESSAGE","Content":"%s"}`, strings.Repeat("a", 501))
			r.anna.ReceiveError(400)
			viewer := p.Connect(p.Token(r.arn, "viewer"))
			viewer.Send(helloFrame)
			viewer.ReceiveError(403)
			p.RequireEqual("the number of reviews", len(p.ReviewsEnded(r.arn, 0)), 0)
		},
	},
	{
		ID:       "M705",
		Sentence: "A SEND_MESSAGE that exceeds a rate is not reviewed.",
		Source:   conformance.Decided,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			exceedRate(p, func() int {
				r := reviewedRoom(p, types.FallbackResultAllow, answer(allowChanged))
				limited := flood(r.anna, 15, helloFrame)
				p.RequireEqual("the number of reviews", len(p.ReviewsEnded(r.arn, 15-limited)), 15-limited)
				return limited
			})
		},
	},
	{
		ID:       "M706",
		Sentence: "A function may have a version or an alias.",
		Source:   serviceModel,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			for _, qualifier := range []string{":live", ":7", ":$LATEST"} {
				handler := &types.MessageReviewHandler{Uri: aws.String(functionARN(p) + qualifier)}
				r := newReview(p, ivschat.CreateRoomInput{MessageReviewHandler: handler})
				p.SetAnswers(r.arn, answer(allowChanged))
				r.anna.Send(helloFrame)
				p.RequireEqual("Content", r.ben.Receive("MESSAGE").Text("Content"), "changed")
			}
		},
	},
	{
		ID:       "M707",
		Sentence: "The function is invoked once for each message, also if it fails.",
		Source:   conformance.Decided,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			r := reviewedRoom(p, types.FallbackResultAllow, conformance.Answer{Error: "failed"})
			r.anna.Send(helloFrame)
			r.ben.Receive("MESSAGE")
			p.RequireEqual("the number of invocations", p.ReviewsBegun(r.arn), 1)
		},
	},
}

// Answers of functions.
const (
	allowChanged = `{"ReviewResult":"ALLOW","Content":"changed"}`
	denyReason   = `{"ReviewResult":"DENY","Attributes":{"Reason":"no thanks"}}`
)

// answer returns the answer with which a function returns this JSON.
func answer(json string) conformance.Answer { return conformance.Answer{JSON: json} }

// A review is a room whose messages are reviewed, and two users.
type review struct {
	p         *conformance.Probe
	arn       string
	anna, ben *conformance.ChatClient
}

// newReview creates a room, and connects both users.
func newReview(p *conformance.Probe, input ivschat.CreateRoomInput) review {
	room := *p.CreateRoom(input).Arn
	return review{p, room, p.Join(room, "anna"), p.Join(room, "ben")}
}

// reviewedRoom creates a room with the fallbackResult, whose function gives the answers.
func reviewedRoom(p *conformance.Probe, fallback types.FallbackResult, answers ...conformance.Answer) review {
	handler := reviewHandler(p)
	handler.FallbackResult = fallback
	r := newReview(p, ivschat.CreateRoomInput{MessageReviewHandler: handler})
	p.SetAnswers(r.arn, answers...)
	return r
}

// messageFrame is a message with all members.
const messageFrame = `{"Action":"SEND_MESSAGE","Content":"hello","Attributes":{"k":"v"},"RequestId":"r"}`

// delivered returns what anna and ben receive for messageFrame, which must be allowed.
func (r review) delivered() conformance.Frame {
	r.anna.Send(messageFrame)
	f := r.anna.Receive("MESSAGE")
	r.p.RequireEqual("ben's frame", r.ben.Receive("MESSAGE").Raw, f.Raw)
	return f
}

// denied returns what anna receives for messageFrame, which must be denied.
func (r review) denied() conformance.Frame {
	r.anna.Send(messageFrame)
	f := r.anna.ReceiveError(406)
	r.p.RequireEqual("RequestId", f.Text("RequestId"), "r")
	r.ben.ReceiveNothing(r.arn)
	return f
}

// requireUnchanged requires a MESSAGE to be as it was sent.
func (r review) requireUnchanged(f conformance.Frame) {
	r.p.RequireEqual("Content", f.Text("Content"), "hello")
	r.p.RequireEqual("Attributes", f.Members["Attributes"], map[string]any{"k": "v"})
}

// requireFallback requires that the fallbackResult decides when a function gives the answers.
func requireFallback(answers ...conformance.Answer) func(*conformance.Probe) {
	return func(p *conformance.Probe) {
		r := reviewedRoom(p, types.FallbackResultAllow, answers...)
		r.requireUnchanged(r.delivered())
		reviewedRoom(p, types.FallbackResultDeny, answers...).denied()
	}
}

// reviewed returns a check of the MESSAGE that is delivered when a function gives the answer. The fallbackResult is
// DENY, so it must be the answer that allows the message.
func reviewed(json string, check func(p *conformance.Probe, f conformance.Frame)) func(*conformance.Probe) {
	return func(p *conformance.Probe) {
		check(p, reviewedRoom(p, types.FallbackResultDeny, answer(json)).delivered())
	}
}

// rejected returns a check of the ERROR that is received when a function gives the answer. The fallbackResult is
// ALLOW, so it must be the answer that denies the message.
func rejected(json string, check func(p *conformance.Probe, f conformance.Frame)) func(*conformance.Probe) {
	return func(p *conformance.Probe) {
		check(p, reviewedRoom(p, types.FallbackResultAllow, answer(json)).denied())
	}
}
