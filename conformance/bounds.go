package conformance

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// A bound is a constraint of a member in the service's model: a length, a
// number, a size. Each of its ends is a claim: what is on the bound and one
// within it passes, what is one beyond it is ValidationException.
type bound struct {
	operation string
	member    string // path in the request, for instance destinationConfiguration.s3.bucketName
	min, max  int
	value     sized
	needs     Need
	source    string // model unless said otherwise
}

// unbounded stands for an end that the model does not have, or that nothing can
// pass: a text shorter than nothing, an ARN of no letter.
const unbounded = -1

// A sized makes values of a size, which is counted in the unit.
type sized struct {
	unit string
	of   func(p *probe, size int) any
}

var (
	text     = sized{" (characters)", func(_ *probe, size int) any { return strings.Repeat("a", size) }}
	runes    = sized{" (characters)", func(_ *probe, size int) any { return strings.Repeat("🙂", size) }}
	number   = sized{"", func(_ *probe, size int) any { return size }}
	oneKey   = sized{" (characters of a key)", func(_ *probe, size int) any { return map[string]string{strings.Repeat("k", size): ""} }}
	oneValue = sized{" (characters of a value)", func(_ *probe, size int) any { return map[string]string{"k": strings.Repeat("v", size)} }}
	bytesOf  = sized{" (bytes)", func(_ *probe, size int) any { return map[string]string{"key": strings.Repeat("x", size-len("key"))} }}
	tagsOf   = sized{" (tags)", func(_ *probe, size int) any {
		tags := map[string]string{}
		for i := range size {
			tags[fmt.Sprint("k", i)] = ""
		}
		return tags
	}}
	// Resources of these ARNs do not exist: 404 says that an ARN passed.
	roomARN    = sized{" (characters)", func(p *probe, size int) any { return padded("arn:aws:ivschat:"+p.Region+":123456789012:room/", size) }}
	loggingARN = sized{" (characters)", func(p *probe, size int) any {
		return padded("arn:aws:ivschat:"+p.Region+":123456789012:logging-configuration/", size)
	}}
	functionARN = sized{" (characters)", func(_ *probe, size int) any { return padded(lambda, size) }}
	attached    = sized{" (logging configurations)", func(p *probe, size int) any {
		arns := []string{}
		for range size {
			arns = append(arns, *p.logging().Arn)
		}
		return arns
	}}
)

func padded(begin string, size int) string { return begin + strings.Repeat("a", size-len(begin)) }

const (
	bucketName         = "destinationConfiguration.s3.bucketName"
	logGroupName       = "destinationConfiguration.cloudWatchLogs.logGroupName"
	deliveryStreamName = "destinationConfiguration.firehose.deliveryStreamName"
	total1KB           = apiGuide + "CreateChatToken (1 KB total)"
	total4KB           = apiGuide + "SendEvent (4 KB total)"
)

