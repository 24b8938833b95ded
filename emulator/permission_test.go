package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/model"
)

const (
	ownARN      = "arn:aws:ivschat:us-east-1:000000000000:"
	blueRoom    = ownARN + "room/BlueRoom0001"
	plainRoom   = ownARN + "room/PlainRoom001"
	anyRoom     = ownARN + "room/*"
	anyLogging  = ownARN + "logging-configuration/*"
	missingRoom = ownARN + "room/MissingRoom1"
	someLogging = ownARN + "logging-configuration/LoggingConf1"
	foreignRoom = "arn:aws:ivschat:us-east-1:999999999999:room/BlueRoom0001"
)

const permissionSeed = `{
  "rooms": [
    {"id": "BlueRoom0001", "tags": {"Team": "blue"}},
    {"id": "PlainRoom001"},
    {"id": "BlueRoom0001", "account": "999999999999"}
  ],
  "loggingConfigurations": [
    {"id": "LoggingConf1", "destinationConfiguration": {"s3": {"bucketName": "bucket"}}}
  ]
}`

// newCaller starts an emulator with the seed and one caller with the policy, and returns a client of that caller.
func newCaller(t testing.TB, policy string, config emulator.Config) (*emulatortest.Emulator, *ivschat.Client) {
	t.Helper()
	config.Auth = emulator.AuthIAM
	config.Credentials = `[{"accessKeyId":"anna","secretAccessKey":"hush","policies":[` + policy + `]}]`
	e := emulatortest.Start(t, config)
	if err := e.Seed(t.Context(), []byte(permissionSeed)); err != nil {
		t.Fatal(err)
	}
	return e, ivschat.NewFromConfig(e.Config(), func(o *ivschat.Options) { o.Retryer = aws.NopRetryer{} })
}

