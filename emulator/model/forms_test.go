package model_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/snapshot"
)

// A resource has several forms: the type in package ivschat, the reply of the API, the record in the
// store, the member of a snapshot, and its JSON Schema. These tests give every field of the type a
// value and fail if the field is missing from one of the forms.

var (
	formsOwner = ivschat.Owner{AccountID: emulator.DefaultAccount, Region: emulator.DefaultRegion}
	roomARN    = ivschat.ARN{Owner: formsOwner, ResourceType: ivschat.RoomResource, ID: "RoomNumber01"}
	loggingARN = ivschat.ARN{
		Owner: formsOwner, ResourceType: ivschat.LoggingConfigurationResource, ID: "LoggingConf1",
	}
)

// documentNames are the names in documents of fields that have another name there than in the API.
var documentNames = map[string][]string{"arn": {"id", "account", "region"}}

func TestEveryFieldOfARoomHasAllForms(t *testing.T) {
	var room ivschat.Room
	fill(t, reflect.ValueOf(&room).Elem(), "Room", map[string]any{
		"Room.ARN":                             roomARN,
		"Room.MessageReviewHandler.URI":        "arn:aws:lambda:us-east-1:000000000000:function:review",
		"Room.LoggingConfigurationIdentifiers": []ivschat.ARN{loggingARN},
		// not ALLOW, which is the default
		"Room.MessageReviewHandler.FallbackResult": ivschat.FallbackDeny,
	})
	resources := ivschat.Resources{
		Rooms: []ivschat.Room{room},
		LoggingConfigurations: []ivschat.LoggingConfiguration{{
			ARN: loggingARN, CreateTime: room.CreateTime, UpdateTime: room.CreateTime,
			State: ivschat.LoggingConfigurationActive,
			DestinationConfiguration: ivschat.DestinationConfiguration{
				S3: &ivschat.S3DestinationConfiguration{BucketName: "logs"},
			},
		}},
	}
	checkForms(t, resources, forms{
		field:  "Rooms",
		schema: "room",
		get:    "GetRoom", identifier: roomARN.String(),
	})
}

func TestEveryFieldOfALoggingConfigurationHasAllForms(t *testing.T) {
	destinations := reflect.TypeFor[ivschat.DestinationConfiguration]()
	for i := range destinations.NumField() { // exactly one is set
		t.Run(destinations.Field(i).Name, func(t *testing.T) {
			var destination ivschat.DestinationConfiguration
			path := "LoggingConfiguration.DestinationConfiguration." + destinations.Field(i).Name
			fill(t, reflect.ValueOf(&destination).Elem().Field(i), path, nil)
			var configuration ivschat.LoggingConfiguration
			fill(t, reflect.ValueOf(&configuration).Elem(), "LoggingConfiguration", map[string]any{
				"LoggingConfiguration.ARN":                      loggingARN,
				"LoggingConfiguration.DestinationConfiguration": destination,
				// not ACTIVE, which is the default, and one without an Outcome, which documents do not have
				"LoggingConfiguration.State":   ivschat.LoggingConfigurationUpdateFailed,
				"LoggingConfiguration.Outcome": (*ivschat.LoggingConfigurationOutcome)(nil),
			})
			resources := ivschat.Resources{LoggingConfigurations: []ivschat.LoggingConfiguration{configuration}}
			checkForms(t, resources, forms{
				field:  "LoggingConfigurations",
				schema: "loggingConfiguration",
				get:    "GetLoggingConfiguration", identifier: loggingARN.String(),
			})
		})
	}
}

// forms has the names under which each form of a resource is found.
type forms struct {
	field      string // of ivschat.Resources, and the member of a snapshot
	schema     string // the definition in the JSON Schema
	get        string // the operation that returns the resource
	identifier string
}

// checkForms checks all forms of the first resource in a field of resources. Every field of it is set.
func checkForms(t *testing.T, resources ivschat.Resources, f forms) {
	t.Helper()
	resource := firstOf(resources, f.field)
	document := snapshot.Encode(resources, time.Now())

	schema := object(t, snapshot.Schema)["$defs"].(map[string]any)[f.schema]
	inDocument := object(t, document)[jsonName(f.field)].([]any)[0]
	for _, path := range fieldPaths(resource, nil) {
		for _, name := range namesInDocument(path) {
			if !hasMember(inDocument, name) {
				t.Errorf("%s is missing from the snapshot document", goName(resource, path))
			}
			if !hasProperty(schema, name) {
				t.Errorf("%s is missing from the JSON Schema of a seed", goName(resource, path))
			}
		}
	}
	decoded, err := snapshot.DecodeSeed(document, snapshot.Defaults{Owner: formsOwner})
	if err != nil {
		t.Fatalf("the snapshot is refused: %v", err)
	}
	compare(t, resource, firstOf(decoded, f.field), "the decoded snapshot")
	if t.Failed() {
		return // the emulator below gets its resources from the snapshot
	}

	stored, reply := restart(t, document, f)
	compare(t, resource, firstOf(stored, f.field), "the store after a restart")
	for _, path := range fieldPaths(resource, nil) {
		if !hasMember(reply, jsonNames(path)) {
			t.Errorf("%s is missing from the reply of %s", goName(resource, path), f.get)
		}
	}
}

// restart seeds an emulator on disk and starts it again. It returns the stored resources and the
// reply of the operation that returns the resource.
func restart(t *testing.T, document []byte, f forms) (stored ivschat.Resources, reply any) {
	t.Helper()
	config := emulator.Config{DataDir: t.TempDir()}
	first, err := emulator.New(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Seed(t.Context(), document); err != nil {
		t.Errorf("the seed is refused: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := emulator.New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if stored, err = second.Resources(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	body := strings.NewReader(fmt.Sprintf(`{"identifier": %q}`, f.identifier))
	second.ServeHTTP(recorder, httptest.NewRequest("POST", "/"+f.get, body))
	return stored, object(t, recorder.Body.Bytes())
}

// compare reports every field in which a form differs from the resource.
func compare(t *testing.T, resource, form reflect.Value, formName string) {
	t.Helper()
	for i := range resource.NumField() {
		want, got := resource.Field(i).Interface(), form.Field(i).Interface()
		if !reflect.DeepEqual(got, want) {
			field := goName(resource, []string{resource.Type().Field(i).Name})
			t.Errorf(`%s of %s is "%+v", want "%+v"`, field, formName, got, want)
		}
	}
}

func firstOf(resources ivschat.Resources, field string) reflect.Value {
	return reflect.ValueOf(resources).FieldByName(field).Index(0)
}

func object(t *testing.T, text []byte) (members map[string]any) {
	t.Helper()
	if err := json.Unmarshal(text, &members); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return members
}
