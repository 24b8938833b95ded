package control

import "context"

type disconnectUserRequest struct {
	RoomIdentifier string `json:"roomIdentifier"`
	UserID         string `json:"userId"`
	Reason         string `json:"reason"`
}

// disconnectUser succeeds for users who are not connected, too: the model declares no exception for that,
// and Alchemy's live test disconnects a user who has left.
func (a *API) disconnectUser(
	ctx context.Context, c call, request disconnectUserRequest,
) (emptyResponse, error) {
	room, err := a.room(ctx, c.owner(), request.RoomIdentifier)
	if err != nil {
		return emptyResponse{}, err
	}
	return emptyResponse{}, a.Live.DisconnectUser(ctx, room.ARN, c.now, request.UserID, request.Reason)
}
