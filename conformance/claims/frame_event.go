package claims

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var eventFrameClaims = []conformance.Claim{
	{
		ID: "M303",
		Sentence: "An EVENT has the members Type, Id, RequestId, EventName, Attributes and " +
			"SendTime, in this order.",
		Source: moderatingPost,
		Check: func(p *conformance.Probe) {
			const order = "Type Id RequestId EventName Attributes SendTime"
			for _, f := range receiveEvents(p) {
				p.RequireEqual("the order", memberOrder(f), order)
			}
		},
	},
	{
		ID:       "M321",
		Sentence: "aws:DELETE_MESSAGE has the ID of the message as MessageID, which clients read.",
		Source:   moderatingPost,
		Check: func(p *conformance.Probe) {
			f := receiveDeletion(p, "")
			p.RequireEqual("MessageID", f.Attribute("MessageID"), "abcdefghijkl")
		},
	},
	{
		ID:       "M322",
		Sentence: "aws:DELETE_MESSAGE also has the ID of the message as MessageId.",
		Source:   messagingReference + "Event",
		Check: func(p *conformance.Probe) {
			f := receiveDeletion(p, "")
			p.RequireEqual("MessageId", f.Attribute("MessageId"), "abcdefghijkl")
		},
	},
	{
		ID:       "M323",
		Sentence: "aws:DELETE_MESSAGE has the Reason of the request.",
		Source:   moderatingPost,
		Check: func(p *conformance.Probe) {
			f := receiveDeletion(p, `,"Reason":"why"`)
			p.RequireEqual("Reason", f.Attribute("Reason"), "why")
		},
	},
	{
		ID:       "M324",
		Sentence: "aws:DISCONNECT_USER has the ID of the user as UserId.",
		Source:   moderatingPost,
		Check: func(p *conformance.Probe) {
			p.RequireEqual("UserId", receiveDisconnection(p, "").Attribute("UserId"), "ben")
		},
	},
	{
		ID:       "M325",
		Sentence: "aws:DISCONNECT_USER has the Reason of the request.",
		Source:   moderatingPost,
		Check: func(p *conformance.Probe) {
			f := receiveDisconnection(p, `,"Reason":"why"`)
			p.RequireEqual("Reason", f.Attribute("Reason"), "why")
		},
	},
	{
		ID:       "M326",
		Sentence: "An EVENT has no Reason when the request has none.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			p.RequireEqual("Reason", receiveDeletion(p, "").Attribute("Reason"), nil)
			p.RequireEqual("Reason", receiveDisconnection(p, "").Attribute("Reason"), nil)
		},
	},
	{
		ID:       "M327",
		Sentence: "The EVENT of SendEvent has the EventName and the Attributes of the request.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			f, _ := receiveEvent(p, map[string]string{"k": "v"})
			p.RequireEqual("EventName", f.Text("EventName"), "app:x")
			p.RequireEqual("Attributes", f.Members["Attributes"], map[string]any{"k": "v"})
		},
	},
	{
		ID:       "M328",
		Sentence: "The EVENT of SendEvent has the Id that SendEvent returned.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			f, id := receiveEvent(p, nil)
			p.RequireEqual("Id", f.Text("Id"), id)
		},
	},
	{
		ID:       "M329",
		Sentence: "The Attributes of an EVENT are null when the request has none.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			f, _ := receiveEvent(p, nil)
			p.RequireMatch("the frame", f.Raw, `"Attributes":null`)
		},
	},
	{
		ID:       "M330",
		Sentence: "The EVENT of DeleteMessage has the Id that DeleteMessage returned.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			c := p.Join(room, "anna")
			deleted := conformance.Call(p, p.SDK.DeleteMessage, ivschat.DeleteMessageInput{
				RoomIdentifier: &room, Id: aws.String("abcdefghijkl"), Reason: aws.String("why"),
			})
			f := c.Receive("EVENT")
			p.RequireEqual("Id", f.Text("Id"), *deleted.Id)
		},
	},
	{
		ID:       "M337",
		Sentence: "DeleteMessage sends the same EVENT as the action DELETE_MESSAGE.",
		Source:   moderatingPost + "; " + messagingReference + "Event",
		Check: func(p *conformance.Probe) {
			room := p.Room()
			c := p.Join(room, "anna")
			conformance.Call(p, p.SDK.DeleteMessage, ivschat.DeleteMessageInput{
				RoomIdentifier: &room, Id: aws.String("abcdefghijkl"), Reason: aws.String("why"),
			})
			f := c.Receive("EVENT")
			p.RequireEqual("EventName", f.Text("EventName"), "aws:DELETE_MESSAGE")
			p.RequireEqual("Attributes", f.Members["Attributes"], map[string]any{
				"MessageID": "abcdefghijkl", "MessageId": "abcdefghijkl", "Reason": "why",
			})
		},
	},
	{
		ID:       "M331",
		Sentence: "DisconnectUser sends the same EVENT as the action DISCONNECT_USER.",
		Source:   moderatingPost,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			c := p.Join(room, "anna")
			conformance.Call(p, p.SDK.DisconnectUser, ivschat.DisconnectUserInput{
				RoomIdentifier: &room, UserId: aws.String("ben"), Reason: aws.String("why"),
			})
			f := c.Receive("EVENT")
			p.RequireEqual("EventName", f.Text("EventName"), "aws:DISCONNECT_USER")
			p.RequireEqual("Attributes", f.Members["Attributes"], map[string]any{
				"UserId": "ben", "Reason": "why",
			})
		},
	},
}
