package claims

import (
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
		Sentence: "A request with a wrong signature is refused with 403.",
		Source:   "AWS General Reference",
		Check: func(p *conformance.Probe) {
			r := listAs(p, "AWS4-HMAC-SHA256 Credential=123456789012/20260101/"+p.Region+
				"/ivschat/aws4_request, SignedHeaders=host, Signature=00")
			p.RequireEqual("status", r.Status, 403)
		},
	},
	{
		ID:       "C130",
		Sentence: "A request without a signature is refused with 403.",
		Source:   "AWS General Reference",
		Check: func(p *conformance.Probe) {
			p.RequireEqual("status", listAs(p, "none").Status, 403)
		},
	},
	{
		ID:       "C131",
		Sentence: "The resources of one account do not exist for another account.",
		Source:   "AWS General Reference",
		Needs:    conformance.Accounts,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			other := p.InOtherAccount()
			_, err := other.SDK.GetRoom(p.Context(), &ivschat.GetRoomInput{Identifier: &room})
			p.Require(err != nil, "another account got the room")
			list, err := other.SDK.ListRooms(p.Context(), &ivschat.ListRoomsInput{})
			p.Require(err == nil && len(list.Rooms) == 0,
				"another account lists %d rooms: %v", len(list.Rooms), err)
		},
	},
	{
		ID:       "C132",
		Sentence: "The resources of one region do not exist in another region.",
		Source:   "AWS General Reference",
		Needs:    conformance.Accounts,
		Check: func(p *conformance.Probe) {
			room, other := p.Room(), p.InRegion("ap-south-1")
			_, err := other.SDK.GetRoom(p.Context(), &ivschat.GetRoomInput{Identifier: &room})
			p.Require(err != nil, "the room also exists in %s", other.Region)
		},
	},
}

// listAs calls ListRooms with the value of the header Authorization.
func listAs(p *conformance.Probe, authorization string) conformance.Reply {
	return p.Send("POST", "/ListRooms", "{}", "Authorization", authorization)
}
