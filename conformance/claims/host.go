package claims

import (
	"net/http"
	"strings"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// hostClaims are about the host names of the service. The checks send these names to wherever the target is.
var hostClaims = []conformance.Claim{
	{
		ID: "C670",
		Sentence: "At the host of the messaging endpoint, a request that is not a handshake is refused with 400 " +
			"MalformedHttpRequestException.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			url := strings.Replace(p.MessagingURL(), "ws", "http", 1) + "/ListRooms"
			r, err := http.NewRequestWithContext(p.Context(), http.MethodPost, url, strings.NewReader("{}"))
			p.Require(err == nil, "%v", err)
			r.Host = messagingHost(p)
			p.Do(r).RequireException(400, "MalformedHttpRequestException")
		},
	},
	{
		ID:       "M126",
		Sentence: "At the host of the messaging endpoint, a chat token for a room in another region is refused with 401.",
		Source:   conformance.Decided,
		Needs:    conformance.Accounts,
		Check: func(p *conformance.Probe) {
			other := p.InRegion("ap-south-1")
			token := other.Token(other.Room(), "anna")
			_, refusal := p.Dial("", http.Header{"Host": {messagingHost(p)}}, token)
			p.RequireEqual("status", refusal.Status, http.StatusUnauthorized)

			_, refusal = other.Dial("", http.Header{"Host": {messagingHost(other)}}, token)
			p.RequireEqual("status with the same token in its region", refusal.Status, http.StatusSwitchingProtocols)
		},
	},
	{
		ID:       "M127",
		Sentence: "At the host of the control plane, no chat client can connect.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			token := p.Token(p.Room(), "anna")
			_, refusal := p.Dial("", http.Header{"Host": {"ivschat." + p.Region + ".amazonaws.com"}}, token)
			p.Require(refusal.Status >= 400, "the status is %d", refusal.Status)
		},
	},
}

func messagingHost(p *conformance.Probe) string { return "edge.ivschat." + p.Region + ".amazonaws.com" }
