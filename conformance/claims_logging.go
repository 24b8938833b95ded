package conformance

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
)

var destinations = map[string]string{
	"s3":             `{"s3":{"bucketName":"chat-logs"}}`,
	"cloudWatchLogs": `{"cloudWatchLogs":{"logGroupName":"/ivs/chat"}}`,
	"firehose":       `{"firehose":{"deliveryStreamName":"chat_stream"}}`,
}

// destination creates a logging configuration with the destination and wants
// it to be given back.
func destination(kind string) func(*probe) {
	return func(p *probe) {
		r := p.post("CreateLoggingConfiguration", `{"destinationConfiguration":`+destinations[kind]+`}`)
		p.same("status", r.status, 200)
		p.same("destinationConfiguration", show(r.members(p)["destinationConfiguration"]), destinations[kind])
		r = p.post("GetLoggingConfiguration", `{"identifier":"`+r.members(p)["arn"].(string)+`"}`)
		p.same("destinationConfiguration", show(r.members(p)["destinationConfiguration"]), destinations[kind])
	}
}

// refusesDestination wants a destination to be ValidationException.
func refusesDestination(text string) func(*probe) {
	return func(p *probe) {
		p.post("CreateLoggingConfiguration", `{"destinationConfiguration":`+text+`}`).refuses(p, 400, "ValidationException")
	}
}

