package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"iter"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// An index has everything that is stored, except used tokens, as values. All reads are answered from it.
// An index that is in use never changes: a write makes another one, see change.
type index struct {
	owners tree[ownerKey, *owned]
	runs   uint64 // see NextRun

	revision uint64 // of the log, in a shared store
}

type ownerKey ivschat.Owner

func (k ownerKey) compare(other ownerKey) int {
	return cmp.Or(strings.Compare(k.AccountID, other.AccountID), strings.Compare(k.Region, other.Region))
}

type idKey string

func (k idKey) compare(other idKey) int { return strings.Compare(string(k), string(other)) }

// owned has the resources of one owner.
type owned struct {
	edit           *edit         // that made it
	owner          ivschat.Owner // whose strings all resources share
	rooms          collection[ivschat.Room]
	configurations collection[ivschat.LoggingConfiguration]
}

// of returns what an owner has, which is empty for an owner without resources.
func (x *index) of(owner ivschat.Owner) *owned {
	if all, found := x.owners.get(ownerKey(owner)); found {
		return all
	}
	return &owned{owner: owner}
}

// ownersOf returns the owners of the account, or all owners if it is "".
func (x *index) ownersOf(account string) (all []*owned) {
	for key, resources := range x.owners.from(ownerKey{AccountID: account}) {
		if account != "" && key.AccountID != account {
			break
		}
		all = append(all, resources)
	}
	return all
}

// A collection has the resources of one type and one owner.
type collection[Resource any] struct {
	byID     tree[idKey, *stored[Resource]]
	all      tree[position, *stored[Resource]] // in the order in which they are listed
	lists    tree[place, *stored[Resource]]
	sequence uint64 // of the latest position
}

// A stored resource never changes. Its maps, slices and pointers are its own, but those who read it
// share them.
type stored[Resource any] struct {
	resource Resource
	position position
}

// A position is the place of a resource in lists. The one that was updated last sorts first.
type position struct {
	time     uint64 // complement of the update time in nanoseconds
	sequence uint64 // complement of the number of the change
}

func newPosition(updateTime time.Time, sequence uint64) position {
	return position{^uint64(updateTime.UnixNano()), ^sequence}
}

// bytes returns the position as it is in records and in page tokens.
func (p position) bytes() []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, p.time), p.sequence)
}

// parsePosition returns what bytes was called for.
func parsePosition(bytes []byte) (p position, ok bool) {
	if len(bytes) != 16 {
		return p, false
	}
	return position{binary.BigEndian.Uint64(bytes), binary.BigEndian.Uint64(bytes[8:])}, true
}

func (p position) compare(other position) int {
	if c := cmp.Compare(p.time, other.time); c != 0 {
		return c
	}
	return cmp.Compare(p.sequence, other.sequence)
}

// A list has those resources of a collection that have a value: a name, for instance. There is one list
// for each value. The zero value is the one with all resources, which the tree lists does not have.
type list struct {
	by    listKind
	value string
}

type listKind int

const (
	allResources listKind = iota
	byName
	byReviewHandler        // by its URI
	byLoggingConfiguration // by its ID
	inTransition           // logging configurations that are CREATING, UPDATING or DELETING
)

// A place is a position in a list.
type place struct {
	list     list
	position position
}

func (p place) compare(other place) int {
	if c := cmp.Compare(p.list.by, other.list.by); c != 0 {
		return c
	}
	if c := strings.Compare(p.list.value, other.list.value); c != 0 {
		return c
	}
	return p.position.compare(other.position)
}

// from returns the resources of a list from the position on, in order.
func (c *collection[Resource]) from(in list, after position) iter.Seq2[position, *stored[Resource]] {
	return func(yield func(position, *stored[Resource]) bool) { c.visit(in, after, yield) }
}

// visit is from, apart, so that the compiler can inline from, which then allocates nothing.
func (c *collection[Resource]) visit(in list, after position, yield func(position, *stored[Resource]) bool) {
	if in == (list{}) {
		c.all.from(after)(yield)
		return
	}
	for at, item := range c.lists.from(place{in, after}) {
		if at.list != in || !yield(at.position, item) {
			return
		}
	}
}

// page returns the resources of the page of a list that match, in order. next is the position of the last
// one if another match follows, and nil otherwise. It stops with the context's error when the context
// ends.
func (c *collection[Resource]) page(
	ctx context.Context, in list, page ivschat.Page, match func(Resource) bool,
) (items []Resource, next []byte, err error) {
	after, continues := parsePosition(page.After)
	var last position
	for at, item := range c.from(in, after) {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		if continues && at == after || !match(item.resource) {
			continue
		}
		if len(items) == page.Limit {
			return items, last.bytes(), nil
		}
		items, last = append(items, item.resource), at
	}
	return items, nil, nil
}

func matchAll[Resource any](Resource) bool { return true }
