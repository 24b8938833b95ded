package claims

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// permissionClaims are about callers who may not do everything. What Some may do is in conformance.SomePermissions.
var permissionClaims = []conformance.Claim{
	{
		ID: "C660",
		Sentence: "Every operation except those for tags is refused with 403 AccessDeniedException if no policy of the " +
			"caller allows it.",
		Source: serviceModel,
		Needs:  conformance.Denied,
		Check: func(p *conformance.Probe) {
			all, none, _ := p.WithCallers()
			for operation := range required {
				if !strings.HasSuffix(operation, "Resource") {
					requireDenied(none, operation, validRequest(all, operation))
				}
			}
		},
	},
	{
		ID: "C661",
		Sentence: "The operations for tags are refused with 403 AccessDeniedException if no policy of the caller allows " +
			"them.",
		Source: conformance.Decided,
		Needs:  conformance.Denied,
		Check: func(p *conformance.Probe) {
			all, none, _ := p.WithCallers()
			for _, operation := range []string{"ListTagsForResource", "TagResource", "UntagResource"} {
				requireDenied(none, operation, validRequest(all, operation))
			}
		},
	},
	{
		ID: "C662",
		Sentence: "The message of AccessDeniedException names the caller, the action and the resource, and says that no " +
			"identity-based policy allows the action.",
		Source: accessDenied,
		Needs:  conformance.Denied,
		Check: func(p *conformance.Probe) {
			all, none, _ := p.WithCallers()
			room := all.Room()
			p.RequireMatch("the message", accessDeniedMessage(none, none.SDK.GetRoom, ivschat.GetRoomInput{Identifier: &room}),
				"^User: arn:aws:[a-z]+::"+all.Account+`:\S+ is not authorized to perform: ivschat:GetRoom on resource: `+room+
					" because no identity-based policy allows the ivschat:GetRoom action$")
		},
	},
	{
		ID: "C663",
		Sentence: "If a policy allows an action, and another statement denies it, it is refused, and the message says: " +
			"with an explicit deny in an identity-based policy.",
		Source: evaluation + "; " + accessDenied,
		Needs:  conformance.Denied,
		Check: func(p *conformance.Probe) {
			all, _, some := p.WithCallers()
			room := all.Room()
			p.RequireMatch("the message", accessDeniedMessage(some, some.SDK.SendEvent, ivschat.SendEventInput{
				RoomIdentifier: &room, EventName: aws.String("e"),
			}), "ivschat:SendEvent on resource: "+room+" with an explicit deny in an identity-based policy$")
		},
	},
	{
		ID:       "C664",
		Sentence: "A statement allows an action only on its Resource, such as room/*.",
		Source:   authorization,
		Needs:    conformance.Denied,
		Check: func(p *conformance.Probe) {
			all, _, some := p.WithCallers()
			updateRoom(some, all.Room(), ivschat.UpdateRoomInput{Name: p.Name("x")})
			logging := *all.Logging().Arn
			accessDeniedMessage(some, some.SDK.UpdateLoggingConfiguration, ivschat.UpdateLoggingConfigurationInput{
				Identifier: &logging, Name: p.Name("x"),
			})
			name := aws.ToString(getLogging(all, logging).Name)
			p.Require(name != *p.Name("x"), "the logging configuration has the name %q", name)
		},
	},
	{
		ID:       "C665",
		Sentence: "The condition key aws:ResourceTag has the tags of the room or the logging configuration.",
		Source:   authorization,
		Needs:    conformance.Denied,
		Check: func(p *conformance.Probe) {
			all, _, some := p.WithCallers()
			room, logging := all.Room(), *all.Logging().Arn
			getRoomInput := ivschat.GetRoomInput{Identifier: &room}
			accessDeniedMessage(some, some.SDK.GetRoom, getRoomInput)
			tagResource(all, room, map[string]string{"team": "red"})
			accessDeniedMessage(some, some.SDK.GetRoom, getRoomInput)
			tagResource(all, room, map[string]string{"team": "blue"})
			getRoom(some, room)
			tagResource(all, logging, map[string]string{"team": "blue"})
			getLogging(some, logging)
		},
	},
	{
		ID: "C666",
		Sentence: "The condition keys aws:RequestTag and aws:TagKeys have the tags that a request adds, and the keys that " +
			"it removes.",
		Source: authorization,
		Needs:  conformance.Denied,
		Check: func(p *conformance.Probe) {
			all, _, some := p.WithCallers()
			room := all.Room()
			tagResource(some, room, map[string]string{"team": "blue", "cost": "1"})
			for _, tags := range []map[string]string{{"team": "red"}, {"cost": "1"}, {"team": "blue", "x": "1"}} {
				requireDenied(some, "TagResource", map[string]any{"resourceArn": room, "tags": tags})
			}
			conformance.Call(some, some.SDK.UntagResource, ivschat.UntagResourceInput{
				ResourceArn: &room, TagKeys: []string{"team", "cost"},
			})
			requireDenied(some, "UntagResource", map[string]any{"resourceArn": room, "tagKeys": []string{"team", "x"}})
		},
	},
	{
		ID:       "C667",
		Sentence: "CreateRoom and CreateLoggingConfiguration with tags also need the permission for ivschat:TagResource.",
		Source:   authorization,
		Needs:    conformance.Denied,
		Check: func(p *conformance.Probe) {
			_, _, some := p.WithCallers()
			blue, red := map[string]string{"team": "blue"}, map[string]string{"team": "red"}
			some.CreateRoom(ivschat.CreateRoomInput{})
			some.CreateRoom(ivschat.CreateRoomInput{Tags: blue})
			message := accessDeniedMessage(some, some.SDK.CreateRoom, ivschat.CreateRoomInput{Tags: red})
			p.RequireMatch("the message", message, "perform: ivschat:TagResource on")
			bucket := conformance.Bucket("chat-logs")
			some.CreateLogging(ivschat.CreateLoggingConfigurationInput{DestinationConfiguration: bucket, Tags: blue})
			message = accessDeniedMessage(some, some.SDK.CreateLoggingConfiguration,
				ivschat.CreateLoggingConfigurationInput{DestinationConfiguration: bucket, Tags: red})
			p.RequireMatch("the message", message, "perform: ivschat:TagResource on")
		},
	},
	{
		ID: "C668",
		Sentence: "The resource of an operation that creates or lists is room/* or logging-configuration/* in the account " +
			"and region of the request.",
		Source: conformance.Decided,
		Needs:  conformance.Denied,
		Check: func(p *conformance.Probe) {
			all, none, _ := p.WithCallers()
			for operation, resource := range map[string]string{
				"CreateRoom": "room", "ListRooms": "room",
				"CreateLoggingConfiguration": "logging-configuration", "ListLoggingConfigurations": "logging-configuration",
			} {
				message := requireDenied(none, operation, validRequest(all, operation))
				p.RequireMatch("the message", message,
					` on resource: arn:aws:ivschat:`+p.Region+":"+all.Account+":"+resource+`/\* because`)
			}
		},
	},
	{
		ID: "C669",
		Sentence: "A caller without the permission learns that a request is not valid, and does not learn whether what it " +
			"is about exists.",
		Source: conformance.Decided,
		Needs:  conformance.Denied,
		Check: func(p *conformance.Probe) {
			_, none, _ := p.WithCallers()
			invalidBody(none, "GetRoom", `{"identifier":"x"}`)
			requireDenied(none, "GetRoom", map[string]any{"identifier": none.MissingRoom()})
		},
	},
}

// requireDenied sends a request that must be refused with AccessDeniedException, and returns its message.
func requireDenied(p *conformance.Probe, operation string, request map[string]any) string {
	reply := send(p, operation, request)
	reply.RequireException(403, "AccessDeniedException")
	message, _ := reply.Members()["message"].(string)
	p.Require(message != "", "%s: there is no message: %s", operation, reply.Body)
	return message
}

// accessDeniedMessage calls an operation that must fail with AccessDeniedException, and returns its message.
func accessDeniedMessage[Input, Output any](
	p *conformance.Probe, operation conformance.Operation[Input, Output], input Input,
) string {
	return aws.ToString(conformance.Refused[*types.AccessDeniedException](p, operation, input).Message)
}

func tagResource(p *conformance.Probe, arn string, tags map[string]string) {
	conformance.Call(p, p.SDK.TagResource, ivschat.TagResourceInput{ResourceArn: &arn, Tags: tags})
}
