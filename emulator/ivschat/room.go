package ivschat

import "time"

// A Room is a virtual space where people exchange messages (API: Room).
type Room struct {
	ARN                             ARN
	Name                            string // "" when the room has none
	CreateTime                      time.Time
	UpdateTime                      time.Time
	MaximumMessageLength            int // code points in one message
	MaximumMessageRatePerSecond     int // messages a second from all clients together
	MessageReviewHandler            *MessageReviewHandler
	LoggingConfigurationIdentifiers []ARN // at most MaximumLoggingConfigurationsPerRoom
	Tags                            Tags
}

// A RoomFilter narrows ListRooms; an empty member does not. What is given must
// all hold (decision D12).
type RoomFilter struct {
	Name                           string
	MessageReviewHandlerURI        string
	LoggingConfigurationIdentifier string
}

// Keeps reports whether the room passes the filter.
func (f RoomFilter) Keeps(r Room) bool {
	if f.Name != "" && f.Name != r.Name {
		return false
	}
	if f.MessageReviewHandlerURI != "" &&
		(r.MessageReviewHandler == nil || r.MessageReviewHandler.URI != f.MessageReviewHandlerURI) {
		return false
	}
	return f.LoggingConfigurationIdentifier == "" || r.logsTo(f.LoggingConfigurationIdentifier)
}

func (r Room) logsTo(identifier string) bool {
	for _, arn := range r.LoggingConfigurationIdentifiers {
		if arn.String() == identifier {
			return true
		}
	}
	return false
}
