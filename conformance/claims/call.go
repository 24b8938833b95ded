package claims

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// notFound calls an operation that must fail with ResourceNotFoundException.
func notFound[Input, Output any](
	p *conformance.Probe, operation conformance.Operation[Input, Output], input Input,
) *types.ResourceNotFoundException {
	return conformance.Refused[*types.ResourceNotFoundException](p, operation, input)
}

// invalid calls an operation that must fail with ValidationException.
func invalid[Input, Output any](
	p *conformance.Probe, operation conformance.Operation[Input, Output], input Input,
) *types.ValidationException {
	return conformance.Refused[*types.ValidationException](p, operation, input)
}

// invalidBody calls an operation with a body, requires ValidationException and returns the reply.
func invalidBody(p *conformance.Probe, operation, body string) conformance.Reply {
	reply := p.Post(operation, body)
	reply.RequireException(400, "ValidationException")
	return reply
}

func getRoom(p *conformance.Probe, room string) *ivschat.GetRoomOutput {
	return conformance.Call(p, p.SDK.GetRoom, ivschat.GetRoomInput{Identifier: &room})
}

func updateRoom(
	p *conformance.Probe, room string, input ivschat.UpdateRoomInput,
) *ivschat.UpdateRoomOutput {
	input.Identifier = &room
	return conformance.Call(p, p.SDK.UpdateRoom, input)
}

func deleteRoom(p *conformance.Probe, room string) {
	conformance.Call(p, p.SDK.DeleteRoom, ivschat.DeleteRoomInput{Identifier: &room})
}

// createToken creates a chat token for the room.
func createToken(
	p *conformance.Probe, room string, input ivschat.CreateChatTokenInput,
) *ivschat.CreateChatTokenOutput {
	input.RoomIdentifier = &room
	return conformance.Call(p, p.SDK.CreateChatToken, input)
}

// sendEvent sends an event and returns its ID.
func sendEvent(p *conformance.Probe, room, name string, attributes map[string]string) string {
	return aws.ToString(conformance.Call(p, p.SDK.SendEvent, ivschat.SendEventInput{
		RoomIdentifier: &room, EventName: &name, Attributes: attributes,
	}).Id)
}

// deleteMessage deletes a message with the control plane and returns the ID of the event.
func deleteMessage(p *conformance.Probe, room, id string) string {
	return aws.ToString(conformance.Call(p, p.SDK.DeleteMessage, ivschat.DeleteMessageInput{
		RoomIdentifier: &room, Id: &id,
	}).Id)
}

// disconnectUser disconnects a user with the control plane.
func disconnectUser(p *conformance.Probe, room, user string) {
	conformance.Call(p, p.SDK.DisconnectUser, ivschat.DisconnectUserInput{
		RoomIdentifier: &room, UserId: &user,
	})
}

// getLogging returns a logging configuration.
func getLogging(p *conformance.Probe, arn string) *ivschat.GetLoggingConfigurationOutput {
	input := ivschat.GetLoggingConfigurationInput{Identifier: &arn}
	return conformance.Call(p, p.SDK.GetLoggingConfiguration, input)
}

// renameLogging gives a logging configuration another name.
func renameLogging(
	p *conformance.Probe, arn string, name *string,
) *ivschat.UpdateLoggingConfigurationOutput {
	input := ivschat.UpdateLoggingConfigurationInput{Identifier: &arn, Name: name}
	return conformance.Call(p, p.SDK.UpdateLoggingConfiguration, input)
}

func deleteLogging(p *conformance.Probe, arn string) {
	input := ivschat.DeleteLoggingConfigurationInput{Identifier: &arn}
	conformance.Call(p, p.SDK.DeleteLoggingConfiguration, input)
}

// listLogging returns one page of logging configurations.
func listLogging(
	p *conformance.Probe, input ivschat.ListLoggingConfigurationsInput,
) *ivschat.ListLoggingConfigurationsOutput {
	return conformance.Call(p, p.SDK.ListLoggingConfigurations, input)
}
