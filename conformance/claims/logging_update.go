package claims

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var loggingUpdateClaims = []conformance.Claim{
	{
		ID:       "C514",
		Sentence: "UpdateLoggingConfiguration changes the name and keeps the destination.",
		Source:   serviceModel,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			got := renameLogging(p, *p.Logging().Arn, p.Name("after"))
			p.RequireEqual("name", got.Name, p.Name("after"))
			requireSameDestination(p, p.Last, destinations["s3"])
		},
	},
	{
		ID:       "C515",
		Sentence: "UpdateLoggingConfiguration can change the type of the destination.",
		Source:   cloudFormation,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			want := destinations["firehose"]
			r := p.Post("UpdateLoggingConfiguration",
				`{"identifier":"`+*p.Logging().Arn+`","destinationConfiguration":`+want+`}`)
			requireSameDestination(p, r, want)
		},
	},
	{
		ID: "C516",
		Sentence: "UpdateLoggingConfiguration of a logging configuration that does not exist fails " +
			"with ResourceNotFoundException.",
		Source: serviceModel,
		Check: func(p *conformance.Probe) {
			notFound(p, p.SDK.UpdateLoggingConfiguration, ivschat.UpdateLoggingConfigurationInput{
				Identifier: aws.String(p.MissingLogging()), Name: p.Name("x"),
			})
		},
	},
	{
		ID:       "C517",
		Sentence: "DeleteLoggingConfiguration replies with 204 and an empty body.",
		Source:   serviceModel,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			r := p.Post("DeleteLoggingConfiguration", `{"identifier":"`+*p.Logging().Arn+`"}`)
			p.RequireEqual("status and body", []any{r.Status, r.Body}, []any{204, ""})
		},
	},
	{
		ID: "C518",
		Sentence: "DeleteLoggingConfiguration of a logging configuration that does not exist fails " +
			"with ResourceNotFoundException.",
		Source: serviceModel,
		Check: func(p *conformance.Probe) {
			notFound(p, p.SDK.DeleteLoggingConfiguration, ivschat.DeleteLoggingConfigurationInput{
				Identifier: aws.String(p.MissingLogging()),
			})
		},
	},
	{
		ID:       "C519",
		Sentence: "DeleteLoggingConfiguration fails while a room uses the logging configuration.",
		Source:   userGuide + "Chat Logging",
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			_, err := p.SDK.DeleteLoggingConfiguration(p.Context(),
				&ivschat.DeleteLoggingConfigurationInput{Identifier: usedLogging(p).Arn})
			p.Require(err != nil, "the logging configuration was deleted")
		},
	},
	{
		ID: "C631",
		Sentence: "The exception for the deletion of a logging configuration that a room uses is 409 " +
			"ConflictException, with the ID of the logging configuration.",
		Source: conformance.Decided,
		Needs:  conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			logging := usedLogging(p)
			exception := conformance.Refused[*types.ConflictException](
				p, p.SDK.DeleteLoggingConfiguration,
				ivschat.DeleteLoggingConfigurationInput{Identifier: logging.Arn})
			p.RequireEqual("status", p.Last.Status, 409)
			p.RequireEqual("resourceId", aws.ToString(exception.ResourceId), *logging.Id)
		},
	},
	{
		ID:       "C520",
		Sentence: "A logging configuration can be deleted when no room uses it.",
		Source:   userGuide + "Chat Logging",
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			logging := p.Logging()
			room := *p.CreateRoom(ivschat.CreateRoomInput{
				LoggingConfigurationIdentifiers: []string{*logging.Arn},
			}).Arn
			deleteRoom(p, room)
			deleteLogging(p, *logging.Arn)
		},
	},
	{
		ID:       "C533",
		Sentence: "Every reply about a logging configuration that has no name has the name \"\".",
		Source:   conformance.Decided,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			logging := *p.CreateLogging(ivschat.CreateLoggingConfigurationInput{
				DestinationConfiguration: conformance.Bucket("chat-logs"),
			}).Arn
			p.RequireEqual("the name in CreateLoggingConfiguration", p.Last.Members()["name"], "")
			for _, operation := range []string{"GetLoggingConfiguration", "UpdateLoggingConfiguration"} {
				members := p.Post(operation, `{"identifier":"`+logging+`"}`).Members()
				p.RequireEqual("the name in "+operation, members["name"], "")
			}
			requireListedName(p, "ListLoggingConfigurations", "loggingConfigurations", logging)
		},
	},
}

// usedLogging returns a logging configuration that a room uses.
func usedLogging(p *conformance.Probe) *ivschat.CreateLoggingConfigurationOutput {
	logging := p.Logging()
	p.CreateRoom(ivschat.CreateRoomInput{LoggingConfigurationIdentifiers: []string{*logging.Arn}})
	return logging
}
