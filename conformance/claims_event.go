package conformance

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
)

// sendEvent sends an event and gives its id.
func (p *probe) sendEvent(room, name string, attributes map[string]string) string {
	return aws.ToString(call(p, p.sdk.SendEvent, ivschat.SendEventInput{RoomIdentifier: &room, EventName: &name, Attributes: attributes}).Id)
}

var eventClaims = []Claim{
	{ID: "C701", Sentence: "SendEvent replies with the id of the event, twelve letters and digits.", Source: model, check: func(p *probe) {
		p.like("id", p.sendEvent(p.room(), "app:x", nil), id)
	}},
	{ID: "C702", Sentence: "DeleteMessage replies with an id of its own.", Source: model, check: func(p *probe) {
		room := p.room()
		got := call(p, p.sdk.DeleteMessage, ivschat.DeleteMessageInput{RoomIdentifier: &room, Id: aws.String("abcdefghijkl")})
		p.like("id", *got.Id, id)
		p.check(*got.Id != "abcdefghijkl", "it is that of the message")
	}},
	{ID: "C703", Sentence: "DeleteMessage succeeds for a message that never was.", Source: alchemy, check: func(p *probe) {
		room := p.room()
		call(p, p.sdk.DeleteMessage, ivschat.DeleteMessageInput{RoomIdentifier: &room, Id: aws.String("neverNeverWa")})
	}},
	{ID: "C704", Sentence: "DeleteMessage succeeds for the id of an event.", Source: model, check: func(p *probe) {
		room := p.room()
		call(p, p.sdk.DeleteMessage, ivschat.DeleteMessageInput{RoomIdentifier: &room, Id: aws.String(p.sendEvent(room, "app:x", nil))})
	}},
	{ID: "C705", Sentence: "DisconnectUser succeeds for a user who is not there.", Source: model + "; inferred", check: func(p *probe) {
		room := p.room()
		call(p, p.sdk.DisconnectUser, ivschat.DisconnectUserInput{RoomIdentifier: &room, UserId: aws.String("nobody")})
	}},
	{ID: "C706", Sentence: "DisconnectUser is 200.", Source: model, check: func(p *probe) {
		room := p.room()
		call(p, p.sdk.DisconnectUser, ivschat.DisconnectUserInput{RoomIdentifier: &room, UserId: aws.String("nobody")})
		p.same("status", p.last.status, 200)
	}},
	{ID: "C707", Sentence: "SendEvent to a room that does not exist is ResourceNotFoundException.", Source: model, check: func(p *probe) {
		refused[*types.ResourceNotFoundException](p, p.sdk.SendEvent, ivschat.SendEventInput{RoomIdentifier: aws.String(p.absent("room")), EventName: aws.String("x")})
	}},
	{ID: "C708", Sentence: "DeleteMessage in a room that does not exist is ResourceNotFoundException.", Source: model, check: func(p *probe) {
		refused[*types.ResourceNotFoundException](p, p.sdk.DeleteMessage, ivschat.DeleteMessageInput{RoomIdentifier: aws.String(p.absent("room")), Id: aws.String("abcdefghijkl")})
	}},
	{ID: "C709", Sentence: "DisconnectUser in a room that does not exist is ResourceNotFoundException.", Source: model, check: func(p *probe) {
		refused[*types.ResourceNotFoundException](p, p.sdk.DisconnectUser, ivschat.DisconnectUserInput{RoomIdentifier: aws.String(p.absent("room")), UserId: aws.String("u")})
	}},
	{ID: "C710", Sentence: "SendEvent accepts attributes of more than 1 KB.", Source: apiGuide + "SendEvent (4 KB since November 2025)", check: func(p *probe) {
		p.sendEvent(p.room(), "app:x", map[string]string{"k": strings.Repeat("x", 2000)})
	}},
	{ID: "C711", Sentence: "SendEvent accepts an eventName that begins with aws:.", Source: Decided, check: func(p *probe) {
		p.sendEvent(p.room(), "aws:mine", nil)
	}},
	{ID: "C712", Sentence: "SendEvent needs eventName.", Source: model, check: func(p *probe) {
		p.post("SendEvent", `{"roomIdentifier":"`+p.room()+`"}`).refuses(p, 400, "ValidationException")
	}},
	{ID: "C713", Sentence: "DeleteMessage needs id.", Source: model, check: func(p *probe) {
		p.post("DeleteMessage", `{"roomIdentifier":"`+p.room()+`"}`).refuses(p, 400, "ValidationException")
	}},
	{ID: "C714", Sentence: "DisconnectUser needs userId.", Source: model, check: func(p *probe) {
		p.post("DisconnectUser", `{"roomIdentifier":"`+p.room()+`"}`).refuses(p, 400, "ValidationException")
	}},
	{ID: "C715", Sentence: "The attributes of an event are counted in bytes of UTF-8, keys and values together.", Source: Decided, check: func(p *probe) {
		room := p.room()
		p.sendEvent(room, "app:x", map[string]string{"ü": strings.Repeat("ü", 2047)})
		refused[*types.ValidationException](p, p.sdk.SendEvent, ivschat.SendEventInput{RoomIdentifier: &room, EventName: aws.String("x"), Attributes: map[string]string{"ü": strings.Repeat("ü", 2047) + "x"}})
	}},
}
