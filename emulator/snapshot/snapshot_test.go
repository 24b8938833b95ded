package snapshot_test

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/snapshot"
)

var defaults = snapshot.Defaults{Owner: ivschat.Owner{AccountID: "000000000000", Region: "us-east-1"}, Now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}

func decode(text string) (ivschat.Resources, error) {
	return snapshot.Decode([]byte(text), defaults)
}

// schema is what the emulator serves, compiled by somebody else's validator.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	var document any
	if err := json.Unmarshal(snapshot.Schema, &document); err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("seed.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("seed.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func valid(t *testing.T, text string) error {
	t.Helper()
	var document any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	return schema(t).Validate(document)
}

func TestASnapshotOfVersion1IsRead(t *testing.T) {
	text, err := os.ReadFile("testdata/version-1.json")
	if err != nil {
		t.Fatal(err)
	}
	w, err := decode(string(text))
	if err != nil {
		t.Fatal(err)
	}
	owner := ivschat.Owner{AccountID: "123456789012", Region: "eu-west-1"}
	logging := ivschat.ARN{Owner: owner, ResourceType: ivschat.LoggingConfigurationResource, ID: "LoggingConf1"}
	want := ivschat.Resources{
		LoggingConfigurations: []ivschat.LoggingConfiguration{{
			ARN: logging, Name: "logs", State: ivschat.LoggingConfigurationActive, Tags: ivschat.Tags{"team": "chat"},
			CreateTime: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), UpdateTime: time.Date(2026, 11, 2, 0, 0, 0, 500_000_000, time.UTC),
			DestinationConfiguration: ivschat.DestinationConfiguration{CloudWatchLogs: &ivschat.CloudWatchLogsDestinationConfiguration{LogGroupName: "/ivs/chat"}},
		}},
		Rooms: []ivschat.Room{{
			ARN: ivschat.ARN{Owner: owner, ResourceType: ivschat.RoomResource, ID: "RoomNumber01"}, Name: "lobby", Tags: ivschat.Tags{"a": "1", "b": ""},
			CreateTime: time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC), UpdateTime: time.Date(2026, 11, 4, 0, 0, 0, 0, time.UTC),
			MaximumMessageLength: 7, MaximumMessageRatePerSecond: 100,
			MessageReviewHandler:            &ivschat.MessageReviewHandler{URI: "arn:aws:lambda:eu-west-1:123456789012:function:review", FallbackResult: ivschat.FallbackDeny},
			LoggingConfigurationIdentifiers: []ivschat.ARN{logging},
		}},
	}
	if !reflect.DeepEqual(w, want) {
		t.Errorf("got  %+v\nwant %+v", w, want)
	}
	if again, err := decode(string(snapshot.Encode(w, defaults.Now))); err != nil || !reflect.DeepEqual(again, w) {
		t.Errorf("written and read again it is %+v: %v", again, err)
	}
	if err := valid(t, string(snapshot.Encode(w, defaults.Now))); err != nil {
		t.Error(err)
	}
}

func TestASeedNeedsToSayLittle(t *testing.T) {
	const seed = `{"rooms": [{"id": "RoomNumber01", "loggingConfigurationIdentifiers": ["LoggingConf1"], "messageReviewHandler": {}}],
		"loggingConfigurations": [{"id": "LoggingConf1", "destinationConfiguration": {"s3": {"bucketName": "logs"}}}]}`
	w, err := decode(seed)
	if err != nil {
		t.Fatal(err)
	}
	room := w.Rooms[0]
	if room.ARN.String() != "arn:aws:ivschat:us-east-1:000000000000:room/RoomNumber01" || !room.CreateTime.Equal(defaults.Now) || room.MaximumMessageLength != 500 ||
		room.MaximumMessageRatePerSecond != 10 || room.LoggingConfigurationIdentifiers[0] != w.LoggingConfigurations[0].ARN || room.MessageReviewHandler.FallbackResult != ivschat.FallbackAllow {
		t.Errorf("the room is %+v", room)
	}
	if err := valid(t, seed); err != nil {
		t.Error(err)
	}
}

func TestEmptyTagsAreNone(t *testing.T) {
	w, err := decode(`{"rooms": [{"id": "RoomNumber01", "tags": {}}], "loggingConfigurations": [{"id": "LoggingConf1", "tags": {}, "destinationConfiguration": {"s3": {"bucketName": "logs"}}}]}`)
	if err != nil || w.Rooms[0].Tags != nil || w.LoggingConfigurations[0].Tags != nil {
		t.Errorf("%+v: %v", w, err) // or seeding again would change what is stored
	}
}

