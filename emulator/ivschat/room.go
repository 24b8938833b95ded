package ivschat

import "time"

// A Room is a virtual space where users exchange messages (API: CreateRoom, RoomSummary).
type Room struct {
	ARN                             ARN
	Name                            string // "" if it has none
	CreateTime                      time.Time
	UpdateTime                      time.Time
	MaximumMessageLength            int // code points in one message
	MaximumMessageRatePerSecond     int // messages per second, all clients together
	MessageReviewHandler            *MessageReviewHandler
	LoggingConfigurationIdentifiers []ARN // at most MaximumLoggingConfigurationsPerRoom
	Tags                            Tags
}

// A RoomFilter selects rooms for ListRooms. A room must have all values that are set; an empty
// member selects all rooms (decision D12).
type RoomFilter struct {
	Name                           string
	MessageReviewHandlerURI        string
	LoggingConfigurationIdentifier string // ARN
}

// Matches reports whether the filter selects the room.
func (f RoomFilter) Matches(r Room) bool {
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
