package store

import (
	"context"
	"encoding/json"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Tags returns the tags of a room or a logging configuration, or a ResourceNotFoundException.
func (s *Store) Tags(ctx context.Context, arn ivschat.ARN) (ivschat.Tags, error) {
	var record struct{ Tags ivschat.Tags }
	err := s.view(ctx, func(tx *bolt.Tx) error {
		return findCollection(tx, arn.Owner, arn.ResourceType).get(arn, &record)
	})
	return record.Tags, err
}

// ChangeTags calls change with the tags of a room or a logging configuration, and stores the changed
// tags. It may call change more than once, each time with the stored tags. If change returns an
// error, ChangeTags stores nothing and returns that error. It may also return a
// ResourceNotFoundException. The resource keeps its times and its position in lists.
func (s *Store) ChangeTags(
	ctx context.Context, arn ivschat.ARN, change func(ivschat.Tags) error,
) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		resources := findCollection(tx, arn.Owner, arn.ResourceType)
		record := map[string]json.RawMessage{} // so that all other members stay as they are
		if err := resources.get(arn, &record); err != nil {
			return err
		}
		tags := ivschat.Tags{}
		if text, ok := record["tags"]; ok {
			if err := json.Unmarshal(text, &tags); err != nil {
				return fmt.Errorf("decode the tags of %s: %w", arn, err)
			}
		}
		if err := change(tags); err != nil {
			return err
		}
		record["tags"], _ = json.Marshal(tags) // strings never fail
		return resources.put(arn.ID, record)
	})
}
