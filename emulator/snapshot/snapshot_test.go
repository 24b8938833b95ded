package snapshot_test

import (
	"bytes"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/snapshot"
)

// version1 returns the resources in testdata/version-1.json.
func version1() ivschat.Resources {
	day := func(day int) time.Time { return time.Date(2026, 11, day, 0, 0, 0, 0, time.UTC) }
	owner := ivschat.Owner{AccountID: "123456789012", Region: "eu-west-1"}
	logging := ivschat.ARN{Owner: owner, ResourceType: ivschat.LoggingConfigurationResource, ID: "LoggingConf1"}
	return ivschat.Resources{
		LoggingConfigurations: []ivschat.LoggingConfiguration{{
			ARN: logging, Name: "logs", Tags: ivschat.Tags{"team": "chat"},
			CreateTime: day(1), UpdateTime: day(2).Add(500 * time.Millisecond),
			State: ivschat.LoggingConfigurationActive,
			DestinationConfiguration: ivschat.DestinationConfiguration{
				CloudWatchLogs: &ivschat.CloudWatchLogsDestinationConfiguration{LogGroupName: "/ivs/chat"},
			},
		}},
		Rooms: []ivschat.Room{{
			ARN:  ivschat.ARN{Owner: owner, ResourceType: ivschat.RoomResource, ID: "RoomNumber01"},
			Name: "lobby", Tags: ivschat.Tags{"a": "1", "b": ""},
			CreateTime: day(3), UpdateTime: day(4),
			MaximumMessageLength: 7, MaximumMessageRatePerSecond: 100,
			MessageReviewHandler: &ivschat.MessageReviewHandler{
				URI:            "arn:aws:lambda:eu-west-1:123456789012:function:review",
				FallbackResult: ivschat.FallbackDeny,
			},
			LoggingConfigurationIdentifiers: []ivschat.ARN{logging},
		}},
	}
}

func TestASnapshotOfVersion1IsDecoded(t *testing.T) {
	text, err := os.ReadFile("testdata/version-1.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(t, string(text)); err != nil {
		t.Error(err)
	}
	got, err := decode(string(text))
	if want := version1(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v (%v)\nwant %+v", got, err, want)
	}
}

func TestAnEncodedSnapshotIsDecodedToTheSameResources(t *testing.T) {
	everyDestination := version1()
	for id, destination := range map[string]ivschat.DestinationConfiguration{
		"LoggingConf2": {S3: &ivschat.S3DestinationConfiguration{BucketName: "logs"}},
		"LoggingConf3": {Firehose: &ivschat.FirehoseDestinationConfiguration{DeliveryStreamName: "stream"}},
	} {
		configuration := everyDestination.LoggingConfigurations[0]
		configuration.ARN.ID, configuration.DestinationConfiguration = id, destination
		everyDestination.LoggingConfigurations = append(everyDestination.LoggingConfigurations, configuration)
	}
	for _, want := range []ivschat.Resources{version1(), everyDestination, {}} {
		text := string(snapshot.Encode(want, defaults.Now))
		if err := validate(t, text); err != nil {
			t.Error(err)
		}
		if got, err := decode(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v (%v)\nwant %+v", got, err, want)
		}
	}
}

