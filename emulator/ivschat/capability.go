package ivschat

// A Capability allows the holder of a chat token to perform the action of the same name. Receiving
// messages and events needs none (API: CreateChatToken).
type Capability string

// The capabilities (model: ChatTokenCapability).
const (
	CapabilitySendMessage    = Capability(ActionSendMessage)
	CapabilityDeleteMessage  = Capability(ActionDeleteMessage)
	CapabilityDisconnectUser = Capability(ActionDisconnectUser)
)
