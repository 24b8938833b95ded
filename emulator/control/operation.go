package control

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A call is what a method knows of its request besides the members.
type call struct {
	caller ivschat.Owner
	now    time.Time // the service's time, taken once, at the door
}

// A do is what an operation does, with its types forgotten by the compiler.
type do struct {
	request, reply reflect.Type
	run            func(*API, call, map[string]any) (any, error)
}

// method makes a row's do out of a typed method of API.
func method[Request, Reply any](typed func(*API, call, Request) (Reply, error)) do {
	return do{
		request: reflect.TypeFor[Request](),
		reply:   reflect.TypeFor[Reply](),
		run: func(a *API, c call, members map[string]any) (any, error) {
			var request Request
			if err := decode(members, &request); err != nil {
				return nil, fmt.Errorf("decode %T: %w", request, err)
			}
			return typed(a, c, request)
		},
	}
}

// decode fills the typed request. The members have been checked, so only a
// request type that disagrees with its row can make it fail.
func decode(members map[string]any, request any) error {
	text, err := json.Marshal(members)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(request)
}
