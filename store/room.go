package store

import (
	"context"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/internal/bytereader"
)

var rooms = &kind[ivschat.Room]{
	resourceType: ivschat.RoomResource,
	plural:       "rooms",
	in:           func(o *owned) *collection[ivschat.Room] { return &o.rooms },
	arn:          func(r *ivschat.Room) *ivschat.ARN { return &r.ARN },
	updateTime:   func(r *ivschat.Room) time.Time { return r.UpdateTime },
	tags:         func(r *ivschat.Room) *ivschat.Tags { return &r.Tags },
	uses:         func(r *ivschat.Room) []ivschat.ARN { return r.LoggingConfigurationIdentifiers },
	lists:        listsOfRoom,
	clone:        cloneRoom,
	append:       appendRoom,
	read:         readRoom,
	readJSON:     readRoomJSON,
}

// listsOfRoom returns the lists that ListRooms can select.
func listsOfRoom(r *ivschat.Room) (in []list) {
	if r.Name != "" {
		in = append(in, list{byName, r.Name})
	}
	if r.MessageReviewHandler != nil && r.MessageReviewHandler.URI != "" {
		in = append(in, list{byReviewHandler, r.MessageReviewHandler.URI})
	}
	for _, arn := range r.LoggingConfigurationIdentifiers {
		in = append(in, list{byLoggingConfiguration, arn.ID})
	}
	return in
}

func cloneRoom(r ivschat.Room) ivschat.Room {
	r.ARN.ID = strings.Clone(r.ARN.ID)
	r.Name = strings.Clone(r.Name)
	r.CreateTime, r.UpdateTime = cloneTime(r.CreateTime), cloneTime(r.UpdateTime)
	if h := r.MessageReviewHandler; h != nil {
		r.MessageReviewHandler = &ivschat.MessageReviewHandler{
			URI:            strings.Clone(h.URI),
			FallbackResult: ivschat.FallbackResult(strings.Clone(string(h.FallbackResult))),
		}
	}
	r.LoggingConfigurationIdentifiers = append([]ivschat.ARN(nil), r.LoggingConfigurationIdentifiers...)
	r.Tags = cloneTags(r.Tags)
	return r
}

func appendRoom(content []byte, r *ivschat.Room) []byte {
	content = bytereader.AppendText(content, r.Name)
	content = appendTime(content, r.CreateTime)
	content = appendTime(content, r.UpdateTime)
	content = appendNumber(content, r.MaximumMessageLength)
	content = appendNumber(content, r.MaximumMessageRatePerSecond)
	if h := r.MessageReviewHandler; h == nil {
		content = appendNumber(content, 0)
	} else {
		content = bytereader.AppendText(bytereader.AppendText(appendNumber(content, 1), h.URI), string(h.FallbackResult))
	}
	content = appendNumber(content, len(r.LoggingConfigurationIdentifiers))
	for _, arn := range r.LoggingConfigurationIdentifiers {
		content = bytereader.AppendText(content, arn.ID)
	}
	return appendTags(content, r.Tags)
}

func readRoom(f *fields, arn ivschat.ARN) ivschat.Room {
	r := ivschat.Room{
		ARN: arn, Name: f.Text(), CreateTime: f.time(), UpdateTime: f.time(),
		MaximumMessageLength:        int(f.Uvarint()),
		MaximumMessageRatePerSecond: int(f.Uvarint()),
	}
	if f.Uvarint() == 1 {
		r.MessageReviewHandler = &ivschat.MessageReviewHandler{
			URI: f.Text(), FallbackResult: ivschat.FallbackResult(f.Text()),
		}
	}
	for range f.count() {
		r.LoggingConfigurationIdentifiers = append(r.LoggingConfigurationIdentifiers, ivschat.ARN{
			Owner: arn.Owner, ResourceType: ivschat.LoggingConfigurationResource, ID: f.Text(),
		})
	}
	r.Tags = f.tags()
	return r
}

// CreateRoom stores a new room. Errors are a ServiceQuotaExceededException when its owner already has
// quota rooms, a ResourceNotFoundException for a logging configuration that does not exist, and
// ivschat.ErrIDTaken.
func (s *Store) CreateRoom(ctx context.Context, room ivschat.Room, quota int) error {
	return s.update(ctx, func(d *draft) error { return insert(d, rooms, &room, quota) })
}

// Room returns the room, or a ResourceNotFoundException.
func (s *Store) Room(ctx context.Context, arn ivschat.ARN) (room ivschat.Room, err error) {
	index, err := s.latest(ctx)
	if err != nil {
		return room, err
	}
	found, err := find(index, rooms, arn)
	if err != nil {
		return room, err
	}
	return found.resource, nil
}

// UpdateRoom calls change with the room, stores the changed room and returns it. change must not change
// what the room's maps, slices and pointers refer to. A ResourceNotFoundException is about the room or a
// logging configuration.
func (s *Store) UpdateRoom(
	ctx context.Context, arn ivschat.ARN, change func(*ivschat.Room),
) (room ivschat.Room, err error) {
	err = s.update(ctx, func(d *draft) (err error) {
		room, err = update(d, rooms, arn, change)
		return err
	})
	return room, err
}

// DeleteRoom removes the room, or returns a ResourceNotFoundException.
func (s *Store) DeleteRoom(ctx context.Context, arn ivschat.ARN) error {
	return s.update(ctx, func(d *draft) error { return remove(d, rooms, arn) })
}

// ListRooms returns the page of the owner's rooms that pass the filter, the one updated last first.
// next is the position of the last one if more follow, and nil otherwise.
func (s *Store) ListRooms(
	ctx context.Context, owner ivschat.Owner, filter ivschat.RoomFilter, page ivschat.Page,
) (rooms []ivschat.Room, next []byte, err error) {
	index, err := s.view(ctx)
	if err != nil {
		return nil, nil, err
	}
	in, rest, exists := listFor(owner, filter)
	if !exists {
		return nil, nil, nil
	}
	return index.of(owner).rooms.page(ctx, in, page, rest.Matches)
}

// listFor returns a list that has all rooms of the owner that pass the filter, and a filter that they must
// still pass.
func listFor(owner ivschat.Owner, filter ivschat.RoomFilter) (in list, rest ivschat.RoomFilter, exists bool) {
	rest = filter
	switch {
	case filter.LoggingConfigurationIdentifier != "":
		arn, err := ivschat.ParseARN(filter.LoggingConfigurationIdentifier)
		if err != nil || arn.Owner != owner || arn.ResourceType != ivschat.LoggingConfigurationResource {
			return in, rest, false // rooms refer to logging configurations of their owner only
		}
		in, rest.LoggingConfigurationIdentifier = list{byLoggingConfiguration, arn.ID}, ""
	case filter.Name != "":
		in, rest.Name = list{byName, filter.Name}, ""
	case filter.MessageReviewHandlerURI != "":
		in, rest.MessageReviewHandlerURI = list{byReviewHandler, filter.MessageReviewHandlerURI}, ""
	}
	return in, rest, true
}