// The IDs of the claims count the rows: a new one goes to the end.
var bounds = []bound{
	{operation: "CreateChatToken", member: "attributes", min: unbounded, max: 1024, value: bytesOf, source: total1KB},
	{operation: "CreateChatToken", member: "roomIdentifier", min: unbounded, max: 128, value: roomARN},
	{operation: "CreateChatToken", member: "sessionDurationInMinutes", min: 1, max: 180, value: number},
	{operation: "CreateChatToken", member: "userId", min: 1, max: 128, value: runes},
	{operation: "CreateLoggingConfiguration", member: bucketName, min: 3, max: 63, value: text, needs: MadeUp},
	{operation: "CreateLoggingConfiguration", member: deliveryStreamName, min: 1, max: 64, value: text, needs: MadeUp},
	{operation: "CreateLoggingConfiguration", member: logGroupName, min: 1, max: 512, value: text, needs: MadeUp},
	{operation: "CreateLoggingConfiguration", member: "name", min: unbounded, max: 128, value: text, needs: MadeUp},
	{operation: "CreateLoggingConfiguration", member: "tags", min: unbounded, max: 50, value: tagsOf, needs: MadeUp},
	{operation: "CreateRoom", member: "loggingConfigurationIdentifiers", min: unbounded, max: 3, value: attached, needs: MadeUp},
	{operation: "CreateRoom", member: "maximumMessageLength", min: 1, max: 500, value: number},
	{operation: "CreateRoom", member: "maximumMessageRatePerSecond", min: 1, max: 100, value: number},
	{operation: "CreateRoom", member: "messageReviewHandler.uri", min: unbounded, max: 170, value: functionARN, needs: MadeUp},
	{operation: "CreateRoom", member: "name", min: unbounded, max: 128, value: text},
	{operation: "CreateRoom", member: "tags", min: unbounded, max: 50, value: tagsOf},
	{operation: "CreateRoom", member: "tags", min: 1, max: 128, value: oneKey},
	{operation: "CreateRoom", member: "tags", min: unbounded, max: 256, value: oneValue},
	{operation: "DeleteLoggingConfiguration", member: "identifier", min: unbounded, max: 128, value: loggingARN},
	{operation: "DeleteMessage", member: "id", min: 12, max: 12, value: text},
	{operation: "DeleteMessage", member: "reason", min: 1, max: 256, value: runes},
	{operation: "DeleteRoom", member: "identifier", min: unbounded, max: 128, value: roomARN},
	{operation: "DisconnectUser", member: "reason", min: 1, max: 256, value: runes},
	{operation: "DisconnectUser", member: "userId", min: 1, max: 128, value: runes},
	{operation: "GetLoggingConfiguration", member: "identifier", min: unbounded, max: 128, value: loggingARN},
	{operation: "GetRoom", member: "identifier", min: unbounded, max: 128, value: roomARN},
	{operation: "ListLoggingConfigurations", member: "maxResults", min: 1, max: 50, value: number},
	{operation: "ListRooms", member: "loggingConfigurationIdentifier", min: unbounded, max: 128, value: loggingARN},
	{operation: "ListRooms", member: "maxResults", min: 1, max: 50, value: number},
	{operation: "ListRooms", member: "messageReviewHandlerUri", min: unbounded, max: 170, value: functionARN},
	{operation: "ListRooms", member: "name", min: unbounded, max: 128, value: text},
	{operation: "SendEvent", member: "attributes", min: unbounded, max: 4096, value: bytesOf, source: total4KB},
	{operation: "SendEvent", member: "eventName", min: 1, max: 100, value: runes},
	{operation: "TagResource", member: "tags", min: unbounded, max: 50, value: tagsOf},
	{operation: "TagResource", member: "tags", min: 1, max: 128, value: oneKey},
	{operation: "TagResource", member: "tags", min: unbounded, max: 256, value: oneValue},
	{operation: "UntagResource", member: "tagKeys", min: 1, max: 128, value: text},
	{operation: "UpdateLoggingConfiguration", member: bucketName, min: 3, max: 63, value: text, needs: MadeUp},
	{operation: "UpdateLoggingConfiguration", member: deliveryStreamName, min: 1, max: 64, value: text, needs: MadeUp},
	{operation: "UpdateLoggingConfiguration", member: logGroupName, min: 1, max: 512, value: text, needs: MadeUp},
	{operation: "UpdateLoggingConfiguration", member: "name", min: unbounded, max: 128, value: text, needs: MadeUp},
	{operation: "UpdateRoom", member: "loggingConfigurationIdentifiers", min: unbounded, max: 3, value: attached, needs: MadeUp},
	{operation: "UpdateRoom", member: "maximumMessageLength", min: 1, max: 500, value: number},
	{operation: "UpdateRoom", member: "maximumMessageRatePerSecond", min: 1, max: 100, value: number},
	{operation: "UpdateRoom", member: "messageReviewHandler.uri", min: unbounded, max: 170, value: functionARN, needs: MadeUp},
	{operation: "UpdateRoom", member: "name", min: unbounded, max: 128, value: text},
}

// patterns are values that the pattern, or the list of values, of a member does
// not allow.
var patterns = []struct{ operation, member, value string }{
	{"CreateChatToken", "capabilities", `["VIEW"]`},
	{"CreateChatToken", "capabilities", `["send_message"]`},
	{"CreateChatToken", "roomIdentifier", `"abcdefghijkl"`},
	{"CreateLoggingConfiguration", bucketName, `"Upper"`},
	{"CreateLoggingConfiguration", deliveryStreamName, `"a stream"`},
	{"CreateLoggingConfiguration", logGroupName, `"a:b"`},
	{"CreateLoggingConfiguration", "name", `"no.dots"`},
	{"CreateRoom", "loggingConfigurationIdentifiers", `["abcdefghijkl"]`},
	{"CreateRoom", "messageReviewHandler.fallbackResult", `"MAYBE"`},
	{"CreateRoom", "messageReviewHandler.uri", `"https://example.com"`},
	{"CreateRoom", "messageReviewHandler.uri", `"arn:aws:lambda:us-east-1:1:function:x"`},
	{"CreateRoom", "name", `"no blanks"`},
	{"CreateRoom", "name", `"ü"`},
	{"DeleteLoggingConfiguration", "identifier", `"arn:aws:ivschat:us-east-1:123456789012:room/abcdefghijkl"`},
	{"DeleteMessage", "id", `"abc-efghijkl"`},
	{"DeleteRoom", "identifier", `"arn:aws:ivschat:us-east-1:123456789012:logging-configuration/abcdefghijkl"`},
	{"GetRoom", "identifier", `"arn:aws:ivs:us-east-1:123456789012:room/abcdefghijkl"`},
	{"ListRooms", "name", `"no blanks"`},
	{"UpdateRoom", "name", `"no blanks"`},
}