func TestASnapshotWithoutResourcesHasEmptyLists(t *testing.T) {
	const want = `{
  "version": 1,
  "time": "2026-01-02T03:04:05Z",
  "loggingConfigurations": [],
  "rooms": []
}
`
	if got := string(snapshot.Encode(ivschat.Resources{}, defaults.Now)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Editors show the schema's descriptions, so every change of them should be seen in the file.
func TestTheSchemaIsThatOfTheFile(t *testing.T) {
	want, err := os.ReadFile("testdata/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(snapshot.Schema, want) {
		t.Errorf("the schema is not that of testdata/schema.json, but\n%s", snapshot.Schema)
	}
}

func TestADocumentMayHave256MiB(t *testing.T) {
	if snapshot.MaximumBytes != 256*1024*1024 {
		t.Errorf("the maximum is %d bytes", snapshot.MaximumBytes)
	}
}

func TestASnapshotMayHaveWhatCannotBeCreatedAnyMore(t *testing.T) {
	for document, mistake := range map[string]string{
		aRoom(`"tags": {"a|b": "c|d"}`): "line 3: rooms[0].tags[\"a|b\"]: " + tagExpected + `"a|b"` +
			"; line 3: rooms[0].tags[\"a|b\"]: " + tagExpected + `"c|d"`,
		aRoom(`"messageReviewHandler": {"uri": "arn:aws:lambda:us-west-2:123456789012:function:review"}`): "line 3: " +
			"rooms[0].messageReviewHandler.uri: must be a function in the region of the room, us-east-1, but is in us-west-2",
	} {
		complete := strings.Replace(document, "{", `{"version": 1, "loggingConfigurations": [], `, 1)
		resources, err := snapshot.Decode(strings.NewReader(complete), defaults)
		if err != nil {
			t.Errorf("%s: %v", complete, err)
		}
		again, err := snapshot.Decode(bytes.NewReader(snapshot.Encode(resources, defaults.Now)), defaults)
		if err != nil || !reflect.DeepEqual(again, resources) {
			t.Errorf("got  %+v (%v)\nwant %+v", again, err, resources)
		}
		if _, err := decode(complete); err == nil || err.Error() != mistake {
			t.Errorf("as a seed, the error of %s\nis   %v\nwant %s", complete, err, mistake)
		}
	}
}

func TestARoomMayReferToALoggingConfigurationOfTheEmulator(t *testing.T) {
	stored := ivschat.ARN{
		Owner: defaults.Owner, ResourceType: ivschat.LoggingConfigurationResource, ID: "LoggingConf1",
	}
	withStored := defaults
	withStored.Exists = func(arn ivschat.ARN) bool { return arn == stored }
	resources, err := snapshot.DecodeSeed([]byte(aRoom(`"loggingConfigurationIdentifiers": ["LoggingConf1"]`)), withStored)
	if err != nil || !slices.Equal(resources.Rooms[0].LoggingConfigurationIdentifiers, []ivschat.ARN{stored}) {
		t.Errorf("%+v, %v", resources, err)
	}
	for document, mistake := range map[string]string{
		aRoom(`"loggingConfigurationIdentifiers": ["LoggingConf2"]`): "line 3: rooms[0].loggingConfigurationIdentifiers: " +
			"there is no logging configuration " + configurationARN + "LoggingConf2: add it to loggingConfigurations",
		twoLoggingConfigurations(`"name": "LoggingConf1"`, `"name": "logs"`, `"LoggingConf1"`): "line 4: " +
			`rooms[0].loggingConfigurationIdentifiers: "LoggingConf1" is ambiguous: ` + configurationARN + "c4BSkacKotmr and " +
			configurationARN + "LoggingConf1 are called so; use an ID that is not a name",
	} {
		if _, err := snapshot.DecodeSeed([]byte(document), withStored); err == nil || err.Error() != mistake {
			t.Errorf("%s\ngot  %v\nwant %s", document, err, mistake)
		}
	}
}

func TestASeedMayLeaveOutMostMembers(t *testing.T) {
	resources, err := decode(`{
		"rooms": [{
			"id": "RoomNumber01", "loggingConfigurationIdentifiers": ["LoggingConf1"], "messageReviewHandler": {}
		}],
		"loggingConfigurations": [
			{"id": "LoggingConf1", "destinationConfiguration": {"s3": {"bucketName": "logs"}}}
		]}`)
	if err != nil {
		t.Fatal(err)
	}
	logging := ivschat.ARN{
		Owner: defaults.Owner, ResourceType: ivschat.LoggingConfigurationResource, ID: "LoggingConf1",
	}
	want := ivschat.Resources{
		LoggingConfigurations: []ivschat.LoggingConfiguration{{
			ARN: logging, CreateTime: defaults.Now, UpdateTime: defaults.Now,
			State: ivschat.LoggingConfigurationActive,
			DestinationConfiguration: ivschat.DestinationConfiguration{
				S3: &ivschat.S3DestinationConfiguration{BucketName: "logs"},
			},
		}},
		Rooms: []ivschat.Room{{
			ARN:        ivschat.ARN{Owner: defaults.Owner, ResourceType: ivschat.RoomResource, ID: "RoomNumber01"},
			CreateTime: defaults.Now, UpdateTime: defaults.Now,
			MaximumMessageLength: 500, MaximumMessageRatePerSecond: 10,
			MessageReviewHandler:            &ivschat.MessageReviewHandler{FallbackResult: ivschat.FallbackAllow},
			LoggingConfigurationIdentifiers: []ivschat.ARN{logging},
		}},
	}
	if !reflect.DeepEqual(resources, want) {
		t.Errorf("got  %+v\nwant %+v", resources, want)
	}
}

func TestANameWithoutAnIDStandsForAlwaysTheSameID(t *testing.T) {
	const document = `{"rooms": [{"name": "lobby", "loggingConfigurationIdentifiers": ["logs", "logs"]},
		{"name": "lobby", "account": "123456789012"}, {"name": "lobby", "region": "eu-west-1"}, {"name": "hall"}],
		"loggingConfigurations": [
			{"name": "logs", "destinationConfiguration": {"s3": {"bucketName": "logs"}}},
			{"name": "lobby", "destinationConfiguration": {"s3": {"bucketName": "logs"}}}
		]}`
	resources, err := decode(document)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, room := range resources.Rooms {
		ids[room.ARN.ID] = true
	}
	for _, configuration := range resources.LoggingConfigurations {
		ids[configuration.ARN.ID] = true
	}
	if len(ids) != 6 {
		t.Errorf("the IDs are %v", ids)
	}
	room, logs := resources.Rooms[0], resources.LoggingConfigurations[0].ARN
	if room.ARN.ID != "9M1IwnWw8seE" { // in every version, or a stored seed would be added again
		t.Errorf("the ID of the room is %s", room.ARN.ID)
	}
	if !reflect.DeepEqual(room.LoggingConfigurationIdentifiers, []ivschat.ARN{logs}) {
		t.Errorf("the room refers to %v, want %v", room.LoggingConfigurationIdentifiers, logs)
	}
	if again, err := decode(document); err != nil || !reflect.DeepEqual(again, resources) {
		t.Errorf("again: %+v (%v)\nwant   %+v", again, err, resources)
	}
}

func TestTheDefaultOfUpdateTimeIsCreateTime(t *testing.T) {
	resources, err := decode(`{"rooms": [{"id": "RoomNumber01", "createTime": "2025-01-02T05:04:05+02:00"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	want := time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)
	if room := resources.Rooms[0]; room.CreateTime != want || room.UpdateTime != want {
		t.Errorf("the room is %+v", room)
	}
}

func TestEmptyTagsAreDecodedAsNil(t *testing.T) {
	resources, err := decode(`{
		"rooms": [{"id": "RoomNumber01", "tags": {}}],
		"loggingConfigurations": [
			{"id": "LoggingConf1", "tags": {}, "destinationConfiguration": {"s3": {"bucketName": "logs"}}}
		]}`)
	if err != nil || resources.Rooms[0].Tags != nil || resources.LoggingConfigurations[0].Tags != nil {
		t.Errorf("%+v: %v", resources, err) // otherwise seeding again would change what is stored
	}
}