// statement returns a policy with one statement.
func statement(effect, members string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"` + effect + `",` + members + `}]}`
}

// operationCalls calls each operation in the only way that its policy of the tests allows.
var operationCalls = map[string]struct {
	resource string
	call     func(context.Context, *ivschat.Client) error
}{
	"CreateChatToken": {blueRoom, calling((*ivschat.Client).CreateChatToken, ivschat.CreateChatTokenInput{
		RoomIdentifier: aws.String(blueRoom), UserId: aws.String("u"),
	})},
	"CreateLoggingConfiguration": {
		anyLogging, calling((*ivschat.Client).CreateLoggingConfiguration, ivschat.CreateLoggingConfigurationInput{
			DestinationConfiguration: bucket,
		}),
	},
	"CreateRoom": {anyRoom, calling((*ivschat.Client).CreateRoom, ivschat.CreateRoomInput{})},
	"DeleteLoggingConfiguration": {
		someLogging, calling((*ivschat.Client).DeleteLoggingConfiguration, ivschat.DeleteLoggingConfigurationInput{
			Identifier: aws.String(someLogging),
		}),
	},
	"DeleteMessage": {blueRoom, calling((*ivschat.Client).DeleteMessage, ivschat.DeleteMessageInput{
		RoomIdentifier: aws.String(blueRoom), Id: aws.String("MessageId001"),
	})},
	"DeleteRoom": {blueRoom, calling((*ivschat.Client).DeleteRoom, ivschat.DeleteRoomInput{
		Identifier: aws.String(blueRoom),
	})},
	"DisconnectUser": {blueRoom, calling((*ivschat.Client).DisconnectUser, ivschat.DisconnectUserInput{
		RoomIdentifier: aws.String(blueRoom), UserId: aws.String("u"),
	})},
	"GetLoggingConfiguration": {
		someLogging, calling((*ivschat.Client).GetLoggingConfiguration, ivschat.GetLoggingConfigurationInput{
			Identifier: aws.String(someLogging),
		}),
	},
	"GetRoom": {blueRoom, get(blueRoom)},
	"ListLoggingConfigurations": {
		anyLogging, calling((*ivschat.Client).ListLoggingConfigurations, ivschat.ListLoggingConfigurationsInput{}),
	},
	"ListRooms": {anyRoom, calling((*ivschat.Client).ListRooms, ivschat.ListRoomsInput{
		LoggingConfigurationIdentifier: aws.String(someLogging),
	})},
	"ListTagsForResource": {
		someLogging, calling((*ivschat.Client).ListTagsForResource, ivschat.ListTagsForResourceInput{
			ResourceArn: aws.String(someLogging),
		}),
	},
	"SendEvent": {blueRoom, calling((*ivschat.Client).SendEvent, ivschat.SendEventInput{
		RoomIdentifier: aws.String(blueRoom), EventName: aws.String("e"),
	})},
	"TagResource": {blueRoom, tagging(blueRoom, "k", "v")},
	"UntagResource": {someLogging, calling((*ivschat.Client).UntagResource, ivschat.UntagResourceInput{
		ResourceArn: aws.String(someLogging), TagKeys: []string{"k"},
	})},
	"UpdateLoggingConfiguration": {
		someLogging, calling((*ivschat.Client).UpdateLoggingConfiguration, ivschat.UpdateLoggingConfigurationInput{
			Identifier: aws.String(someLogging),
		}),
	},
	"UpdateRoom": {blueRoom, calling((*ivschat.Client).UpdateRoom, ivschat.UpdateRoomInput{
		Identifier: aws.String(blueRoom), LoggingConfigurationIdentifiers: []string{someLogging},
	})},
}

var bucket = &types.DestinationConfigurationMemberS3{
	Value: types.S3DestinationConfiguration{BucketName: aws.String("bucket")},
}

func getRoom(ctx context.Context, c *ivschat.Client, room string) error { return get(room)(ctx, c) }

// requireDenied requires an AccessDeniedException with AWS's words.
func requireDenied(t *testing.T, what string, err error, action, resource, why string) {
	t.Helper()
	want := "User: arn:aws:iam::000000000000:user/anna is not authorized to perform: ivschat:" + action +
		" on resource: " + resource + " " + strings.ReplaceAll(why, "ACTION", "ivschat:"+action)
	exception, ok := errors.AsType[smithy.APIError](err)
	if !ok || exception.ErrorCode() != "AccessDeniedException" || exception.ErrorMessage() != want {
		t.Errorf("%s: got %v, want %s", what, err, want)
	}
}

const (
	noPolicyAllows   = "because no identity-based policy allows the ACTION action"
	policyDenies     = "with an explicit deny in an identity-based policy"
	noResourcePolicy = "because no resource-based policy allows the ACTION action"
)

func TestEachOperationNeedsItsActionOnItsResource(t *testing.T) {
	for _, operation := range model.Names() {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			test := operationCalls[operation]
			e, allowed := newCaller(t, statement("Allow", fmt.Sprintf(
				`"Action":"ivschat:%s","Resource":%q`, operation, test.resource)), emulator.Config{})
			if err := test.call(t.Context(), allowed); err != nil {
				t.Errorf("with the permission: %v", err)
			}
			call := e.WaitCalls(operation, 1)[0]
			want := []journal.PermissionEntry{{
				Action: "ivschat:" + operation, Resource: test.resource, Effect: "allowed",
				Policy: "inline policy 1", Statement: 1, Line: 1,
			}}
			if c := call.Caller; c == nil || c.AccessKeyID != "anna" ||
				c.PrincipalARN != "arn:aws:iam::000000000000:user/anna" || !slices.Equal(c.Permissions, want) {
				t.Errorf("the journal has %+v", call.Caller)
			}
			for name, members := range map[string]string{
				"all other actions":   fmt.Sprintf(`"NotAction":"ivschat:%s","Resource":"*"`, operation),
				"all other resources": fmt.Sprintf(`"Action":"*","NotResource":%q`, test.resource),
			} {
				e, other := newCaller(t, statement("Allow", members), emulator.Config{})
				requireDenied(t, name, test.call(t.Context(), other), operation, test.resource, noPolicyAllows)
				want := []journal.PermissionEntry{{
					Action: "ivschat:" + operation, Resource: test.resource, Effect: "implicitDeny",
				}}
				if c := e.WaitCalls(operation, 1)[0].Caller; !slices.Equal(c.Permissions, want) {
					t.Errorf("the journal has %+v", c)
				}
			}
			_, denied := newCaller(t, `"IVSFullAccess",`+statement("Deny", fmt.Sprintf(
				`"Action":"ivschat:%s","Resource":"*"`, operation)), emulator.Config{})
			requireDenied(t, "with a deny", test.call(t.Context(), denied), operation, test.resource, policyDenies)
		})
	}
}

// A permissionCase is a call of a caller with a policy.
type permissionCase struct {
	name, policy string
	call         func(context.Context, *ivschat.Client) error
	// The action, the resource and the reason of an AccessDeniedException, or another exception; "" for success.
	want string
}

func denied(action, resource, why string) string { return action + " " + resource + " " + why }

// calling returns a call of an operation with this input.
func calling[Input, Output any](
	operation func(*ivschat.Client, context.Context, *Input, ...func(*ivschat.Options)) (*Output, error), input Input,
) func(context.Context, *ivschat.Client) error {
	return func(ctx context.Context, c *ivschat.Client) error {
		_, err := operation(c, ctx, &input)
		return err
	}
}

func get(room string) func(context.Context, *ivschat.Client) error {
	return calling((*ivschat.Client).GetRoom, ivschat.GetRoomInput{Identifier: &room})
}

func tagging(room, key, value string) func(context.Context, *ivschat.Client) error {
	return calling((*ivschat.Client).TagResource, ivschat.TagResourceInput{
		ResourceArn: &room, Tags: map[string]string{key: value},
	})
}

func untagging(keys ...string) func(context.Context, *ivschat.Client) error {
	return calling((*ivschat.Client).UntagResource, ivschat.UntagResourceInput{
		ResourceArn: aws.String(plainRoom), TagKeys: keys,
	})
}

func creating(tags map[string]string) func(context.Context, *ivschat.Client) error {
	return calling((*ivschat.Client).CreateRoom, ivschat.CreateRoomInput{Tags: tags})
}

var (
	onlyBlue = condition(`"StringEquals":{"aws:ResourceTag/team":"blue"}`)
	notBlue  = `"IVSFullAccess",` + statement("Deny",
		`"Action":"ivschat:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/Team":"blue"}}`)
	tagsBlue = condition(`"StringEquals":{"aws:RequestTag/team":"blue"},` +
		`"ForAllValues:StringEquals":{"aws:TagKeys":["team","cost"]}`)
	keysOnly = statement("Allow", `"Action":"ivschat:UntagResource","Resource":"*",`+
		`"Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["team","cost"]}}`)
	createOnly = statement("Allow", `"Action":"ivschat:CreateRoom","Resource":"arn:aws:ivschat:*:*:room/*"`)
	ownName    = statement("Allow", `"Action":"ivschat:TagResource","Resource":"*",`+
		`"Condition":{"StringEquals":{"aws:RequestTag/owner":"${aws:username}"}}`)
)

