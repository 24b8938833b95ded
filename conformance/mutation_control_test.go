package conformance_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// untagged reports whether a mutant has answered an UntagResource.
var untagged atomic.Bool

// controlMutations are mutants of the control plane, each with the claim that catches it.
var controlMutations = []mutation{
	{
		"CreateRoom replies with 201", "C201",
		changeStatus("CreateRoom", 200, 201),
	},
	{
		"DeleteRoom replies with 200", "C234",
		changeStatus("DeleteRoom", 204, 200),
	},
	{
		"DeleteRoom is idempotent", "C236",
		mutant{reply: func(operation string, r *mutableReply) {
			if operation == "DeleteRoom" {
				*r = mutableReply{status: 204, header: http.Header{}}
			}
		}},
	},
	{
		"replies have no request ID", "C101",
		changeReplies(func(r *mutableReply) { r.header.Del("x-amzn-RequestId") }),
	},
	{
		"an unknown operation has no request ID", "C102",
		changeExceptions("UnknownOperationException", func(r *mutableReply) {
			r.header.Del("x-amzn-RequestId")
		}),
	},
	{
		"the content type of exceptions is text", "C104",
		changeExceptions("ValidationException", func(r *mutableReply) {
			r.header.Set("Content-Type", "text/plain")
		}),
	},
	{
		"all replies have the same request ID", "C103",
		changeReplies(func(r *mutableReply) {
			r.header.Set("x-amzn-RequestId", "11111111-1111-1111-1111-111111111111")
		}),
	},
	{
		"the content type of replies is text", "C104",
		changeReplies(func(r *mutableReply) { r.header.Set("Content-Type", "text/plain") }),
	},
	{
		"exceptions have no name in the header", "C105",
		changeReplies(func(r *mutableReply) { r.header.Del("x-amzn-ErrorType") }),
	},
	{
		"exceptions have exceptionMessage, like those of a sister service", "C105",
		changeExceptions("ResourceNotFoundException", func(r *mutableReply) {
			r.members["exceptionMessage"] = r.members["message"]
			delete(r.members, "message")
		}),
	},
	{
		"ResourceNotFoundException has the status 400", "C107",
		changeExceptions("ResourceNotFoundException", func(r *mutableReply) { r.status = 400 }),
	},
	{
		"ResourceNotFoundException has another name", "C107",
		changeExceptions("ResourceNotFoundException", func(r *mutableReply) {
			r.header.Set("x-amzn-ErrorType", "NotFoundException")
		}),
	},
	{
		"resourceId is an ARN", "C108",
		changeExceptions("ResourceNotFoundException", func(r *mutableReply) {
			r.members["resourceId"] = "arn:aws:ivschat:us-east-1:1:room/x"
		}),
	},
	{
		"resourceType is the type of the resource", "C532",
		changeExceptions("ResourceNotFoundException", func(r *mutableReply) {
			r.members["resourceType"] = "LOGGING_CONFIGURATION"
		}),
	},
	{
		"resourceType is missing", "C108",
		changeExceptions("ResourceNotFoundException", func(r *mutableReply) {
			delete(r.members, "resourceType")
		}),
	},
	{
		"a violation has no reason", "C109",
		changeExceptions("ValidationException", func(r *mutableReply) {
			delete(r.members, "reason")
		}),
	},
	{
		"a violation names no field", "C109",
		changeExceptions("ValidationException", func(r *mutableReply) {
			delete(r.members, "fieldList")
		}),
	},
	{
		"the message about a violation has no details", "C111",
		changeExceptions("ValidationException", func(r *mutableReply) {
			r.members["message"] = "invalid"
		}),
	},
	{
		"ConflictException has the status 400", "C631",
		changeExceptions("ConflictException", func(r *mutableReply) { r.status = 400 }),
	},
	{
		"ServiceQuotaExceededException has the status 400", "C524",
		changeExceptions("ServiceQuotaExceededException", func(r *mutableReply) { r.status = 400 }),
	},
	{
		"ServiceQuotaExceededException has no limit", "C524",
		changeExceptions("ServiceQuotaExceededException", func(r *mutableReply) {
			delete(r.members, "limit")
		}),
	},
	{
		"another origin cannot read an exception", "C126",
		changeReplies(func(r *mutableReply) { r.header.Del("Access-Control-Allow-Origin") }),
	},
	{
		"every origin is allowed with *", "C170",
		changeReplies(func(r *mutableReply) { r.header.Set("Access-Control-Allow-Origin", "*") }),
	},
	{
		"credentials are not allowed", "C170",
		changeReplies(func(r *mutableReply) { r.header.Del("Access-Control-Allow-Credentials") }),
	},
	{
		"TagResource requires an encoded ARN", "C122",
		failOperation("POST tags", 404, "UnknownOperationException"),
	},
	{
		"UntagResource requires that the resource has a tag", "C604",
		mutant{reply: func(operation string, r *mutableReply) {
			if operation == "DELETE tags" && !untagged.CompareAndSwap(false, true) {
				r.setException(404, "ResourceNotFoundException")
			}
		}},
	},
	{
		"an encoded ARN is not decoded", "C121",
		failOperation("GET tags", 404, "UnknownOperationException"),
	},
	{
		"a page cannot read the request ID", "C138",
		changeReplies(func(r *mutableReply) { r.header.Set("Access-Control-Expose-Headers", "date") }),
	},
	{
		"a page may not send the header of temporary credentials", "C127",
		changeReplies(func(r *mutableReply) {
			r.header.Set("Access-Control-Allow-Headers", "Content-Type, Authorization, X-Amz-Date")
		}),
	},
	{
		"half a signature is accepted", "C173",
		changeExceptions("IncompleteSignature", func(r *mutableReply) {
			*r = mutableReply{status: 200, header: http.Header{}}
		}),
	},
	{
		"a query with a mistake is accepted", "C640",
		changeExceptions("MalformedHttpRequestException", func(r *mutableReply) {
			*r = mutableReply{status: 200, header: http.Header{}}
		}),
	},
	{
		"a signature with two credentials is accepted", "C641",
		changeExceptions("IncompleteSignature", func(r *mutableReply) {
			*r = mutableReply{status: 200, header: http.Header{}}
		}),
	},
	{
		"a Content-Encoding is ignored", "C175",
		changeExceptions("MalformedHttpRequestException", func(r *mutableReply) {
			*r = mutableReply{status: 200, header: http.Header{}}
		}),
	},
	{
		"a signature for another service is accepted", "C174",
		changeExceptions("InvalidSignatureException", func(r *mutableReply) {
			*r = mutableReply{status: 200, header: http.Header{}}
		}),
	},
	{
		"a page may send every header", "C172",
		changeReplies(func(r *mutableReply) {
			r.header.Set("Access-Control-Allow-Headers", "authorization,content-type,x-trace")
		}),
	},
	{
		"CreateChatToken replies with 201", "C135",
		changeStatus("CreateChatToken", 200, 201),
	},
	{
		"a value that is too long is accepted",
		claimID("The roomIdentifier of DeleteMessage may have 128 characters, but not 129."),
		changeExceptions("ValidationException", func(r *mutableReply) {
			*r = mutableReply{status: 200, header: http.Header{}}
		}),
	},
	{
		"the longest value is refused",
		claimID("The tagKeys of UntagResource may have 50 entries, but not 51."),
		mutant{reply: func(operation string, r *mutableReply) {
			if operation == "DELETE tags" && r.status == 200 {
				r.setException(400, "ValidationException")
			}
		}},
	},
	{
		"a violation names another member",
		claimID("The resourceArn of ListTagsForResource may have 128 characters, but not 129."),
		changeExceptions("ValidationException", func(r *mutableReply) {
			text, _ := json.Marshal(r.members)
			r.members = parseObject(strings.ReplaceAll(string(text), "resourceArn", "identifier"))
		}),
	},
	{
		"a missing member is reported as a missing resource",
		claimID("UpdateRoom requires identifier."),
		changeExceptions("ValidationException", func(r *mutableReply) {
			r.setException(404, "ResourceNotFoundException")
		}),
	},
	{
		"an empty name is refused",
		claimID(`The name of CreateRoom may be "".`),
		changeRequest("CreateRoom", func(m object) {
			if m["name"] == "" {
				m["name"] = "no blanks"
			}
		}),
	},
	{
		"times are numbers", "C123",
		changeReply("CreateRoom", set("createTime", 1700000000.5)),
	},
	{
		"times have no milliseconds", "C123",
		changeReply("CreateRoom", reformatTimes(time.RFC3339, "createTime", "updateTime")),
	},
	{
		"the times of tokens have a fraction", "C125",
		changeReply("CreateChatToken", func(m object) {
			m["tokenExpirationTime"] = strings.Replace(fmt.Sprint(m["tokenExpirationTime"]), "Z", ".250Z", 1)
		}),
	},
	{
		"the times of tokens have milliseconds", "C636",
		changeReply("CreateChatToken",
			reformatTimes("2006-01-02T15:04:05.000Z", "tokenExpirationTime")),
	},
	{
		"times are not in the form of UTC", "C124",
		changeReply("CreateLoggingConfiguration", func(m object) {
			m["createTime"] = strings.Replace(fmt.Sprint(m["createTime"]), "Z", "+00:00", 1)
		}),
	},
	{
		"the ID of a room is a UUID", "C202",
		changeReply("CreateRoom", set("id", "11111111-1111-1111-1111-111111111111")),
	},
	{
		"the ARN of a room has another type of resource", "C203",
		changeReply("CreateRoom", func(m object) {
			m["arn"] = strings.Replace(fmt.Sprint(m["arn"]), ":room/", ":chatroom/", 1)
		}),
	},
	{
		"the account is always the same", "C204",
		changeReply("CreateRoom", func(m object) {
			account := regexp.MustCompile(`:\d{12}:`)
			m["arn"] = account.ReplaceAllString(fmt.Sprint(m["arn"]), ":000000000000:")
		}),
	},
	{
		"CreateRoom leaves out a name that was not given", "C211",
		changeReply("CreateRoom", remove("name")),
	},
	{
		"ListRooms leaves out a name that was not given", "C211",
		changeReply("ListRooms", func(m object) { delete(m["rooms"].([]any)[0].(object), "name") }),
	},
	{
		"ListLoggingConfigurations leaves out a name that was not given", "C533",
		changeReply("ListLoggingConfigurations", func(m object) {
			delete(m["loggingConfigurations"].([]any)[0].(object), "name")
		}),
	},
	{
		"attributes with a null value are accepted", "C160",
		changeRequest("SendEvent", remove("attributes")),
	},
	{
		"a deeply nested body is accepted", "C117",
		changeRequest("CreateRoom", remove("deep")),
	},
	{
		"the default maximumMessageLength is 280", "C205",
		changeReply("CreateRoom", set("maximumMessageLength", 280)),
	},
	{
		"the default maximumMessageRatePerSecond is 100", "C206",
		changeReply("CreateRoom", set("maximumMessageRatePerSecond", 100)),
	},
	{
		"a room without tags has no member tags", "C207",
		changeReply("CreateRoom", remove("tags")),
	},
	{
		"a room without a handler has the handler {}", "C208",
		changeReply("CreateRoom", set("messageReviewHandler", object{})),
	},
	{
		"UpdateRoom accepts a function in another region", "C241",
		changeRequest("UpdateRoom", func(m object) { delete(m, "messageReviewHandler") }),
	},
	{
		"a room without logging has the list []", "C209",
		changeReply("CreateRoom", set("loggingConfigurationIdentifiers", []any{})),
	},
	{
		"the update time of a new room is in the future", "C210",
		changeReply("CreateRoom", set("updateTime", "2999-01-01T00:00:00.000Z")),
	},
	{
		"an update resets the members that it does not have", "C218",
		changeRequest("UpdateRoom", func(m object) {
			if _, ok := m["maximumMessageRatePerSecond"]; !ok {
				m["maximumMessageRatePerSecond"] = 10
			}
		}),
	},
	{
		"an update does nothing", "C217",
		changeRequest("UpdateRoom", func(m object) {
			delete(m, "name")
			delete(m, "maximumMessageLength")
		}),
	},
	{
		"an empty list detaches nothing", "C230",
		changeRequest("UpdateRoom", func(m object) {
			list, ok := m["loggingConfigurationIdentifiers"].([]any)
			if ok && len(list) == 0 {
				delete(m, "loggingConfigurationIdentifiers")
			}
		}),
	},
	{
		"a detached handler is not returned", "C224",
		changeReply("GetRoom", func(m object) {
			handler, ok := m["messageReviewHandler"].(object)
			if ok && handler["uri"] == "" {
				delete(m, "messageReviewHandler")
			}
		}),
	},
	{
		"a function in another region is reported as missing", "C635",
		changeExceptions("ValidationException", func(r *mutableReply) {
			r.setException(404, "ResourceNotFoundException")
		}),
	},
	{
		"a detached handler has no uri", "C630",
		changeReply("GetRoom", func(m object) { delete(m["messageReviewHandler"].(object), "uri") }),
	},
	{
		"a logging configuration in use can be deleted", "C519",
		changeExceptions("ConflictException", func(r *mutableReply) {
			*r = mutableReply{status: 204, header: http.Header{}}
		}),
	},
	{
		"every account has the same rooms", "C131",
		changeReply("ListRooms", set("rooms", []any{object{"arn": "arn:aws:ivschat:us-east-1:1:room/x"}})),
	},
	{
		"a room of another account is forbidden", "C632",
		changeExceptions("ResourceNotFoundException", func(r *mutableReply) {
			r.setException(403, "AccessDeniedException")
		}),
	},
	{
		"a room of another region is forbidden", "C633",
		changeExceptions("ResourceNotFoundException", func(r *mutableReply) {
			r.setException(403, "AccessDeniedException")
		}),
	},
	{
		"a required member that is null has a default", "C119",
		changeRequest("GetRoom", func(m object) {
			if m["identifier"] == nil {
				m["identifier"] = "arn:aws:ivschat:us-east-1:123456789012:room/abcdefghijkl"
			}
		}),
	},
	{
		"a tag key that begins with AWS: is accepted", "C634",
		changeRequest("POST tags", func(m object) {
			tags := m["tags"].(object)
			delete(tags, "AWS:x")
		}),
	},
	{
		"the default fallbackResult is DENY", "C222",
		changeReply("GetRoom", func(m object) {
			if handler, ok := m["messageReviewHandler"].(object); ok {
				handler["fallbackResult"] = "DENY"
			}
		}),
	},
	{
		"an update replies with the previous room", "C239",
		changeReply("UpdateRoom", set("name", "before")),
	},
	{
		"the oldest room is listed first", "C301",
		changeReply("ListRooms", func(m object) { slices.Reverse(m["rooms"].([]any)) }),
	},
	{
		"a summary has all members of a room", "C303",
		changeReply("ListRooms", func(m object) {
			for _, room := range m["rooms"].([]any) {
				room.(object)["maximumMessageLength"] = 500
			}
		}),
	},
	{
		"maxResults is ignored", "C305",
		changeRequest("ListRooms", remove("maxResults")),
	},
	{
		"nextToken is ignored", "C305",
		changeRequest("ListRooms", remove("nextToken")),
	},
	{
		"the last page has a nextToken", "C306",
		changeReply("ListRooms", set("nextToken", "more")),
	},
	{
		"an empty list is null", "C322",
		changeReply("ListRooms", func(m object) {
			if len(m["rooms"].([]any)) == 0 {
				m["rooms"] = nil
			}
		}),
	},
	{
		"the filter name is ignored", "C315",
		changeRequest("ListRooms", remove("name")),
	},
	{
		"the filter messageReviewHandlerUri is ignored", "C317",
		changeRequest("ListRooms", remove("messageReviewHandlerUri")),
	},
	{
		"an empty nextToken is refused", "C309",
		mutant{request: func(_ string, m object) {
			if m["nextToken"] == "" {
				m["nextToken"] = "none"
			}
		}},
	},
	{
		"a token is valid for one minute", "C405",
		changeReply("CreateChatToken", func(m object) {
			at, _ := time.Parse(time.RFC3339, fmt.Sprint(m["sessionExpirationTime"]))
			m["tokenExpirationTime"] = at.Add(-59 * time.Minute).Format(time.RFC3339)
		}),
	},
	{
		"a token and its session are half an hour too short", "C405",
		changeReply("CreateChatToken", func(m object) {
			for _, member := range []string{"tokenExpirationTime", "sessionExpirationTime"} {
				at, _ := time.Parse(time.RFC3339, fmt.Sprint(m[member]))
				m[member] = at.Add(-30 * time.Minute).Format(time.RFC3339)
			}
		}),
	},
	{
		"a token is valid as long as its session", "C406",
		changeReply("CreateChatToken", func(m object) {
			m["tokenExpirationTime"] = m["sessionExpirationTime"]
		}),
	},
	{
		"a token is a JWT", "C401",
		changeReply("CreateChatToken",
			set("token", "eyJhbGciOiJIUzI1NiJ9.e30.ZRrHA1JJJW8opsbCGfG_HACGpVUMN_a9IV7pAx_Zmeo")),
	},
	{
		"a token has characters that are not allowed in a subprotocol", "C402",
		changeReply("CreateChatToken", set("token", "AQICAH/+==")),
	},
	{
		"CreateChatToken replies with a state", "C403",
		changeReply("CreateChatToken", set("state", "ACTIVE")),
	},
	{
		"the length of a userId is counted in bytes",
		claimID("The userId of CreateChatToken may have 128 characters, but not 129."),
		changeRequest("CreateChatToken", func(m object) {
			if user, ok := m["userId"].(string); ok && len(user) > 128 {
				m["userId"] = strings.Repeat("u", 129)
			}
		}),
	},
	{
		"the attributes of an event are limited to 1 KB", "C710",
		changeRequest("SendEvent", func(m object) {
			if text, _ := json.Marshal(m["attributes"]); len(text) > 1100 {
				m["attributes"] = 7
			}
		}),
	},
	{
		"a new logging configuration is CREATING", "C509",
		changeReply("CreateLoggingConfiguration", set("state", "CREATING")),
	},
	{
		"an empty nextToken of ListLoggingConfigurations is refused", "C526",
		changeRequest("ListLoggingConfigurations", func(m object) {
			if m["nextToken"] == "" {
				m["nextToken"] = "none"
			}
		}),
	},
	{
		"GetLoggingConfiguration returns no tags", "C527",
		changeReply("GetLoggingConfiguration", remove("tags")),
	},
	{
		"an updated logging configuration is UPDATING", "C528",
		changeReply("UpdateLoggingConfiguration", set("state", "UPDATING")),
	},
	{
		"a deleted logging configuration still exists", "C529",
		changeExceptions("ResourceNotFoundException", func(r *mutableReply) {
			*r = mutableReply{status: 200, header: http.Header{}, body: "{}"}
		}),
	},
	{
		"the summary of a logging configuration has no destination", "C530",
		changeReply("ListLoggingConfigurations", func(m object) {
			for _, one := range m["loggingConfigurations"].([]any) {
				delete(one.(object), "destinationConfiguration")
			}
		}),
	},
	{
		"a resource without tags has no member tags", "C608",
		changeReply("GET tags", remove("tags")),
	},
	{
		"a tag with a character that is not allowed is stored", "C620",
		changeRequest("CreateRoom", func(m object) { delete(m, "tags") }),
	},
	{
		"TagResource replies with 204", "C617",
		mutant{reply: func(operation string, r *mutableReply) {
			if operation == "POST tags" && r.status == 200 {
				r.status, r.members = 204, nil
			}
		}},
	},
	{
		"SendEvent replies without an ID", "C701",
		changeReply("SendEvent", remove("id")),
	},
	{
		"DeleteMessage replies with the ID of the message", "C702",
		changeReply("DeleteMessage", set("id", "abcdefghijkl")),
	},
	{
		"only an existing message can be deleted", "C703",
		failOperation("DeleteMessage", 404, "ResourceNotFoundException"),
	},
	{
		"only a connected user can be disconnected", "C705",
		failOperation("DisconnectUser", 404, "ResourceNotFoundException"),
	},
}
