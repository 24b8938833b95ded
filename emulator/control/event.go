package control

type sendEventRequest struct {
	RoomIdentifier string            `json:"roomIdentifier"`
	EventName      string            `json:"eventName"`
	Attributes     map[string]string `json:"attributes"`
}

// sendEvent takes any name, reserved ones too (decision D18).
func (a *API) sendEvent(c call, request sendEventRequest) (idReply, error) {
	room, err := a.room(c.caller, request.RoomIdentifier)
	if err != nil {
		return idReply{}, err
	}
	id, err := a.Live.SendEvent(room.ARN, c.now, request.EventName, request.Attributes)
	return idReply{ID: id}, err
}
