package claims

import (
	"fmt"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// Patterns of members and headers.
const (
	requestID    = `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`
	milliseconds = `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`
	wholeSeconds = `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.0+)?Z$`
	noFraction   = `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`
)

var replyClaims = []conformance.Claim{
	{
		ID:       "C101",
		Sentence: "Every successful reply has an x-amzn-RequestId, which is a UUID.",
		Source:   chatLoggingPost + "; " + upjetIssue,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			for operation := range required {
				r := send(p, operation, validRequest(p, operation))
				p.RequireMatch("the x-amzn-RequestId of "+operation, r.Header.Get("x-amzn-RequestId"), requestID)
			}
		},
	},
	{
		ID:       "C103",
		Sentence: "No two replies have the same x-amzn-RequestId.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			p.Post("GetRoom", "{}")
			first := p.Last.Header.Get("x-amzn-RequestId")
			p.Post("GetRoom", "{}")
			p.Require(first != p.Last.Header.Get("x-amzn-RequestId"), "both replies have %s", first)
		},
	},
	{
		ID:       "C104",
		Sentence: "Replies are JSON, and their Content-Type is a JSON type.",
		Source:   serviceModel + "; " + restJSON,
		Check: func(p *conformance.Probe) {
			for _, body := range []string{"{}", `{"name":7}`} {
				r := p.Post("CreateRoom", body)
				_ = r.Members() // which is JSON
				p.RequireMatch("Content-Type", r.Header.Get("Content-Type"), `^application/json`)
			}
		},
	},
	{
		ID:       "C123",
		Sentence: "The times of rooms are in ISO 8601, in UTC, with milliseconds.",
		Source:   addingChatPost + "; " + replies2024,
		Check: func(p *conformance.Probe) {
			p.Room()
			requireTimes(p, milliseconds, "createTime", "updateTime")
		},
	},
	{
		ID:       "C124",
		Sentence: "The times of logging configurations are in ISO 8601, in UTC, with milliseconds.",
		Source:   chatLoggingPost,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			p.Logging()
			requireTimes(p, milliseconds, "createTime", "updateTime")
		},
	},
	{
		ID:       "C125",
		Sentence: "The times of a chat token are in ISO 8601, in UTC, with whole seconds.",
		Source:   unityPost + "; " + androidIssue,
		Check: func(p *conformance.Probe) {
			p.Token(p.Room(), "u")
			requireTimes(p, wholeSeconds, "tokenExpirationTime", "sessionExpirationTime")
		},
	},
	{
		ID:       "C636",
		Sentence: "The times of a chat token are written without a fraction of a second.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			p.Token(p.Room(), "u")
			requireTimes(p, noFraction, "tokenExpirationTime", "sessionExpirationTime")
		},
	},
	{
		ID: "C135",
		Sentence: "A successful reply has the status 200, except that DeleteRoom and " +
			"DeleteLoggingConfiguration reply with 204.",
		Source: serviceModel,
		Needs:  conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			for operation := range required {
				want := 200
				if operation == "DeleteRoom" || operation == "DeleteLoggingConfiguration" {
					want = 204
				}
				r := send(p, operation, validRequest(p, operation))
				p.RequireEqual("the status of "+operation, r.Status, want)
			}
		},
	},
	{
		ID:       "C136",
		Sentence: "Replies have x-amz-cf-id, because they come through CloudFront.",
		Source:   chatLoggingPost,
		Check: func(p *conformance.Probe) {
			p.Room()
			p.Require(p.Last.Header.Get("x-amz-cf-id") != "", "the header x-amz-cf-id is missing")
		},
	},
}

// requireTimes requires members of the last reply to match the pattern.
func requireTimes(p *conformance.Probe, pattern string, members ...string) {
	for _, member := range members {
		p.RequireMatch(member, fmt.Sprint(p.Last.Members()[member]), pattern)
	}
}
