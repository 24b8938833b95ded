package claims

import "github.com/ivschat-local/ivschat-local/conformance"

const madeUp = conformance.MadeUp

const (
	bucketName         = "destinationConfiguration.s3.bucketName"
	logGroupName       = "destinationConfiguration.cloudWatchLogs.logGroupName"
	deliveryStreamName = "destinationConfiguration.firehose.deliveryStreamName"
	total1KB           = apiReference + "CreateChatToken (1 KB total)"
	total4KB           = apiReference + "SendEvent (4 KB total)"
)

// bounds has the bounds of the service's model. The IDs of the claims number the ends of the
// bounds from C801 on: add a new row at the end.
var bounds = []bound{
	{operation: "CreateChatToken", member: "attributes", max: 1024, size: attributeBytes, source: total1KB},
	{operation: "CreateChatToken", member: "roomIdentifier", max: 128, size: roomARN},
	{operation: "CreateChatToken", member: "sessionDurationInMinutes", min: 1, max: 180, size: number},
	{operation: "CreateChatToken", member: "userId", min: 1, max: 128, size: emoji},
	{operation: "CreateLoggingConfiguration", member: bucketName, min: 3, max: 63, size: characters, needs: madeUp},
	{operation: "CreateLoggingConfiguration", member: deliveryStreamName, min: 1, max: 64, size: characters, needs: madeUp},
	{operation: "CreateLoggingConfiguration", member: logGroupName, min: 1, max: 512, size: characters, needs: madeUp},
	{operation: "CreateLoggingConfiguration", member: "name", max: 128, size: characters, needs: madeUp},
	{operation: "CreateLoggingConfiguration", member: "tags", max: 50, size: tagEntries, needs: madeUp},
	{operation: "CreateRoom", member: "loggingConfigurationIdentifiers", max: 3, size: attachments, needs: madeUp},
	{operation: "CreateRoom", member: "maximumMessageLength", min: 1, max: 500, size: number},
	{operation: "CreateRoom", member: "maximumMessageRatePerSecond", min: 1, max: 100, size: number},
	{operation: "CreateRoom", member: "messageReviewHandler.uri", max: 170, size: handlerURI, needs: madeUp},
	{operation: "CreateRoom", member: "name", max: 128, size: characters},
	{operation: "CreateRoom", member: "tags", max: 50, size: tagEntries},
	{operation: "CreateRoom", member: "tags", min: 1, max: 128, size: tagKey},
	{operation: "CreateRoom", member: "tags", max: 256, size: tagValue},
	{operation: "DeleteLoggingConfiguration", member: "identifier", max: 128, size: loggingARN},
	{operation: "DeleteMessage", member: "id", min: 12, max: 12, size: characters},
	{operation: "DeleteMessage", member: "reason", min: 1, max: 256, size: emoji},
	{operation: "DeleteRoom", member: "identifier", max: 128, size: roomARN},
	{operation: "DisconnectUser", member: "reason", min: 1, max: 256, size: emoji},
	{operation: "DisconnectUser", member: "userId", min: 1, max: 128, size: emoji},
	{operation: "GetLoggingConfiguration", member: "identifier", max: 128, size: loggingARN},
	{operation: "GetRoom", member: "identifier", max: 128, size: roomARN},
	{operation: "ListLoggingConfigurations", member: "maxResults", min: 1, max: 50, size: number},
	{operation: "ListRooms", member: "loggingConfigurationIdentifier", max: 128, size: loggingARN},
	{operation: "ListRooms", member: "maxResults", min: 1, max: 50, size: number},
	{operation: "ListRooms", member: "messageReviewHandlerUri", max: 170, size: handlerURI},
	{operation: "ListRooms", member: "name", max: 128, size: characters},
	{operation: "SendEvent", member: "attributes", max: 4096, size: attributeBytes, source: total4KB},
	{operation: "SendEvent", member: "eventName", min: 1, max: 100, size: emoji},
	{operation: "TagResource", member: "tags", max: 50, size: tagEntries},
	{operation: "TagResource", member: "tags", min: 1, max: 128, size: tagKey},
	{operation: "TagResource", member: "tags", max: 256, size: tagValue},
	{operation: "UntagResource", member: "tagKeys", min: 1, max: 128, size: keyEntry},
	{operation: "UpdateLoggingConfiguration", member: bucketName, min: 3, max: 63, size: characters, needs: madeUp},
	{operation: "UpdateLoggingConfiguration", member: deliveryStreamName, min: 1, max: 64, size: characters, needs: madeUp},
	{operation: "UpdateLoggingConfiguration", member: logGroupName, min: 1, max: 512, size: characters, needs: madeUp},
	{operation: "UpdateLoggingConfiguration", member: "name", max: 128, size: characters, needs: madeUp},
	{operation: "UpdateRoom", member: "loggingConfigurationIdentifiers", max: 3, size: attachments, needs: madeUp},
	{operation: "UpdateRoom", member: "maximumMessageLength", min: 1, max: 500, size: number},
	{operation: "UpdateRoom", member: "maximumMessageRatePerSecond", min: 1, max: 100, size: number},
	{operation: "UpdateRoom", member: "messageReviewHandler.uri", max: 170, size: handlerURI, needs: madeUp},
	{operation: "UpdateRoom", member: "name", max: 128, size: characters},
	{operation: "CreateLoggingConfiguration", member: "tags", min: 1, max: 128, size: tagKey, needs: madeUp},
	{operation: "CreateLoggingConfiguration", member: "tags", max: 256, size: tagValue, needs: madeUp},
	{operation: "CreateRoom", member: "loggingConfigurationIdentifiers", max: 128, size: loggingEntry},
	{operation: "DeleteMessage", member: "roomIdentifier", max: 128, size: roomARN},
	{operation: "DisconnectUser", member: "roomIdentifier", max: 128, size: roomARN},
	{operation: "ListTagsForResource", member: "resourceArn", max: 128, size: roomARN},
	{operation: "SendEvent", member: "roomIdentifier", max: 128, size: roomARN},
	{operation: "TagResource", member: "resourceArn", max: 128, size: roomARN},
	{operation: "UntagResource", member: "resourceArn", max: 128, size: roomARN},
	{operation: "UntagResource", member: "tagKeys", max: 50, size: keyEntries},
	{operation: "UpdateLoggingConfiguration", member: "identifier", max: 128, size: loggingARN},
	{operation: "UpdateRoom", member: "identifier", max: 128, size: roomARN},
	{operation: "UpdateRoom", member: "loggingConfigurationIdentifiers", max: 128, size: loggingEntry},
}
