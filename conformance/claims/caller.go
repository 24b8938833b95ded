package claims

import (
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var callerClaims = []conformance.Claim{
	{
		ID: "C127",
		Sentence: "A web page may call every operation, with the headers that an AWS SDK sends: Content-Type, " +
			"Authorization, and those of the model.",
		Source: smithyModel + ": cors",
		Check: func(p *conformance.Probe) {
			r := preflight(p, localPage)
			p.Require(r.Status < 300, "the status of the preflight request is %d", r.Status)
			requireAllowed(p, r, localPage)
			requireHeaders(p, r.Header.Get("Access-Control-Allow-Headers"),
				"Content-Type", "X-Api-Key", "X-Amz-Content-Sha256", "X-Amz-User-Agent", "amz-sdk-invocation-id",
				"amz-sdk-request", "Authorization", "X-Amz-Date", "X-Amz-Security-Token")
		},
	},
	{
		ID:       "C171",
		Sentence: "A web page of any origin may call every operation.",
		Source:   smithyModel + ": cors",
		Check: func(p *conformance.Probe) {
			const website = "https://example.com"
			requireAllowed(p, preflight(p, website), website)
			requireAllowed(p, p.Send("POST", "/ListRooms", "{}", "Origin", website), website)
		},
	},
	{
		ID:       "C172",
		Sentence: "A web page may not send a header that the model does not list.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			r := preflight(p, localPage)
			p.Require(r.Status < 300, "the status of the preflight request is %d", r.Status)
			headers := r.Header.Get("Access-Control-Allow-Headers")
			p.Require(headers != "" && headers != "*" && !strings.Contains(headers, "x-trace"),
				"Access-Control-Allow-Headers is %q", headers)
		},
	},
	{
		ID:       "C170",
		Sentence: "A web page may call every operation with credentials: the response allows the page's origin.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			for _, r := range []conformance.Reply{
				preflight(p, localPage),
				p.Send("POST", "/ListRooms", "{}", "Origin", localPage),
				p.Send("POST", "/GetRoom", "{}", "Origin", localPage),
				p.Send("POST", "/Nothing", "{}", "Origin", localPage),
			} {
				p.RequireEqual("Access-Control-Allow-Origin", r.Header.Get("Access-Control-Allow-Origin"), localPage)
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
			r := listAs(p, "AWS4-HMAC-SHA256 Credential=nonsense, SignedHeaders=host, Signature=00")
			r.RequireException(403, "IncompleteSignature")
		},
	},
	{
		ID: "C173",
		Sentence: "An Authorization header that is no signature of SigV4 is refused with 403 IncompleteSignature: " +
			"a Credential alone, SigV4a, Bearer and Basic.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			scope := "123456789012/20260101/" + p.Region + "/ivschat/aws4_request"
			for _, authorization := range []string{
				"AWS4-HMAC-SHA256 Credential=" + scope,
				"AWS4-ECDSA-P256-SHA256 Credential=" + scope + ", SignedHeaders=host, Signature=00",
				"Bearer 123",
				"Basic YTpi",
			} {
				listAs(p, authorization).RequireException(403, "IncompleteSignature")
			}
		},
	},
	{
		ID: "C640",
		Sentence: "A query that cannot be parsed is refused with 400 MalformedHttpRequestException, also if other " +
			"parameters can.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			for _, query := range []string{"?tagKeys=a&tagKeys=b%", "?tagKeys=a;tagKeys=b", "?X-Amz-Credential=%zz"} {
				// A client that signs would write the query anew.
				r := p.Send("POST", "/ListRooms"+query, "{}", "Authorization", "AWS4-HMAC-SHA256 "+
					"Credential=123456789012/20260101/"+p.Region+"/ivschat/aws4_request, SignedHeaders=host, Signature=00")
				r.RequireException(400, "MalformedHttpRequestException")
			}
		},
	},
	{
		ID: "C641",
		Sentence: "A signature that has its Credential twice, or a part that no signature has, is refused with 403 " +
			"IncompleteSignature.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			credential := "Credential=123456789012/20260101/" + p.Region + "/ivschat/aws4_request"
			const rest = ", SignedHeaders=host, Signature=00"
			for _, parts := range []string{credential + ", " + credential + rest, credential + rest + ", Other=1"} {
				listAs(p, "AWS4-HMAC-SHA256 "+parts).RequireException(403, "IncompleteSignature")
			}
		},
	},
	{
		ID: "C175",
		Sentence: "A request with a Content-Encoding other than identity is refused with 400 " +
			"MalformedHttpRequestException.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			for _, coding := range []string{"gzip", "br", "nonsense"} {
				r := p.Send("POST", "/ListRooms", "{}", "Content-Encoding", coding)
				r.RequireException(400, "MalformedHttpRequestException")
			}
			p.RequireEqual("status", p.Send("POST", "/ListRooms", "{}", "Content-Encoding", "identity").Status, 200)
		},
	},
	{
		ID:       "C174",
		Sentence: "A Credential for another service is refused with 403 InvalidSignatureException.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			r := listAs(p, "AWS4-HMAC-SHA256 Credential=123456789012/20260101/"+p.Region+
				"/ivs/aws4_request, SignedHeaders=host, Signature=00")
			r.RequireException(403, "InvalidSignatureException")
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
			request, err := http.NewRequestWithContext(
				p.Context(), "POST", p.ControlURL()+"/ListRooms", strings.NewReader("{}"))
			p.Require(err == nil, "%v", err)
			r := p.Do(request)
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
		ID: "C632",
		Sentence: "A room of another account is answered like one that does not exist, or with 403 AccessDeniedException " +
			"if the permissions of callers are checked.",
		Source: conformance.Decided,
		Needs:  conformance.Accounts,
		Check: func(p *conformance.Probe) {
			other := p.InOtherAccount()
			if p.Switches&conformance.Permissions != 0 {
				other.Post("GetRoom", conformance.JSON(map[string]any{"identifier": p.Room()})).
					RequireException(403, "AccessDeniedException")
				return
			}
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

// localPage is the origin of a page on the machine of a developer.
const localPage = "http://localhost:3000"

// preflight sends the preflight request of a page that calls an operation with a header of its own.
func preflight(p *conformance.Probe, origin string) conformance.Reply {
	return p.Send("OPTIONS", "/ListRooms", "", "Origin", origin,
		"Access-Control-Request-Method", "POST",
		"Access-Control-Request-Headers", "authorization,content-type,x-trace")
}

// requireAllowed requires that a page of the origin may read the reply.
func requireAllowed(p *conformance.Probe, r conformance.Reply, origin string) {
	allowed := r.Header.Get("Access-Control-Allow-Origin")
	p.Require(allowed == "*" || allowed == origin, "Access-Control-Allow-Origin is %q", allowed)
}

// requireHeaders requires that a list of headers, separated by commas, has all names.
func requireHeaders(p *conformance.Probe, list string, names ...string) {
	for _, name := range names {
		p.RequireMatch("the list of headers", list, `(?i)(^|[ ,])`+name+`($|[ ,])`)
	}
}
