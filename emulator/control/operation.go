package control

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
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
	return fill(reflect.ValueOf(request).Elem(), members)
}

// fill sets a value to what encoding/json would make of it, but without writing
// it down in between. It knows the types that requests have.
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
	return fmt.Errorf("%T does not fit into %s", value, target.Type())
}

func fillMap(target reflect.Value, entries map[string]any) error {
	target.Set(reflect.MakeMapWithSize(target.Type(), len(entries)))
	item := reflect.New(target.Type().Elem()).Elem()
	for key, value := range entries {
		if err := fill(item, value); err != nil {
			return err
		}
		target.SetMapIndex(reflect.ValueOf(key), item)
	}
	return nil
}

func fillStruct(target reflect.Value, members map[string]any) error {
	filled := 0
	for i, name := range memberNames(target.Type()) {
		if value, given := members[name]; given {
			if err := fill(target.Field(i), value); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			filled++
		}
	}
	if filled < len(members) {
		return fmt.Errorf("%s lacks one of %v", target.Type(), members)
	}
	return nil
}

var knownMemberNames sync.Map // reflect.Type -> []string

// memberNames gives the names of a struct's fields as they travel.
func memberNames(of reflect.Type) []string {
	if known, ok := knownMemberNames.Load(of); ok {
		return known.([]string)
	}
	names := make([]string, of.NumField())
	for i := range names {
		names[i], _, _ = strings.Cut(of.Field(i).Tag.Get("json"), ",")
	}
	knownMemberNames.Store(of, names)
	return names
}
