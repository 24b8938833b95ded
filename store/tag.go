package store

import (
	"context"
	"maps"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Tags returns the tags of a room or a logging configuration, or a ResourceNotFoundException.
func (s *Store) Tags(ctx context.Context, arn ivschat.ARN) (ivschat.Tags, error) {
	index, err := s.latest(ctx)
	if err != nil {
		return nil, err
	}
	switch arn.ResourceType {
	case rooms.resourceType:
		return tagsOf(index, rooms, arn)
	case loggingConfigurations.resourceType:
		return tagsOf(index, loggingConfigurations, arn)
	}
	return nil, ivschat.NotFound(arn)
}

func tagsOf[Resource any](x *index, kind *kind[Resource], arn ivschat.ARN) (ivschat.Tags, error) {
	found, err := find(x, kind, arn)
	if err != nil {
		return nil, err
	}
	return *kind.tags(&found.resource), nil
}

// ChangeTags calls change with a copy of the tags of a room or a logging configuration, and stores it. If
// change returns an error, ChangeTags stores nothing and returns that error. It may also return a
// ResourceNotFoundException. The resource keeps its times and its position in lists.
func (s *Store) ChangeTags(
	ctx context.Context, arn ivschat.ARN, change func(ivschat.Tags) error,
) error {
	return s.update(ctx, func(d *draft) error {
		switch arn.ResourceType {
		case rooms.resourceType:
			return changeTags(d, rooms, arn, change)
		case loggingConfigurations.resourceType:
			return changeTags(d, loggingConfigurations, arn, change)
		}
		return ivschat.NotFound(arn)
	})
}

func changeTags[Resource any](
	d *draft, kind *kind[Resource], arn ivschat.ARN, change func(ivschat.Tags) error,
) error {
	old, err := find(&d.index, kind, arn)
	if err != nil {
		return err
	}
	resource, tags := old.resource, ivschat.Tags{}
	maps.Copy(tags, *kind.tags(&resource))
	if err := change(tags); err != nil {
		return err
	}
	*kind.tags(&resource) = tags
	owned := d.owned(arn.Owner)
	store(d, kind, owned, put(d.edit, kind, owned, kind.clone(resource), old.position))
	return nil
}

func cloneTags(tags ivschat.Tags) ivschat.Tags {
	cloned := make(ivschat.Tags, len(tags))
	for key, value := range tags {
		cloned[strings.Clone(key)] = strings.Clone(value)
	}
	return cloned
}
