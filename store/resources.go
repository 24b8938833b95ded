package store

import (
	"context"
	"math"
	"strings"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Resources returns the resources of the account, or those of all accounts when account is "".
func (s *Store) Resources(ctx context.Context, account string) (r ivschat.Resources, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		r, err = resources(ctx, tx, account)
		return err
	})
	return r, err
}

func resources(ctx context.Context, tx *bolt.Tx, account string) (r ivschat.Resources, err error) {
	all := ivschat.Page{Limit: unlimited}
	for _, owner := range owners(tx, account) {
		ownedRooms := findCollection(tx, owner, ivschat.RoomResource)
		rooms, _, err := list(ctx, ownedRooms, all, readRoom, matchAll)
		if err != nil {
			return ivschat.Resources{}, err
		}
		ownedConfigurations := findCollection(tx, owner, ivschat.LoggingConfigurationResource)
		configurations, _, err := list(ctx, ownedConfigurations, all, readLoggingConfiguration, matchAll)
		if err != nil {
			return ivschat.Resources{}, err
		}
		r.Rooms = append(r.Rooms, rooms...)
		r.LoggingConfigurations = append(r.LoggingConfigurations, configurations...)
	}
	return r, nil
}

// Replace removes the resources of the account, or those of all accounts when account is "", and
// stores the given ones instead: all of them or, with an error, none. Used chat tokens stay used.
func (s *Store) Replace(ctx context.Context, account string, r ivschat.Resources) error {
	return s.update(ctx, func(tx *bolt.Tx) error { return replace(tx, account, r) })
}

func replace(tx *bolt.Tx, account string, r ivschat.Resources) error {
	for _, owner := range owners(tx, account) {
		if err := tx.DeleteBucket([]byte(owner.String())); err != nil {
			return err
		}
	}
	configurations := loggingConfigurationEntries(r.LoggingConfigurations)
	if err := insertAll(tx, ivschat.LoggingConfigurationResource, configurations); err != nil {
		return err
	}
	return insertAll(tx, ivschat.RoomResource, roomEntries(r.Rooms))
}

// unlimited is a quota, or the limit of a page, that no collection reaches.
const unlimited = math.MaxInt

// Seed stores the given resources in addition to the existing ones: all of them or, with an error,
// none. See ivschat.Resources.Seed.
func (s *Store) Seed(ctx context.Context, seed ivschat.Resources) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		// A write that has begun is finished, so this list is too.
		existing, err := resources(context.WithoutCancel(ctx), tx, "")
		if err != nil {
			return err
		}
		seeded, changed := existing.Seed(seed)
		if !changed {
			return nil
		}
		return replace(tx, "", seeded)
	})
}

// owners returns the owners of the account, or all owners when account is "".
func owners(tx *bolt.Tx, account string) (all []ivschat.Owner) {
	_ = tx.ForEach(func(name []byte, _ *bolt.Bucket) error { // returns no error of its own
		id, region, isOwner := strings.Cut(string(name), "/")
		if isOwner && (account == "" || account == id) {
			all = append(all, ivschat.Owner{AccountID: id, Region: region})
		}
		return nil
	})
	return all
}
