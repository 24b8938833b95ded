package control

import (
	"context"
	"errors"
	"slices"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Rooms keeps rooms. Where a method says not found it means an
// *ivschat.Exception of kind ResourceNotFoundException.
type Rooms interface {
	// CreateRoom keeps a new room unless its owner has quota rooms already
	// (ServiceQuotaExceededException) or one of its logging configurations is
	// not found.
	CreateRoom(ctx context.Context, room ivschat.Room, quota int) error
	// Room gives the room, or not found.
	Room(ctx context.Context, arn ivschat.ARN) (ivschat.Room, error)
	// UpdateRoom lets change work on the room and keeps what it made of it.
	// The room or one of its logging configurations may be not found.
	UpdateRoom(ctx context.Context, arn ivschat.ARN, change func(*ivschat.Room)) (ivschat.Room, error)
	// DeleteRoom forgets the room, or not found.
	DeleteRoom(ctx context.Context, arn ivschat.ARN) error
	// ListRooms lists the owner's rooms that pass the filter, the one updated
	// last first, and gives the position of the last one if more follow.
	ListRooms(ctx context.Context, owner ivschat.Owner, filter ivschat.RoomFilter, page ivschat.Page) (rooms []ivschat.Room, next []byte, err error)
}

type createRoomRequest struct {
	Name                            string                      `json:"name"`
	MaximumMessageRatePerSecond     *int                        `json:"maximumMessageRatePerSecond"`
	MaximumMessageLength            *int                        `json:"maximumMessageLength"`
	MessageReviewHandler            *messageReviewHandlerChange `json:"messageReviewHandler"`
	Tags                            ivschat.Tags                `json:"tags"`
	LoggingConfigurationIdentifiers []string                    `json:"loggingConfigurationIdentifiers"`
}

func (a *API) createRoom(ctx context.Context, c call, request createRoomRequest) (room, error) {
	created := ivschat.Room{
		ARN:                         ivschat.ARN{Owner: c.owner(), ResourceType: ivschat.RoomResource},
		Name:                        request.Name,
		CreateTime:                  c.now,
		UpdateTime:                  c.now,
		MaximumMessageLength:        ivschat.DefaultMaximumMessageLength,
		MaximumMessageRatePerSecond: ivschat.DefaultMaximumMessageRatePerSecond,
		Tags:                        request.Tags,
	}
	set(&created.MaximumMessageLength, request.MaximumMessageLength)
	set(&created.MaximumMessageRatePerSecond, request.MaximumMessageRatePerSecond)
	created.MessageReviewHandler = request.MessageReviewHandler.applyTo(nil)
	var err error
	if created.LoggingConfigurationIdentifiers, err = attached(c.owner(), request.LoggingConfigurationIdentifiers); err != nil {
		return room{}, err
	}
	err = a.withNewID(&created.ARN, func() error { return a.Rooms.CreateRoom(ctx, created, a.RoomQuota) })
	return roomReply(created), err
}

// withNewID lets create try with a new id until it is not taken: a seed that is
// used again brings the ids again of what may have been kept.
func (a *API) withNewID(arn *ivschat.ARN, create func() error) error {
	for {
		arn.ID = a.Random.ID()
		if err := create(); !errors.Is(err, ivschat.ErrIDTaken) {
			return err
		}
	}
}

type identifierRequest struct {
	Identifier string `json:"identifier"`
}

func (a *API) getRoom(ctx context.Context, c call, request identifierRequest) (room, error) {
	found, err := a.room(ctx, c.owner(), request.Identifier)
	return roomReply(found), err
}

// room gives a room of the caller's.
func (a *API) room(ctx context.Context, caller ivschat.Owner, identifier string) (ivschat.Room, error) {
	arn, err := owned(caller, identifier)
	if err != nil {
		return ivschat.Room{}, err
	}
	return a.Rooms.Room(ctx, arn)
}

type updateRoomRequest struct {
	Identifier                      string                      `json:"identifier"`
	Name                            *string                     `json:"name"`
	MaximumMessageRatePerSecond     *int                        `json:"maximumMessageRatePerSecond"`
	MaximumMessageLength            *int                        `json:"maximumMessageLength"`
	MessageReviewHandler            *messageReviewHandlerChange `json:"messageReviewHandler"`
	LoggingConfigurationIdentifiers []string                    `json:"loggingConfigurationIdentifiers"` // nil keeps, empty detaches all
}

func (a *API) updateRoom(ctx context.Context, c call, request updateRoomRequest) (room, error) {
	arn, err := owned(c.owner(), request.Identifier)
	if err != nil {
		return room{}, err
	}
	identifiers, err := attached(c.owner(), request.LoggingConfigurationIdentifiers)
	if err != nil {
		return room{}, err
	}
	updated, err := a.Rooms.UpdateRoom(ctx, arn, func(r *ivschat.Room) {
		r.UpdateTime = c.now
		set(&r.Name, request.Name)
		set(&r.MaximumMessageRatePerSecond, request.MaximumMessageRatePerSecond)
		set(&r.MaximumMessageLength, request.MaximumMessageLength)
		r.MessageReviewHandler = request.MessageReviewHandler.applyTo(r.MessageReviewHandler)
		if request.LoggingConfigurationIdentifiers != nil {
			r.LoggingConfigurationIdentifiers = identifiers
		}
	})
	return roomReply(updated), err
}

func (a *API) deleteRoom(ctx context.Context, c call, request identifierRequest) (any, error) {
	arn, err := owned(c.owner(), request.Identifier)
	if err != nil {
		return nil, err
	}
	return nil, a.Rooms.DeleteRoom(ctx, arn)
}

type listRoomsRequest struct {
	Name                           string `json:"name"`
	NextToken                      string `json:"nextToken"`
	MaxResults                     int    `json:"maxResults"`
	MessageReviewHandlerURI        string `json:"messageReviewHandlerUri"`
	LoggingConfigurationIdentifier string `json:"loggingConfigurationIdentifier"`
}

type listRoomsReply struct {
	Rooms     []roomSummary `json:"rooms"`
	NextToken string        `json:"nextToken,omitempty"`
}

func (a *API) listRooms(ctx context.Context, c call, request listRoomsRequest) (listRoomsReply, error) {
	reply := listRoomsReply{Rooms: []roomSummary{}}
	filter := ivschat.RoomFilter{
		Name:                           request.Name,
		MessageReviewHandlerURI:        request.MessageReviewHandlerURI,
		LoggingConfigurationIdentifier: request.LoggingConfigurationIdentifier,
	}
	if identifier := filter.LoggingConfigurationIdentifier; identifier != "" {
		if _, err := a.loggingConfiguration(ctx, c.owner(), identifier); err != nil { // decision D13
			return reply, err
		}
	}
	list := list("ListRooms", c.owner(), filter.Name, filter.MessageReviewHandlerURI, filter.LoggingConfigurationIdentifier)
	page, err := a.page(ctx, list, request.NextToken, request.MaxResults)
	if err != nil {
		return reply, err
	}
	rooms, next, err := a.Rooms.ListRooms(ctx, c.owner(), filter, page)
	if err != nil {
		return reply, err
	}
	for _, r := range rooms {
		reply.Rooms = append(reply.Rooms, roomItem(r))
	}
	reply.NextToken, err = a.nextToken(ctx, list, next)
	return reply, err
}

// set changes a value that the request has an opinion of.
func set[V any](value *V, given *V) {
	if given != nil {
		*value = *given
	}
}

// owned reads an ARN that has passed its shape and says not found when it is
// not the caller's: what another account or region has does not exist here.
func owned(caller ivschat.Owner, identifier string) (ivschat.ARN, error) {
	arn, err := ivschat.ParseARN(identifier)
	if err != nil {
		return arn, err
	}
	if arn.Owner != caller {
		return arn, ivschat.NotFound(arn)
	}
	return arn, nil
}

// attached reads a room's logging configurations, each once (decision D11).
func attached(caller ivschat.Owner, identifiers []string) ([]ivschat.ARN, error) {
	var arns []ivschat.ARN
	for _, identifier := range identifiers {
		arn, err := owned(caller, identifier)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(arns, arn) {
			arns = append(arns, arn)
		}
	}
	return arns, nil
}