var loggingClaims = []Claim{
	{ID: "C501", Sentence: "A logging configuration can lead to S3.", Source: model, Needs: MadeUp, check: destination("s3")},
	{ID: "C502", Sentence: "A logging configuration can lead to CloudWatch Logs.", Source: model, Needs: MadeUp, check: destination("cloudWatchLogs")},
	{ID: "C503", Sentence: "A logging configuration can lead to Firehose.", Source: model, Needs: MadeUp, check: destination("firehose")},
	{ID: "C504", Sentence: "A destination of no kind is ValidationException.", Source: model, check: refusesDestination(`{}`)},
	{ID: "C505", Sentence: "A destination of two kinds is ValidationException.", Source: model, check: refusesDestination(`{"s3":{"bucketName":"abc"},"firehose":{"deliveryStreamName":"a"}}`)},
	{ID: "C506", Sentence: "A destination without its name is ValidationException.", Source: model, check: refusesDestination(`{"s3":{}}`)},
	{ID: "C507", Sentence: "CreateLoggingConfiguration needs destinationConfiguration.", Source: model, check: func(p *probe) {
		p.post("CreateLoggingConfiguration", `{"name":"x"}`).refuses(p, 400, "ValidationException")
	}},
	{ID: "C508", Sentence: "A logging configuration's id is twelve letters and digits, and its ARN ends with logging-configuration/ID.", Source: model, Needs: MadeUp, check: func(p *probe) {
		logging := p.logging()
		p.like("id", *logging.Id, id)
		p.like("arn", *logging.Arn, `^arn:aws:ivschat:`+p.Region+`:[0-9]{12}:logging-configuration/`+*logging.Id+`$`)
	}},
	{ID: "C509", Sentence: "A new logging configuration is ACTIVE in the reply that creates it.", Source: recorded + "a post on chat logging, 2022", Needs: MadeUp, check: func(p *probe) {
		p.same("state", p.logging().State, types.CreateLoggingConfigurationStateActive)
	}},
	{ID: "C510", Sentence: "A new logging configuration has tags {}.", Source: recorded + "a post on chat logging, 2022", Needs: MadeUp, check: func(p *probe) {
		p.logging()
		p.same("tags", p.last.members(p)["tags"], map[string]any{})
	}},
	{ID: "C511", Sentence: "GetLoggingConfiguration finds a new logging configuration ACTIVE at once.", Source: Decided, Needs: MadeUp, check: func(p *probe) {
		got := call(p, p.sdk.GetLoggingConfiguration, ivschat.GetLoggingConfigurationInput{Identifier: p.logging().Arn})
		p.same("state", got.State, types.LoggingConfigurationStateActive)
	}},
	{ID: "C512", Sentence: "Names of logging configurations are not unique.", Source: model, Needs: MadeUp, check: func(p *probe) {
		for range 2 {
			p.later(*call(p, p.sdk.CreateLoggingConfiguration, ivschat.CreateLoggingConfigurationInput{Name: p.name("same"), DestinationConfiguration: bucket("abc")}).Arn)
		}
	}},
	{ID: "C513", Sentence: "A destination need not exist.", Source: Decided, Needs: MadeUp, check: func(p *probe) { p.logging() }},
	{ID: "C514", Sentence: "UpdateLoggingConfiguration changes the name and leaves the destination.", Source: model, Needs: MadeUp, check: func(p *probe) {
		got := call(p, p.sdk.UpdateLoggingConfiguration, ivschat.UpdateLoggingConfigurationInput{Identifier: p.logging().Arn, Name: p.name("after")})
		p.same("name", got.Name, p.name("after"))
		p.same("destinationConfiguration", show(p.last.members(p)["destinationConfiguration"]), destinations["s3"])
	}},
	{ID: "C515", Sentence: "UpdateLoggingConfiguration can change the kind of the destination.", Source: "CloudFormation: an update without interruption", Needs: MadeUp, check: func(p *probe) {
		p.post("UpdateLoggingConfiguration", `{"identifier":"`+*p.logging().Arn+`","destinationConfiguration":`+destinations["firehose"]+`}`)
		p.same("destinationConfiguration", show(p.last.members(p)["destinationConfiguration"]), destinations["firehose"])
	}},
	{ID: "C516", Sentence: "UpdateLoggingConfiguration of one that does not exist is ResourceNotFoundException.", Source: model, check: func(p *probe) {
		refused[*types.ResourceNotFoundException](p, p.sdk.UpdateLoggingConfiguration, ivschat.UpdateLoggingConfigurationInput{Identifier: aws.String(p.absent("logging-configuration")), Name: p.name("x")})
	}},
	{ID: "C517", Sentence: "DeleteLoggingConfiguration is 204 with an empty body.", Source: model, Needs: MadeUp, check: func(p *probe) {
		r := p.post("DeleteLoggingConfiguration", `{"identifier":"`+*p.logging().Arn+`"}`)
		p.same("status and body", []any{r.status, r.body}, []any{204, ""})
	}},
	{ID: "C518", Sentence: "DeleteLoggingConfiguration of one that does not exist is ResourceNotFoundException.", Source: alchemy, check: func(p *probe) {
		refused[*types.ResourceNotFoundException](p, p.sdk.DeleteLoggingConfiguration, ivschat.DeleteLoggingConfigurationInput{Identifier: aws.String(p.absent("logging-configuration"))})
	}},
	{ID: "C519", Sentence: "A logging configuration that a room uses cannot be deleted: ConflictException, 409.", Source: userGuide + "Chat Logging", Needs: MadeUp, check: func(p *probe) {
		logging := p.logging()
		p.createRoom(ivschat.CreateRoomInput{LoggingConfigurationIdentifiers: []string{*logging.Arn}})
		conflict := refused[*types.ConflictException](p, p.sdk.DeleteLoggingConfiguration, ivschat.DeleteLoggingConfigurationInput{Identifier: logging.Arn})
		p.same("status", p.last.status, 409)
		p.same("resourceId", aws.ToString(conflict.ResourceId), *logging.Id)
	}},
	{ID: "C520", Sentence: "A logging configuration that no room uses any more can be deleted.", Source: userGuide + "Chat Logging", Needs: MadeUp, check: func(p *probe) {
		logging := p.logging()
		room := *p.createRoom(ivschat.CreateRoomInput{LoggingConfigurationIdentifiers: []string{*logging.Arn}}).Arn
		call(p, p.sdk.DeleteRoom, ivschat.DeleteRoomInput{Identifier: &room})
		call(p, p.sdk.DeleteLoggingConfiguration, ivschat.DeleteLoggingConfigurationInput{Identifier: logging.Arn})
	}},
	{ID: "C521", Sentence: "GetLoggingConfiguration of one that does not exist is ResourceNotFoundException.", Source: alchemy, check: func(p *probe) {
		refused[*types.ResourceNotFoundException](p, p.sdk.GetLoggingConfiguration, ivschat.GetLoggingConfigurationInput{Identifier: aws.String(p.absent("logging-configuration"))})
	}},
	{ID: "C522", Sentence: "ListLoggingConfigurations pages by maxResults and nextToken.", Source: model, Needs: MadeUp, check: func(p *probe) {
		want := []string{*p.logging().Arn, *p.logging().Arn, *p.logging().Arn}
		var got []string
		for input := (ivschat.ListLoggingConfigurationsInput{MaxResults: aws.Int32(2)}); ; {
			page := call(p, p.sdk.ListLoggingConfigurations, input)
			for _, configuration := range page.LoggingConfigurations {
				got = append(got, *configuration.Arn)
			}
			if input.NextToken = page.NextToken; input.NextToken == nil {
				break
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		p.same("logging configurations", got, want)
	}},
	{ID: "C523", Sentence: "Logging configurations are listed like rooms, the one updated last first.", Source: Decided, Needs: MadeUp, check: func(p *probe) {
		first, second := *p.logging().Arn, *p.logging().Arn
		call(p, p.sdk.UpdateLoggingConfiguration, ivschat.UpdateLoggingConfigurationInput{Identifier: &first, Name: p.name("after")})
		page := call(p, p.sdk.ListLoggingConfigurations, ivschat.ListLoggingConfigurationsInput{})
		p.same("the first and the second", []string{*page.LoggingConfigurations[0].Arn, *page.LoggingConfigurations[1].Arn}, []string{first, second})
	}},
	{ID: "C524", Sentence: "An eleventh logging configuration is ServiceQuotaExceededException, 402, with the limit.", Source: userGuide + "Service Quotas", Needs: MadeUp | Accounts, check: func(p *probe) {
		for range 10 {
			p.logging()
		}
		full := refused[*types.ServiceQuotaExceededException](p, p.sdk.CreateLoggingConfiguration, ivschat.CreateLoggingConfigurationInput{DestinationConfiguration: bucket("abc")})
		p.same("status", p.last.status, 402)
		p.same("limit", full.Limit, int32(10))
	}},
	{ID: "C525", Sentence: "A bucket that does not exist is refused.", Source: userGuide + "the bucket must exist beforehand", check: func(p *probe) {
		_, err := p.sdk.CreateLoggingConfiguration(p.ctx, &ivschat.CreateLoggingConfigurationInput{DestinationConfiguration: bucket("no-such-bucket-of-ours-" + *p.name("x"))})
		if err == nil {
			p.later(p.last.members(p)["arn"].(string))
		}
		p.check(err != nil, "it was accepted")
	}},
	{ID: "C526", Sentence: "An empty nextToken is the beginning of ListLoggingConfigurations, too.", Source: cli, Needs: MadeUp, check: func(p *probe) {
		want := *p.logging().Arn
		page := call(p, p.sdk.ListLoggingConfigurations, ivschat.ListLoggingConfigurationsInput{NextToken: aws.String("")})
		p.check(slices.ContainsFunc(page.LoggingConfigurations, func(one types.LoggingConfigurationSummary) bool { return *one.Arn == want }), "it is not there")
	}},
	{ID: "C527", Sentence: "GetLoggingConfiguration gives what CreateLoggingConfiguration replied.", Source: model, Needs: MadeUp, check: func(p *probe) {
		made := call(p, p.sdk.CreateLoggingConfiguration, ivschat.CreateLoggingConfigurationInput{Name: p.name("logs"), DestinationConfiguration: bucket("abc"), Tags: map[string]string{"k": "v"}})
		p.later(*made.Arn)
		created := p.last.members(p)
		p.same("name", created["name"], *p.name("logs"))
		p.same("tags", created["tags"], map[string]any{"k": "v"})
		call(p, p.sdk.GetLoggingConfiguration, ivschat.GetLoggingConfigurationInput{Identifier: made.Arn})
		p.same("the logging configuration", p.last.members(p), created)
	}},
	{ID: "C528", Sentence: "UpdateLoggingConfiguration replies with state ACTIVE, moves updateTime on and leaves createTime.", Source: model, Needs: MadeUp, check: func(p *probe) {
		made := p.logging()
		update := ivschat.UpdateLoggingConfigurationInput{Identifier: made.Arn, Name: p.name("after")}
		got := call(p, p.sdk.UpdateLoggingConfiguration, update)
		for began := time.Now(); got.UpdateTime.Equal(*made.UpdateTime) && time.Since(began) < time.Second; { // it has milliseconds
			got = call(p, p.sdk.UpdateLoggingConfiguration, update)
		}
		p.same("state", got.State, types.UpdateLoggingConfigurationStateActive)
		p.check(got.UpdateTime.After(*made.UpdateTime), "updateTime was %v and is %v", made.UpdateTime, got.UpdateTime)
		p.check(got.CreateTime.Equal(*made.CreateTime), "createTime was %v and is %v", made.CreateTime, got.CreateTime)
	}},
	{ID: "C529", Sentence: "A deleted logging configuration is gone, from the list too.", Source: terraform, Needs: MadeUp, check: func(p *probe) {
		arn := *p.logging().Arn
		call(p, p.sdk.DeleteLoggingConfiguration, ivschat.DeleteLoggingConfigurationInput{Identifier: &arn})
		refused[*types.ResourceNotFoundException](p, p.sdk.GetLoggingConfiguration, ivschat.GetLoggingConfigurationInput{Identifier: &arn})
		page := call(p, p.sdk.ListLoggingConfigurations, ivschat.ListLoggingConfigurationsInput{})
		p.check(!slices.ContainsFunc(page.LoggingConfigurations, func(one types.LoggingConfigurationSummary) bool { return *one.Arn == arn }), "it is listed")
	}},
	{ID: "C530", Sentence: "A summary of a logging configuration has its arn, id, createTime, updateTime, destinationConfiguration, state and tags.", Source: model, Needs: MadeUp, check: func(p *probe) {
		p.logging()
		call(p, p.sdk.ListLoggingConfigurations, ivschat.ListLoggingConfigurationsInput{})
		summary := p.last.members(p)["loggingConfigurations"].([]any)[0].(map[string]any)
		for _, member := range []string{"arn", "id", "createTime", "updateTime", "destinationConfiguration", "state", "tags"} {
			p.check(summary[member] != nil, "the summary %s has no %s", show(summary), member)
		}
	}},
	{ID: "C531", Sentence: "A new logging configuration has an updateTime some tenths of a second after its createTime.", Source: recorded + "a post on chat logging, 2022", Needs: MadeUp, check: func(p *probe) {
		made := p.logging()
		p.check(made.UpdateTime.After(*made.CreateTime), "both are %v", made.CreateTime)
	}},
	{ID: "C532", Sentence: "Exceptions about logging configurations have resourceType ROOM.", Source: Decided, check: func(p *probe) {
		gone := refused[*types.ResourceNotFoundException](p, p.sdk.GetLoggingConfiguration, ivschat.GetLoggingConfigurationInput{Identifier: aws.String(p.absent("logging-configuration"))})
		p.same("resourceId", aws.ToString(gone.ResourceId), "absentabsent")
		p.same("resourceType", gone.ResourceType, types.ResourceTypeRoom)
	}},
}
