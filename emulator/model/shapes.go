package model

import (
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/shape"
)

// The shapes of requests, with the names and constraints of AWS's service model of ivschat, version
// 2020-07-14. A comment marks what is only in the API reference ("API").
var (
	bucketName         = shape.String{Min: 3, Max: 63, Pattern: shape.Pattern(`[a-z0-9-.]+`)}
	deliveryStreamName = shape.String{Min: 1, Max: 64, Pattern: shape.Pattern(`[a-zA-Z0-9_.-]+`)}
	logGroupName       = shape.String{Min: 1, Max: 512, Pattern: shape.Pattern(`[\.\-_/#A-Za-z0-9]+`)}

	roomName       = shape.String{Max: 128, Pattern: shape.Pattern(`[a-zA-Z0-9-_]*`)}
	roomIdentifier = shape.String{
		Min: 1, Max: 128,
		Pattern: shape.Pattern(`arn:aws:ivschat:[a-z0-9-]+:[0-9]+:room/[a-zA-Z0-9-]+`),
	}
	roomMaxMessageLength        = shape.Integer{Min: 1, Max: ivschat.DefaultMaximumMessageLength}
	roomMaxMessageRatePerSecond = shape.Integer{Min: 1, Max: ivschat.MaximumMessageRatePerSecond}

	lambdaArn = shape.String{
		Max:     170,
		Pattern: shape.Pattern(`$|^arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:.+.*`),
	}
	fallbackResult       = shape.String{Enum: enum(ivschat.FallbackAllow, ivschat.FallbackDeny)}
	messageReviewHandler = structure(
		optional("uri", lambdaArn),
		optional("fallbackResult", fallbackResult),
	)

	loggingConfigurationName       = shape.String{Max: 128, Pattern: shape.Pattern(`[a-zA-Z0-9-_]*`)}
	loggingConfigurationIdentifier = shape.String{
		Min: 1, Max: 128,
		Pattern: shape.Pattern(`arn:aws:ivschat:[a-z0-9-]+:[0-9]+:logging-configuration/[a-zA-Z0-9-]+`),
	}
	loggingConfigurationIdentifierList = shape.List{
		Member: loggingConfigurationIdentifier,
		Max:    ivschat.MaximumLoggingConfigurationsPerRoom,
	}
	destinationConfiguration = shape.Structure{Union: true, Members: []shape.Member{
		optional("s3", structure(required("bucketName", bucketName))),
		optional("cloudWatchLogs", structure(required("logGroupName", logGroupName))),
		optional("firehose", structure(required("deliveryStreamName", deliveryStreamName))),
	}}

	userID              = shape.String{Min: 1, Max: ivschat.MaximumUserIDLength, Confidential: true}
	chatTokenCapability = shape.String{Enum: enum(
		ivschat.CapabilitySendMessage, ivschat.CapabilityDisconnectUser, ivschat.CapabilityDeleteMessage,
	)}
	chatTokenCapabilities    = shape.List{Member: chatTokenCapability}
	sessionDurationInMinutes = shape.Integer{Min: 1, Max: int64(ivschat.MaximumSessionDuration.Minutes())}

	attribute           = shape.String{Confidential: true} // a key or a value
	chatTokenAttributes = shape.Map{
		Key: attribute, Value: attribute,
		MaxBytes: ivschat.MaximumChatTokenAttributeBytes, // API: 1 KB in total; decision D6
	}
	eventAttributes = shape.Map{
		Key: attribute, Value: attribute,
		MaxBytes: ivschat.MaximumEventAttributeBytes, // API: 4 KB in total; decision D6
	}

	messageID = shape.String{
		Min: ivschat.IDLength, Max: ivschat.IDLength,
		Pattern: shape.Pattern(`[a-zA-Z0-9]+`),
	}
	reason    = shape.String{Min: 1, Max: 256, Confidential: true}
	eventName = shape.String{Min: 1, Max: 100}

	paginationToken = shape.String{Max: 1024}
	maxResults      = shape.Integer{Min: 1, Max: ivschat.MaximumPageSize}

	// resourceArn differs from the model. The model's pattern allows only one letter as the resource
	// type, so it would refuse every ARN of the service.
	resourceArn = shape.String{
		Min: 1, Max: 128,
		Pattern: shape.Pattern(`arn:aws:ivschat:[a-z0-9-]+:[0-9]+:[a-z-]+/[a-zA-Z0-9-]+`),
	}
	tagKey    = shape.String{Min: 1, Max: 128}
	newTagKey = shape.String{
		Min: 1, Max: 128,
		NotPrefix: ivschat.ReservedTagPrefix, // decision D14
		Pattern:   tagCharacters,             // decision D50
	}
	tagValue   = shape.String{Max: 256, Pattern: tagCharacters} // decision D50
	tagMap     = shape.Map{Key: newTagKey, Value: tagValue, Max: ivschat.MaximumTags}
	tagKeyList = shape.List{Member: tagKey, Max: ivschat.MaximumTags}
)

// tagCharacters matches the characters that AWS's general rules allow in tags: letters, digits, spaces and
// a few others. Several services have exactly this pattern in their models.
var tagCharacters = shape.Pattern(`[\p{L}\p{Z}\p{N}_.:/=+\-@]*`)

func structure(members ...shape.Member) shape.Structure { return shape.Structure{Members: members} }

func required(name string, s shape.Shape) shape.Member {
	return shape.Member{Name: name, Shape: s, Required: true}
}

func optional(name string, s shape.Shape) shape.Member {
	return shape.Member{Name: name, Shape: s}
}

// in returns the member as one that travels outside the body.
func in(location shape.Location, m shape.Member) shape.Member {
	m.In = location
	return m
}

func enum[S ~string](values ...S) []string {
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = string(v)
	}
	return names
}
