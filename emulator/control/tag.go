package control

import (
	"context"
	"fmt"
	"maps"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Tags stores the tags of rooms and logging configurations. If the resource does not exist, the
// error is a ResourceNotFoundException.
type Tags interface {
	// Tags returns the tags of a resource.
	Tags(ctx context.Context, arn ivschat.ARN) (ivschat.Tags, error)
	// ChangeTags calls change with the tags of a resource and stores the result, or returns the
	// error of change and stores nothing. It does not count as an update of the resource
	// (decision D16).
	ChangeTags(ctx context.Context, arn ivschat.ARN, change func(ivschat.Tags) error) error
}

// An emptyResponse is the response of an operation that returns nothing but success (decision D4).
type emptyResponse struct{}

type listTagsForResourceRequest struct {
	ResourceARN string `json:"resourceArn"`
}

type listTagsForResourceResponse struct {
	Tags ivschat.Tags `json:"tags"`
}

func (a *API) listTagsForResource(
	ctx context.Context, c call, request listTagsForResourceRequest,
) (listTagsForResourceResponse, error) {
	arn, err := ownARN(c.owner(), request.ResourceARN)
	if err != nil {
		return listTagsForResourceResponse{}, err
	}
	tags, err := a.Tags.Tags(ctx, arn)
	return listTagsForResourceResponse{Tags: toWireTags(tags)}, err
}

type tagResourceRequest struct {
	ResourceARN string       `json:"resourceArn"`
	Tags        ivschat.Tags `json:"tags"`
}

func (a *API) tagResource(
	ctx context.Context, c call, request tagResourceRequest,
) (emptyResponse, error) {
	arn, err := ownARN(c.owner(), request.ResourceARN)
	if err != nil {
		return emptyResponse{}, err
	}
	return emptyResponse{}, a.Tags.ChangeTags(ctx, arn, func(tags ivschat.Tags) error {
		maps.Copy(tags, request.Tags)
		if len(tags) > ivschat.MaximumTags {
			return ivschat.InvalidField("tags", "tags", fmt.Sprintf(
				"must leave the resource with at most %d tags, but would leave it with %d",
				ivschat.MaximumTags, len(tags)))
		}
		return nil
	})
}

type untagResourceRequest struct {
	ResourceARN string   `json:"resourceArn"`
	TagKeys     []string `json:"tagKeys"`
}

// untagResource ignores keys that the resource does not have, because the operation is idempotent
// (model).
func (a *API) untagResource(
	ctx context.Context, c call, request untagResourceRequest,
) (emptyResponse, error) {
	arn, err := ownARN(c.owner(), request.ResourceARN)
	if err != nil {
		return emptyResponse{}, err
	}
	return emptyResponse{}, a.Tags.ChangeTags(ctx, arn, func(tags ivschat.Tags) error {
		for _, key := range request.TagKeys {
			delete(tags, key)
		}
		return nil
	})
}
