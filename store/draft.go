package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A draft is what one write changes: a new index, which nobody sees before the commit of the file, and
// changes of the file, or of the log of a shared store. If the write fails, all is dropped.
type draft struct {
	index  index
	edit   *edit
	keeps  bool                   // whether there is a file
	file   []func(*bolt.Tx) error // changes of the file
	shares bool                   // whether there is a log
	log    []byte                 // operations, see change.go
}

// inFile adds a change of the file, if there is one.
func (d *draft) inFile(change func(*bolt.Tx) error) {
	if d.keeps {
		d.file = append(d.file, change)
	}
}

// owned returns what an owner has, to be changed.
func (d *draft) owned(owner ivschat.Owner) *owned {
	all := d.index.of(owner)
	if all.edit == d.edit {
		return all
	}
	changed := *all
	if changed.edit == nil {
		changed.owner = ivschat.Owner{
			AccountID: strings.Clone(owner.AccountID), Region: strings.Clone(owner.Region),
		}
	}
	changed.edit = d.edit
	d.index.owners.put(d.edit, ownerKey(changed.owner), &changed)
	return &changed
}

// insert adds a resource. See Store.CreateRoom for the errors.
func insert[Resource any](d *draft, kind *kind[Resource], resource *Resource, quota int) error {
	arn := kind.arn(resource)
	owned := d.owned(arn.Owner)
	all := kind.in(owned)
	if all.byID.size >= quota {
		return ivschat.QuotaExceeded(arn.Owner, kind.plural, quota)
	}
	if err := owned.checkUses(kind.uses(resource)); err != nil {
		return err
	}
	if _, exists := all.byID.get(idKey(arn.ID)); exists {
		return fmt.Errorf("%s: %w", arn.ID, ivschat.ErrIDTaken)
	}
	store(d, kind, owned, put(d.edit, kind, owned, kind.clone(*resource), all.nextPosition(resource, kind)))
	return nil
}

// update calls change with a copy of a resource, and returns the changed one.
func update[Resource any](
	d *draft, kind *kind[Resource], arn ivschat.ARN, change func(*Resource),
) (resource Resource, err error) {
	old, err := find(&d.index, kind, arn)
	if err != nil {
		return resource, err
	}
	resource = old.resource
	change(&resource)
	owned := d.owned(arn.Owner)
	if err := owned.checkUses(kind.uses(&resource)); err != nil {
		return resource, err
	}
	all := kind.in(owned)
	all.removeFromLists(d.edit, kind, old)
	changed := put(d.edit, kind, owned, kind.clone(resource), all.nextPosition(&resource, kind))
	store(d, kind, owned, changed)
	return resource, nil
}

// remove removes a resource, or returns a ResourceNotFoundException.
func remove[Resource any](d *draft, kind *kind[Resource], arn ivschat.ARN) error {
	old, err := find(&d.index, kind, arn)
	if err != nil {
		return err
	}
	owned := d.owned(arn.Owner)
	all := kind.in(owned)
	all.removeFromLists(d.edit, kind, old)
	all.byID.remove(d.edit, idKey(arn.ID))
	if d.shares {
		d.log = appendRemove(d.log, kind, arn)
		return nil
	}
	inRecords(d, kind, owned, func(records *bolt.Bucket) error { return records.Delete([]byte(arn.ID)) })
	return nil
}

// checkUses returns a ResourceNotFoundException for a logging configuration that does not exist, or will soon be
// deleted (decision D72).
func (o *owned) checkUses(configurations []ivschat.ARN) error {
	for _, arn := range configurations {
		used, exists := o.configurations.byID.get(idKey(arn.ID))
		if !exists || used.resource.State == ivschat.LoggingConfigurationDeleting {
			return ivschat.NotFound(arn)
		}
	}
	return nil
}

// nextPosition returns the position of a resource that changes now.
func (c *collection[Resource]) nextPosition(resource *Resource, kind *kind[Resource]) position {
	c.sequence++
	return newPosition(kind.updateTime(resource), c.sequence)
}

// newStored returns a resource, which the caller owns, as the index has it.
func newStored[Resource any](
	kind *kind[Resource], owned *owned, resource Resource, at position,
) *stored[Resource] {
	added := &stored[Resource]{resource, at} // kind gets the address of the only copy of the resource
	arn := kind.arn(&added.resource)
	arn.Owner, arn.ResourceType = owned.owner, kind.resourceType
	if tags := kind.tags(&added.resource); len(*tags) == 0 {
		*tags = nil
	}
	uses := kind.uses(&added.resource)
	for i := range uses { // so that each text is in memory once
		if used, found := owned.configurations.byID.get(idKey(uses[i].ID)); found {
			uses[i] = used.resource.ARN
		}
	}
	return added
}

// put adds a resource, which the caller owns, to the index, or replaces the one with the same ID and
// in the same lists.
func put[Resource any](
	e *edit, kind *kind[Resource], owned *owned, resource Resource, at position,
) *stored[Resource] {
	all, added := kind.in(owned), newStored(kind, owned, resource, at)
	all.byID.put(e, idKey(kind.arn(&added.resource).ID), added)
	all.all.put(e, at, added)
	for _, in := range kind.lists(&added.resource) {
		all.lists.put(e, place{in, at}, added)
	}
	return added
}

