package claims

import (
	"net"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var reviewEventClaims = []conformance.Claim{
	{
		ID: "M710",
		Sentence: "The event of a review has exactly the members Content, MessageId, RoomArn, Attributes and Sender, " +
			"and its Sender has exactly Attributes, UserId and Ip.",
		Source: messageReviewGuide,
		Needs:  conformance.Answers,
		Check: func(p *conformance.Probe) {
			event := reviewEvent(p, messageFrame)
			requireMembers(p, event.Members, "Content", "MessageId", "RoomArn", "Attributes", "Sender")
			requireMembers(p, senderOf(event), "Attributes", "UserId", "Ip")
		},
	},
	{
		ID:       "M711",
		Sentence: "The members of the event of a review are in the order of the User Guide.",
		Source:   conformance.Decided,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			event := reviewEvent(p, messageFrame)
			p.RequireEqual("the order", memberOrder(event), "Content MessageId RoomArn Attributes Sender")
			p.RequireMatch("the event", event.Raw, `"Sender":\{"Attributes":\{.*\},"UserId":"anna","Ip":`)
		},
	},
	{
		ID:       "M712",
		Sentence: "The event of a review has the Id with which the message is delivered.",
		Source:   messageReviewGuide,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			r := reviewedRoom(p, types.FallbackResultAllow, answer(allowChanged))
			id := r.delivered().Text("Id")
			p.RequireEqual("MessageId", p.ReviewsEnded(r.arn, 1)[0].Text("MessageId"), id)
		},
	},
	{
		ID:       "M713",
		Sentence: "The event of a review has the Content and the Attributes of the message, and the ARN of the room.",
		Source:   messageReviewGuide,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			r := reviewedRoom(p, types.FallbackResultAllow, answer(allowChanged))
			r.delivered()
			event := p.ReviewsEnded(r.arn, 1)[0]
			p.RequireEqual("Content", event.Text("Content"), "hello")
			p.RequireEqual("Attributes", event.Members["Attributes"], map[string]any{"k": "v"})
			p.RequireEqual("RoomArn", event.Text("RoomArn"), r.arn)
		},
	},
	{
		ID:       "M714",
		Sentence: "The Attributes of the event of a review are null when the message has none.",
		Source:   conformance.Decided,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			event := reviewEvent(p, helloFrame)
			attributes, ok := event.Members["Attributes"]
			p.Require(ok && attributes == nil, "the event is %s", event.Raw)
		},
	},
	{
		ID:       "M715",
		Sentence: "The Sender in the event of a review has the UserId and the Attributes of the token.",
		Source:   messageReviewGuide,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			r := reviewedRoom(p, types.FallbackResultAllow, answer(allowChanged))
			c := p.Connect(*createToken(p, r.arn, ivschat.CreateChatTokenInput{
				UserId:       aws.String("🙂 <a>"),
				Capabilities: conformance.AllCapabilities(),
				Attributes:   map[string]string{"avatar": "x"},
			}).Token)
			c.Send(helloFrame)
			c.Receive("MESSAGE")
			sender := senderOf(p.ReviewsEnded(r.arn, 1)[0])
			p.RequireEqual("UserId", sender["UserId"], "🙂 <a>")
			p.RequireEqual("Attributes", sender["Attributes"], map[string]any{"avatar": "x"})
		},
	},
	{
		ID:       "M716",
		Sentence: "The Attributes of the Sender in the event of a review are {} when the token has none.",
		Source:   conformance.Decided,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			p.RequireEqual("Attributes", senderOf(reviewEvent(p, helloFrame))["Attributes"], map[string]any{})
		},
	},
	{
		ID:       "M717",
		Sentence: "Ip in the event of a review is the IP address of the sender.",
		Source:   messageReviewGuide,
		Needs:    conformance.Answers,
		Check: func(p *conformance.Probe) {
			ip := senderIP(p, "")
			p.Require(ip != nil, "it is not an IP address")
			p.Require(ip.To4() == nil || ip.String() == ip.To4().String(), "it is %s", ip)
		},
	},
	{
		ID: "M718",
		Sentence: "If a client connects from a loopback address, Ip is the first address of X-Forwarded-For; " +
			"otherwise the header is ignored.",
		Source: conformance.Decided,
		Needs:  conformance.Answers,
		Check: func(p *conformance.Probe) {
			want := senderIP(p, "")
			p.Require(want != nil, "Ip is not an IP address")
			if want.IsLoopback() {
				want = net.IPv4(203, 0, 113, 7)
			}
			p.RequireEqual("Ip", senderIP(p, "203.0.113.7, 198.51.100.9").String(), want.String())
		},
	},
}

// reviewEvent returns the event with which a request is reviewed.
func reviewEvent(p *conformance.Probe, frame string) conformance.Frame {
	r := reviewedRoom(p, types.FallbackResultAllow, answer(allowChanged))
	r.anna.Send(frame)
	r.anna.Receive("MESSAGE")
	return p.ReviewsEnded(r.arn, 1)[0]
}

// senderOf returns the Sender of an event.
func senderOf(event conformance.Frame) map[string]any {
	sender, _ := event.Members["Sender"].(map[string]any)
	return sender
}

// requireMembers requires an object to have these members and no others.
func requireMembers(p *conformance.Probe, object map[string]any, names ...string) {
	for _, name := range names {
		_, ok := object[name]
		p.Require(ok, "%s is missing in %s", name, conformance.JSON(object))
	}
	p.RequireEqual("the number of members", len(object), len(names))
}

// senderIP returns the Ip of a client whose handshake has the X-Forwarded-For, or nil if it is not an address.
func senderIP(p *conformance.Probe, forwardedFor string) net.IP {
	r := reviewedRoom(p, types.FallbackResultAllow, answer(allowChanged))
	header := http.Header{}
	if forwardedFor != "" {
		header.Set("X-Forwarded-For", forwardedFor)
	}
	c, _ := p.Dial("", header, p.Token(r.arn, "cleo", conformance.AllCapabilities()...))
	p.Require(c != nil, "the handshake was refused")
	c.Send(helloFrame)
	c.Receive("MESSAGE")
	ip, _ := senderOf(p.ReviewsEnded(r.arn, 1)[0])["Ip"].(string)
	return net.ParseIP(ip)
}
