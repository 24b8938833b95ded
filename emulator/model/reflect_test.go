package model_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// fill sets a value and everything in it to something that is not zero. values has the values of
// paths for which not every value is valid.
func fill(t *testing.T, v reflect.Value, path string, values map[string]any) {
	t.Helper()
	if value, ok := values[path]; ok {
		v.Set(reflect.ValueOf(value))
		return
	}
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Date(2026, 1, len(path), 0, 0, 0, 0, time.UTC))) // differs by path
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("some-text")
	case reflect.Int:
		v.SetInt(7)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), path, values)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0), path, values)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key, path, values)
		fill(t, value, path, values)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), path+"."+v.Type().Field(i).Name, values)
		}
	default:
		t.Fatalf("teach fill how to set %s, a %s", path, v.Type())
	}
}

// fieldPaths returns the paths to all fields that are set, those of nested structures included.
func fieldPaths(v reflect.Value, prefix []string) (paths [][]string) {
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	isLeaf := v.Type() == reflect.TypeFor[time.Time]() || v.Type() == reflect.TypeFor[ivschat.ARN]()
	if v.Kind() != reflect.Struct || isLeaf {
		return [][]string{prefix}
	}
	for i := range v.NumField() {
		if !v.Field(i).IsZero() {
			path := append(slices.Clip(prefix), v.Type().Field(i).Name)
			paths = append(paths, fieldPaths(v.Field(i), path)...)
		}
	}
	return paths
}

// goName returns the name of a field, for instance Room.MessageReviewHandler.URI.
func goName(resource reflect.Value, path []string) string {
	return resource.Type().Name() + "." + strings.Join(path, ".")
}

// jsonName returns the name of a field in the API: arn of ARN, s3 of S3, createTime of CreateTime.
func jsonName(field string) string {
	if strings.ToUpper(field) == field {
		return strings.ToLower(field)
	}
	return strings.ToLower(field[:1]) + field[1:]
}

func jsonNames(path []string) []string {
	names := make([]string, len(path))
	for i, field := range path {
		names[i] = jsonName(field)
	}
	return names
}

// namesInDocument returns the paths in a document of a field.
func namesInDocument(path []string) (paths [][]string) {
	names := jsonNames(path)
	replaced, ok := documentNames[names[0]]
	if !ok {
		return [][]string{names}
	}
	for _, name := range replaced {
		paths = append(paths, []string{name})
	}
	return paths
}

// hasMember reports whether a JSON value has a member at the path that is not empty.
func hasMember(value any, path []string) bool {
	for _, name := range path {
		members, _ := value.(map[string]any)
		value = members[name]
	}
	v := reflect.ValueOf(value)
	if v.Kind() == reflect.Map || v.Kind() == reflect.Slice {
		return v.Len() > 0
	}
	return v.IsValid() && !v.IsZero()
}

// hasProperty reports whether a JSON Schema describes a property at the path.
func hasProperty(schema any, path []string) bool {
	for _, name := range path {
		object, _ := schema.(map[string]any)
		properties, _ := object["properties"].(map[string]any)
		schema = properties[name]
	}
	return schema != nil
}
