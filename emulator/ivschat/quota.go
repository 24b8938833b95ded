package ivschat

import "time"

// Numbers that AWS publishes. The lengths that belong to the shape of a request
// are in control/shapes.go, each with its shape. "quotas" is
// https://docs.aws.amazon.com/ivs/latest/ChatUserGuide/service-quotas.html.
const (
	RoomQuota                           = 50_000 // rooms of an account in a region, adjustable (quotas)
	LoggingConfigurationQuota           = 10     // logging configurations of an account in a region, adjustable (quotas)
	MaximumLoggingConfigurationsPerRoom = 3      // (model: LoggingConfigurationIdentifierList)
	MaximumTags                         = 50     // tags of a resource (model: Tags)
	MaximumPageSize                     = 50     // items in a list's page, and the default (model: MaxRoomResults)

	DefaultMaximumMessageLength        = 500 // code points, also the most (API: CreateRoom)
	DefaultMaximumMessageRatePerSecond = 10  // (API: CreateRoom)
	MaximumMessageRatePerSecond        = 100 // the most that a room may ask for (API: CreateRoom)

	MaximumChatTokenAttributeBytes = 1024 // keys and values together (API: CreateChatToken; decision D6)
	MaximumEventAttributeBytes     = 4096 // keys and values together (API: SendEvent; decision D6)

	MessagingRequestRate = 10 // requests a second of one connection, over all actions (quotas)
)

const (
	// DefaultTokenTTL is for how long a chat token opens a connection. AWS
	// does not publish it; recorded replies agree on an hour.
	DefaultTokenTTL = time.Hour
	// DefaultSessionDuration is how long a session may last when the caller
	// does not say (API: CreateChatToken).
	DefaultSessionDuration = 60 * time.Minute
	// MaximumSessionDuration is the most that a caller may ask for (API:
	// CreateChatToken).
	MaximumSessionDuration = 180 * time.Minute
)
