package messaging

// The names of the actions, which are those of the capabilities that they
// need.
const (
	SendMessage    = "SEND_MESSAGE"
	DeleteMessage  = "DELETE_MESSAGE"
	DisconnectUser = "DISCONNECT_USER"
)

// An Action is what a client asks for.
type Action struct {
	Name       string            // SendMessage, DeleteMessage or DisconnectUser
	RequestID  string            // "" when the client gave none
	Content    string            // SendMessage
	Attributes map[string]string // SendMessage; nil when the client gave none
	ID         string            // DeleteMessage: the message
	UserID     string            // DisconnectUser
	Reason     string            // DeleteMessage and DisconnectUser; "" when the client gave none
}
