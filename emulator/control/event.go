package control

import "github.com/ivschat-local/ivschat-local/emulator/ivschat"

type sendEventRequest struct {
	RoomIdentifier string            `json:"roomIdentifier"`
	EventName      string            `json:"eventName"`
	Attributes     map[string]string `json:"attributes"`
}

// sendEvent takes any name, reserved ones too (decision D18).
func (a *API) sendEvent(c call, request sendEventRequest) (idReply, error) {
	_, err := a.room(c.caller, request.RoomIdentifier)
	return idReply{ID: ivschat.NewID()}, err
}
