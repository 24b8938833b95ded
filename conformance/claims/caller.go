package claims

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var callerClaims = []conformance.Claim{
	{
		ID:       "C127",
		Sentence: "A browser may call every operation from any origin.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			r := p.Send("OPTIONS", "/CreateRoom", "",
				"Origin", "https://example.com",
				"Access-Control-Request-Method", "POST",
				"Access-Control-Request-Headers", "content-type")
			p.Require(r.Status < 300, "the status of the preflight request is %d", r.Status)
			allowed := r.Header.Get("Access-Control-Allow-Origin")
			p.Require(allowed == "*" || allowed == "https://example.com",
				"Access-Control-Allow-Origin is %q", allowed)
		},
	},
	{
		ID:       "C170",
		Sentence: "A browser may call every operation with credentials: the response allows the page's origin.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			const origin = "https://example.com"
			for _, r := range []conformance.Reply{
				p.Send("OPTIONS", "/ListRooms", "", "Origin", origin,
					"Access-Control-Request-Method", "POST",
					"Access-Control-Request-Headers", "authorization,content-type"),
				p.Send("POST", "/ListRooms", "{}", "Origin", origin),
				p.Send("POST", "/GetRoom", "{}", "Origin", origin),
				p.Send("POST", "/Nothing", "{}", "Origin", origin),
			} {
				p.RequireEqual("Access-Control-Allow-Origin", r.Header.Get("Access-Control-Allow-Origin"), origin)
				p.RequireEqual("Access-Control-Allow-Credentials",
					r.Header.Get("Access-Control-Allow-Credentials"), "true")
				p.RequireMatch("Vary", r.Header.Get("Vary"), "Origin")
				for name, values := range r.Header {
					p.Require(values[0] != "*", "%s is *, which a browser does not accept with credentials", name)
				}
			}
		},
	},
	{
		ID:       "C128",
		Sentence: "A malformed credential is refused with 403 IncompleteSignature.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			r := listAs(p, "AWS4-HMAC-SHA256 Credential=nonsense")
			r.RequireException(403, "IncompleteSignature")
		},
	},
	{
		ID:       "C129",
		Sentence: "A request with a wrong signature is refused.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			r := listAs(p, "AWS4-HMAC-SHA256 Credential=123456789012/20260101/"+p.Region+
				"/ivschat/aws4_request, SignedHeaders=host, Signature=00")
			p.Require(r.Status >= 400, "the status is %d", r.Status)
		},
	},
	{
		ID:       "C130",
		Sentence: "A request without a signature is refused.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			r := listAs(p, "none")
			p.Require(r.Status >= 400, "the status is %d", r.Status)
		},
	},
	{
		ID:       "C131",
		Sentence: "ListRooms returns only rooms of the caller's account.",
		Source:   serviceModel,
		Needs:    conformance.Accounts,
		Check: func(p *conformance.Probe) {
			p.Room()
			rooms := listRooms(p.InOtherAccount(), ivschat.ListRoomsInput{})
			p.RequireEqual("the number of rooms of another account", len(rooms), 0)
		},
	},
	{
		ID:       "C132",
		Sentence: "ListRooms returns only rooms of the region to which the request is sent.",
		Source:   serviceModel,
		Needs:    conformance.Accounts,
		Check: func(p *conformance.Probe) {
			p.Room()
			rooms := listRooms(p.InRegion("ap-south-1"), ivschat.ListRoomsInput{})
			p.RequireEqual("the number of rooms in another region", len(rooms), 0)
		},
	},
	{
		ID:       "C632",
		Sentence: "A room of another account is answered like one that does not exist.",
		Source:   conformance.Decided,
		Needs:    conformance.Accounts,
		Check: func(p *conformance.Probe) {
			other := p.InOtherAccount()
			notFound(other, other.SDK.GetRoom, ivschat.GetRoomInput{Identifier: aws.String(p.Room())})
		},
	},
	{
		ID:       "C633",
		Sentence: "A room of another region is answered like one that does not exist.",
		Source:   conformance.Decided,
		Needs:    conformance.Accounts,
		Check: func(p *conformance.Probe) {
			other := p.InRegion("ap-south-1")
			notFound(other, other.SDK.GetRoom, ivschat.GetRoomInput{Identifier: aws.String(p.Room())})
		},
	},
}

// listAs calls ListRooms with the value of the header Authorization.
func listAs(p *conformance.Probe, authorization string) conformance.Reply {
	return p.Send("POST", "/ListRooms", "{}", "Authorization", authorization)
}
