package claims

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var reviewAnswerClaims = []conformance.Claim{
	{
		ID:       "M720",
		Sentence: "ALLOW delivers the Content of the answer, also to the sender.",
		Source:   messageReviewGuide,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			r := reviewedRoom(p, types.FallbackResultDeny, answer(allowChanged))
			r.anna.Send(messageFrame)
			p.RequireEqual("ben's Content", r.ben.Receive("MESSAGE").Text("Content"), "changed")
			p.RequireEqual("anna's Content", r.anna.Receive("MESSAGE").Text("Content"), "changed")
		},
	},
	{
		ID: "M721",
		Sentence: "The Content of an ALLOW may have maximumMessageLength characters, which are neither bytes nor " +
			"UTF-16 units.",
		Source: messageReviewGuide + "; " + serviceModel,
		Needs:  conformance.Answers,
		Check: func(p *conformance.Probe) {
			r := newReview(p, ivschat.CreateRoomInput{
				MaximumMessageLength: aws.Int32(5), MessageReviewHandler: reviewHandler(p),
			})
			p.SetAnswers(r.arn, answer(`{"ReviewResult":"ALLOW","Content":"🙂🙂🙂🙂🙂"}`))
			p.RequireEqual("Content", r.delivered().Text("Content"), "🙂🙂🙂🙂🙂")
		},
	},
	{
		ID:       "M722",
		Sentence: "ALLOW without Attributes, or with null, leaves the Attributes of the message unchanged.",
		Source:   messageReviewGuide + ": the example in Go; " + alchemyTests,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			for _, json := range []string{
				allowChanged, `{"ReviewResult":"ALLOW","Content":"changed","Attributes":null}`,
			} {
				reviewed(json, func(p *conformance.Probe, f conformance.Frame) {
					p.RequireEqual("Attributes", f.Members["Attributes"], map[string]any{"k": "v"})
				})(p)
			}
		},
	},
	{
		ID:       "M723",
		Sentence: "The Attributes of an ALLOW replace all of the message, and {} removes them.",
		Source:   conformance.Decided,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			reviewed(`{"ReviewResult":"ALLOW","Content":"x","Attributes":{"a":"b"}}`,
				func(p *conformance.Probe, f conformance.Frame) {
					p.RequireEqual("Attributes", f.Members["Attributes"], map[string]any{"a": "b"})
				})(p)
			reviewed(`{"ReviewResult":"ALLOW","Content":"x","Attributes":{}}`,
				func(p *conformance.Probe, f conformance.Frame) {
					p.RequireEqual("Attributes", f.Members["Attributes"], map[string]any{})
				})(p)
		},
	},
	{
		ID:       "M724",
		Sentence: "A review does not change the other members of a MESSAGE.",
		Source:   messageReviewGuide,
		Needs:    conformance.Answers,
		Check: reviewed(allowChanged, func(p *conformance.Probe, f conformance.Frame) {
			p.RequireEqual("RequestId", f.Text("RequestId"), "r")
			p.RequireMatch("Sender", conformance.JSON(f.Members["Sender"]), `"UserId":"anna"`)
			p.RequireEqual("the order", memberOrder(f), "Type Id RequestId Attributes Content SendTime Sender")
		}),
	},
	{
		ID:       "M725",
		Sentence: "Members of an answer that are not documented are ignored.",
		Source:   conformance.Decided,
		Needs:    conformance.Answers,
		Check: reviewed(`{"ReviewResult":"ALLOW","Content":"changed","Score":0.5,"content":"x"}`,
			func(p *conformance.Probe, f conformance.Frame) {
				p.RequireEqual("Content", f.Text("Content"), "changed")
			}),
	},
	{
		ID:       "M730",
		Sentence: "A message that is denied reaches nobody.",
		Source:   messageReviewGuide,
		Needs:    conformance.Answers,
		Check:    rejected(denyReason, func(*conformance.Probe, conformance.Frame) {}), // what denied requires
	},
	{
		ID:       "M731",
		Sentence: "DENY is answered with ERROR 406, which has the RequestId of the message.",
		Source:   messageReviewGuide + "; " + messagingReference + "Error Messages",
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			r := reviewedRoom(p, types.FallbackResultAllow, answer(denyReason))
			r.anna.Send(messageFrame)
			p.RequireEqual("RequestId", r.anna.ReceiveError(406).Text("RequestId"), "r")
		},
	},
	{
		ID:       "M732",
		Sentence: "The ErrorMessage of ERROR 406 contains the Reason in the Attributes of the DENY.",
		Source:   messageReviewGuide + "; " + alchemyTests,
		Needs:    conformance.Answers,
		Check: rejected(denyReason, func(p *conformance.Probe, f conformance.Frame) {
			p.RequireMatch("ErrorMessage", f.Text("ErrorMessage"), "no thanks")
		}),
	},
	{
		ID:       "M733",
		Sentence: "In the ErrorMessage of ERROR 406, the Reason follows a text that says who rejected the message.",
		Source:   conformance.Decided,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			rejected(denyReason, func(p *conformance.Probe, f conformance.Frame) {
				p.RequireMatch("ErrorMessage", f.Text("ErrorMessage"), `message review handler: no thanks$`)
			})(p)
			rejected(`{"ReviewResult":"DENY"}`, func(p *conformance.Probe, f conformance.Frame) {
				p.RequireMatch("ErrorMessage", f.Text("ErrorMessage"), `message review handler$`)
			})(p)
		},
	},
	{
		ID:       "M734",
		Sentence: "DENY needs no Content.",
		Source:   alchemyTests,
		Needs:    conformance.Answers,
		Check:    rejected(`{"ReviewResult":"DENY"}`, requireHandlerDenied),
	},
	{
		ID:       "M735",
		Sentence: "DENY may have the Content \"\", and Attributes without a Reason.",
		Source:   lambdaPost,
		Needs:    conformance.Answers,
		Check: rejected(`{"ReviewResult":"DENY","Content":"","Attributes":{"username":"anna"}}`,
			requireHandlerDenied),
	},
	{
		ID:       "M736",
		Sentence: "The Content of a DENY is not checked.",
		Source:   messageReviewGuide,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			for _, content := range []string{`null`, `7`, `"` + strings.Repeat("a", 501) + `"`} {
				rejected(`{"ReviewResult":"DENY","Content":`+content+`}`, requireHandlerDenied)(p)
			}
		},
	},
	{
		ID:       "M737",
		Sentence: "The Attributes of an answer may have 1,024 bytes; with more, the answer is not valid.",
		Source:   conformance.Decided,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			reviewed(allowWithAttribute(1023), func(p *conformance.Probe, f conformance.Frame) {
				p.RequireEqual("Content", f.Text("Content"), "changed")
			})(p)
			requireFallback(answer(allowWithAttribute(1024)))(p)
		},
	},
	{
		ID:       "M738",
		Sentence: "A denied message counts towards the message rate of the room.",
		Source:   conformance.Decided,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			exceedRate(p, func() int {
				r := newReview(p, ivschat.CreateRoomInput{
					MaximumMessageRatePerSecond: aws.Int32(2), MessageReviewHandler: reviewHandler(p),
				})
				p.SetAnswers(r.arn, answer(denyReason))
				return flood(r.anna, 5, helloFrame)
			})
		},
	},
}

// requireHandlerDenied requires an ERROR 406 that is not one of the fallbackResult. It is only called if the
// fallbackResult is ALLOW.
func requireHandlerDenied(p *conformance.Probe, f conformance.Frame) {
	p.Require(f.Text("ErrorMessage") != "", "the frame has no ErrorMessage: %s", f.Raw)
}

// allowWithAttribute returns an ALLOW whose only attribute has a key of one byte and a value of n bytes.
func allowWithAttribute(n int) string {
	return `{"ReviewResult":"ALLOW","Content":"changed","Attributes":{"k":"` + strings.Repeat("v", n) + `"}}`
}
