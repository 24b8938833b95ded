package claims

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/conformance"
)

const (
	create = "CreateLoggingConfiguration"
	update = "UpdateLoggingConfiguration"
	remove = "DeleteLoggingConfiguration"
)

// canFail is what a claim needs whose check makes the change of a logging configuration fail.
const canFail = conformance.MadeUp | conformance.Failures

var loggingStateClaims = []conformance.Claim{
	{
		ID:       "C780",
		Sentence: "A logging configuration whose creation failed is CREATE_FAILED.",
		Source:   serviceModel,
		Needs:    canFail,
		Check: func(p *conformance.Probe) {
			requireState(p, *failedCreation(p).Arn, types.LoggingConfigurationStateCreateFailed)
		},
	},
	{
		ID:       "C781",
		Sentence: "CreateLoggingConfiguration replies with the state ACTIVE also if the creation fails later.",
		Source:   serviceModel,
		Needs:    canFail,
		Check: func(p *conformance.Probe) {
			p.RequireEqual("state", failedCreation(p).State, types.CreateLoggingConfigurationStateActive)
		},
	},
	{
		ID:       "C782",
		Sentence: "A CREATE_FAILED logging configuration can be deleted.",
		Source:   conformance.Decided,
		Needs:    canFail,
		Check:    func(p *conformance.Probe) { requireDeletion(p, *failedCreation(p).Arn) },
	},
	{
		ID:       "C783",
		Sentence: "A CREATE_FAILED logging configuration cannot be updated: the exception is 409 ConflictException.",
		Source:   conformance.Decided,
		Needs:    canFail,
		Check:    func(p *conformance.Probe) { refuseUpdate(p, *failedCreation(p).Arn) },
	},
	{
		ID:       "C784",
		Sentence: "A room can refer to a CREATE_FAILED logging configuration.",
		Source:   conformance.Decided,
		Needs:    canFail,
		Check: func(p *conformance.Probe) {
			want := []string{*failedCreation(p).Arn}
			room := p.CreateRoom(ivschat.CreateRoomInput{LoggingConfigurationIdentifiers: want})
			p.RequireEqual("loggingConfigurationIdentifiers",
				getRoom(p, *room.Arn).LoggingConfigurationIdentifiers, want)
		},
	},
	{
		ID:       "C785",
		Sentence: "A CREATE_FAILED logging configuration counts for the quota.",
		Source:   conformance.Decided,
		Needs:    canFail | conformance.Accounts,
		Check: func(p *conformance.Probe) {
			failedCreation(p)
			for range 9 {
				p.Logging()
			}
			conformance.Refused[*types.ServiceQuotaExceededException](
				p, p.SDK.CreateLoggingConfiguration, ivschat.CreateLoggingConfigurationInput{
					DestinationConfiguration: conformance.Bucket("abc"),
				})
		},
	},
	{
		ID:       "C786",
		Sentence: "A logging configuration whose update failed is UPDATE_FAILED.",
		Source:   serviceModel,
		Needs:    canFail,
		Check: func(p *conformance.Probe) {
			arn, _ := failedUpdate(p)
			requireState(p, arn, types.LoggingConfigurationStateUpdateFailed)
		},
	},
	{
		ID:       "C787",
		Sentence: "UpdateLoggingConfiguration replies with the state ACTIVE also if the update fails later.",
		Source:   serviceModel,
		Needs:    canFail,
		Check: func(p *conformance.Probe) {
			_, reply := failedUpdate(p)
			p.RequireEqual("state", reply.State, types.UpdateLoggingConfigurationStateActive)
		},
	},
	{
		ID:       "C788",
		Sentence: "After an update that failed, a logging configuration has the name and the destination from before.",
		Source:   conformance.Decided,
		Needs:    canFail,
		Check: func(p *conformance.Probe) {
			arn, _ := failedUpdate(p)
			got := getLogging(p, arn)
			p.RequireEqual("name", *got.Name, *p.Name("before"))
			requireSameDestination(p, p.Last, destinations["s3"])
		},
	},
	{
		ID:       "C789",
		Sentence: "An UPDATE_FAILED logging configuration can be updated, and is ACTIVE again.",
		Source:   conformance.Decided,
		Needs:    canFail,
		Check: func(p *conformance.Probe) {
			arn, _ := failedUpdate(p)
			renameLogging(p, arn, p.Name("again"))
			requireState(p, arn, types.LoggingConfigurationStateActive)
			p.RequireEqual("name", *getLogging(p, arn).Name, *p.Name("again"))
		},
	},
	{
		ID:       "C790",
		Sentence: "A logging configuration whose deletion failed is DELETE_FAILED.",
		Source:   serviceModel,
		Needs:    canFail,
		Check: func(p *conformance.Probe) {
			requireState(p, failedDeletion(p), types.LoggingConfigurationStateDeleteFailed)
		},
	},
	{
		ID:       "C791",
		Sentence: "A DELETE_FAILED logging configuration can be deleted.",
		Source:   conformance.Decided,
		Needs:    canFail,
		Check:    func(p *conformance.Probe) { requireDeletion(p, failedDeletion(p)) },
	},
	{
		ID:       "C792",
		Sentence: "A DELETE_FAILED logging configuration cannot be updated: the exception is 409 ConflictException.",
		Source:   conformance.Decided,
		Needs:    canFail,
		Check:    func(p *conformance.Probe) { refuseUpdate(p, failedDeletion(p)) },
	},
}

