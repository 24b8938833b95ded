package claims

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var exceptionClaims = []conformance.Claim{
	{
		ID:       "C102",
		Sentence: "Every exception has an x-amzn-RequestId, which is a UUID.",
		Source:   upjetIssue,
		Check: func(p *conformance.Probe) {
			for _, r := range []conformance.Reply{
				p.Post("GetRoom", "{}"),
				p.Post("GetRoom", `{"identifier":"`+p.MissingRoom()+`"}`),
				p.Post("Nothing", "{}"),
			} {
				p.RequireMatch("x-amzn-RequestId", r.Header.Get("x-amzn-RequestId"), requestID)
			}
		},
	},
	{
		ID: "C105",
		Sentence: "An exception has its name in x-amzn-ErrorType and its message in the member " +
			"message.",
		Source: serviceModel + "; " + restJSON,
		Check: func(p *conformance.Probe) {
			r := p.Post("GetRoom", `{"identifier":"`+p.MissingRoom()+`"}`)
			r.RequireException(404, "ResourceNotFoundException")
			_, ok := r.Members()["message"].(string)
			p.Require(ok, "the body %s has no message", r.Body)
		},
	},
	{
		ID:       "C106",
		Sentence: "ValidationException has the status 400.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			invalidBody(p, "GetRoom", "{}")
		},
	},
	{
		ID:       "C107",
		Sentence: "ResourceNotFoundException has the status 404.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			r := p.Post("GetRoom", `{"identifier":"`+p.MissingRoom()+`"}`)
			r.RequireException(404, "ResourceNotFoundException")
		},
	},
	{
		ID: "C108",
		Sentence: "ResourceNotFoundException has a resourceId, which is an ID and not an ARN, and " +
			"the resourceType ROOM.",
		Source: serviceModel,
		Check: func(p *conformance.Probe) {
			exception := notFound(p, p.SDK.GetRoom, ivschat.GetRoomInput{
				Identifier: aws.String(p.MissingRoom()),
			})
			p.RequireEqual("resourceId", aws.ToString(exception.ResourceId), conformance.MissingID)
			p.RequireEqual("resourceType", exception.ResourceType, types.ResourceTypeRoom)
		},
	},
	{
		ID: "C109",
		Sentence: "A member that violates its constraint is refused with ValidationException, with " +
			"the reason FIELD_VALIDATION_FAILED and the member in fieldList.",
		Source: serviceModel,
		Check: func(p *conformance.Probe) {
			exception := invalid(p, p.SDK.CreateRoom, ivschat.CreateRoomInput{
				Name: aws.String("no blanks"),
			})
			const reason = types.ValidationExceptionReasonFieldValidationFailed
			p.RequireEqual("reason", exception.Reason, reason)
			p.RequireEqual("the number of fields", len(exception.FieldList), 1)
			p.RequireEqual("field", aws.ToString(exception.FieldList[0].Name), "name")
			message := aws.ToString(exception.FieldList[0].Message)
			p.Require(message != "", "the field has no message")
		},
	},
	{
		ID:       "C110",
		Sentence: "All members that violate their constraints are reported at once.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			exception := invalid(p, p.SDK.CreateRoom, ivschat.CreateRoomInput{
				Name:                        aws.String("no blanks"),
				MaximumMessageLength:        aws.Int32(501),
				MaximumMessageRatePerSecond: aws.Int32(101),
			})
			p.RequireEqual("the number of fields", len(exception.FieldList), 3)
		},
	},
	{
		ID: "C111",
		Sentence: "The message about a violation begins with “Request member: NAME failed to " +
			"satisfy the constraints: ”.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			exception := invalid(p, p.SDK.CreateRoom, ivschat.CreateRoomInput{
				Name: aws.String("no blanks"),
			})
			p.RequireMatch("message", aws.ToString(exception.Message),
				`^Request member: name failed to satisfy the constraints: `)
		},
	},
	{
		ID:       "C126",
		Sentence: "A web page may read an exception.",
		Source:   smithyModel + ": cors",
		Check: func(p *conformance.Probe) {
			r := p.Send("POST", "/GetRoom", "{}", "Origin", localPage)
			r.RequireException(400, "ValidationException")
			requireAllowed(p, r, localPage)
		},
	},
	{
		ID:       "C137",
		Sentence: "ValidationException for an identifier that is not an ARN has an empty message.",
		Source:   upjetIssue,
		Check: func(p *conformance.Probe) {
			exception := invalid(p, p.SDK.GetRoom, ivschat.GetRoomInput{Identifier: aws.String("x")})
			p.RequireEqual("message", aws.ToString(exception.Message), "")
		},
	},
	{
		ID: "C138",
		Sentence: "A web page may read these headers of an exception: x-amzn-errortype, x-amzn-requestid, " +
			"x-amzn-errormessage, x-amzn-trace-id, x-amz-apigw-id and date.",
		Source: smithyModel + ": cors",
		Check: func(p *conformance.Probe) {
			r := p.Send("POST", "/GetRoom", "{}", "Origin", localPage)
			requireHeaders(p, r.Header.Get("Access-Control-Expose-Headers"),
				"x-amzn-errortype", "x-amzn-requestid", "x-amzn-errormessage", "x-amzn-trace-id",
				"x-amz-apigw-id", "date")
		},
	},
}