func TestWhatIsWrongIsSaidWithItsLineMemberAndReason(t *testing.T) {
	for _, test := range []struct {
		seed, says  string
		schemaKnows bool // that it is wrong, too
	}{
		{"[]", "line 1: the document: must be an object", true},
		{"{\n\"rooms\": 7}", "line 2: rooms: must be an array", true},
		{"{\n\n\"room\": []}", "line 3: room: is no member of the document", true},
		{"{\"version\":\n2}", "line 1: version: must be 1, but is 2: a newer ivschat-local wrote it", true},
		{"{\"version\":\n\"1\"}", "line 1: version: must be 1, but is \"1\"", true},
		{"{\"version\":\n0}", "line 1: version: must be 1, but is 0", true},
		{"{\"version\":\nnull}", "line 1: version: must be 1, but is null", true},
		{"{\"rooms\": [{\n\"id\": \"RoomNumber01\",\n\"messageReviewHandler\": {\n\"fallback\": \"DENY\"}}]}", "line 4: rooms[0].messageReviewHandler.fallback: is no member of rooms[0].messageReviewHandler", true},
		{"{\"rooms\": [{\n\"id\": \"RoomNumber01\",\n\"messageReviewHandler\": {\n\"id\": \"x\"}}]}", "line 4: rooms[0].messageReviewHandler.id: is no member", true},
		{"{\"loggingConfigurations\": [{\n\"id\": \"LoggingConf1\",\n\"destinationConfiguration\": {\n\"s3\": {\n\"bucketName\": \"logs\", \"colour\": 1}}}]}", "line 5: loggingConfigurations[0].destinationConfiguration.s3.colour: is no member", true},
		{"{\"rooms\": [{\n\"id\": \"RoomNumber01\",\n\"loggingConfigurationIdentifiers\": [\"LoggingConf1\"]}]}", "line 3: rooms[0].loggingConfigurationIdentifiers: there is no arn:aws:ivschat:us-east-1:000000000000:logging-configuration/LoggingConf1", false},
		{"{\"rooms\": [\n{}]}", "line 2: rooms[0].id: is required: twelve letters and digits", true},
		{"{\"rooms\": [\n{\"id\": \"short\"}]}", "line 2: rooms[0].id: must be twelve letters and digits, but is \"short\"", true},
		{"{\"rooms\": [{\"id\": \"RoomNumber01\"},\n{\"id\": \"RoomNumber01\"}]}", "line 2: rooms[1]: arn:aws:ivschat:us-east-1:000000000000:room/RoomNumber01 is there twice", false},
		{"{\"rooms\": [{\n\"id\": \"RoomNumber01\",\n\"name\": \"no blanks\"}]}", "line 3: rooms[0].name: ", true},
		{"{\"rooms\": [{\n\"id\": \"RoomNumber01\",\n\"maximumMessageLength\": 501}]}", "line 3: rooms[0].maximumMessageLength: ", true},
		{"{\"rooms\": [{\n\"id\": \"RoomNumber01\",\n\"tags\": {\"k\": 1}}]}", "line 3: rooms[0].tags[\"k\"]: ", true},
		{"{\"rooms\": [{\n\"id\": \"RoomNumber01\",\n\"colour\": \"red\"}]}", "line 3: rooms[0].colour: is no member of a room", true},
		{"{\"rooms\": [{\n\"id\": \"RoomNumber01\",\n\"NAME\": \"x\"}]}", "line 3: rooms[0].NAME: is no member of a room", true},
		{"{\"rooms\": [{\n\"id\": \"RoomNumber01\",\n\"account\": 1}]}", "line 3: rooms[0].account: must be twelve digits", true},
		{"{\"rooms\": [{\n\"id\": \"RoomNumber01\",\n\"createTime\": \"now\"}]}", "line 3: rooms[0].createTime: must be a time", false},
		{"{\"loggingConfigurations\": [\n{\"id\": \"LoggingConf1\"}]}", "line 2: loggingConfigurations[0].destinationConfiguration: ", true},
		{"{\"rooms\": [{\n\"id\": \"RoomNumber01\",\n\"id\": \"RoomNumber02\"}]}", "line 3: \"id\" is there twice", false},
		{"{\n\"rooms\":\n[", "line 3: it is no JSON: it ends too early", false},
		{"{\n\"rooms\":\n[}", "line 3: it is no JSON: ", false},
		{"{}\n{}", "line 2: it is no JSON: there is more after the JSON value", false},
	} {
		_, err := decode(test.seed)
		if err == nil || !strings.HasPrefix(err.Error(), test.says) {
			t.Errorf("%s\nsays %v\nwant %s", test.seed, err, test.says)
		}
		if test.schemaKnows && valid(t, test.seed) == nil {
			t.Errorf("the schema allows %s", test.seed)
		}
	}
}
