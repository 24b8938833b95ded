package claims

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var requestClaims = []conformance.Claim{
	{
		ID:       "C112",
		Sentence: "A path that is not an operation is answered with 404 UnknownOperationException.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			p.Post("CreateRooms", "{}").RequireException(404, "UnknownOperationException")
		},
	},
	{
		ID: "C113",
		Sentence: "An operation that is called with another HTTP method is answered with 404 " +
			"UnknownOperationException.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			p.Send("PUT", "/CreateRoom", "{}").RequireException(404, "UnknownOperationException")
		},
	},
	{
		ID:       "C114",
		Sentence: "A body that is not JSON is refused with ValidationException and the reason OTHER.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			for _, body := range []string{`{"name":`, `nonsense`, `{}{}`, "{\"name\":\"\xff\"}"} {
				r := invalidBody(p, "CreateRoom", body)
				p.RequireEqual("reason", r.Members()["reason"], "OTHER")
			}
		},
	},
	{
		ID: "C115",
		Sentence: "A body that is JSON but not an object is refused with ValidationException and " +
			"the reason OTHER.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			for _, body := range []string{`[]`, `null`, `7`, `"text"`} {
				r := invalidBody(p, "CreateRoom", body)
				p.RequireEqual("reason", r.Members()["reason"], "OTHER")
			}
		},
	},
	{
		ID:       "C116",
		Sentence: "A member of the wrong JSON type is refused with ValidationException.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			for member, value := range map[string]string{
				"name":                            `7`,
				"maximumMessageLength":            `"7"`,
				"tags":                            `{"k":1}`,
				"messageReviewHandler":            `"x"`,
				"loggingConfigurationIdentifiers": `{}`,
			} {
				requireInvalid(p, p.Post("CreateRoom", `{"`+member+`":`+value+`}`), member)
			}
			requireInvalid(p, p.Post("CreateRoom", `{"tags":[]}`), "tags")
		},
	},
	{
		ID: "C117",
		Sentence: "The objects and arrays in a body may be nested 100 levels deep; a deeper body is " +
			"refused with ValidationException and the reason OTHER.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			for _, levels := range []int{8, 100} {
				p.RequireEqual("status", p.Post("CreateRoom", nested("", levels)).Status, 200)
			}
			for _, levels := range []int{101, 9_000} {
				r := invalidBody(p, "CreateRoom", nested("", levels))
				p.RequireEqual("reason", r.Members()["reason"], "OTHER")
			}
		},
	},
	{
		ID:       "C118",
		Sentence: "Members that are not in the model are ignored.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			p.RequireEqual("status", p.Post("CreateRoom", `{"colour":"red","NAME":7}`).Status, 200)
		},
	},
	{
		ID:       "C119",
		Sentence: "A member that is null is treated as absent.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			r := p.Post("CreateRoom", `{"name":null,"tags":null,"maximumMessageLength":null}`)
			p.RequireEqual("status", r.Status, 200)
			requireInvalid(p, p.Post("GetRoom", `{"identifier":null}`), "identifier")
		},
	},
	{
		ID:       "C160",
		Sentence: "A null value in a map or a list is refused with ValidationException.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			invalidBody(p, "CreateRoom", `{"tags":{"k":null}}`)
			invalidBody(p, "CreateRoom", `{"loggingConfigurationIdentifiers":[null]}`)
			room := p.Room()
			invalidBody(p, "CreateChatToken",
				`{"roomIdentifier":"`+room+`","userId":"u","attributes":{"k":null}}`)
			invalidBody(p, "SendEvent",
				`{"roomIdentifier":"`+room+`","eventName":"e","attributes":{"k":null}}`)
		},
	},
	{
		ID:       "C120",
		Sentence: "An integer with a fraction or an exponent is refused with ValidationException.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			for _, number := range []string{"7.5", "7e0", "7.0"} {
				r := p.Post("CreateRoom", `{"maximumMessageLength":`+number+`}`)
				requireInvalid(p, r, "maximumMessageLength")
			}
		},
	},
	{
		ID:       "C121",
		Sentence: "The ARN in the path of the tag operations may be fully percent-encoded.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			callTagOperations(p, "/tags/"+url.QueryEscape(p.Room()))
		},
	},
	{
		ID:       "C122",
		Sentence: "The ARN in the path of the tag operations may be sent without encoding.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			callTagOperations(p, "/tags/"+p.Room())
		},
	},
	{
		ID:       "C134",
		Sentence: "A body of more than 1 MiB is refused with 413 RequestEntityTooLargeException.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			r := p.Post("CreateRoom", `{"name":"`+strings.Repeat("a", 1<<20)+`"}`)
			r.RequireException(413, "RequestEntityTooLargeException")
		},
	},
	{
		ID: "C152",
		Sentence: "A request whose first line and headers have more than 128 KiB is refused with 431; " +
			"the longest UntagResource of the model is not.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			keys := url.Values{}
			for i := range 50 {
				keys.Add("tagKeys", fmt.Sprintf("%02d", i)+strings.Repeat("𝐚", 126)) // a letter of four bytes
			}
			longest := p.Send("DELETE", "/tags/"+url.PathEscape(p.Room())+"?"+keys.Encode(), "")
			p.Require(longest.Status == 200, "50 keys: the reply is %d %s", longest.Status, longest.Body)
			longer := p.Send("POST", "/ListRooms", "{}", "X-Long", strings.Repeat("a", 136<<10))
			p.Require(longer.Status == 431, "136 KiB: the reply is %d %s", longer.Status, longer.Body)
		},
	},
}

// callTagOperations requires the three tag operations to succeed with the path.
func callTagOperations(p *conformance.Probe, path string) {
	for _, r := range []conformance.Reply{
		p.Send("POST", path, `{"tags":{"k":"v"}}`, "Content-Type", "application/json"),
		p.Send("GET", path, ""),
		p.Send("DELETE", path+"?tagKeys=k", ""),
	} {
		p.Require(r.Status == 200, "the reply is %d %s", r.Status, r.Body)
	}
}

// nested returns an object with some members, and with another member that is not in the model: arrays
// in arrays. In all, so many levels are nested in each other.
func nested(members string, levels int) string {
	return `{` + members + `"deep":` + strings.Repeat(`[`, levels-1) + strings.Repeat(`]`, levels-1) + `}`
}
