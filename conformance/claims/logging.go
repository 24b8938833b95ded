package claims

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var loggingClaims = []conformance.Claim{
	{
		ID:       "C501",
		Sentence: "A logging configuration can have a destination in S3.",
		Source:   serviceModel,
		Needs:    conformance.MadeUp,
		Check:    requireDestination("s3"),
	},
	{
		ID:       "C502",
		Sentence: "A logging configuration can have a destination in CloudWatch Logs.",
		Source:   serviceModel,
		Needs:    conformance.MadeUp,
		Check:    requireDestination("cloudWatchLogs"),
	},
	{
		ID:       "C503",
		Sentence: "A logging configuration can have a destination in Firehose.",
		Source:   serviceModel,
		Needs:    conformance.MadeUp,
		Check:    requireDestination("firehose"),
	},
	{
		ID:       "C504",
		Sentence: "A destination without a type is refused with ValidationException.",
		Source:   conformance.Decided,
		Check:    refuseDestination(`{}`),
	},
	{
		ID:       "C505",
		Sentence: "A destination of two types is refused with ValidationException.",
		Source:   conformance.Decided,
		Check: refuseDestination(
			`{"s3":{"bucketName":"abc"},"firehose":{"deliveryStreamName":"a"}}`),
	},
	{
		ID:       "C506",
		Sentence: "A destination without its name is refused with ValidationException.",
		Source:   serviceModel,
		Check:    refuseDestination(`{"s3":{}}`),
	},
	{
		ID:       "C507",
		Sentence: "CreateLoggingConfiguration requires destinationConfiguration.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			r := p.Post("CreateLoggingConfiguration", `{"name":"x"}`)
			requireInvalid(p, r, "destinationConfiguration")
		},
	},
	{
		ID: "C508",
		Sentence: "The ID of a logging configuration is 12 letters and digits, and its ARN " +
			"ends with logging-configuration/ID.",
		Source: serviceModel,
		Needs:  conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			logging := p.Logging()
			p.RequireMatch("id", *logging.Id, resourceID)
			p.RequireMatch("arn", *logging.Arn,
				`^arn:aws:ivschat:`+p.Region+`:[0-9]{12}:logging-configuration/`+*logging.Id+`$`)
		},
	},
	{
		ID:       "C509",
		Sentence: "CreateLoggingConfiguration replies with the state ACTIVE.",
		Source:   chatLoggingPost,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			p.RequireEqual("state", p.Logging().State, types.CreateLoggingConfigurationStateActive)
		},
	},
	{
		ID:       "C510",
		Sentence: "The reply to CreateLoggingConfiguration has tags {} when the request has no tags.",
		Source:   chatLoggingPost,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			p.Logging()
			p.RequireEqual("tags", p.Last.Members()["tags"], map[string]any{})
		},
	},
	{
		ID:       "C511",
		Sentence: "A new logging configuration is ACTIVE in GetLoggingConfiguration at once.",
		Source:   conformance.Decided,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			got := getLogging(p, *p.Logging().Arn)
			p.RequireEqual("state", got.State, types.LoggingConfigurationStateActive)
		},
	},
	{
		ID:       "C512",
		Sentence: "Names of logging configurations need not be unique.",
		Source:   serviceModel,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			for range 2 {
				p.CreateLogging(ivschat.CreateLoggingConfigurationInput{
					Name:                     p.Name("same"),
					DestinationConfiguration: conformance.Bucket("abc"),
				})
			}
		},
	},
	{
		ID:       "C513",
		Sentence: "The destination of a logging configuration need not exist.",
		Source:   conformance.Decided,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			p.Logging()
		},
	},
	{
		ID: "C524",
		Sentence: "An eleventh logging configuration is refused with 402 " +
			"ServiceQuotaExceededException, which has the limit.",
		Source: userGuide + "Service Quotas",
		Needs:  conformance.MadeUp | conformance.Accounts,
		Check: func(p *conformance.Probe) {
			for range 10 {
				p.Logging()
			}
			exception := conformance.Refused[*types.ServiceQuotaExceededException](
				p, p.SDK.CreateLoggingConfiguration, ivschat.CreateLoggingConfigurationInput{
					DestinationConfiguration: conformance.Bucket("abc"),
				})
			p.RequireEqual("status", p.Last.Status, 402)
			p.RequireEqual("limit", exception.Limit, int32(10))
		},
	},
	{
		ID:       "C525",
		Sentence: "A bucket that does not exist is refused.",
		Source:   userGuide + "Chat Logging",
		Check: func(p *conformance.Probe) {
			bucket := conformance.Bucket("no-such-bucket-of-ours-" + *p.Name("x"))
			_, err := p.SDK.CreateLoggingConfiguration(p.Context(),
				&ivschat.CreateLoggingConfigurationInput{DestinationConfiguration: bucket})
			if err == nil {
				p.RemoveLater(p.Last.Members()["arn"].(string))
			}
			p.Require(err != nil, "the bucket was accepted")
		},
	},
	{
		ID: "C531",
		Sentence: "The updateTime of a new logging configuration is some tenths of a second after " +
			"its createTime.",
		Source: chatLoggingPost,
		Needs:  conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			created := p.Logging()
			p.Require(created.UpdateTime.After(*created.CreateTime),
				"both times are %v", created.CreateTime)
		},
	},
	{
		ID:       "C532",
		Sentence: "Exceptions about logging configurations have the resourceType ROOM.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			missing := aws.String(p.MissingLogging())
			exception := notFound(p, p.SDK.GetLoggingConfiguration,
				ivschat.GetLoggingConfigurationInput{Identifier: missing})
			p.RequireEqual("resourceId", aws.ToString(exception.ResourceId), conformance.MissingID)
			p.RequireEqual("resourceType", exception.ResourceType, types.ResourceTypeRoom)
		},
	},
}

// destinations has a destination of each type.
var destinations = map[string]string{
	"s3":             `{"s3":{"bucketName":"chat-logs"}}`,
	"cloudWatchLogs": `{"cloudWatchLogs":{"logGroupName":"/ivs/chat"}}`,
	"firehose":       `{"firehose":{"deliveryStreamName":"chat_stream"}}`,
}

// requireDestination returns a check that creates a logging configuration with a type of
// destination and requires replies to have the destination.
func requireDestination(destinationType string) func(*conformance.Probe) {
	want := destinations[destinationType]
	return func(p *conformance.Probe) {
		r := p.Post("CreateLoggingConfiguration", `{"destinationConfiguration":`+want+`}`)
		p.RequireEqual("status", r.Status, 200)
		requireSameDestination(p, r, want)
		r = p.Post("GetLoggingConfiguration", `{"identifier":"`+r.Members()["arn"].(string)+`"}`)
		requireSameDestination(p, r, want)
	}
}

func requireSameDestination(p *conformance.Probe, r conformance.Reply, want string) {
	got := conformance.JSON(r.Members()["destinationConfiguration"])
	p.RequireEqual("destinationConfiguration", got, want)
}

// refuseDestination returns a check that requires a destination to be refused.
func refuseDestination(text string) func(*conformance.Probe) {
	return func(p *conformance.Probe) {
		r := p.Post("CreateLoggingConfiguration", `{"destinationConfiguration":`+text+`}`)
		requireInvalid(p, r, "destinationConfiguration")
	}
}