// condition returns a policy that allows everything under a condition.
func condition(text string) string {
	return statement("Allow", `"Action":"ivschat:*","Resource":"*","Condition":{`+text+`}`)
}

var permissionCases = []permissionCase{
	{"the tag of the resource", onlyBlue, get(blueRoom), ""},
	{"another resource without it", onlyBlue, get(plainRoom), denied("GetRoom", plainRoom, noPolicyAllows)},
	{"a resource that does not exist has no tags", onlyBlue, get(missingRoom),
		denied("GetRoom", missingRoom, noPolicyAllows)},
	{"a new resource has no tags", onlyBlue, creating(map[string]string{"team": "blue"}),
		denied("CreateRoom", anyRoom, noPolicyAllows)},
	{"a deny for a tag", notBlue, get(blueRoom), denied("GetRoom", blueRoom, policyDenies)},
	{"and a resource without the tag", notBlue, get(plainRoom), ""},

	{"tags of the request", tagsBlue, tagging(plainRoom, "team", "blue"), ""},
	{"another value", tagsBlue, tagging(plainRoom, "team", "red"), denied("TagResource", plainRoom, noPolicyAllows)},
	{"creation with tags", tagsBlue, creating(map[string]string{"team": "blue", "cost": "1"}), ""},
	{"creation with another key", tagsBlue, creating(map[string]string{"team": "blue", "x": "1"}),
		denied("CreateRoom", anyRoom, noPolicyAllows)},
	{"creation without TagResource", createOnly, creating(map[string]string{"team": "blue"}),
		denied("TagResource", anyRoom, noPolicyAllows)},
	{"creation without tags", createOnly, creating(nil), ""},
	{"creation with no tags", createOnly, creating(map[string]string{}), ""},
	{"keys to remove", keysOnly, untagging("cost", "team"), ""},
	{"a key that must not be removed", keysOnly, untagging("cost", "x"),
		denied("UntagResource", plainRoom, noPolicyAllows)},
	{"the name of the user", ownName, tagging(plainRoom, "owner", "anna"), ""},
	{"the name of another user", ownName, tagging(plainRoom, "owner", "ben"),
		denied("TagResource", plainRoom, noPolicyAllows)},

	{"the client's address", condition(`"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}`), get(blueRoom), ""},
	{"another address", condition(`"NotIpAddress":{"aws:SourceIp":"127.0.0.0/8"}`), get(blueRoom),
		denied("GetRoom", blueRoom, noPolicyAllows)},
	{"no TLS", condition(`"Bool":{"aws:SecureTransport":"false"}`), get(blueRoom), ""},
	{"TLS", condition(`"Bool":{"aws:SecureTransport":"true"}`), get(blueRoom),
		denied("GetRoom", blueRoom, noPolicyAllows)},
	{"the principal", condition(`"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::000000000000:user/anna"}`),
		get(blueRoom), ""},
	{"the account",
		condition(`"StringEquals":{"aws:PrincipalAccount":"000000000000","aws:ResourceAccount":"000000000000"}`),
		get(blueRoom), ""},
	{"the region", condition(`"StringEquals":{"aws:RequestedRegion":"eu-west-1"}`), get(blueRoom),
		denied("GetRoom", blueRoom, noPolicyAllows)},
	{"the kind of principal", condition(`"StringEquals":{"aws:PrincipalType":"User"}`), get(blueRoom), ""},
	{"the program", condition(`"StringLike":{"aws:UserAgent":"aws-sdk-go-v2/*"}`), get(blueRoom), ""},

	{"another account", `"IVSFullAccess"`, get(foreignRoom), denied("GetRoom", foreignRoom, noResourcePolicy)},
	{"a policy for another account", statement("Allow", `"Action":"ivschat:GetRoom","Resource":"`+foreignRoom+`"`),
		get(foreignRoom), denied("GetRoom", foreignRoom, noResourcePolicy)},
	{"another account without a permission", createOnly, get(foreignRoom), denied("GetRoom", foreignRoom, noPolicyAllows)},
	{"invalid members are found first", createOnly, get("x"), "ValidationException"},
	{"what does not exist is found last", createOnly, get(missingRoom), denied("GetRoom", missingRoom, noPolicyAllows)},
	{"what does not exist, with the permission", `"IVSFullAccess"`, get(missingRoom), "ResourceNotFoundException"},
	{"the policy for video", `"IVSReadOnlyAccess"`, get(blueRoom), denied("GetRoom", blueRoom, noPolicyAllows)},
	{"the ARN of a policy", `"arn:aws:iam::aws:policy/AdministratorAccess"`, get(blueRoom), ""},
	{"no policies", "", get(blueRoom), denied("GetRoom", blueRoom, noPolicyAllows)},
}

