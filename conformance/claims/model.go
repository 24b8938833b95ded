package claims

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// resourceID is the pattern of the ID of a room, a message and so on.
const resourceID = `^[a-zA-Z0-9]{12}$`

// functionARN returns the ARN of a function in the region of the probe, which need not exist.
func functionARN(p *conformance.Probe) string {
	return "arn:aws:lambda:" + p.Region + ":" + cmp.Or(p.Account, "123456789012") + ":function:review"
}

// reviewHandler returns a message review handler with that function.
func reviewHandler(p *conformance.Probe) *types.MessageReviewHandler {
	return &types.MessageReviewHandler{Uri: aws.String(functionARN(p))}
}

// A maker returns a value for a required member. It may create a resource for it.
type maker func(*conformance.Probe) any

func constant(value any) maker { return func(*conformance.Probe) any { return value } }

func newRoom(p *conformance.Probe) any    { return p.Room() }
func newLogging(p *conformance.Probe) any { return *p.Logging().Arn }

// required has the required members of every operation.
var required = map[string]map[string]maker{
	"CreateChatToken": {"roomIdentifier": newRoom, "userId": constant("u")},
	"CreateLoggingConfiguration": {
		"destinationConfiguration": constant(json.RawMessage(destinations["s3"])),
	},
	"CreateRoom":                 {},
	"DeleteLoggingConfiguration": {"identifier": newLogging},
	"DeleteMessage":              {"roomIdentifier": newRoom, "id": constant("abcdefghijkl")},
	"DeleteRoom":                 {"identifier": newRoom},
	"DisconnectUser":             {"roomIdentifier": newRoom, "userId": constant("u")},
	"GetLoggingConfiguration":    {"identifier": newLogging},
	"GetRoom":                    {"identifier": newRoom},
	"ListLoggingConfigurations":  {},
	"ListRooms":                  {},
	"ListTagsForResource":        {"resourceArn": newRoom},
	"SendEvent":                  {"roomIdentifier": newRoom, "eventName": constant("e")},
	"TagResource": {
		"resourceArn": newRoom, "tags": constant(map[string]string{"k": "v"}),
	},
	"UntagResource":              {"resourceArn": newRoom, "tagKeys": constant("k")},
	"UpdateLoggingConfiguration": {"identifier": newLogging},
	"UpdateRoom":                 {"identifier": newRoom},
}

// validRequest returns a request of the operation with the required members. It leaves out the
// required members that begin one of the paths in except.
func validRequest(p *conformance.Probe, operation string, except ...string) map[string]any {
	request := map[string]any{}
	for name, value := range required[operation] {
		begins := func(path string) bool { return strings.HasPrefix(path, name) }
		if !slices.ContainsFunc(except, begins) {
			request[name] = value(p)
		}
	}
	return request
}

// sendWith sends a valid request in which one member has the value.
func sendWith(p *conformance.Probe, operation, path string, value any) conformance.Reply {
	request := validRequest(p, operation, path)
	setMember(request, path, value)
	return send(p, operation, request)
}

// setMember sets the member at a path such as destinationConfiguration.s3.bucketName.
func setMember(request map[string]any, path string, value any) {
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

// send sends a request of any operation.
func send(p *conformance.Probe, operation string, request map[string]any) conformance.Reply {
	arn, _ := request["resourceArn"].(string)
	path := "/tags/" + url.QueryEscape(arn)
	switch operation {
	case "ListTagsForResource":
		return p.Send("GET", path, "")
	case "TagResource":
		body := conformance.JSON(map[string]any{"tags": request["tags"]})
		return p.Send("POST", path, body, "Content-Type", "application/json")
	case "UntagResource":
		keys, ok := request["tagKeys"].([]string)
		if !ok {
			keys = []string{request["tagKeys"].(string)}
		}
		return p.Send("DELETE", path+"?"+url.Values{"tagKeys": keys}.Encode(), "")
	default:
		return p.Post(operation, conformance.JSON(request))
	}
}

// requireInvalid requires ValidationException that names the last member of the path. An
// exception for another reason would show nothing.
func requireInvalid(p *conformance.Probe, reply conformance.Reply, path string) {
	reply.RequireException(400, "ValidationException")
	name := path[strings.LastIndexByte(path, '.')+1:]
	p.Require(strings.Contains(reply.Body, name), "%s does not name %s", reply.Body, name)
}

// requireValid requires that the request was valid. The resource that it names need not exist
// and may belong to another account.
func requireValid(p *conformance.Probe, reply conformance.Reply) {
	valid := reply.Status < 300 || reply.Status == 403 || reply.Status == 404
	p.Require(valid, "the request was refused: %d %s", reply.Status, reply.Body)
}
