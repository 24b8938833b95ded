package claims

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// tooLate is an answer that comes after the timeout. AWS allows 200 ms, but a slow machine may need more.
var tooLate = conformance.Answer{JSON: allowChanged, Delay: 5 * time.Second}

// invalidAnswers has answers that are not valid, with what their claims say about them.
var invalidAnswers = []struct {
	id, what, source string
	answers          []string
}{
	{"M740", "that is not a JSON object", messageReviewGuide, []string{`[]`, `"ALLOW"`, `7`, `true`, `null`}},
	{"M741", "without a ReviewResult", messageReviewGuide, []string{`{}`, `{"Content":"changed"}`}},
	{"M742", "whose ReviewResult is neither ALLOW nor DENY", messageReviewGuide, []string{
		`{"ReviewResult":"MAYBE","Content":"changed"}`, `{"ReviewResult":"","Content":"changed"}`,
		`{"ReviewResult":null,"Content":"changed"}`, `{"ReviewResult":true,"Content":"changed"}`,
	}},
	{"M743", "whose ReviewResult is in lower case", conformance.Decided, []string{
		`{"ReviewResult":"allow","Content":"changed"}`, `{"ReviewResult":"deny"}`,
	}},
	{"M744", "whose members have names in another letter case", conformance.Decided, []string{
		`{"reviewResult":"ALLOW","content":"changed"}`, `{"reviewresult":"DENY"}`,
		`{"ReviewResult":"ALLOW","content":"changed"}`,
	}},
	{"M745", "with ALLOW and without Content", messageReviewGuide, []string{`{"ReviewResult":"ALLOW"}`}},
	{"M746", "with ALLOW and the Content \"\"", messageReviewGuide, []string{
		`{"ReviewResult":"ALLOW","Content":""}`,
	}},
	{"M747", "with ALLOW and Content that is longer than maximumMessageLength", messageReviewGuide, []string{
		`{"ReviewResult":"ALLOW","Content":"` + strings.Repeat("a", 501) + `"}`,
	}},
	{"M748", "with ALLOW and Content that is not a string", messageReviewGuide, []string{
		`{"ReviewResult":"ALLOW","Content":null}`, `{"ReviewResult":"ALLOW","Content":7}`,
	}},
	{"M749", "whose Attributes are not an object of strings", messageReviewGuide, []string{
		`{"ReviewResult":"ALLOW","Content":"changed","Attributes":[]}`,
		`{"ReviewResult":"ALLOW","Content":"changed","Attributes":{"k":1}}`,
		`{"ReviewResult":"DENY","Attributes":"no thanks"}`,
		`{"ReviewResult":"DENY","Attributes":{"Reason":null}}`,
	}},
	{"M750", "whose Attributes have more than 1 KB", messageReviewGuide, []string{
		allowWithAttribute(2000),
		`{"ReviewResult":"DENY","Attributes":{"Reason":"` + strings.Repeat("a", 2000) + `"}}`,
	}},
}

// failureClaims are claims about functions that fail, and about the fallbackResult.
var failureClaims = []conformance.Claim{
	{
		ID:       "M760",
		Sentence: "If the function fails, the fallbackResult decides.",
		Source:   serviceModel,
		Check:    requireFallback(conformance.Answer{Error: "failed"}),
	},
	{
		ID:       "M761",
		Sentence: "If the function does not answer within the timeout, the fallbackResult decides.",
		Source:   serviceModel + "; " + userGuide + "Service Quotas",
		Check: func(p *conformance.Probe) {
			allow := reviewedRoom(p, types.FallbackResultAllow, tooLate)
			deny := reviewedRoom(p.InOtherAccount(), types.FallbackResultDeny, tooLate)
			allow.anna.Send(messageFrame)
			deny.anna.Send(messageFrame)
			allow.requireUnchanged(allow.ben.Receive("MESSAGE"))
			p.RequireEqual("RequestId", deny.anna.ReceiveError(406).Text("RequestId"), "r")
			deny.ben.ReceiveNothing(deny.arn)
		},
		Needs: conformance.Accounts,
	},
	{
		ID:       "M762",
		Sentence: "If the function cannot be invoked, the fallbackResult decides.",
		Source:   messageReviewGuide,
		Check:    requireFallback(),
	},
	{
		ID:       "M763",
		Sentence: "If a room has no fallbackResult, it is ALLOW.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			r := reviewedRoom(p, "", conformance.Answer{Error: "failed"})
			r.requireUnchanged(r.delivered())
		},
	},
	{
		ID:       "M764",
		Sentence: "The fallbackResult ALLOW delivers the message as it was sent.",
		Source:   alchemyTests,
		Check: func(p *conformance.Probe) {
			r := reviewedRoom(p, types.FallbackResultAllow, conformance.Answer{Error: "failed"})
			r.requireUnchanged(r.delivered())
		},
	},
	{
		ID: "M765",
		Sentence: "The fallbackResult DENY is answered with ERROR 406, whose ErrorMessage says that the review " +
			"failed.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			f := reviewedRoom(p, types.FallbackResultDeny, conformance.Answer{Error: "failed"}).denied()
			p.RequireMatch("ErrorMessage", f.Text("ErrorMessage"), `review failed`)
		},
	},
	{
		ID:       "M766",
		Sentence: "A function that cannot be invoked counts as InvocationErrors of its Uri.",
		Source:   monitoringGuide,
		Check: func(p *conformance.Probe) {
			r := reviewedRoom(p, types.FallbackResultAllow)
			r.delivered()
			r.requireErrors(1, 0)
		},
	},
	{
		ID:       "M769",
		Sentence: "A function that does not answer within the timeout counts as InvocationErrors of its Uri.",
		Source:   monitoringGuide,
		Check: func(p *conformance.Probe) {
			r := reviewedRoom(p, types.FallbackResultAllow, tooLate)
			r.delivered()
			r.requireErrors(1, 0)
		},
	},
	{
		ID:       "M767",
		Sentence: "An answer that is not valid counts as ResponseValidationErrors of the Uri.",
		Source:   monitoringGuide,
		Check: func(p *conformance.Probe) {
			r := reviewedRoom(p, types.FallbackResultAllow, answer(`{}`))
			r.delivered()
			r.requireErrors(0, 1)
		},
	},
	{
		ID:       "M768",
		Sentence: "A function that fails counts neither as InvocationErrors nor as ResponseValidationErrors.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			r := reviewedRoom(p, types.FallbackResultAllow, conformance.Answer{Error: "failed"})
			r.delivered()
			r.requireErrors(0, 0)
		},
	},
}

// reviewFallbackClaims returns the claims about what the fallbackResult decides, and when.
func reviewFallbackClaims() []conformance.Claim {
	claims := slices.Clone(failureClaims)
	for _, invalid := range invalidAnswers {
		claims = append(claims, conformance.Claim{
			ID:       invalid.id,
			Sentence: "If the function returns an answer " + invalid.what + ", the fallbackResult decides.",
			Source:   invalid.source,
			Check: func(p *conformance.Probe) {
				for _, json := range invalid.answers {
					requireFallback(answer(json))(p)
				}
			},
		})
	}
	for i := range claims {
		claims[i].Needs |= conformance.Answers
	}
	return claims
}

// requireErrors requires the sums of the metrics InvocationErrors and ResponseValidationErrors of the function.
func (r review) requireErrors(invocation, validation int) {
	i, v := r.p.ReviewErrors(functionARN(r.p))
	r.p.RequireEqual("InvocationErrors", i, invocation)
	r.p.RequireEqual("ResponseValidationErrors", v, validation)
}
