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
			room := *p.CreateRoom(ivschat.CreateRoomInput{MessageReviewHandler: reviewHandler}).Arn
			got := getRoom(p, room).MessageReviewHandler
			p.RequireEqual("uri", aws.ToString(got.Uri), functionARN)
			p.RequireEqual("fallbackResult", got.FallbackResult, types.FallbackResultAllow)
		},
	},
	{
		ID:       "C223",
		Sentence: "UpdateRoom with the uri \"\" detaches the message review handler.",
		Source:   serviceModel,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			room := *p.CreateRoom(ivschat.CreateRoomInput{MessageReviewHandler: reviewHandler}).Arn
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
		Sentence: "GetRoom still returns a detached message review handler, with the uri \"\".",
		Source:   terraformTests,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			room := *p.CreateRoom(ivschat.CreateRoomInput{MessageReviewHandler: reviewHandler}).Arn
			updateRoom(p, room, ivschat.UpdateRoomInput{
				MessageReviewHandler: &types.MessageReviewHandler{Uri: aws.String("")},
			})
			handler := getRoom(p, room).MessageReviewHandler
			p.Require(handler != nil && handler.Uri != nil, "GetRoom returned no handler with a uri")
		},
	},
	{
		ID:       "C225",
		Sentence: "An update of the fallbackResult keeps the uri of the message review handler.",
		Source:   conformance.Decided,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			room := *p.CreateRoom(ivschat.CreateRoomInput{MessageReviewHandler: reviewHandler}).Arn
			got := updateRoom(p, room, ivschat.UpdateRoomInput{
				MessageReviewHandler: &types.MessageReviewHandler{
					FallbackResult: types.FallbackResultDeny,
				},
			})
			p.RequireEqual("uri", aws.ToString(got.MessageReviewHandler.Uri), functionARN)
			p.RequireEqual("fallbackResult",
				got.MessageReviewHandler.FallbackResult, types.FallbackResultDeny)
		},
	},
	{
		ID: "C226",
		Sentence: "A function that does not allow ivschat.amazonaws.com to invoke it is refused " +
			"with “invalid lambda permission”.",
		Source: alchemyTests,
		Check: func(p *conformance.Probe) {
			exception := invalid(p, p.SDK.CreateRoom, ivschat.CreateRoomInput{
				MessageReviewHandler: &types.MessageReviewHandler{
					Uri: aws.String("arn:aws:lambda:us-east-1:000000000000:function:nobodys"),
				},
			})
			message := aws.ToString(exception.Message)
			p.RequireMatch("message", message, `invalid lambda permission$`)
		},
	},
	{
		ID:       "C227",
		Sentence: "A version or an alias may follow the name of a function.",
		Source:   serviceModel,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			uri := functionARN + ":live"
			room := p.CreateRoom(ivschat.CreateRoomInput{
				MessageReviewHandler: &types.MessageReviewHandler{Uri: &uri},
			})
			p.RequireEqual("uri", aws.ToString(room.MessageReviewHandler.Uri), uri)
		},
	},
}
