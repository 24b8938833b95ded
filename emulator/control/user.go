package control

type disconnectUserRequest struct {
	RoomIdentifier string `json:"roomIdentifier"`
	UserID         string `json:"userId"`
	Reason         string `json:"reason"`
}

// disconnectUser succeeds for users who are not connected, too: the model has
// no exception for that.
func (a *API) disconnectUser(c call, request disconnectUserRequest) (emptyReply, error) {
	_, err := a.room(c.caller, request.RoomIdentifier)
	return emptyReply{}, err
}
