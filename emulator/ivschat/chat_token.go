package ivschat

import "time"

// A ChatToken is the content of a chat token. Clients get it encrypted and cannot read it (API:
// CreateChatToken).
type ChatToken struct {
	ID                    string // unique among all chat tokens
	Room                  ARN
	UserID                string
	Capabilities          []Capability
	Attributes            map[string]string
	IssueTime             time.Time
	TokenExpirationTime   time.Time // until then the token can open a connection
	SessionExpirationTime time.Time // until then the connection may last
}
