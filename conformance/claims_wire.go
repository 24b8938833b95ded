package conformance

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
)

const requestID = `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`

var wireClaims = []Claim{
	{ID: "C101", Sentence: "Every reply of success bears x-amzn-RequestId, a UUID.", Source: recorded + "a reply's metadata in a post on chat logging, 2022", check: func(p *probe) {
		p.room()
		p.like("x-amzn-RequestId", p.last.header.Get("x-amzn-RequestId"), requestID)
	}},
	{ID: "C102", Sentence: "Every exception bears x-amzn-RequestId, a UUID.", Source: recorded + "crossplane-contrib/provider-upjet-aws issue 497", check: func(p *probe) {
		p.post("GetRoom", "{}")
		p.like("x-amzn-RequestId", p.last.header.Get("x-amzn-RequestId"), requestID)
	}},
	{ID: "C103", Sentence: "No two replies bear the same x-amzn-RequestId.", Source: "AWS General Reference", check: func(p *probe) {
		p.post("GetRoom", "{}")
		first := p.last.header.Get("x-amzn-RequestId")
		p.post("GetRoom", "{}")
		p.check(first != p.last.header.Get("x-amzn-RequestId"), "both have %s", first)
	}},
	{ID: "C104", Sentence: "Replies are JSON and say so in Content-Type.", Source: model, check: func(p *probe) {
		p.room()
		p.like("Content-Type", p.last.header.Get("Content-Type"), `^application/(x-amz-json-1\.1|json)`)
	}},
	{ID: "C105", Sentence: "An exception has its name in x-amzn-ErrorType and its message in the member message.", Source: model, check: func(p *probe) {
		r := p.post("GetRoom", `{"identifier":"`+p.absent("room")+`"}`)
		r.refuses(p, 404, "ResourceNotFoundException")
		_, ok := r.members(p)["message"].(string)
		p.check(ok, "the body %s has no message", r.body)
	}},
	{ID: "C106", Sentence: "ValidationException is 400.", Source: model, check: func(p *probe) {
		p.post("GetRoom", "{}").refuses(p, 400, "ValidationException")
	}},
	{ID: "C107", Sentence: "ResourceNotFoundException is 404.", Source: model, check: func(p *probe) {
		p.post("GetRoom", `{"identifier":"`+p.absent("room")+`"}`).refuses(p, 404, "ResourceNotFoundException")
	}},
	{ID: "C108", Sentence: "ResourceNotFoundException names resourceId, which is an id and no ARN, and resourceType, which is ROOM.", Source: model, check: func(p *probe) {
		gone := refused[*types.ResourceNotFoundException](p, p.sdk.GetRoom, ivschat.GetRoomInput{Identifier: aws.String(p.absent("room"))})
		p.same("resourceId", aws.ToString(gone.ResourceId), "absentabsent")
		p.same("resourceType", gone.ResourceType, types.ResourceTypeRoom)
	}},
	{ID: "C109", Sentence: "A field that violates its constraint gives ValidationException with reason FIELD_VALIDATION_FAILED and the member in fieldList.", Source: model, check: func(p *probe) {
		invalid := refused[*types.ValidationException](p, p.sdk.CreateRoom, ivschat.CreateRoomInput{Name: aws.String("no blanks")})
		p.same("reason", invalid.Reason, types.ValidationExceptionReasonFieldValidationFailed)
		p.same("fields", len(invalid.FieldList), 1)
		p.same("field", aws.ToString(invalid.FieldList[0].Name), "name")
		p.check(aws.ToString(invalid.FieldList[0].Message) != "", "the field has no message")
	}},
	{ID: "C110", Sentence: "All fields that violate their constraints are reported at once.", Source: Decided, check: func(p *probe) {
		invalid := refused[*types.ValidationException](p, p.sdk.CreateRoom, ivschat.CreateRoomInput{Name: aws.String("no blanks"), MaximumMessageLength: aws.Int32(501), MaximumMessageRatePerSecond: aws.Int32(101)})
		p.same("fields", len(invalid.FieldList), 3)
	}},
	{ID: "C111", Sentence: "A violation's message begins “Request member: NAME failed to satisfy the constraints: ”.", Source: alchemy + ", about an invalid lambda permission", check: func(p *probe) {
		invalid := refused[*types.ValidationException](p, p.sdk.CreateRoom, ivschat.CreateRoomInput{Name: aws.String("no blanks")})
		p.like("message", aws.ToString(invalid.Message), `^Request member: name failed to satisfy the constraints: `)
	}},
	{ID: "C112", Sentence: "A path that is no operation is 404 UnknownOperationException.", Source: Decided, check: func(p *probe) {
		p.post("CreateRooms", "{}").refuses(p, 404, "UnknownOperationException")
	}},
	{ID: "C113", Sentence: "An operation with another HTTP method is 404 UnknownOperationException.", Source: Decided, check: func(p *probe) {
		p.send("PUT", "/CreateRoom", "{}").refuses(p, 404, "UnknownOperationException")
	}},
	{ID: "C114", Sentence: "A body that is not JSON is ValidationException with reason OTHER.", Source: Decided, check: func(p *probe) {
		for _, body := range []string{`{"name":`, `nonsense`, `{}{}`, "{\"name\":\"\xff\"}"} {
			r := p.post("CreateRoom", body)
			r.refuses(p, 400, "ValidationException")
			p.same("reason", r.members(p)["reason"], "OTHER")
		}
	}},
	{ID: "C115", Sentence: "A body that is JSON but no object is ValidationException with reason OTHER.", Source: Decided, check: func(p *probe) {
		for _, body := range []string{`[]`, `null`, `7`, `"text"`} {
			r := p.post("CreateRoom", body)
			r.refuses(p, 400, "ValidationException")
			p.same("reason", r.members(p)["reason"], "OTHER")
		}
	}},
	{ID: "C116", Sentence: "A member of the wrong JSON type is ValidationException.", Source: model, check: func(p *probe) {
		for _, body := range []string{`{"name":7}`, `{"maximumMessageLength":"7"}`, `{"tags":[]}`, `{"tags":{"k":1}}`, `{"messageReviewHandler":"x"}`, `{"loggingConfigurationIdentifiers":{}}`} {
			p.post("CreateRoom", body).refuses(p, 400, "ValidationException")
		}
	}},
	{ID: "C117", Sentence: "A body that nests deeply is refused and breaks nothing.", Source: Decided, check: func(p *probe) {
		p.post("CreateRoom", strings.Repeat(`{"a":`, 20_000)).refuses(p, 400, "ValidationException")
		p.room()
	}},
	{ID: "C118", Sentence: "Members that the model does not have are ignored.", Source: Decided, check: func(p *probe) {
		p.same("status", p.post("CreateRoom", `{"colour":"red","NAME":7}`).status, 200)
	}},
	{ID: "C119", Sentence: "A member that is null is as good as absent.", Source: Decided, check: func(p *probe) {
		p.same("status", p.post("CreateRoom", `{"name":null,"tags":null,"maximumMessageLength":null}`).status, 200)
	}},
	{ID: "C120", Sentence: "An integer with a fraction or an exponent is refused.", Source: Decided, check: func(p *probe) {
		for _, number := range []string{"7.5", "7e0", "7.0"} {
			p.post("CreateRoom", `{"maximumMessageLength":`+number+`}`).refuses(p, 400, "ValidationException")
		}
	}},
	{ID: "C121", Sentence: "An ARN in the path of the tag operations may be percent-encoded in full.", Source: model, check: func(p *probe) {
		p.same("status", p.send("GET", "/tags/"+url.QueryEscape(p.room()), "").status, 200)
	}},
	{ID: "C122", Sentence: "An ARN in the path of the tag operations may be left as it is.", Source: Decided, check: func(p *probe) {
		p.same("status", p.send("GET", "/tags/"+p.room(), "").status, 200)
	}},
	{ID: "C123", Sentence: "The times of rooms are ISO 8601 in UTC with milliseconds.", Source: recorded + "CreateRoom replies of 2022 and 2024", check: func(p *probe) {
		p.room()
		for _, member := range []string{"createTime", "updateTime"} {
			p.like(member, fmt.Sprint(p.last.members(p)[member]), `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)
		}
	}},
	{ID: "C124", Sentence: "The times of logging configurations are ISO 8601 in UTC with milliseconds.", Source: recorded + "a post on chat logging, 2022", Needs: MadeUp, check: func(p *probe) {
		p.logging()
		for _, member := range []string{"createTime", "updateTime"} {
			p.like(member, fmt.Sprint(p.last.members(p)[member]), `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)
		}
	}},
	{ID: "C125", Sentence: "The times of a chat token are ISO 8601 in UTC with whole seconds.", Source: recorded + "CreateChatToken replies of 2024 and 2026", check: func(p *probe) {
		p.token(p.room(), "u")
		for _, member := range []string{"tokenExpirationTime", "sessionExpirationTime"} {
			p.like(member, fmt.Sprint(p.last.members(p)[member]), `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`)
		}
	}},
	{ID: "C126", Sentence: "An exception may be read by a page of any origin.", Source: "what the sister service ivs models; inferred for ivschat", check: func(p *probe) {
		p.post("GetRoom", "{}")
		p.same("Access-Control-Allow-Origin", p.last.header.Get("Access-Control-Allow-Origin"), "*")
	}},
	{ID: "C127", Sentence: "A browser may call every operation from any origin.", Source: Decided, check: func(p *probe) {
		r := p.send("OPTIONS", "/CreateRoom", "", "Origin", "https://example.com", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type")
		p.check(r.status < 300, "a preflight is %d", r.status)
		p.same("Access-Control-Allow-Origin", r.header.Get("Access-Control-Allow-Origin"), "*")
	}},
	{ID: "C128", Sentence: "A credential that does not have the form of one is 403 IncompleteSignature.", Source: Decided, check: func(p *probe) {
		p.send("POST", "/ListRooms", "{}", "Authorization", "AWS4-HMAC-SHA256 Credential=nonsense").refuses(p, 403, "IncompleteSignature")
	}},
	{ID: "C129", Sentence: "A request whose signature does not fit is refused with 403.", Source: "AWS General Reference", check: func(p *probe) {
		r := p.send("POST", "/ListRooms", "{}", "Authorization", "AWS4-HMAC-SHA256 Credential=123456789012/20260101/"+p.Region+"/ivschat/aws4_request, SignedHeaders=host, Signature=00")
		p.same("status", r.status, 403)
	}},
	{ID: "C130", Sentence: "A request without a signature is refused with 403.", Source: "AWS General Reference", check: func(p *probe) {
		p.same("status", p.send("POST", "/ListRooms", "{}", "Authorization", "none").status, 403)
	}},
	{ID: "C131", Sentence: "Nothing of one account exists for another.", Source: "AWS General Reference", Needs: Accounts, check: func(p *probe) {
		room := p.room()
		other := newProbe(p.ctx, Target{Endpoint: p.Endpoint, Region: p.Region})
		_, err := other.sdk.GetRoom(p.ctx, &ivschat.GetRoomInput{Identifier: &room})
		p.check(err != nil, "another account got the room")
		list, err := other.sdk.ListRooms(p.ctx, &ivschat.ListRoomsInput{})
		p.check(err == nil && len(list.Rooms) == 0, "another account lists %d rooms: %v", len(list.Rooms), err)
	}},
	{ID: "C132", Sentence: "Nothing of one region exists in another.", Source: "AWS General Reference", Needs: Accounts, check: func(p *probe) {
		room, elsewhere := p.room(), "ap-south-1"
		_, err := p.client(p.Credentials, elsewhere).GetRoom(p.ctx, &ivschat.GetRoomInput{Identifier: &room})
		p.check(err != nil, "the room is in %s, too", elsewhere)
	}},
	{ID: "C134", Sentence: "A body of more than 1 MiB is 413 RequestEntityTooLargeException.", Source: Decided, check: func(p *probe) {
		p.post("CreateRoom", `{"name":"`+strings.Repeat("a", 1<<20)+`"}`).refuses(p, 413, "RequestEntityTooLargeException")
	}},
	{ID: "C135", Sentence: "A success is 200, but for the deletion of rooms and logging configurations.", Source: model, Needs: MadeUp, check: func(p *probe) {
		for operation := range required {
			want := 200
			if operation == "DeleteRoom" || operation == "DeleteLoggingConfiguration" {
				want = 204
			}
			p.same(operation+"'s status", p.ask(operation, p.valid(operation)).status, want)
		}
	}},
	{ID: "C136", Sentence: "Replies bear x-amz-cf-id: they come through CloudFront.", Source: recorded + "a reply's metadata in a post on chat logging, 2022", check: func(p *probe) {
		p.room()
		p.check(p.last.header.Get("x-amz-cf-id") != "", "there is none")
	}},
	{ID: "C137", Sentence: "ValidationException for an identifier that is no ARN has an empty message.", Source: recorded + "crossplane-contrib/provider-upjet-aws issue 497", check: func(p *probe) {
		invalid := refused[*types.ValidationException](p, p.sdk.GetRoom, ivschat.GetRoomInput{Identifier: aws.String("x")})
		p.same("message", aws.ToString(invalid.Message), "")
	}},
	{ID: "C138", Sentence: "An exception bears Access-Control-Expose-Headers, so that a page may read its request id.", Source: "what the sister service ivs models; inferred for ivschat", check: func(p *probe) {
		p.post("GetRoom", "{}")
		p.like("Access-Control-Expose-Headers", p.last.header.Get("Access-Control-Expose-Headers"), `(?i)x-amzn-requestid`)
	}},
	{ID: "C139", Sentence: "An exception bears Cache-Control, Content-Security-Policy, Strict-Transport-Security, X-Content-Type-Options and X-Frame-Options.", Source: "what the sister service ivs models; inferred for ivschat", check: func(p *probe) {
		p.post("GetRoom", "{}")
		for _, name := range []string{"Cache-Control", "Content-Security-Policy", "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options"} {
			p.check(p.last.header.Get(name) != "", "there is no %s", name)
		}
	}},
}
