package claims

import (
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var tagClaims = []conformance.Claim{
	{
		ID:       "C601",
		Sentence: "TagResource adds tags to a room.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			tag(p, room, map[string]string{"a": "1"})
			tag(p, room, map[string]string{"b": "2"})
			p.RequireEqual("tags", tagsOf(p, room), map[string]string{"a": "1", "b": "2"})
		},
	},
	{
		ID:       "C602",
		Sentence: "TagResource replaces the value of an existing key.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			tag(p, room, map[string]string{"a": "1"})
			tag(p, room, map[string]string{"a": "2"})
			p.RequireEqual("tags", tagsOf(p, room), map[string]string{"a": "2"})
		},
	},
	{
		ID:       "C603",
		Sentence: "UntagResource removes tags.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			tag(p, room, map[string]string{"a": "1", "b": "2", "c": "3"})
			untag(p, room, "a", "c")
			p.RequireEqual("tags", tagsOf(p, room), map[string]string{"b": "2"})
		},
	},
	{
		ID:       "C604",
		Sentence: "UntagResource is idempotent: a second call for the same key succeeds as well.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			tag(p, room, map[string]string{"a": "1"})
			untag(p, room, "a")
			untag(p, room, "a")
		},
	},
	{
		ID: "C605",
		Sentence: "Keys and values of tags may have letters, digits, spaces and _ . : / = + - @, also in " +
			"the query of UntagResource.",
		Source: tagRules,
		Check: func(p *conformance.Probe) {
			room, tags := p.Room(), map[string]string{"b c_.:/=+-@1": "ü B_.:/=+-@", "日本": "٣", "empty": ""}
			tag(p, room, tags)
			p.RequireEqual("tags", tagsOf(p, room), tags)
			untag(p, room, "b c_.:/=+-@1", "日本", "empty")
			p.RequireEqual("tags", tagsOf(p, room), map[string]string{})
		},
	},
	{
		ID: "C620",
		Sentence: "A new tag with any other character in its key or value is refused with " +
			"ValidationException, and the tags stay unchanged.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			for _, text := range []string{"a|b", "a*", "a&b", "\"x\"", "a\x00", "a\tb", "🙂"} {
				for _, tags := range []map[string]string{{text: "v"}, {"k": text}} {
					invalid(p, p.SDK.TagResource, ivschat.TagResourceInput{ResourceArn: &room, Tags: tags})
					invalid(p, p.SDK.CreateRoom, ivschat.CreateRoomInput{Tags: tags})
				}
			}
			p.RequireEqual("tags", tagsOf(p, room), map[string]string{})
		},
	},
	{
		ID:       "C606",
		Sentence: "GetRoom returns the current tags.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			tag(p, room, map[string]string{"a": "1"})
			p.RequireEqual("tags", getRoom(p, room).Tags, map[string]string{"a": "1"})
		},
	},
	{
		ID:       "C607",
		Sentence: "Logging configurations can have tags.",
		Source:   terraformTests,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			logging := *p.Logging().Arn
			tag(p, logging, map[string]string{"a": "1"})
			p.RequireEqual("tags", tagsOf(p, logging), map[string]string{"a": "1"})
			untag(p, logging, "a")
			p.RequireEqual("tags", tagsOf(p, logging), map[string]string{})
		},
	},
	{
		ID:       "C608",
		Sentence: "ListTagsForResource replies with tags {} for a resource without tags.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			tagsOf(p, p.Room())
			p.RequireEqual("tags", p.Last.Members()["tags"], map[string]any{})
		},
	},
	{
		ID: "C609",
		Sentence: "TagResource of a resource that does not exist fails with " +
			"ResourceNotFoundException.",
		Source: serviceModel,
		Check: func(p *conformance.Probe) {
			notFound(p, p.SDK.TagResource, ivschat.TagResourceInput{
				ResourceArn: aws.String(p.MissingRoom()), Tags: map[string]string{"k": "v"},
			})
		},
	},
	{
		ID: "C610",
		Sentence: "UntagResource of a resource that does not exist fails with " +
			"ResourceNotFoundException.",
		Source: serviceModel,
		Check: func(p *conformance.Probe) {
			notFound(p, p.SDK.UntagResource, ivschat.UntagResourceInput{
				ResourceArn: aws.String(p.MissingRoom()), TagKeys: []string{"k"},
			})
		},
	},
	{
		ID: "C611",
		Sentence: "ListTagsForResource of a resource that does not exist fails with " +
			"ResourceNotFoundException.",
		Source: serviceModel,
		Check: func(p *conformance.Probe) {
			notFound(p, p.SDK.ListTagsForResource, ivschat.ListTagsForResourceInput{
				ResourceArn: aws.String(p.MissingRoom()),
			})
		},
	},
	{
		ID:       "C612",
		Sentence: "A 51st tag is refused with ValidationException, and the tags stay unchanged.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			fifty := numberedTags(50)
			room := *p.CreateRoom(ivschat.CreateRoomInput{Tags: fifty}).Arn
			invalid(p, p.SDK.TagResource, ivschat.TagResourceInput{
				ResourceArn: &room, Tags: map[string]string{"k0": "changed", "more": ""},
			})
			p.RequireEqual("tags", tagsOf(p, room), fifty)
		},
	},
	{
		ID:       "C613",
		Sentence: "A new tag key that begins with aws: is refused.",
		Source:   tagRules,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			_, err := p.SDK.TagResource(p.Context(), &ivschat.TagResourceInput{
				ResourceArn: &room, Tags: map[string]string{"aws:x": "v"},
			})
			p.Require(err != nil, "the tag was accepted")
		},
	},
	{
		ID: "C634",
		Sentence: "A new tag key that begins with aws:, in any letter case, is refused with " +
			"ValidationException.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			for _, key := range []string{"aws:x", "AWS:x"} {
				invalid(p, p.SDK.TagResource, ivschat.TagResourceInput{
					ResourceArn: &room, Tags: map[string]string{key: "v"},
				})
			}
		},
	},
	{
		ID:       "C614",
		Sentence: "Adding a tag does not change updateTime.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := p.CreateRoom(ivschat.CreateRoomInput{})
			tag(p, *room.Arn, map[string]string{"a": "1"})
			got := getRoom(p, *room.Arn).UpdateTime
			p.Require(got.Equal(*room.UpdateTime), "updateTime was %v and is %v", room.UpdateTime, got)
		},
	},
	{
		ID:       "C615",
		Sentence: "UntagResource requires tagKeys.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			r := p.Send("DELETE", "/tags/"+url.QueryEscape(p.Room()), "")
			requireInvalid(p, r, "tagKeys")
		},
	},
	{
		ID:       "C616",
		Sentence: "TagResource requires tags.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			r := p.Send("POST", "/tags/"+url.QueryEscape(p.Room()), "{}")
			requireInvalid(p, r, "tags")
		},
	},
	{
		ID:       "C617",
		Sentence: "TagResource and UntagResource reply with 200.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			tag(p, room, map[string]string{"a": "1"})
			p.RequireEqual("status", p.Last.Status, 200)
			untag(p, room, "a")
			p.RequireEqual("status", p.Last.Status, 200)
		},
	},
	{
		ID:       "C618",
		Sentence: "TagResource, UntagResource and DisconnectUser reply with {}.",
		Source:   conformance.Decided,
		Check: func(p *conformance.Probe) {
			room := p.Room()
			for _, operation := range []func(){
				func() { tag(p, room, map[string]string{"a": "1"}) },
				func() { untag(p, room, "a") },
				func() { disconnectUser(p, room, "u") },
			} {
				operation()
				p.RequireEqual("the reply", p.Last.Members(), map[string]any{})
			}
		},
	},
	{
		ID:       "C619",
		Sentence: "A path of the tag operations that has no ARN is refused with ValidationException.",
		Source:   serviceModel,
		Check: func(p *conformance.Probe) {
			requireInvalid(p, p.Send("GET", "/tags/room", ""), "resourceArn")
		},
	},
}

func tag(p *conformance.Probe, arn string, tags map[string]string) {
	input := ivschat.TagResourceInput{ResourceArn: &arn, Tags: tags}
	conformance.Call(p, p.SDK.TagResource, input)
}

func untag(p *conformance.Probe, arn string, keys ...string) {
	input := ivschat.UntagResourceInput{ResourceArn: &arn, TagKeys: keys}
	conformance.Call(p, p.SDK.UntagResource, input)
}

func tagsOf(p *conformance.Probe, arn string) map[string]string {
	input := ivschat.ListTagsForResourceInput{ResourceArn: &arn}
	return conformance.Call(p, p.SDK.ListTagsForResource, input).Tags
}
