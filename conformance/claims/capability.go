package claims

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var capabilityClaims = []conformance.Claim{
	{
		ID: "M211",
		Sentence: "SEND_MESSAGE requires the capability SEND_MESSAGE and is answered with ERROR " +
			"403 without it.",
		Source: messagingReference + "SendMessage",
		Check: requireCapability(types.ChatTokenCapabilitySendMessage,
			`{"Action":"SEND_MESSAGE","Content":"hi"}`, "MESSAGE"),
	},
	{
		ID: "M212",
		Sentence: "DELETE_MESSAGE requires the capability DELETE_MESSAGE and is answered with " +
			"ERROR 403 without it.",
		Source: messagingReference + "DeleteMessage",
		Check: requireCapability(types.ChatTokenCapabilityDeleteMessage,
			`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`, "EVENT"),
	},
	{
		ID: "M213",
		Sentence: "DISCONNECT_USER requires the capability DISCONNECT_USER and is answered with " +
			"ERROR 403 without it.",
		Source: messagingReference + "DisconnectUser",
		Check: requireCapability(types.ChatTokenCapabilityDisconnectUser,
			`{"Action":"DISCONNECT_USER","UserId":"nobody"}`, "EVENT"),
	},
	{
		ID:       "M214",
		Sentence: "A user without any capability can view messages.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			viewer, anna := p.Connect(p.Token(room, "viewer")), p.Join(room, "anna")
			anna.Send(`{"Action":"SEND_MESSAGE","Content":"hi"}`)
			p.RequireEqual("Content", viewer.Receive("MESSAGE").Text("Content"), "hi")
		},
	},
	{
		ID:       "M215",
		Sentence: "An action without its capability delivers nothing.",
		Source:   messagingReference + "SendMessage",
		Check: func(p *conformance.Probe) {
			room := p.Room()
			viewer, anna := p.Connect(p.Token(room, "viewer")), p.Join(room, "anna")
			for _, frame := range []string{
				`{"Action":"SEND_MESSAGE","Content":"hi"}`,
				`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`,
				`{"Action":"DISCONNECT_USER","UserId":"anna"}`,
			} {
				viewer.Send(frame)
				viewer.ReceiveError(403)
			}
			anna.ReceiveNothing(room)
		},
	},
}

// requireCapability returns a check that requires an action to succeed with nothing but the
// capability, so that its sender receives a frame of the type, and to be answered with ERROR 403 with
// all other capabilities.
func requireCapability(
	capability types.ChatTokenCapability, frame, frameType string,
) func(*conformance.Probe) {
	return func(p *conformance.Probe) {
		room := p.Room()
		with := p.Connect(p.Token(room, "with", capability))
		with.Send(frame)
		with.Receive(frameType)
		isIt := func(other types.ChatTokenCapability) bool { return other == capability }
		others := slices.DeleteFunc(conformance.AllCapabilities(), isIt)
		without := p.Connect(p.Token(room, "without", others...))
		without.Send(frame)
		without.ReceiveError(403)
	}
}
