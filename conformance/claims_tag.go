package conformance

import (
	"fmt"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
)

func (p *probe) tag(arn string, tags map[string]string) {
	call(p, p.sdk.TagResource, ivschat.TagResourceInput{ResourceArn: &arn, Tags: tags})
}

func (p *probe) untag(arn string, keys ...string) {
	call(p, p.sdk.UntagResource, ivschat.UntagResourceInput{ResourceArn: &arn, TagKeys: keys})
}

func (p *probe) tags(arn string) map[string]string {
	return call(p, p.sdk.ListTagsForResource, ivschat.ListTagsForResourceInput{ResourceArn: &arn}).Tags
}

var tagClaims = []Claim{
	{ID: "C601", Sentence: "TagResource adds tags to a room.", Source: model, check: func(p *probe) {
		room := p.room()
		p.tag(room, map[string]string{"a": "1"})
		p.tag(room, map[string]string{"b": "2"})
		p.same("tags", p.tags(room), map[string]string{"a": "1", "b": "2"})
	}},
	{ID: "C602", Sentence: "TagResource replaces the value of a key.", Source: model, check: func(p *probe) {
		room := p.room()
		p.tag(room, map[string]string{"a": "1"})
		p.tag(room, map[string]string{"a": "2"})
		p.same("tags", p.tags(room), map[string]string{"a": "2"})
	}},
	{ID: "C603", Sentence: "UntagResource removes tags.", Source: model, check: func(p *probe) {
		room := p.room()
		p.tag(room, map[string]string{"a": "1", "b": "2", "c": "3"})
		p.untag(room, "a", "c")
		p.same("tags", p.tags(room), map[string]string{"b": "2"})
	}},
	{ID: "C604", Sentence: "UntagResource is idempotent: a key that is not there is no error.", Source: model, check: func(p *probe) {
		p.untag(p.room(), "absent")
	}},
	{ID: "C605", Sentence: "Keys and values of tags may have any characters, also in the query of UntagResource.", Source: model, check: func(p *probe) {
		room, tags := p.room(), map[string]string{"b c/+&?=#%": "ü \"x\"", "日本": "🙂"}
		p.tag(room, tags)
		p.same("tags", p.tags(room), tags)
		p.untag(room, "b c/+&?=#%", "日本")
		p.same("tags", p.tags(room), map[string]string{})
	}},
	{ID: "C606", Sentence: "GetRoom gives the tags as they are now.", Source: model, check: func(p *probe) {
		room := p.room()
		p.tag(room, map[string]string{"a": "1"})
		p.same("tags", p.get(room).Tags, map[string]string{"a": "1"})
	}},
	{ID: "C607", Sentence: "Logging configurations have tags, too.", Source: terraform, Needs: MadeUp, check: func(p *probe) {
		logging := *p.logging().Arn
		p.tag(logging, map[string]string{"a": "1"})
		p.same("tags", p.tags(logging), map[string]string{"a": "1"})
		p.untag(logging, "a")
		p.same("tags", p.tags(logging), map[string]string{})
	}},
	{ID: "C608", Sentence: "ListTagsForResource of a resource without tags is tags: {}.", Source: model, check: func(p *probe) {
		p.tags(p.room())
		p.same("tags", p.last.members(p)["tags"], map[string]any{})
	}},
	{ID: "C609", Sentence: "Tagging what does not exist is ResourceNotFoundException.", Source: model, check: func(p *probe) {
		refused[*types.ResourceNotFoundException](p, p.sdk.TagResource, ivschat.TagResourceInput{ResourceArn: aws.String(p.absent("room")), Tags: map[string]string{"k": "v"}})
	}},
	{ID: "C610", Sentence: "Untagging what does not exist is ResourceNotFoundException.", Source: model, check: func(p *probe) {
		refused[*types.ResourceNotFoundException](p, p.sdk.UntagResource, ivschat.UntagResourceInput{ResourceArn: aws.String(p.absent("room")), TagKeys: []string{"k"}})
	}},
	{ID: "C611", Sentence: "Listing the tags of what does not exist is ResourceNotFoundException.", Source: model, check: func(p *probe) {
		refused[*types.ResourceNotFoundException](p, p.sdk.ListTagsForResource, ivschat.ListTagsForResourceInput{ResourceArn: aws.String(p.absent("room"))})
	}},
	{ID: "C612", Sentence: "A fifty-first tag is refused, and the tags stay as they were.", Source: model, check: func(p *probe) {
		fifty := map[string]string{}
		for i := range 50 {
			fifty[fmt.Sprint("k", i)] = ""
		}
		room := *p.createRoom(ivschat.CreateRoomInput{Tags: fifty}).Arn
		refused[*types.ValidationException](p, p.sdk.TagResource, ivschat.TagResourceInput{ResourceArn: &room, Tags: map[string]string{"k0": "changed", "more": ""}})
		p.same("tags", p.tags(room), fifty)
	}},
	{ID: "C613", Sentence: "A tag key that begins with aws: is refused, in any letter case.", Source: "AWS General Reference; the exception is decided here", check: func(p *probe) {
		room := p.room()
		for _, key := range []string{"aws:x", "AWS:x"} {
			refused[*types.ValidationException](p, p.sdk.TagResource, ivschat.TagResourceInput{ResourceArn: &room, Tags: map[string]string{key: "v"}})
		}
	}},
	{ID: "C614", Sentence: "Tags are no update: updateTime stays.", Source: Decided, check: func(p *probe) {
		room := p.createRoom(ivschat.CreateRoomInput{})
		p.tag(*room.Arn, map[string]string{"a": "1"})
		p.check(p.get(*room.Arn).UpdateTime.Equal(*room.UpdateTime), "it moved on")
	}},
	{ID: "C615", Sentence: "UntagResource needs tagKeys.", Source: model, check: func(p *probe) {
		p.send("DELETE", "/tags/"+url.QueryEscape(p.room()), "").refuses(p, 400, "ValidationException")
	}},
	{ID: "C616", Sentence: "TagResource needs tags.", Source: model, check: func(p *probe) {
		p.send("POST", "/tags/"+url.QueryEscape(p.room()), "{}").refuses(p, 400, "ValidationException")
	}},
	{ID: "C617", Sentence: "TagResource and UntagResource are 200.", Source: model, check: func(p *probe) {
		room := p.room()
		p.tag(room, map[string]string{"a": "1"})
		p.same("status", p.last.status, 200)
		p.untag(room, "a")
		p.same("status", p.last.status, 200)
	}},
	{ID: "C618", Sentence: "TagResource, UntagResource and DisconnectUser reply with {}.", Source: Decided, check: func(p *probe) {
		room := p.room()
		for _, operation := range []func(){
			func() { p.tag(room, map[string]string{"a": "1"}) },
			func() { p.untag(room, "a") },
			func() {
				call(p, p.sdk.DisconnectUser, ivschat.DisconnectUserInput{RoomIdentifier: &room, UserId: aws.String("u")})
			},
		} {
			operation()
			p.same("the reply", p.last.members(p), map[string]any{})
		}
	}},
	{ID: "C619", Sentence: "What is no ARN in the path of the tag operations is ValidationException.", Source: model, check: func(p *probe) {
		p.send("GET", "/tags/room", "").refuses(p, 400, "ValidationException")
	}},
}
