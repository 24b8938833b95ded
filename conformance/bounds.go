package conformance

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
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
	functionARN   = sized{" (characters)", func(_ *probe, size int) any { return padded(lambda, size) }}
	oneLoggingARN = sized{" (characters of one)", func(p *probe, size int) any { return []any{loggingARN.of(p, size)} }}
	keysOf        = sized{" (keys)", func(_ *probe, size int) any {
		keys := []string{}
		for i := range size {
			keys = append(keys, fmt.Sprint("k", i))
		}
		return keys
	}}
	attached = sized{" (logging configurations)", func(p *probe, size int) any {
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

// The IDs of the claims count the rows, from C801 on: a new one goes to the end.
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
	{operation: "CreateLoggingConfiguration", member: "tags", min: 1, max: 128, value: oneKey, needs: MadeUp},
	{operation: "CreateLoggingConfiguration", member: "tags", min: unbounded, max: 256, value: oneValue, needs: MadeUp},
	{operation: "CreateRoom", member: "loggingConfigurationIdentifiers", min: unbounded, max: 128, value: oneLoggingARN},
	{operation: "DeleteMessage", member: "roomIdentifier", min: unbounded, max: 128, value: roomARN},
	{operation: "DisconnectUser", member: "roomIdentifier", min: unbounded, max: 128, value: roomARN},
	{operation: "ListTagsForResource", member: "resourceArn", min: unbounded, max: 128, value: roomARN},
	{operation: "SendEvent", member: "roomIdentifier", min: unbounded, max: 128, value: roomARN},
	{operation: "TagResource", member: "resourceArn", min: unbounded, max: 128, value: roomARN},
	{operation: "UntagResource", member: "resourceArn", min: unbounded, max: 128, value: roomARN},
	{operation: "UntagResource", member: "tagKeys", min: unbounded, max: 50, value: keysOf},
	{operation: "UpdateLoggingConfiguration", member: "identifier", min: unbounded, max: 128, value: loggingARN},
	{operation: "UpdateRoom", member: "identifier", min: unbounded, max: 128, value: roomARN},
	{operation: "UpdateRoom", member: "loggingConfigurationIdentifiers", min: unbounded, max: 128, value: oneLoggingARN},
}

// boundClaims makes two claims of each bound.
func boundClaims() (claims []Claim) {
	add := func(b bound, sentence string, check func(*probe)) {
		claims = append(claims, Claim{ID: fmt.Sprintf("C8%02d", len(claims)+1), Sentence: sentence, Source: cmp.Or(b.source, model), Needs: b.needs, check: check})
	}
	for _, b := range bounds {
		name := b.operation + "'s " + b.member + b.value.unit
		if b.min != unbounded {
			add(b, fmt.Sprintf("%s may be %d, but not %d.", name, b.min, b.min-1), b.holds(b.min, b.min+1, b.min-1))
		}
		add(b, fmt.Sprintf("%s may be %d, but not %d.", name, b.max, b.max+1), b.holds(b.max, b.max-1, b.max+1))
	}
	return claims
}

// holds wants two sizes to pass and one to be refused. When the bounds are one
// and the same there is nothing within.
func (b bound) holds(on, within, beyond int) func(*probe) {
	return func(p *probe) {
		p.with(b.operation, b.member, b.value.of(p, beyond)).refusesMember(p, b.member)
		for _, size := range []int{on, within} {
			if size < b.min || size > b.max {
				continue
			}
			p.with(b.operation, b.member, b.value.of(p, size)).passes(p)
		}
	}
}

// refusesMember wants ValidationException that names the member: one for
// another reason would show nothing.
func (r reply) refusesMember(p *probe, member string) {
	r.refuses(p, 400, "ValidationException")
	name := member[strings.LastIndexByte(member, '.')+1:]
	p.check(strings.Contains(r.body, name), "%s does not name %s", r.body, name)
}

// passes wants a request to be valid. What it names may be absent, or somebody
// else's.
func (r reply) passes(p *probe) {
	p.check(r.status < 300 || r.status == 403 || r.status == 404, "it is refused: %d %s", r.status, r.body)
}

// with calls an operation with a valid request but for one member.
func (p *probe) with(operation, member string, value any) reply {
	request := p.valid(operation, member)
	set(request, member, value)
	return p.ask(operation, request)
}

// valid is a request of the operation with the members that it must have, but
// for those that are to be set.
func (p *probe) valid(operation string, but ...string) map[string]any {
	request := map[string]any{}
	for name, make := range required[operation] {
		if !slices.ContainsFunc(but, func(member string) bool { return strings.HasPrefix(member, name) }) {
			set(request, name, make(p))
		}
	}
	return request
}

// set sets a member, of which the path may lead into others.
func set(request map[string]any, path string, value any) {
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		inner, ok := request[name].(map[string]any)
		if !ok {
			inner = map[string]any{}
			request[name] = inner
		}
		request = inner
	}
	request[names[len(names)-1]] = value
}

// ask calls an operation.
func (p *probe) ask(operation string, request map[string]any) reply {
	arn, _ := request["resourceArn"].(string)
	path := "/tags/" + url.QueryEscape(arn)
	switch operation {
	case "ListTagsForResource":
		return p.send("GET", path, "")
	case "TagResource":
		return p.send("POST", path, show(map[string]any{"tags": request["tags"]}), "Content-Type", "application/json")
	case "UntagResource":
		keys, ok := request["tagKeys"].([]string)
		if !ok {
			keys = []string{request["tagKeys"].(string)}
		}
		return p.send("DELETE", path+"?"+url.Values{"tagKeys": keys}.Encode(), "")
	default:
		return p.post(operation, show(request))
	}
}

func always(value any) func(*probe) any { return func(*probe) any { return value } }

func aRoom(p *probe) any          { return p.room() }
func aConfiguration(p *probe) any { return *p.logging().Arn }

// required has, for each operation, the members that a request must have.
var required = map[string]map[string]func(*probe) any{
	"CreateChatToken":            {"roomIdentifier": aRoom, "userId": always("u")},
	"CreateLoggingConfiguration": {"destinationConfiguration": always(json.RawMessage(`{"s3":{"bucketName":"chat-logs"}}`))},
	"CreateRoom":                 {},
	"DeleteLoggingConfiguration": {"identifier": aConfiguration},
	"DeleteMessage":              {"roomIdentifier": aRoom, "id": always("abcdefghijkl")},
	"DeleteRoom":                 {"identifier": aRoom},
	"DisconnectUser":             {"roomIdentifier": aRoom, "userId": always("u")},
	"GetLoggingConfiguration":    {"identifier": aConfiguration},
	"GetRoom":                    {"identifier": aRoom},
	"ListLoggingConfigurations":  {},
	"ListRooms":                  {},
	"ListTagsForResource":        {"resourceArn": aRoom},
	"SendEvent":                  {"roomIdentifier": aRoom, "eventName": always("e")},
	"TagResource":                {"resourceArn": aRoom, "tags": always(map[string]string{"k": "v"})},
	"UntagResource":              {"resourceArn": aRoom, "tagKeys": always("k")},
	"UpdateLoggingConfiguration": {"identifier": aConfiguration},
	"UpdateRoom":                 {"identifier": aRoom},
}
