package ivschat

// An Action is the Action of a request that a chat client sends over its connection (Messaging API:
// DeleteMessage, DisconnectUser and SendMessage, all "(Publish)").
type Action string

// The actions.
const (
	ActionSendMessage    Action = "SEND_MESSAGE"
	ActionDeleteMessage  Action = "DELETE_MESSAGE"
	ActionDisconnectUser Action = "DISCONNECT_USER"
)

// Actions lists every action.
func Actions() []Action {
	return []Action{ActionSendMessage, ActionDeleteMessage, ActionDisconnectUser}
}

// Capability returns the capability that a chat token must have for the action. It has the same
// name (API: CreateChatToken).
func (a Action) Capability() Capability { return Capability(a) }
