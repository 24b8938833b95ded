package store

import (
	"context"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A roomRecord is a room as it is stored.
type roomRecord struct {
	ARN                             string               `json:"arn"`
	Name                            string               `json:"name,omitempty"`
	CreateTime                      time.Time            `json:"createTime"`
	UpdateTime                      time.Time            `json:"updateTime"`
	MaximumMessageLength            int                  `json:"maximumMessageLength"`
	MaximumMessageRatePerSecond     int                  `json:"maximumMessageRatePerSecond"`
	MessageReviewHandler            *reviewHandlerRecord `json:"messageReviewHandler,omitempty"`
	LoggingConfigurationIdentifiers []string             `json:"loggingConfigurationIdentifiers,omitempty"`
	Tags                            ivschat.Tags         `json:"tags,omitempty"`
	Position                        []byte               `json:"position"` // in the order
}

type reviewHandlerRecord struct {
	URI            string                 `json:"uri"`
	FallbackResult ivschat.FallbackResult `json:"fallbackResult"`
}

func newRoomRecord(r ivschat.Room, position []byte) roomRecord {
	record := roomRecord{
		ARN:                         r.ARN.String(),
		Name:                        r.Name,
		CreateTime:                  r.CreateTime,
		UpdateTime:                  r.UpdateTime,
		MaximumMessageLength:        r.MaximumMessageLength,
		MaximumMessageRatePerSecond: r.MaximumMessageRatePerSecond,
		MessageReviewHandler:        (*reviewHandlerRecord)(r.MessageReviewHandler),
		Tags:                        r.Tags,
		Position:                    position,
	}
	for _, arn := range r.LoggingConfigurationIdentifiers {
		record.LoggingConfigurationIdentifiers = append(record.LoggingConfigurationIdentifiers, arn.String())
	}
	return record
}

func (record roomRecord) room() (ivschat.Room, error) {
	arn, err := ivschat.ParseARN(record.ARN)
	if err != nil {
		return ivschat.Room{}, err
	}
	room := ivschat.Room{
		ARN:                         arn,
		Name:                        record.Name,
		CreateTime:                  record.CreateTime,
		UpdateTime:                  record.UpdateTime,
		MaximumMessageLength:        record.MaximumMessageLength,
		MaximumMessageRatePerSecond: record.MaximumMessageRatePerSecond,
		MessageReviewHandler:        (*ivschat.MessageReviewHandler)(record.MessageReviewHandler),
		Tags:                        record.Tags,
	}
	for _, identifier := range record.LoggingConfigurationIdentifiers {
		arn, err := ivschat.ParseARN(identifier)
		if err != nil {
			return room, err
		}
		room.LoggingConfigurationIdentifiers = append(room.LoggingConfigurationIdentifiers, arn)
	}
	return room, nil
}

func readRoom(key, value []byte) (ivschat.Room, error) {
	var record roomRecord
	if err := decodeRecord(key, value, &record); err != nil {
		return ivschat.Room{}, err
	}
	return record.room()
}

// CreateRoom stores a new room. Errors are a ServiceQuotaExceededException when its owner already has
// quota rooms, a ResourceNotFoundException for a logging configuration that does not exist, and
// ivschat.ErrIDTaken.
func (s *Store) CreateRoom(ctx context.Context, room ivschat.Room, quota int) error {
	return s.update(ctx, func(tx *bolt.Tx) error { return insertRoom(tx, room, quota) })
}

func insertRoom(tx *bolt.Tx, room ivschat.Room, quota int) error {
	owner := room.ARN.Owner
	rooms, err := ensureCollection(tx, owner, ivschat.RoomResource)
	if err != nil {
		return err
	}
	if rooms.count() >= uint64(quota) {
		return ivschat.QuotaExceeded(owner, "rooms", quota)
	}
	if err := attach(tx, rooms, room); err != nil {
		return err
	}
	position, err := rooms.insert(room.ARN.ID, room.UpdateTime)
	if err != nil {
		return err
	}
	return rooms.put(room.ARN.ID, newRoomRecord(room, position))
}

// Room returns the room, or a ResourceNotFoundException. Its maps and slices are shared and must not
// be changed.
func (s *Store) Room(ctx context.Context, arn ivschat.ARN) (room ivschat.Room, err error) {
	if err := ctx.Err(); err != nil {
		return room, err
	}
	room, found, generation := s.rooms.get(arn)
	if found {
		return room, nil
	}
	err = s.view(ctx, func(tx *bolt.Tx) error {
		var record roomRecord
		if err := findCollection(tx, arn.Owner, ivschat.RoomResource).get(arn, &record); err != nil {
			return err
		}
		room, err = record.room()
		return err
	})
	if err == nil {
		s.rooms.put(room, generation)
	}
	return room, err
}

// UpdateRoom calls change with the room, stores the changed room and returns it. It may call change
// more than once, each time with the stored room. A ResourceNotFoundException is about the room or
// a logging configuration.
func (s *Store) UpdateRoom(
	ctx context.Context, arn ivschat.ARN, change func(*ivschat.Room),
) (room ivschat.Room, err error) {
	err = s.update(ctx, func(tx *bolt.Tx) error {
		rooms := findCollection(tx, arn.Owner, ivschat.RoomResource)
		var record roomRecord
		if err := rooms.get(arn, &record); err != nil {
			return err
		}
		if room, err = record.room(); err != nil {
			return err
		}
		if err := detach(rooms, room); err != nil {
			return err
		}
		change(&room)
		if err := attach(tx, rooms, room); err != nil {
			return err
		}
		position, err := rooms.move(arn.ID, record.Position, room.UpdateTime)
		if err != nil {
			return err
		}
		return rooms.put(arn.ID, newRoomRecord(room, position))
	})
	return room, err
}

// DeleteRoom removes the room, or returns a ResourceNotFoundException.
func (s *Store) DeleteRoom(ctx context.Context, arn ivschat.ARN) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		rooms := findCollection(tx, arn.Owner, ivschat.RoomResource)
		var record roomRecord
		if err := rooms.get(arn, &record); err != nil {
			return err
		}
		room, err := record.room()
		if err != nil {
			return err
		}
		if err := detach(rooms, room); err != nil {
			return err
		}
		return rooms.remove(arn.ID, record.Position)
	})
}

// ListRooms returns the page of the owner's rooms that pass the filter, the one updated last first.
// next is the position of the last one if more follow, and nil otherwise.
func (s *Store) ListRooms(
	ctx context.Context, owner ivschat.Owner, filter ivschat.RoomFilter, page ivschat.Page,
) (rooms []ivschat.Room, next []byte, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		all := findCollection(tx, owner, ivschat.RoomResource)
		rooms, next, err = list(ctx, all, page, readRoom, filter.Matches)
		return err
	})
	return rooms, next, err
}
