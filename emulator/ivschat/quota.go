package ivschat

import "time"

// Numbers that AWS publishes. Limits that belong to the form of a request are in model/shapes.go,
// each with its shape.
const (
	RoomQuota                 = 50_000 // rooms per account and region, adjustable (quotas)
	LoggingConfigurationQuota = 10     // per account and region, adjustable (quotas)

	MaximumLoggingConfigurationsPerRoom = 3  // (model: LoggingConfigurationIdentifierList)
	MaximumTags                         = 50 // tags of a resource (model: Tags)
	MaximumPageSize                     = 50 // items of a page, also the default (model: MaxRoomResults)

	DefaultMaximumMessageLength        = 500 // code points, also the largest value (API: CreateRoom)
	DefaultMaximumMessageRatePerSecond = 10  // (API: CreateRoom)
	MaximumMessageRatePerSecond        = 100 // the largest value that a room can have (API: CreateRoom)

	// Keys and values together, in bytes (API: CreateChatToken, SendEvent; decision D6).
	MaximumChatTokenAttributeBytes = 1024
	MaximumEventAttributeBytes     = 4096

	// DefaultMessageAttributeBytes limits the Attributes of a message, keys and values together, in bytes
	// of UTF-8 (decision D24).
	DefaultMessageAttributeBytes = 1024

	// MaximumUserIDLength is the length of the longest user ID, in code points (model: UserID).
	MaximumUserIDLength = 128

	// MessagingRequestRate is the most requests per second of one connection, all actions together
	// (quotas).
	MessagingRequestRate = 10
)

const (
	// DefaultTokenTTL is how long a chat token can open a connection. AWS does not publish it. In
	// recorded replies it is always one hour (decision D7).
	DefaultTokenTTL = time.Hour
	// DefaultSessionDuration is how long a session may last if the request does not set it (API:
	// CreateChatToken).
	DefaultSessionDuration = 60 * time.Minute
	// MaximumSessionDuration is the longest session duration that a request can set (API:
	// CreateChatToken).
	MaximumSessionDuration = 180 * time.Minute
)
