package store

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Resources returns what the account has, or what all accounts have when account is "".
func (s *Store) Resources(ctx context.Context, account string) (w ivschat.Resources, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		w, err = resources(ctx, tx, account)
		return err
	})
	return w, err
}

func resources(ctx context.Context, tx *bolt.Tx, account string) (w ivschat.Resources, err error) {
	everything := ivschat.Page{Limit: unlimited}
	for _, owner := range owners(tx, account) {
		rooms, _, err := list(ctx, look(tx, owner, ivschat.RoomResource), everything, readRoom, func(ivschat.Room) bool { return true })
		if err != nil {
			return w, err
		}
		configurations, _, err := list(ctx, look(tx, owner, ivschat.LoggingConfigurationResource), everything, readLoggingConfiguration, func(ivschat.LoggingConfiguration) bool { return true })
		if err != nil {
			return w, err
		}
		w.Rooms = append(w.Rooms, rooms...)
		w.LoggingConfigurations = append(w.LoggingConfigurations, configurations...)
	}
	return w, nil
}

// Replace forgets what the account has, "" for all accounts, and keeps the
// world instead: all of it or, with an error, none. Used chat tokens stay used.
func (s *Store) Replace(ctx context.Context, account string, w ivschat.Resources) error {
	return s.update(ctx, func(tx *bolt.Tx) error { return replace(tx, account, w) })
}

func replace(tx *bolt.Tx, account string, w ivschat.Resources) error {
	for _, owner := range owners(tx, account) {
		if err := tx.DeleteBucket([]byte(owner.String())); err != nil {
			return err
		}
	}
	for _, configuration := range slices.Backward(w.LoggingConfigurations) {
		if err := insertLoggingConfiguration(tx, configuration, unlimited); err != nil {
			return fmt.Errorf("%s: %w", configuration.ARN, err)
		}
	}
	for _, room := range slices.Backward(w.Rooms) {
		if err := insertRoom(tx, room, unlimited); err != nil {
			return fmt.Errorf("%s: %w", room.ARN, err)
		}
	}
	return nil
}

const unlimited = int(^uint(0) >> 1)

// Seed keeps what the world has beside what is there: all of it or, with an
// error, none. What has one of its ids becomes as it says, but keeps its create
// time; if that changes nothing it is left alone.
func (s *Store) Seed(ctx context.Context, w ivschat.Resources) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		there, err := resources(ctx, tx, "")
		if err != nil {
			return err
		}
		rooms, changed := merge(there.Rooms, w.Rooms, func(r *ivschat.Room) (ivschat.ARN, *time.Time, *time.Time) {
			return r.ARN, &r.CreateTime, &r.UpdateTime
		})
		configurations, alsoChanged := merge(there.LoggingConfigurations, w.LoggingConfigurations, func(c *ivschat.LoggingConfiguration) (ivschat.ARN, *time.Time, *time.Time) {
			return c.ARN, &c.CreateTime, &c.UpdateTime
		})
		if !changed && !alsoChanged {
			return nil
		}
		return replace(tx, "", ivschat.Resources{Rooms: rooms, LoggingConfigurations: configurations})
	})
}

// merge puts what is new or changed before what is there.
func merge[Resource any](there, seeds []Resource, look func(*Resource) (arn ivschat.ARN, created, updated *time.Time)) (merged []Resource, changed bool) {
	places := make(map[ivschat.ARN]int, len(there))
	for i := range there {
		arn, _, _ := look(&there[i])
		places[arn] = i
	}
	outdated := map[int]bool{}
	for _, seed := range seeds {
		arn, created, updated := look(&seed)
		if i, known := places[arn]; known {
			_, oldCreated, oldUpdated := look(&there[i])
			at := *updated
			*created, *updated = *oldCreated, *oldUpdated
			if reflect.DeepEqual(seed, there[i]) {
				continue
			}
			*updated = at
			outdated[i] = true
		}
		merged = append(merged, seed)
	}
	changed = len(merged) > 0
	for i, resource := range there {
		if !outdated[i] {
			merged = append(merged, resource)
		}
	}
	return merged, changed
}

// owners lists whose account is wanted, "" for all.
func owners(tx *bolt.Tx, account string) (all []ivschat.Owner) {
	_ = tx.ForEach(func(name []byte, _ *bolt.Bucket) error { // fails only if this does
		id, region, isOwner := strings.Cut(string(name), "/")
		if isOwner && (account == "" || account == id) {
			all = append(all, ivschat.Owner{AccountID: id, Region: region})
		}
		return nil
	})
	return all
}
