package admin

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/room"
)

// It goes over the members of ivschat.Room by reflection, so it fails for a new member until the view
// and openapi.json have it.
func TestARoomIsShownWithEveryMember(t *testing.T) {
	var room ivschat.Room
	filled := 0
	fill(t, reflect.ValueOf(&room).Elem(), &filled)
	view := decodedView(t, newRoomView(room, nil))
	for name, want := range map[string]string{
		"id": room.ARN.ID, "account": room.ARN.Owner.AccountID, "region": room.ARN.Owner.Region,
	} {
		if view[name] != want {
			t.Errorf("%s is %v, want %s", name, view[name], want)
		}
	}
	document, err := openapi3.NewLoader().LoadFromData(OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	documented := document.Components.Schemas["Room"].Value.Properties
	for name, want := range jsonOf(t, reflect.ValueOf(room)).(map[string]any) {
		if got, ok := view[name]; !ok {
			t.Errorf("the view of a room does not have %s", name)
		} else if !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
		if documented[name] == nil {
			t.Errorf("openapi.json does not have %s for a room", name)
		}
	}
}

func TestADeletedRoomIsShownWithoutTimes(t *testing.T) {
	arn := ivschat.ARN{
		Owner:        ivschat.Owner{AccountID: "123456789012", Region: "us-east-1"},
		ResourceType: ivschat.RoomResource,
		ID:           "abcdefghijkl",
	}
	a := &api{Config: Config{Live: room.New(room.Config{Fanout: room.NewLocal(nil, nil)})}}
	view := decodedView(t, a.deletedRoomView(arn, room.RoomSessions{}))
	for _, name := range []string{"createTime", "updateTime", "messageReviewHandler"} {
		if value, ok := view[name]; ok {
			t.Errorf("%s is %v", name, value)
		}
	}
	if view["arn"] != arn.String() || view["id"] != arn.ID || view["deleted"] != true {
		t.Errorf("the view is %v", view)
	}
}

func TestWhatARoomDoesNotHaveIsEmptyAndNotNull(t *testing.T) {
	view := decodedView(t, newRoomView(ivschat.Room{}, nil))
	for name, want := range map[string]any{
		"loggingConfigurationIdentifiers": []any{}, "tags": map[string]any{}, "sessions": []any{}, "name": "",
	} {
		if got, ok := view[name]; !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}

func decodedView(t *testing.T, view roomView) (decoded map[string]any) {
	t.Helper()
	text, err := json.Marshal(view)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

// fill gives a value, and everything in it, values that are not zero. No two are the same: filled is
// how many there are so far.
func fill(t *testing.T, v reflect.Value, filled *int) {
	t.Helper()
	*filled++
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Date(2026, time.January, 31, 12, 0, *filled, 0, time.UTC)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d", *filled))
	case reflect.Int:
		v.SetInt(int64(*filled))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), filled)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), filled)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(t, v.Index(0), filled)
		fill(t, v.Index(1), filled)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key, filled)
		fill(t, value, filled)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	default:
		t.Fatalf("fill has no case for %s: add one", v.Type())
	}
}

// jsonOf returns the value as AWS writes it in JSON, decoded.
func jsonOf(t *testing.T, v reflect.Value) any {
	t.Helper()
	switch value := v.Interface().(type) {
	case ivschat.ARN:
		return value.String()
	case time.Time:
		return value.Format(time.RFC3339Nano)
	}
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Int:
		return float64(v.Int())
	case reflect.Pointer:
		return jsonOf(t, v.Elem())
	case reflect.Struct:
		members := map[string]any{}
		for i := range v.NumField() {
			members[jsonName(v.Type().Field(i).Name)] = jsonOf(t, v.Field(i))
		}
		return members
	case reflect.Slice:
		items := []any{}
		for i := range v.Len() {
			items = append(items, jsonOf(t, v.Index(i)))
		}
		return items
	case reflect.Map:
		members := map[string]any{}
		for _, key := range v.MapKeys() {
			members[key.String()] = jsonOf(t, v.MapIndex(key))
		}
		return members
	default:
		t.Fatalf("jsonOf has no case for %s: add one", v.Type())
		return nil
	}
}

// jsonName returns AWS's name of a member in JSON: ARN is arn, CreateTime is createTime.
func jsonName(field string) string {
	if field == strings.ToUpper(field) {
		return strings.ToLower(field)
	}
	return strings.ToLower(field[:1]) + field[1:]
}