func TestThePoliciesOfTheCallerDecide(t *testing.T) {
	for _, test := range permissionCases {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, client := newCaller(t, test.policy, emulator.Config{})
			err := test.call(t.Context(), client)
			action, rest, isDenied := strings.Cut(test.want, " ")
			exception, _ := errors.AsType[smithy.APIError](err)
			switch resource, why, _ := strings.Cut(rest, " "); {
			case isDenied:
				requireDenied(t, test.name, err, action, resource, why)
			case test.want == "" && err != nil, test.want != "" && (exception == nil || exception.ErrorCode() != test.want):
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestTimesInPoliciesAreThoseOfTheServicesClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, policy := range []string{
			condition(`"DateLessThan":{"aws:CurrentTime":"2000-01-01T01:00:00Z"}`),
			condition(`"DateLessThan":{"aws:CurrentTime":"946688400"}`),
			condition(`"NumericLessThan":{"aws:EpochTime":"946688400"}`),
		} {
			e, client := newCaller(t, policy, emulator.Config{})
			if err := getRoom(t.Context(), client, blueRoom); err != nil {
				t.Errorf("%s: %v", policy, err)
			}
			e.Advance(time.Hour)
			requireDenied(t, policy, getRoom(t.Context(), client, blueRoom), "GetRoom", blueRoom, noPolicyAllows)
		}
	})
}

