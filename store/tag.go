package store

import (
	"context"
	"encoding/json"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Tags gives the tags of a room or a logging configuration, or a
// ResourceNotFoundException.
func (s *Store) Tags(ctx context.Context, arn ivschat.ARN) (ivschat.Tags, error) {
	var record struct{ Tags ivschat.Tags }
	err := s.view(ctx, func(tx *bolt.Tx) error {
		return look(tx, arn.Owner, arn.ResourceType).get(arn, &record)
	})
	return record.Tags, err
}

// ChangeTags lets change work on the tags of a room or a logging configuration
// and keeps them unless change gives an error. It may also give a
// ResourceNotFoundException. Times and order stay as they are.
func (s *Store) ChangeTags(ctx context.Context, arn ivschat.ARN, change func(ivschat.Tags) error) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		resources := look(tx, arn.Owner, arn.ResourceType)
		record := map[string]json.RawMessage{} // whatever else the resource has
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
		text, err := json.Marshal(tags)
		if err != nil {
			return fmt.Errorf("encode the tags of %s: %w", arn, err)
		}
		record["tags"] = text
		return resources.put(arn.ID, record)
	})
}
