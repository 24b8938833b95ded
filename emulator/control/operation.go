package control

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A call is what a method gets about its request besides the members.
type call struct {
	caller caller
	now    time.Time // the service's time, read once per request
	fails  bool      // a fault makes the change of a logging configuration fail at its end
}

// owner returns the account and region for which the request is made.
func (c call) owner() ivschat.Owner { return c.caller.Owner }

// An implementation carries out an operation. Its static types are erased, so that all
// implementations fit into one table.
type implementation struct {
	request, response reflect.Type
	run               func(context.Context, *API, call, map[string]any) (any, error)
}

// implementations has an entry for each operation of the model.
var implementations = map[string]implementation{
	"CreateChatToken":            implement((*API).createChatToken),
	"CreateLoggingConfiguration": implement((*API).createLoggingConfiguration),
	"CreateRoom":                 implement((*API).createRoom),
	"DeleteLoggingConfiguration": implement((*API).deleteLoggingConfiguration),
	"DeleteMessage":              implement((*API).deleteMessage),
	"DeleteRoom":                 implement((*API).deleteRoom),
	"DisconnectUser":             implement((*API).disconnectUser),
	"GetLoggingConfiguration":    implement((*API).getLoggingConfiguration),
	"GetRoom":                    implement((*API).getRoom),
	"ListLoggingConfigurations":  implement((*API).listLoggingConfigurations),
	"ListRooms":                  implement((*API).listRooms),
	"ListTagsForResource":        implement((*API).listTagsForResource),
	"SendEvent":                  implement((*API).sendEvent),
	"TagResource":                implement((*API).tagResource),
	"UntagResource":              implement((*API).untagResource),
	"UpdateLoggingConfiguration": implement((*API).updateLoggingConfiguration),
	"UpdateRoom":                 implement((*API).updateRoom),
}

// implement returns the implementation that a method of API is.
func implement[Request, Response any](
	method func(*API, context.Context, call, Request) (Response, error),
) implementation {
	return implementation{
		request:  reflect.TypeFor[Request](),
		response: reflect.TypeFor[Response](),
		run: func(ctx context.Context, a *API, c call, members map[string]any) (any, error) {
			var request Request
			if err := decode(members, &request); err != nil {
				return nil, fmt.Errorf("decode %T: %w", request, err)
			}
			return method(a, ctx, c, request)
		},
	}
}

// decode fills the typed request. The members have been checked, so it fails only if the request's
// type does not match the model.
func decode(members map[string]any, request any) error {
	return fill(reflect.ValueOf(request).Elem(), members)
}

// fill sets the target to a value that was parsed from JSON, with the result that encoding/json
// would have. It supports the types that requests have.
func fill(target reflect.Value, value any) error {
	switch value := value.(type) {
	case string:
		if target.Kind() == reflect.String {
			target.SetString(value)
			return nil
		}
	case json.Number:
		if target.Kind() == reflect.Int {
			n, err := value.Int64()
			target.SetInt(n)
			return err
		}
	case []any:
		if target.Kind() == reflect.Slice {
			target.Set(reflect.MakeSlice(target.Type(), len(value), len(value)))
			for i, item := range value {
				if err := fill(target.Index(i), item); err != nil {
					return err
				}
			}
			return nil
		}
	case map[string]any:
		switch target.Kind() {
		case reflect.Map:
			return fillMap(target, value)
		case reflect.Struct:
			return fillStruct(target, value)
		}
	}
	if target.Kind() == reflect.Pointer {
		target.Set(reflect.New(target.Type().Elem()))
		return fill(target.Elem(), value)
	}
	return fmt.Errorf("a %T cannot be stored in a %s", value, target.Type())
}

// fillMap fills a map from strings to strings. Requests have no others.
func fillMap(target reflect.Value, entries map[string]any) error {
	texts := make(map[string]string, len(entries))
	for key, value := range entries {
		text, ok := value.(string)
		if !ok {
			return fmt.Errorf("a %T cannot be stored in a %s", value, target.Type())
		}
		texts[key] = text
	}
	target.Set(reflect.ValueOf(texts).Convert(target.Type()))
	return nil
}

func fillStruct(target reflect.Value, members map[string]any) error {
	filled := 0
	for i, name := range memberNames(target.Type()) {
		if value, ok := members[name]; ok {
			if err := fill(target.Field(i), value); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			filled++
		}
	}
	if filled < len(members) {
		return fmt.Errorf("%s does not have a field for each member of %v",
			target.Type(), slices.Sorted(maps.Keys(members)))
	}
	return nil
}

var memberNamesCache sync.Map // reflect.Type -> []string

// memberNames returns the JSON names of a struct's fields.
func memberNames(of reflect.Type) []string {
	if known, ok := memberNamesCache.Load(of); ok {
		return known.([]string)
	}
	names := make([]string, of.NumField())
	for i := range names {
		names[i], _, _ = strings.Cut(of.Field(i).Tag.Get("json"), ",")
	}
	memberNamesCache.Store(of, names)
	return names
}
