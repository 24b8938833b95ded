package claims

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var reviewHandlerClaims = []conformance.Claim{
	{
		ID: "C222",
		Sentence: "A room stores its message review handler, with ALLOW as the default " +
			"fallbackResult.",
		Source: serviceModel,
		Needs:  conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			room := *p.CreateRoom(ivschat.CreateRoomInput{MessageReviewHandler: reviewHandler(p)}).Arn
			got := getRoom(p, room).MessageReviewHandler
			p.RequireEqual("uri", aws.ToString(got.Uri), functionARN(p))
			p.RequireEqual("fallbackResult", got.FallbackResult, types.FallbackResultAllow)
		},
	},
	{
		ID:       "C223",
		Sentence: "UpdateRoom with the uri \"\" detaches the message review handler.",
		Source:   serviceModel,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			room := *p.CreateRoom(ivschat.CreateRoomInput{MessageReviewHandler: reviewHandler(p)}).Arn
			updateRoom(p, room, ivschat.UpdateRoomInput{
				MessageReviewHandler: &types.MessageReviewHandler{Uri: aws.String("")},
			})
			if handler := getRoom(p, room).MessageReviewHandler; handler != nil {
				p.RequireEqual("uri", aws.ToString(handler.Uri), "")
			}
		},
	},
	{
		ID:       "C224",
		Sentence: "GetRoom still returns a detached message review handler.",
		Source:   terraformTests,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			room := *p.CreateRoom(ivschat.CreateRoomInput{MessageReviewHandler: reviewHandler(p)}).Arn
			updateRoom(p, room, ivschat.UpdateRoomInput{
				MessageReviewHandler: &types.MessageReviewHandler{Uri: aws.String("")},
			})
			p.Require(getRoom(p, room).MessageReviewHandler != nil, "GetRoom returned no handler")
		},
	},
	{
		ID:       "C630",
		Sentence: "The uri of a detached message review handler is \"\".",
		Source:   conformance.Decided,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			room := *p.CreateRoom(ivschat.CreateRoomInput{MessageReviewHandler: reviewHandler(p)}).Arn
			updateRoom(p, room, ivschat.UpdateRoomInput{
				MessageReviewHandler: &types.MessageReviewHandler{Uri: aws.String("")},
			})
			handler := getRoom(p, room).MessageReviewHandler
			p.Require(handler != nil && handler.Uri != nil && *handler.Uri == "", "the reply is %s", p.Last.Body)
		},
	},
	{
		ID:       "C225",
		Sentence: "An update of the fallbackResult keeps the uri of the message review handler.",
		Source:   conformance.Decided,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			room := *p.CreateRoom(ivschat.CreateRoomInput{MessageReviewHandler: reviewHandler(p)}).Arn
			got := updateRoom(p, room, ivschat.UpdateRoomInput{
				MessageReviewHandler: &types.MessageReviewHandler{
					FallbackResult: types.FallbackResultDeny,
				},
			})
			p.RequireEqual("uri", aws.ToString(got.MessageReviewHandler.Uri), functionARN(p))
			p.RequireEqual("fallbackResult",
				got.MessageReviewHandler.FallbackResult, types.FallbackResultDeny)
		},
	},
	{
		ID: "C226",
		Sentence: "A function that does not allow ivschat.amazonaws.com to invoke it is refused " +
			"with “invalid lambda permission”.",
		Source: alchemyProvider,
		Check: func(p *conformance.Probe) {
			exception := invalid(p, p.SDK.CreateRoom, ivschat.CreateRoomInput{
				MessageReviewHandler: &types.MessageReviewHandler{
					Uri: aws.String("arn:aws:lambda:" + p.Region + ":000000000000:function:nobodys"),
				},
			})
			message := aws.ToString(exception.Message)
			p.RequireMatch("message", message, `invalid lambda permission$`)
		},
	},
	{
		ID:       "C241",
		Sentence: "A function in another region than the room is refused, in CreateRoom and in UpdateRoom.",
		Source:   messageReviewGuide,
		Check: func(p *conformance.Probe) {
			requireFunctionRefused(p, functionElsewhere(p))
		},
	},
	{
		ID:       "C635",
		Sentence: "The exception for a function in another region is ValidationException about uri.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			request := map[string]any{"messageReviewHandler": map[string]any{"uri": functionElsewhere(p)}}
			requireInvalid(p, send(p, "CreateRoom", request), "messageReviewHandler.uri")
		},
	},
	{
		ID:       "C242",
		Sentence: "A function in another account than the room is refused, in CreateRoom and in UpdateRoom.",
		Source:   messageReviewGuide,
		Check: func(p *conformance.Probe) {
			requireFunctionRefused(p, "arn:aws:lambda:"+p.Region+":210987654321:function:review")
		},
	},
	{
		ID:       "C227",
		Sentence: "A version or an alias may follow the name of a function.",
		Source:   serviceModel,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			uri := functionARN(p) + ":live"
			room := p.CreateRoom(ivschat.CreateRoomInput{
				MessageReviewHandler: &types.MessageReviewHandler{Uri: &uri},
			})
			p.RequireEqual("uri", aws.ToString(room.MessageReviewHandler.Uri), uri)
		},
	},
}

// functionElsewhere returns the ARN of a function in another region than that of the target.
func functionElsewhere(p *conformance.Probe) string {
	region := "us-west-2"
	if region == p.Region {
		region = "us-east-1"
	}
	return functionARN(p.InRegion(region))
}

// requireFunctionRefused requires that no room can be created with the function, or updated to have it.
func requireFunctionRefused(p *conformance.Probe, uri string) {
	handler := map[string]any{"uri": uri}
	for _, r := range []conformance.Reply{
		send(p, "CreateRoom", map[string]any{"messageReviewHandler": handler}),
		send(p, "UpdateRoom", map[string]any{"messageReviewHandler": handler, "identifier": p.Room()}),
	} {
		p.Require(r.Status >= 400, "the reply is %d %s", r.Status, r.Body)
	}
}
