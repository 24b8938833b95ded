package ivschat

// A Capability lets the bearer of a chat token perform the chat action of the
// same name. Viewing needs none (API: CreateChatToken).
type Capability string

// The capabilities (model: ChatTokenCapability).
const (
	CapabilitySendMessage    Capability = "SEND_MESSAGE"
	CapabilityDisconnectUser Capability = "DISCONNECT_USER"
	CapabilityDeleteMessage  Capability = "DELETE_MESSAGE"
)