func TestAFaultIsAnsweredBeforePermissionsAreChecked(t *testing.T) {
	e, client := newCaller(t, "", emulator.Config{})
	e.Fault(fault.Rule{Operation: "GetRoom", Effect: fault.ReturnException{Name: "OptInRequired"}, Times: 1})
	err := getRoom(t.Context(), client, blueRoom)
	if exception, _ := errors.AsType[smithy.APIError](err); exception == nil || exception.ErrorCode() != "OptInRequired" {
		t.Errorf("got %v", err)
	}
	requireDenied(t, "afterwards", getRoom(t.Context(), client, blueRoom), "GetRoom", blueRoom, noPolicyAllows)
}

func TestTheLogSaysWhichStatementDecided(t *testing.T) {
	var log logBuffer
	twoStatements := `{"PolicyName":"chat","PolicyDocument":{"Version":"2012-10-17","Statement":[
{"Effect":"Allow","Action":"ivschat:GetRoom","Resource":"*"},
{"Sid":"NoBlue","Effect":"Deny","Action":"ivschat:GetRoom","Resource":"` + blueRoom + `"},
{"Sid":"Tags","Effect":"Allow","Action":["ivschat:CreateRoom","ivschat:TagResource"],"Resource":"*"}]}}`
	e, client := newCaller(t, twoStatements, emulator.Config{Logger: slog.New(slog.NewJSONHandler(&log, nil))})
	for _, call := range []func(context.Context, *ivschat.Client) error{
		get(plainRoom), get(blueRoom), creating(map[string]string{"a": "b"}), get(foreignRoom),
		operationCalls["SendEvent"].call, get("x"),
	} {
		_ = call(t.Context(), client) // the log says what became of it
	}
	var got []string
	for text := range strings.Lines(log.String()) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(err)
		}
		if line["principal"] != "arn:aws:iam::000000000000:user/anna" {
			t.Errorf("the line is %s", text)
		}
		summary := fmt.Sprint(line["operation"])
		for _, name := range []string{"effect", "action", "resource", "allowed_by", "denied_by", "why"} {
			if value, ok := line[name]; ok {
				summary += fmt.Sprintf(" %s=%s", name, value)
			}
		}
		got = append(got, summary)
	}
	want := []string{
		"GetRoom allowed_by=chat, statement 1, line 2",
		"GetRoom effect=explicitDeny action=ivschat:GetRoom resource=" + blueRoom +
			" denied_by=chat, statement NoBlue, line 3",
		"CreateRoom allowed_by=chat, statement Tags, line 4",
		"GetRoom effect=implicitDeny action=ivschat:GetRoom resource=" + foreignRoom +
			" why=the resource belongs to another account, and the service has no resource-based policies",
		"SendEvent effect=implicitDeny action=ivschat:SendEvent resource=" + blueRoom +
			" why=no statement of its policies allows it: ivschat-local policy explain says what each of them wants",
		"GetRoom",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the log is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	created := e.WaitCalls("CreateRoom", 1)[0].Caller.Permissions
	if len(created) != 2 || created[1].Action != "ivschat:TagResource" ||
		created[1].Sid != "Tags" || created[1].Statement != 3 {
		t.Errorf("the journal has %+v", created)
	}
}

func TestPoliciesSeeTLSAndTheClientOfAProxy(t *testing.T) {
	secure := condition(`"Bool":{"aws:SecureTransport":"true"},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`)
	e := emulatortest.StartTLS(t, emulator.Config{
		Auth: emulator.AuthIAM, Credentials: `[{"accessKeyId":"anna","secretAccessKey":"hush","policies":[` + secure + `]}]`,
	})
	if err := e.Start(); err != nil { // in memory, there is no proxy
		t.Fatal(err)
	}
	room, transport := e.Room(), &http.Transport{TLSClientConfig: e.ClientTLS()}
	defer transport.CloseIdleConnections()
	for client, want := range map[string]bool{"203.0.113.9": true, "198.51.100.1": false, "": false} {
		chat := ivschat.NewFromConfig(e.Config(), func(o *ivschat.Options) {
			o.BaseEndpoint, o.HTTPClient = aws.String(e.Emulator.URL()), &http.Client{Transport: transport}
			o.APIOptions = append(o.APIOptions, smithyhttp.SetHeaderValue("X-Forwarded-For", client))
		})
		if err := getRoom(t.Context(), chat, room); (err == nil) != want {
			t.Errorf("from %q: %v", client, err)
		}
	}
}
