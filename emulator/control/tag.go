package control

import (
	"context"
	"fmt"
	"maps"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Tags keeps the tags of rooms and logging configurations. Not found means
// the same as in Rooms.
type Tags interface {
	// Tags gives a resource's tags, or not found.
	Tags(ctx context.Context, arn ivschat.ARN) (ivschat.Tags, error)
	// ChangeTags lets change work on the resource's tags and keeps them
	// unless change gives an error, or not found. It is no update of the
	// resource (decision D16).
	ChangeTags(ctx context.Context, arn ivschat.ARN, change func(ivschat.Tags) error) error
}

// An emptyReply is a success that has nothing to tell (decision D4).
type emptyReply struct{}

type listTagsForResourceRequest struct {
	ResourceARN string `json:"resourceArn"`
}

type listTagsForResourceReply struct {
	Tags ivschat.Tags `json:"tags"`
}

func (a *API) listTagsForResource(ctx context.Context, c call, request listTagsForResourceRequest) (listTagsForResourceReply, error) {
	arn, err := owned(c.owner(), request.ResourceARN)
	if err != nil {
		return listTagsForResourceReply{}, err
	}
	tags, err := a.Tags.Tags(ctx, arn)
	return listTagsForResourceReply{Tags: tagsReply(tags)}, err
}

type tagResourceRequest struct {
	ResourceARN string       `json:"resourceArn"`
	Tags        ivschat.Tags `json:"tags"`
}

func (a *API) tagResource(ctx context.Context, c call, request tagResourceRequest) (emptyReply, error) {
	arn, err := owned(c.owner(), request.ResourceARN)
	if err != nil {
		return emptyReply{}, err
	}
	return emptyReply{}, a.Tags.ChangeTags(ctx, arn, func(tags ivschat.Tags) error {
		maps.Copy(tags, request.Tags)
		if len(tags) > ivschat.MaximumTags {
			return ivschat.InvalidField("tags", "tags", fmt.Sprintf(
				"must leave the resource with at most %d tags, but would leave it with %d", ivschat.MaximumTags, len(tags)))
		}
		return nil
	})
}

type untagResourceRequest struct {
	ResourceARN string   `json:"resourceArn"`
	TagKeys     []string `json:"tagKeys"`
}

// untagResource does not mind keys that the resource does not have: the model
// calls it idempotent.
func (a *API) untagResource(ctx context.Context, c call, request untagResourceRequest) (emptyReply, error) {
	arn, err := owned(c.owner(), request.ResourceARN)
	if err != nil {
		return emptyReply{}, err
	}
	return emptyReply{}, a.Tags.ChangeTags(ctx, arn, func(tags ivschat.Tags) error {
		for _, key := range request.TagKeys {
			delete(tags, key)
		}
		return nil
	})
}