// boundClaims makes claims of the tables: two for each bound, one for each
// pattern.
func boundClaims() (claims []Claim) {
	add := func(sentence, source string, needs Need, check func(*probe)) {
		if source == "" {
			source = model
		}
		claims = append(claims, Claim{ID: fmt.Sprintf("C8%02d", len(claims)+1), Sentence: sentence, Source: source, Needs: needs, check: check})
	}
	for _, b := range bounds {
		name := b.operation + "'s " + b.member + b.value.unit
		if b.min != unbounded {
			add(fmt.Sprintf("%s may be %d, but not %d.", name, b.min, b.min-1), b.source, b.needs, b.holds(b.min, b.min+1, b.min-1))
		}
		add(fmt.Sprintf("%s may be %d, but not %d.", name, b.max, b.max+1), b.source, b.needs, b.holds(b.max, b.max-1, b.max+1))
	}
	for _, test := range patterns {
		add(fmt.Sprintf("%s's %s may not be %s.", test.operation, test.member, test.value), "", 0, func(p *probe) {
			p.with(test.operation, test.member, json.RawMessage(test.value)).refuses(p, 400, "ValidationException")
		})
	}
	return claims
}

// holds wants two sizes to pass and one to be refused. When the bounds are one
// and the same there is nothing within.
func (b bound) holds(on, within, beyond int) func(*probe) {
	return func(p *probe) {
		p.with(b.operation, b.member, b.value.of(p, beyond)).refuses(p, 400, "ValidationException")
		for _, size := range []int{on, within} {
			if size < b.min || size > b.max {
				continue
			}
			r := p.with(b.operation, b.member, b.value.of(p, size))
			p.check(r.header.Get("x-amzn-ErrorType") != "ValidationException", "%d is refused: %s", size, r.body)
		}
	}
}

// with calls an operation with a valid request but for one member.
func (p *probe) with(operation, member string, value any) reply {
	request := map[string]any{}
	set := func(path string, value any) {
		names := strings.Split(path, ".")
		object := request
		for _, name := range names[:len(names)-1] {
			inner, ok := object[name].(map[string]any)
			if !ok {
				inner = map[string]any{}
				object[name] = inner
			}
			object = inner
		}
		object[names[len(names)-1]] = value
	}
	for name, make := range valid[operation] {
		if !strings.HasPrefix(member, name) {
			set(name, make(p))
		}
	}
	set(member, value)
	switch operation {
	case "TagResource":
		arn := request["resourceArn"].(string)
		return p.send("POST", "/tags/"+url.QueryEscape(arn), show(map[string]any{"tags": request["tags"]}), "Content-Type", "application/json")
	case "UntagResource":
		arn := request["resourceArn"].(string)
		return p.send("DELETE", "/tags/"+url.QueryEscape(arn)+"?tagKeys="+url.QueryEscape(request["tagKeys"].(string)), "")
	default:
		return p.post(operation, show(request))
	}
}

func always(value any) func(*probe) any { return func(*probe) any { return value } }

func aRoom(p *probe) any          { return p.room() }
func aConfiguration(p *probe) any { return *p.logging().Arn }

// valid has, for each operation, the members that a request must have.
var valid = map[string]map[string]func(*probe) any{
	"CreateChatToken":            {"roomIdentifier": aRoom, "userId": always("u")},
	"CreateLoggingConfiguration": {"destinationConfiguration": always(json.RawMessage(`{"s3":{"bucketName":"chat-logs"}}`))},
	"DeleteLoggingConfiguration": {"identifier": aConfiguration},
	"DeleteMessage":              {"roomIdentifier": aRoom, "id": always("abcdefghijkl")},
	"DeleteRoom":                 {"identifier": aRoom},
	"DisconnectUser":             {"roomIdentifier": aRoom, "userId": always("u")},
	"GetLoggingConfiguration":    {"identifier": aConfiguration},
	"GetRoom":                    {"identifier": aRoom},
	"SendEvent":                  {"roomIdentifier": aRoom, "eventName": always("e")},
	"TagResource":                {"resourceArn": aRoom, "tags": always(map[string]string{"k": "v"})},
	"UntagResource":              {"resourceArn": aRoom, "tagKeys": always("k")},
	"UpdateLoggingConfiguration": {"identifier": aConfiguration},
	"UpdateRoom":                 {"identifier": aRoom},
}