// failedCreation creates a logging configuration, which fails at the end.
func failedCreation(p *conformance.Probe) *ivschat.CreateLoggingConfigurationOutput {
	p.FailNext(create)
	return p.Logging()
}

// failedUpdate gives a logging configuration another name and destination, which fails at the end.
func failedUpdate(p *conformance.Probe) (arn string, reply *ivschat.UpdateLoggingConfigurationOutput) {
	arn = *p.CreateLogging(ivschat.CreateLoggingConfigurationInput{
		Name: p.Name("before"), DestinationConfiguration: conformance.Bucket("chat-logs"),
	}).Arn
	p.FailNext(update)
	return arn, conformance.Call(p, p.SDK.UpdateLoggingConfiguration, ivschat.UpdateLoggingConfigurationInput{
		Identifier: &arn, Name: p.Name("after"), DestinationConfiguration: conformance.Bucket("other-logs"),
	})
}

// failedDeletion deletes a logging configuration, which fails at the end.
func failedDeletion(p *conformance.Probe) (arn string) {
	arn = *p.Logging().Arn
	p.FailNext(remove)
	deleteLogging(p, arn)
	return arn
}

// requireState requires the state of a logging configuration where it can be seen.
func requireState(p *conformance.Probe, arn string, want types.LoggingConfigurationState) {
	p.RequireEqual("the state in GetLoggingConfiguration", getLogging(p, arn).State, want)
	for _, c := range listLogging(p, ivschat.ListLoggingConfigurationsInput{}).LoggingConfigurations {
		if *c.Arn == arn {
			p.RequireEqual("the state in ListLoggingConfigurations", c.State, want)
			return
		}
	}
	p.Fatalf("the logging configuration is not listed")
}

func requireDeletion(p *conformance.Probe, arn string) {
	deleteLogging(p, arn)
	notFound(p, p.SDK.GetLoggingConfiguration, ivschat.GetLoggingConfigurationInput{Identifier: &arn})
}

func refuseUpdate(p *conformance.Probe, arn string) {
	exception := conformance.Refused[*types.ConflictException](
		p, p.SDK.UpdateLoggingConfiguration, ivschat.UpdateLoggingConfigurationInput{
			Identifier: &arn, Name: p.Name("after"),
		})
	p.RequireEqual("status", p.Last.Status, 409)
	p.Require(aws.ToString(exception.ResourceId) != "", "the exception has no resourceId")
}
