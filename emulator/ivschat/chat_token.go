package ivschat

import "time"

// A ChatToken is what a chat token says to the service; its bearer cannot read
// it (API: CreateChatToken).
type ChatToken struct {
	ID                    string // unlike any other token's
	Room                  ARN
	UserID                string
	Capabilities          []Capability
	Attributes            map[string]string
	IssueTime             time.Time
	TokenExpirationTime   time.Time // until then it opens a connection
	SessionExpirationTime time.Time // until then the connection may last
}
