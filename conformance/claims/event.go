package claims

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var eventClaims = []conformance.Claim{
	{
		ID:       "C701",
		Sentence: "SendEvent replies with the ID of the event, which is 12 letters and digits.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			p.RequireMatch("id", sendEvent(p, p.Room(), "app:x", nil), resourceID)
		},
	},
	{
		ID:       "C702",
		Sentence: "DeleteMessage replies with a new ID, which is not the ID of the message.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			id := deleteMessage(p, room, "abcdefghijkl")
			p.RequireMatch("id", id, resourceID)
			p.Require(id != "abcdefghijkl", "the ID is the ID of the message")
		},
	},
	{
		ID:       "C703",
		Sentence: "DeleteMessage succeeds for a message that never existed.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			deleteMessage(p, p.Room(), "neverNeverWa")
		},
	},
	{
		ID:       "C704",
		Sentence: "DeleteMessage succeeds for the ID of an event.",
		Source:   serviceModel + "; " + alchemyTests,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			deleteMessage(p, room, sendEvent(p, room, "app:x", nil))
		},
	},
	{
		ID:       "C705",
		Sentence: "DisconnectUser succeeds for a user who is not connected.",
		Source:   alchemyTests + ": the user has disconnected",
		Check: func(p *conformance.Probe) {
			disconnectUser(p, p.Room(), "nobody")
		},
	},
	{
		ID:       "C706",
		Sentence: "DisconnectUser replies with 200.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			disconnectUser(p, p.Room(), "nobody")
			p.RequireEqual("status", p.Last.Status, 200)
		},
	},
	{
		ID:       "C707",
		Sentence: "SendEvent to a room that does not exist fails with ResourceNotFoundException.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			notFound(p, p.SDK.SendEvent, ivschat.SendEventInput{
				RoomIdentifier: aws.String(p.MissingRoom()), EventName: aws.String("x"),
			})
		},
	},
	{
		ID:       "C708",
		Sentence: "DeleteMessage in a room that does not exist fails with ResourceNotFoundException.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			notFound(p, p.SDK.DeleteMessage, ivschat.DeleteMessageInput{
				RoomIdentifier: aws.String(p.MissingRoom()), Id: aws.String("abcdefghijkl"),
			})
		},
	},
	{
		ID:       "C709",
		Sentence: "DisconnectUser in a room that does not exist fails with ResourceNotFoundException.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			notFound(p, p.SDK.DisconnectUser, ivschat.DisconnectUserInput{
				RoomIdentifier: aws.String(p.MissingRoom()), UserId: aws.String("u"),
			})
		},
	},
	{
		ID:       "C710",
		Sentence: "SendEvent accepts attributes of more than 1 KB.",
		Source:   apiReference + "SendEvent (4 KB since November 2025)",
		Check: func(p *conformance.Probe) {
			sendEvent(p, p.Room(), "app:x", map[string]string{"k": strings.Repeat("x", 2000)})
		},
	},
	{
		ID:       "C711",
		Sentence: "SendEvent accepts an eventName that begins with aws:.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			sendEvent(p, p.Room(), "aws:mine", nil)
		},
	},
	{
		ID:       "C712",
		Sentence: "SendEvent requires eventName.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			r := p.Post("SendEvent", `{"roomIdentifier":"`+p.Room()+`"}`)
			requireInvalid(p, r, "eventName")
		},
	},
	{
		ID:       "C713",
		Sentence: "DeleteMessage requires id.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			r := p.Post("DeleteMessage", `{"roomIdentifier":"`+p.Room()+`"}`)
			requireInvalid(p, r, "id")
		},
	},
	{
		ID:       "C714",
		Sentence: "DisconnectUser requires userId.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			r := p.Post("DisconnectUser", `{"roomIdentifier":"`+p.Room()+`"}`)
			requireInvalid(p, r, "userId")
		},
	},
	{
		ID: "C715",
		Sentence: "The size of the attributes of an event is counted in bytes of UTF-8, keys and " +
			"values together.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			sendEvent(p, room, "app:x", map[string]string{"ü": strings.Repeat("ü", 2047)})
			invalid(p, p.SDK.SendEvent, ivschat.SendEventInput{
				RoomIdentifier: &room,
				EventName:      aws.String("x"),
				Attributes:     map[string]string{"ü": strings.Repeat("ü", 2047) + "x"},
			})
		},
	},
}
