package conformance

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
)

// removeTimeout bounds the removal of one resource.
const removeTimeout = time.Minute

// RemoveLater removes a resource at the end of the check. It is not an error if the resource
// no longer exists.
func (p *Probe) RemoveLater(arn string) {
	p.cleanups = append(p.cleanups, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), removeTimeout)
		defer cancel()
		err := p.remove(ctx, arn)
		if _, gone := errors.AsType[*types.ResourceNotFoundException](err); err != nil && !gone {
			*p.leftovers = append(*p.leftovers, arn)
		}
	})
}

func (p *Probe) remove(ctx context.Context, arn string) error {
	if strings.Contains(arn, ":room/") {
		_, err := p.SDK.DeleteRoom(ctx, &ivschat.DeleteRoomInput{Identifier: &arn})
		return err
	}
	input := &ivschat.DeleteLoggingConfigurationInput{Identifier: &arn}
	_, err := p.SDK.DeleteLoggingConfiguration(ctx, input)
	return err
}

// Name returns a name with the prefix of the target.
func (p *Probe) Name(name string) *string { return aws.String(p.Prefix + name) }

// anyName returns a name that shows where a resource comes from, or nil if the target has no
// prefix.
func (p *Probe) anyName() *string {
	if p.Prefix == "" {
		return nil
	}
	return p.Name("any")
}

// CreateRoom creates a room, which is removed at the end of the check.
func (p *Probe) CreateRoom(input ivschat.CreateRoomInput) *ivschat.CreateRoomOutput {
	room := Call(p, p.SDK.CreateRoom, input)
	p.RemoveLater(*room.Arn)
	return room
}

// Room creates a room with default values and returns its ARN.
func (p *Probe) Room() string {
	return *p.CreateRoom(ivschat.CreateRoomInput{Name: p.anyName()}).Arn
}

// CreateLogging creates a logging configuration, which is removed at the end of the check.
func (p *Probe) CreateLogging(
	input ivschat.CreateLoggingConfigurationInput,
) *ivschat.CreateLoggingConfigurationOutput {
	configuration := Call(p, p.SDK.CreateLoggingConfiguration, input)
	p.RemoveLater(*configuration.Arn)
	return configuration
}

// Logging creates a logging configuration whose destination is a bucket.
func (p *Probe) Logging() *ivschat.CreateLoggingConfigurationOutput {
	return p.CreateLogging(ivschat.CreateLoggingConfigurationInput{
		Name:                     p.anyName(),
		DestinationConfiguration: Bucket("chat-logs"),
	})
}

// Bucket returns a bucket as the destination of a logging configuration.
func Bucket(name string) types.DestinationConfiguration {
	return &types.DestinationConfigurationMemberS3{
		Value: types.S3DestinationConfiguration{BucketName: &name},
	}
}

// LogGroup returns a log group of CloudWatch Logs as the destination of a logging configuration.
func LogGroup(name string) types.DestinationConfiguration {
	return &types.DestinationConfigurationMemberCloudWatchLogs{
		Value: types.CloudWatchLogsDestinationConfiguration{LogGroupName: &name},
	}
}

// DeliveryStream returns a delivery stream of Firehose as the destination of a logging configuration.
func DeliveryStream(name string) types.DestinationConfiguration {
	return &types.DestinationConfigurationMemberFirehose{
		Value: types.FirehoseDestinationConfiguration{DeliveryStreamName: &name},
	}
}

// MissingID is the ID in the ARNs of MissingRoom and MissingLogging.
const MissingID = "absentabsent"

// MissingRoom returns the ARN of a room that does not exist.
func (p *Probe) MissingRoom() string { return p.missing("room") }

// MissingLogging returns the ARN of a logging configuration that does not exist.
func (p *Probe) MissingLogging() string { return p.missing("logging-configuration") }

func (p *Probe) missing(resource string) string {
	return "arn:aws:ivschat:" + p.Region + ":" + p.accountID() + ":" + resource + "/" + MissingID
}

// accountID returns the account. If it is not known, the ARN of a room has it.
func (p *Probe) accountID() string {
	if p.Account != "" {
		return p.Account
	}
	return strings.Split(p.Room(), ":")[4]
}

// FailNext makes the next change of a logging configuration by the operation fail at its end, after its reply. It is
// for claims that need Failures.
func (p *Probe) FailNext(operation string) {
	err := p.FailChange(p.ctx, p.accountID(), operation)
	p.Require(err == nil, "make %s fail: %v", operation, err)
}

// AllCapabilities returns every capability of a chat token.
func AllCapabilities() []types.ChatTokenCapability {
	return []types.ChatTokenCapability{
		types.ChatTokenCapabilitySendMessage,
		types.ChatTokenCapabilityDeleteMessage,
		types.ChatTokenCapabilityDisconnectUser,
	}
}

// Token creates a chat token.
func (p *Probe) Token(room, user string, capabilities ...types.ChatTokenCapability) string {
	return *Call(p, p.SDK.CreateChatToken, ivschat.CreateChatTokenInput{
		RoomIdentifier: &room, UserId: &user, Capabilities: capabilities,
	}).Token
}
