package store

import (
	"context"
	"slices"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Resources returns the resources of the account, or those of all accounts when account is "".
func (s *Store) Resources(ctx context.Context, account string) (r ivschat.Resources, err error) {
	index, err := s.view(ctx)
	if err != nil {
		return r, err
	}
	return index.resources(ctx, account)
}

func (x *index) resources(ctx context.Context, account string) (r ivschat.Resources, err error) {
	for _, owned := range x.ownersOf(account) {
		if r.Rooms, err = owned.rooms.appendTo(ctx, r.Rooms); err != nil {
			return ivschat.Resources{}, err
		}
		r.LoggingConfigurations, err = owned.configurations.appendTo(ctx, r.LoggingConfigurations)
		if err != nil {
			return ivschat.Resources{}, err
		}
	}
	return r, nil
}

// Owners returns the owners of all resources, each with the number of its rooms.
func (s *Store) Owners(ctx context.Context) (map[ivschat.Owner]int, error) {
	index, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	rooms := map[ivschat.Owner]int{}
	for _, owned := range index.ownersOf("") {
		rooms[owned.owner] = owned.rooms.byID.size
	}
	return rooms, nil
}

// appendTo appends the resources, in the order of their list, and stops with the context's error when the
// context ends.
func (c *collection[Resource]) appendTo(ctx context.Context, all []Resource) ([]Resource, error) {
	all = slices.Grow(all, c.byID.size)
	for _, item := range c.all.from(position{}) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		all = append(all, item.resource)
	}
	return all, nil
}

// Replace removes the resources of the account, or those of all accounts when account is "", and
// stores the given ones instead: all of them or, with an error, none. Used chat tokens stay used.
func (s *Store) Replace(ctx context.Context, account string, r ivschat.Resources) error {
	return s.update(ctx, func(d *draft) error { return d.replace(account, r) })
}

func (d *draft) replace(account string, r ivschat.Resources) error {
	d.clear(account)
	if err := insertAll(d, loggingConfigurations, r.LoggingConfigurations); err != nil {
		return err
	}
	return insertAll(d, rooms, r.Rooms)
}

// Seed stores the given resources in addition to the existing ones: all of them or, with an error,
// none. See ivschat.Resources.Seed.
func (s *Store) Seed(ctx context.Context, seed ivschat.Resources) error {
	return s.update(ctx, func(d *draft) error {
		// A write that has begun is finished, so this list is too.
		existing, err := d.index.resources(context.WithoutCancel(ctx), "")
		if err != nil {
			return err
		}
		seeded, changed := existing.Seed(seed)
		if !changed {
			return nil
		}
		return d.replace("", seeded)
	})
}