// putAll is put for many resources of a collection, several times faster. It fails if two have the same ID
// or position.
func (c *collection[Resource]) putAll(e *edit, kind *kind[Resource], added []*stored[Resource]) error {
	ids := make([]entry[idKey, *stored[Resource]], 0, c.byID.size+len(added))
	positions := make([]entry[position, *stored[Resource]], 0, c.all.size+len(added))
	places := make([]entry[place, *stored[Resource]], 0, c.lists.size+len(added))
	for id, existing := range c.byID.from("") {
		ids = append(ids, entry[idKey, *stored[Resource]]{id, existing})
	}
	for at, existing := range c.all.from(position{}) {
		positions = append(positions, entry[position, *stored[Resource]]{at, existing})
	}
	for at, existing := range c.lists.from(place{}) {
		places = append(places, entry[place, *stored[Resource]]{at, existing})
	}
	for _, a := range added {
		ids = append(ids, entry[idKey, *stored[Resource]]{idKey(kind.arn(&a.resource).ID), a})
		positions = append(positions, entry[position, *stored[Resource]]{a.position, a})
		for _, in := range kind.lists(&a.resource) {
			places = append(places, entry[place, *stored[Resource]]{place{in, a.position}, a})
		}
	}
	var double *stored[Resource]
	if c.byID, double = newTree(e, ids); double != nil {
		return fmt.Errorf("%s: %w", kind.arn(&double.resource), ivschat.ErrIDTaken)
	}
	if c.all, double = newTree(e, positions); double == nil {
		c.lists, double = newTree(e, places)
	}
	if double != nil {
		return positionTaken(kind, &double.resource)
	}
	return nil
}

func positionTaken[Resource any](kind *kind[Resource], resource *Resource) error {
	return fmt.Errorf("%s has the position of another %s", kind.arn(resource), kind.resourceType)
}

func (c *collection[Resource]) removeFromLists(e *edit, kind *kind[Resource], old *stored[Resource]) {
	c.all.remove(e, old.position)
	for _, in := range kind.lists(&old.resource) {
		c.lists.remove(e, place{in, old.position})
	}
}

// store puts the record of a resource into the file, or into the log.
func store[Resource any](d *draft, kind *kind[Resource], owned *owned, changed *stored[Resource]) {
	if d.shares {
		d.log = appendPut(d.log, kind, owned, changed)
		return
	}
	inRecords(d, kind, owned, func(records *bolt.Bucket) error {
		return records.Put(newResourceRecord(kind, changed))
	})
}

// storeAll puts the records of all resources of a collection into the log, or into the file, in the order of their
// keys: bbolt appends an entry that belongs at the end, and moves those after every other one. Within a
// transaction, it keeps all new entries of a bucket in one sorted slice, and divides it into pages only at
// the commit (bbolt 1.5.0, node.go). They fill the pages more than bbolt's half: the fewer pages there are,
// the shorter is the list of free ones after the next restore, which every commit writes.
func storeAll[Resource any](d *draft, kind *kind[Resource], owned *owned) {
	if d.shares {
		d.log = appendAll(d.log, kind, owned)
		return
	}
	inRecords(d, kind, owned, func(records *bolt.Bucket) error {
		records.FillPercent = 0.9
		for _, stored := range kind.in(owned).byID.from("") {
			if err := records.Put(newResourceRecord(kind, stored)); err != nil {
				return err
			}
		}
		return nil
	})
}

// inRecords is inFile for a change of the records of a collection.
func inRecords[Resource any](
	d *draft, kind *kind[Resource], owned *owned, change func(records *bolt.Bucket) error,
) {
	all := kind.in(owned)
	owner, count, sequence := owned.owner.String(), uint64(all.byID.size), all.sequence
	d.inFile(func(tx *bolt.Tx) error {
		buckets, err := ensureBuckets(tx, owner, kind.plural)
		if err != nil {
			return err
		}
		return errors.Join(change(buckets.id), buckets.id.SetSequence(sequence), buckets.setCount(count))
	})
}

// insertAll stores resources of one type, which are in the order in which they are listed.
func insertAll[Resource any](d *draft, kind *kind[Resource], resources []Resource) error {
	byOwner := map[ivschat.Owner][]Resource{}
	for _, resource := range resources {
		owner := kind.arn(&resource).Owner
		byOwner[owner] = append(byOwner[owner], resource)
	}
	for owner, resources := range byOwner {
		if err := insertInto(d, kind, d.owned(owner), resources); err != nil {
			return err
		}
	}
	return nil
}

// insertInto stores resources of one type and one owner.
func insertInto[Resource any](d *draft, kind *kind[Resource], owned *owned, resources []Resource) error {
	all := kind.in(owned)
	for i := range resources {
		if err := owned.checkUses(kind.uses(&resources[i])); err != nil {
			return fmt.Errorf("%s: %w", kind.arn(&resources[i]), err)
		}
	}
	added := make([]*stored[Resource], 0, len(resources))
	for _, resource := range slices.Backward(resources) { // the first one of the list is the one that came last
		at := all.nextPosition(&resource, kind)
		added = append(added, newStored(kind, owned, kind.clone(resource), at))
	}
	if err := all.putAll(d.edit, kind, added); err != nil {
		return err
	}
	storeAll(d, kind, owned)
	return nil
}

// clear removes all that the account has, or all accounts have if it is "".
func (d *draft) clear(account string) {
	if d.shares {
		d.log = appendClear(d.log, account)
	}
	for _, removed := range d.index.ownersOf(account) {
		d.index.owners.remove(d.edit, ownerKey(removed.owner))
		name := []byte(removed.owner.String())
		d.inFile(func(tx *bolt.Tx) error { return tx.DeleteBucket(name) })
	}
}
