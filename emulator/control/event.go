package control

import "context"

type sendEventRequest struct {
	RoomIdentifier string            `json:"roomIdentifier"`
	EventName      string            `json:"eventName"`
	Attributes     map[string]string `json:"attributes"`
}

// sendEvent accepts every event name, including those that begin with aws: (decision D18).
func (a *API) sendEvent(
	ctx context.Context, c call, request sendEventRequest,
) (idResponse, error) {
	room, err := a.room(ctx, c.owner(), request.RoomIdentifier)
	if err != nil {
		return idResponse{}, err
	}
	id, err := a.Live.SendEvent(ctx, room.ARN, c.now, request.EventName, request.Attributes)
	return idResponse{ID: id}, err
}
