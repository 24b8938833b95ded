package control

import "context"

type deleteMessageRequest struct {
	RoomIdentifier string `json:"roomIdentifier"`
	ID             string `json:"id"`
	Reason         string `json:"reason"`
}

// An idResponse has the ID of the event that the operation sent.
type idResponse struct {
	ID string `json:"id"`
}

// deleteMessage does not check that the message exists: the model declares no exception for that (decision
// D55).
func (a *API) deleteMessage(
	ctx context.Context, c call, request deleteMessageRequest,
) (idResponse, error) {
	room, err := a.room(ctx, c.owner(), request.RoomIdentifier)
	if err != nil {
		return idResponse{}, err
	}
	id, err := a.Live.DeleteMessage(ctx, room.ARN, c.now, request.ID, request.Reason)
	return idResponse{ID: id}, err
}
