package control

import (
	"context"
	"errors"
	"slices"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Rooms stores rooms. Its errors that concern the caller are *ivschat.Exceptions. If a room or one
// of its logging configurations does not exist, the error is a ResourceNotFoundException.
type Rooms interface {
	// CreateRoom stores a new room. The error is a ServiceQuotaExceededException if its owner
	// already has quota rooms, and ivschat.ErrIDTaken if its ID is in use.
	CreateRoom(ctx context.Context, room ivschat.Room, quota int) error
	// Room returns the room.
	Room(ctx context.Context, arn ivschat.ARN) (ivschat.Room, error)
	// UpdateRoom calls update with the room, stores the result and returns it.
	UpdateRoom(
		ctx context.Context, arn ivschat.ARN, update func(*ivschat.Room),
	) (ivschat.Room, error)
	// DeleteRoom deletes the room.
	DeleteRoom(ctx context.Context, arn ivschat.ARN) error
	// ListRooms returns a page of the owner's rooms that the filter selects. The room that was
	// updated last comes first (API: ListRooms). Next is the position of the last one, or nil if
	// none follow.
	ListRooms(
		ctx context.Context, owner ivschat.Owner, filter ivschat.RoomFilter, page ivschat.Page,
	) (rooms []ivschat.Room, next []byte, err error)
}

type createRoomRequest struct {
	Name                            string                      `json:"name"`
	MaximumMessageRatePerSecond     *int                        `json:"maximumMessageRatePerSecond"`
	MaximumMessageLength            *int                        `json:"maximumMessageLength"`
	MessageReviewHandler            *messageReviewHandlerUpdate `json:"messageReviewHandler"`
	Tags                            ivschat.Tags                `json:"tags"`
	LoggingConfigurationIdentifiers []string                    `json:"loggingConfigurationIdentifiers"`
}

func (a *API) createRoom(ctx context.Context, c call, request createRoomRequest) (wireRoom, error) {
	if err := a.checkFunction(c.owner(), request.MessageReviewHandler); err != nil {
		return wireRoom{}, err
	}
	identifiers, err := ownARNs(c.owner(), request.LoggingConfigurationIdentifiers)
	if err != nil {
		return wireRoom{}, err
	}
	created := ivschat.Room{
		ARN:                             ivschat.ARN{Owner: c.owner(), ResourceType: ivschat.RoomResource},
		Name:                            request.Name,
		CreateTime:                      c.now,
		UpdateTime:                      c.now,
		MaximumMessageLength:            ivschat.DefaultMaximumMessageLength,
		MaximumMessageRatePerSecond:     ivschat.DefaultMaximumMessageRatePerSecond,
		MessageReviewHandler:            request.MessageReviewHandler.apply(nil),
		LoggingConfigurationIdentifiers: identifiers,
		Tags:                            request.Tags,
	}
	setIfPresent(&created.MaximumMessageLength, request.MaximumMessageLength)
	setIfPresent(&created.MaximumMessageRatePerSecond, request.MaximumMessageRatePerSecond)
	err = a.withNewID(&created.ARN, func() error {
		if err := a.checkPermission(ctx, created.ARN, request.MessageReviewHandler); err != nil {
			return err
		}
		return a.Rooms.CreateRoom(ctx, created, a.RoomQuota)
	})
	return toWireRoom(created), err
}

// withNewID sets a new ID and calls create, until the ID is not taken. IDs come from a random seed,
// so they repeat if the seed is used again, and stored resources may have them.
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

func (a *API) getRoom(ctx context.Context, c call, request identifierRequest) (wireRoom, error) {
	room, err := a.room(ctx, c.owner(), request.Identifier)
	return toWireRoom(room), err
}

// room returns a room of the caller.
func (a *API) room(
	ctx context.Context, caller ivschat.Owner, identifier string,
) (ivschat.Room, error) {
	arn, err := ownARN(caller, identifier)
	if err != nil {
		return ivschat.Room{}, err
	}
	return a.Rooms.Room(ctx, arn)
}

type updateRoomRequest struct {
	Identifier                  string                      `json:"identifier"`
	Name                        *string                     `json:"name"`
	MaximumMessageRatePerSecond *int                        `json:"maximumMessageRatePerSecond"`
	MaximumMessageLength        *int                        `json:"maximumMessageLength"`
	MessageReviewHandler        *messageReviewHandlerUpdate `json:"messageReviewHandler"`

	// LoggingConfigurationIdentifiers is nil to keep the present ones, and empty to detach all.
	LoggingConfigurationIdentifiers []string `json:"loggingConfigurationIdentifiers"`
}

func (a *API) updateRoom(ctx context.Context, c call, request updateRoomRequest) (wireRoom, error) {
	arn, err := ownARN(c.owner(), request.Identifier)
	if err != nil {
		return wireRoom{}, err
	}
	if err := a.checkFunction(c.owner(), request.MessageReviewHandler); err != nil {
		return wireRoom{}, err
	}
	identifiers, err := ownARNs(c.owner(), request.LoggingConfigurationIdentifiers)
	if err != nil {
		return wireRoom{}, err
	}
	if _, err := a.Rooms.Room(ctx, arn); err != nil { // an unknown room says nothing about a function
		return wireRoom{}, err
	}
	if err := a.checkPermission(ctx, arn, request.MessageReviewHandler); err != nil {
		return wireRoom{}, err
	}
	updated, err := a.Rooms.UpdateRoom(ctx, arn, func(r *ivschat.Room) {
		r.UpdateTime = c.now
		setIfPresent(&r.Name, request.Name)
		setIfPresent(&r.MaximumMessageRatePerSecond, request.MaximumMessageRatePerSecond)
		setIfPresent(&r.MaximumMessageLength, request.MaximumMessageLength)
		r.MessageReviewHandler = request.MessageReviewHandler.apply(r.MessageReviewHandler)
		if request.LoggingConfigurationIdentifiers != nil {
			r.LoggingConfigurationIdentifiers = identifiers
		}
	})
	return toWireRoom(updated), err
}

func (a *API) deleteRoom(ctx context.Context, c call, request identifierRequest) (any, error) {
	arn, err := ownARN(c.owner(), request.Identifier)
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

type listRoomsResponse struct {
	Rooms     []wireRoomSummary `json:"rooms"`
	NextToken string            `json:"nextToken,omitempty"`
}

func (a *API) listRooms(
	ctx context.Context, c call, request listRoomsRequest,
) (listRoomsResponse, error) {
	response := listRoomsResponse{Rooms: []wireRoomSummary{}}
	filter := ivschat.RoomFilter{
		Name:                           request.Name,
		MessageReviewHandlerURI:        request.MessageReviewHandlerURI,
		LoggingConfigurationIdentifier: request.LoggingConfigurationIdentifier,
	}
	if identifier := filter.LoggingConfigurationIdentifier; identifier != "" {
		if _, err := a.loggingConfiguration(ctx, c.owner(), identifier); err != nil { // decision D13
			return response, err
		}
	}
	list := listName("ListRooms", c.owner(),
		filter.Name, filter.MessageReviewHandlerURI, filter.LoggingConfigurationIdentifier)
	page, err := a.page(ctx, list, request.NextToken, request.MaxResults)
	if err != nil {
		return response, err
	}
	rooms, next, err := a.Rooms.ListRooms(ctx, c.owner(), filter, page)
	if err != nil {
		return response, err
	}
	for _, room := range rooms {
		response.Rooms = append(response.Rooms, toWireRoomSummary(room))
	}
	response.NextToken, err = a.nextToken(ctx, list, next)
	return response, err
}

// setIfPresent sets the target to a member of a request, unless the request does not have it.
func setIfPresent[V any](target, member *V) {
	if member != nil {
		*target = *member
	}
}

// ownARN parses the ARN of a resource of the caller. The resources of another account or region do
// not exist for the caller, so their ARN is a ResourceNotFoundException (decision D56).
func ownARN(caller ivschat.Owner, identifier string) (ivschat.ARN, error) {
	arn, err := ivschat.ParseARN(identifier)
	if err != nil {
		return arn, err
	}
	if arn.Owner != caller {
		return arn, ivschat.NotFound(arn)
	}
	return arn, nil
}

// ownARNs parses the ARNs of the logging configurations of a room, without duplicates
// (decision D11).
func ownARNs(caller ivschat.Owner, identifiers []string) ([]ivschat.ARN, error) {
	var arns []ivschat.ARN
	for _, identifier := range identifiers {
		arn, err := ownARN(caller, identifier)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(arns, arn) {
			arns = append(arns, arn)
		}
	}
	return arns, nil
}
