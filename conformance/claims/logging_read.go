package claims

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var loggingReadClaims = []conformance.Claim{
	{
		ID: "C521",
		Sentence: "GetLoggingConfiguration of a logging configuration that does not exist fails " +
			"with ResourceNotFoundException.",
		Source: alchemyTests,
		Check: func(p *conformance.Probe) {
			notFound(p, p.SDK.GetLoggingConfiguration, ivschat.GetLoggingConfigurationInput{
				Identifier: aws.String(p.MissingLogging()),
			})
		},
	},
	{
		ID:       "C522",
		Sentence: "ListLoggingConfigurations returns pages with maxResults and nextToken.",
		Source:   serviceModel,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			want := []string{*p.Logging().Arn, *p.Logging().Arn, *p.Logging().Arn}
			var got []string
			input := ivschat.ListLoggingConfigurationsInput{MaxResults: aws.Int32(2)}
			for {
				page := listLogging(p, input)
				got = append(got, arnsOf(page)...)
				if input.NextToken = page.NextToken; input.NextToken == nil {
					break
				}
			}
			slices.Sort(got)
			slices.Sort(want)
			p.RequireEqual("logging configurations", got, want)
		},
	},
	{
		ID: "C523",
		Sentence: "ListLoggingConfigurations returns the logging configurations in descending " +
			"order of updateTime, as ListRooms does.",
		Source: conformance.Decided,
		Needs:  conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			first, second := *p.Logging().Arn, *p.Logging().Arn
			renameLogging(p, first, p.Name("after"))
			page := listLogging(p, ivschat.ListLoggingConfigurationsInput{})
			p.RequireEqual("the order", arnsOf(page)[:2], []string{first, second})
		},
	},
	{
		ID:       "C526",
		Sentence: "An empty nextToken requests the first page of ListLoggingConfigurations.",
		Source:   cliExamples,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			want := *p.Logging().Arn
			page := listLogging(p, ivschat.ListLoggingConfigurationsInput{
				NextToken: aws.String(""),
			})
			p.Require(slices.Contains(arnsOf(page), want), "%s is not listed", want)
		},
	},
	{
		ID:       "C527",
		Sentence: "GetLoggingConfiguration returns the same members as CreateLoggingConfiguration.",
		Source:   serviceModel,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			arn := *p.CreateLogging(ivschat.CreateLoggingConfigurationInput{
				Name:                     p.Name("logs"),
				DestinationConfiguration: conformance.Bucket("abc"),
				Tags:                     map[string]string{"k": "v"},
			}).Arn
			created := p.Last.Members()
			p.RequireEqual("name", created["name"], *p.Name("logs"))
			p.RequireEqual("tags", created["tags"], map[string]any{"k": "v"})
			getLogging(p, arn)
			p.RequireEqual("the logging configuration", p.Last.Members(), created)
		},
	},
	{
		ID: "C528",
		Sentence: "UpdateLoggingConfiguration replies with the state ACTIVE, increases updateTime " +
			"and keeps createTime.",
		Source: serviceModel,
		Needs:  conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			created := p.Logging()
			rename := func() *ivschat.UpdateLoggingConfigurationOutput {
				return renameLogging(p, *created.Arn, p.Name("after"))
			}
			got := rename()
			began := time.Now() // times have milliseconds, so the first update may be too early
			for got.UpdateTime.Equal(*created.UpdateTime) && time.Since(began) < time.Second {
				got = rename()
			}
			p.RequireEqual("state", got.State, types.UpdateLoggingConfigurationStateActive)
			p.Require(got.UpdateTime.After(*created.UpdateTime),
				"updateTime was %v and is %v", created.UpdateTime, got.UpdateTime)
			p.Require(got.CreateTime.Equal(*created.CreateTime),
				"createTime was %v and is %v", created.CreateTime, got.CreateTime)
		},
	},
	{
		ID:       "C529",
		Sentence: "A deleted logging configuration no longer exists and is not listed.",
		Source:   terraformTests + "; " + serviceModel,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			arn := *p.Logging().Arn
			deleteLogging(p, arn)
			notFound(p, p.SDK.GetLoggingConfiguration,
				ivschat.GetLoggingConfigurationInput{Identifier: &arn})
			page := listLogging(p, ivschat.ListLoggingConfigurationsInput{})
			p.Require(!slices.Contains(arnsOf(page), arn), "%s is listed", arn)
		},
	},
	{
		ID: "C530",
		Sentence: "The summary of a logging configuration has arn, id, createTime, updateTime, " +
			"destinationConfiguration, state and tags.",
		Source: serviceModel,
		Needs:  conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			p.Logging()
			listLogging(p, ivschat.ListLoggingConfigurationsInput{})
			summary := p.Last.Members()["loggingConfigurations"].([]any)[0].(map[string]any)
			for _, member := range []string{
				"arn", "id", "createTime", "updateTime", "destinationConfiguration", "state", "tags",
			} {
				p.Require(summary[member] != nil,
					"the summary %s has no %s", conformance.JSON(summary), member)
			}
		},
	},
}

// arnsOf returns the ARNs on a page.
func arnsOf(page *ivschat.ListLoggingConfigurationsOutput) (arns []string) {
	for _, configuration := range page.LoggingConfigurations {
		arns = append(arns, *configuration.Arn)
	}
	return arns
}
