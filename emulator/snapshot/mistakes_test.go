package snapshot_test

import (
	"fmt"
	"strings"
	"testing"
)

// aRoom returns a document with one room, which has these members besides its ID. They begin on
// line 3.
func aRoom(members string) string {
	return "{\"rooms\": [{\n\"id\": \"RoomNumber01\",\n" + members + "}]}"
}

// aLoggingConfiguration returns a document with one logging configuration, which has this
// destination. It begins on line 3.
func aLoggingConfiguration(destination string) string {
	return "{\"loggingConfigurations\": [{\n\"id\": \"LoggingConf1\",\n\"destinationConfiguration\": " +
		destination + "}]}"
}

// twoLoggingConfigurations returns a document with two logging configurations, which have these members
// besides their destinations, and with a room that refers to the identifiers on line 4.
func twoLoggingConfigurations(first, second, identifiers string) string {
	const destination = `, "destinationConfiguration": {"s3": {"bucketName": "logs"}}}`
	return "{\"loggingConfigurations\": [{" + first + destination + ",\n{" + second + destination + "],\n" +
		"\"rooms\": [{\"name\": \"lobby\", \"loggingConfigurationIdentifiers\": [\n" + identifiers + "]}]}"
}

// A mistake is a document that is refused, and how the error begins.
type mistake struct{ document, message string }

// inSchema are mistakes that the schema refuses, too.
var inSchema = []mistake{
	{"[]", "line 1: the document: must be an object, but is an array"},
	{"\n7", "line 2: the document: must be an object, but is 7"},
	{"{\n\"rooms\": 7}", "line 2: rooms: must be an array, but is 7"},
	{"{\n\"rooms\": null}", "line 2: rooms: must be an array, but is null"},
	{"{\n\"rooms\": true}", "line 2: rooms: must be an array, but is true"},
	{"{\n\"loggingConfigurations\": false}", "line 2: loggingConfigurations: must be an array, but is false"},
	{"{\n\"rooms\": {}}", "line 2: rooms: must be an array, but is an object"},
	{"{\n\n\"room\": []}", "line 3: room: is not a member of the document, whose members are $schema, version, "},
	{aRoom(`"tgas": {}`), "line 3: rooms[0].tgas: is not a member of a room, whose members are id, account, region, " +
		"createTime, updateTime, name, maximumMessageRatePerSecond, maximumMessageLength, messageReviewHandler, tags, " +
		"loggingConfigurationIdentifiers: did you mean tags?"},
	{"{\n\"$schema\": 7}", "line 2: $schema: must be a string, but is 7"},
	{
		"{\n\"time\": 7}",
		"line 2: time: must be a time such as 2026-01-31T12:00:00Z in a year from 1970 to 2200, but is 7",
	},
	{"{\"version\":\n2}", "line 1: version: must be 1, but is 2: a newer ivschat-local wrote the document; "},
	{"{\"version\":\n\"1\"}", "line 1: version: must be 1, but is \"1\""},
	{"{\"version\":\n0}", "line 1: version: must be 1, but is 0"},
	{"{\"version\":\nnull}", "line 1: version: must be 1, but is null"},

	{"{\"rooms\": [\n7]}", "line 2: rooms[0]: must be an object, but is 7"},
	{"{\"rooms\": [\nnull]}", "line 2: rooms[0]: must be an object, but is null"},
	{"{\"rooms\": [\n{}]}", "line 2: rooms[0].id: is required and must be 12 letters and digits"},
	{"{\"rooms\": [\n{\"id\": \"short\"}]}", "line 2: rooms[0].id: must be 12 letters and digits, but is \"short\""},
	{"{\"rooms\": [\n{\"id\": null}]}", "line 2: rooms[0].id: must be 12 letters and digits, but is null"},
	{aRoom(`"account": 1`), "line 3: rooms[0].account: must be 12 digits, but is 1"},
	{aRoom(`"account": null`), "line 3: rooms[0].account: must be 12 digits, but is null"},
	{aRoom(`"region": "EU"`), "line 3: rooms[0].region: must be a region such as us-east-1, but is \"EU\""},
	{aRoom(`"createTime": "now"`), "line 3: rooms[0].createTime: must be a time such as 2026-01-31T12:00:00Z"},
	{aRoom(`"updateTime": "1969-12-31T23:59:59Z"`), "line 3: rooms[0].updateTime: must be a time"},
	{aRoom(`"updateTime": "2201-01-01T00:00:00Z"`), "line 3: rooms[0].updateTime: must be a time"},
	{aRoom(`"name": "no blanks"`), "line 3: rooms[0].name: must match the pattern "},
	{
		aRoom(`"maximumMessageLength": 501`),
		"line 3: rooms[0].maximumMessageLength: must be between 1 and 500, but is 501",
	},
	{aRoom("\"tags\": {\n\"k\": 1}"), "line 4: rooms[0].tags[\"k\"]: must be a string, but is a number"},
	{
		aRoom("\"tags\": {\n\"a.[-1].b\": null}"), // the key looks like a path
		"line 3: rooms[0].tags[\"a.[-1].b\"]: must match the pattern ",
	},
	{aRoom(`"tags": {"a": "b|c"}`), "line 3: rooms[0].tags[\"a\"]: must match the pattern "},
	{aRoom(`"tags": {"AWS:x": ""}`), "line 3: rooms[0].tags[\"AWS:x\"]: must not begin with aws:, "},
	{aRoom(`"colour": "red"`), "line 3: rooms[0].colour: is not a member of a room, whose members are id, "},
	{aRoom(`"NAME": "x"`), "line 3: rooms[0].NAME: is not a member of a room"},
	{aRoom(`"arn": "x"`), "line 3: rooms[0].arn: is not a member of a room"},
	{
		aRoom("\"messageReviewHandler\": {\n\"fallback\": \"DENY\"}"),
		"line 4: rooms[0].messageReviewHandler.fallback: is not a member of rooms[0].messageReviewHandler, " +
			"whose members are uri, fallbackResult",
	},
	{
		aRoom("\"messageReviewHandler\": {\n\"id\": \"x\"}"),
		"line 4: rooms[0].messageReviewHandler.id: is not a member of rooms[0].messageReviewHandler, ",
	},
	{
		aRoom("\"messageReviewHandler\": {\n\"uri\": \"\",\n\"fallbackResult\": \"deny\"}"),
		"line 5: rooms[0].messageReviewHandler.fallbackResult: must be one of ALLOW, DENY, but is \"deny\"",
	},
	{
		aRoom("\"loggingConfigurationIdentifiers\": [\n\"no blanks\"]"),
		"line 4: rooms[0].loggingConfigurationIdentifiers: there is no logging configuration with the name \"no blanks\" ",
	},
	{aRoom("\"loggingConfigurationIdentifiers\": [\n7]"), "line 4: rooms[0].loggingConfigurationIdentifiers[0]: must be a string"},
	{"{\"rooms\": [\n{\"name\": \"\"}]}", "line 2: rooms[0].id: is required and must be 12 letters and digits, unless there is a name"},
	{"{\"rooms\": [\n{\"name\": null}]}", "line 2: rooms[0].id: is required"},
	{"{\"rooms\": [\n{\"name\": 7}]}", "line 2: rooms[0].name: must be a string, but is a number"},
	{"{\"rooms\": [\n{\"name\": \"no blanks\"}]}", "line 2: rooms[0].name: must match the pattern "},
	{
		aRoom(`"loggingConfigurationIdentifiers": ["LoggingConf1", "LoggingConf1", "LoggingConf1", "LoggingConf1"]`),
		"line 3: rooms[0].loggingConfigurationIdentifiers: must have a number of items between 0 and 3, but has 4",
	},

	{
		"{\"loggingConfigurations\": [\n{\"id\": \"LoggingConf1\"}]}",
		"line 2: loggingConfigurations[0].destinationConfiguration: is required",
	},
	{
		aLoggingConfiguration("null"),
		"line 3: loggingConfigurations[0].destinationConfiguration: is required",
	},
	{
		aLoggingConfiguration("{}"),
		"line 3: loggingConfigurations[0].destinationConfiguration: must have exactly one of the members s3, ",
	},
	{
		aLoggingConfiguration("{\"s3\": {\n\"bucketName\": \"logs\", \"colour\": 1}}"),
		"line 4: loggingConfigurations[0].destinationConfiguration.s3.colour: is not a member of " +
			"loggingConfigurations[0].destinationConfiguration.s3, whose members are bucketName",
	},
	{
		aLoggingConfiguration("{\"s3\": {\n\"bucketName\": \"x\"}}"),
		"line 4: loggingConfigurations[0].destinationConfiguration.s3.bucketName: must have a length between 3 ",
	},
	{aRoom(`"tags": {"a|b*": "1"}`), "line 3: rooms[0].tags[\"a|b*\"]: must match the pattern "},
}

// beyondSchema are mistakes that a JSON Schema cannot describe.
var beyondSchema = []mistake{
	{
		aRoom("\"loggingConfigurationIdentifiers\": [\n\"logs\"]"),
		"line 4: rooms[0].loggingConfigurationIdentifiers: there is no logging configuration with the name " +
			"\"logs\" in account 000000000000 and region us-east-1: add it to loggingConfigurations",
	},
	{
		twoLoggingConfigurations(`"name": "logs", "region": "eu-west-1"`, `"name": "other"`, `"logs"`),
		"line 4: rooms[0].loggingConfigurationIdentifiers: there is no logging configuration with the name \"logs\" in ",
	},
	{
		twoLoggingConfigurations(`"name": "logs"`, `"name": "logs", "id": "LoggingConf2"`, `"logs"`),
		"line 4: rooms[0].loggingConfigurationIdentifiers: \"logs\" is ambiguous: " +
			"arn:aws:ivschat:us-east-1:000000000000:logging-configuration/",
	},
	{
		twoLoggingConfigurations(`"name": "LoggingConf2"`, `"id": "LoggingConf2"`, `"LoggingConf2"`),
		"line 4: rooms[0].loggingConfigurationIdentifiers: \"LoggingConf2\" is ambiguous: ",
	},
	{
		twoLoggingConfigurations(`"name": "logs"`, `"name": "logs"`, ``),
		"line 2: loggingConfigurations[1]: is a duplicate of loggingConfigurations[0]: both have the same name and no id; ",
	},
	{
		aRoom("\"loggingConfigurationIdentifiers\": [\n\"LoggingConf1\"]"),
		"line 4: rooms[0].loggingConfigurationIdentifiers: there is no logging configuration " +
			"arn:aws:ivschat:us-east-1:000000000000:logging-configuration/LoggingConf1: add it to ",
	},
	{
		aRoom("\"loggingConfigurationIdentifiers\": [\n" +
			"\"arn:aws:ivschat:us-east-1:000000000001:logging-configuration/LoggingConf1\"]"),
		"line 4: rooms[0].loggingConfigurationIdentifiers: must be of the account and region of the room, but " +
			"arn:aws:ivschat:us-east-1:000000000001:logging-configuration/LoggingConf1 is not",
	},
	{
		"{\"rooms\": [{\"id\": \"RoomNumber01\"},\n{\"id\": \"RoomNumber01\"}]}",
		"line 2: rooms[1]: is a duplicate of rooms[0]: both are " +
			"arn:aws:ivschat:us-east-1:000000000000:room/RoomNumber01; remove one or change its id",
	},
	{
		aRoom(`"messageReviewHandler": {"uri": "arn:aws:lambda:us-west-2:123456789012:function:review"}`),
		"line 3: rooms[0].messageReviewHandler.uri: must be a function in the region of the room, us-east-1, " +
			"but is in us-west-2",
	},
	{aRoom(`"maximumMessageLength": 5.0`), "line 3: rooms[0].maximumMessageLength: must be an integer, but is 5.0"},
	{aRoom(`"createTime": "2026-13-01T00:00:00Z"`), "line 3: rooms[0].createTime: must be a time such as"},
	{aRoom(`"createTime": "1970-01-01T00:00:00+01:00"`), "line 3: rooms[0].createTime: must be a time such as"},
}

// notJSON are mistakes that no JSON parser accepts, or only by dropping a value.
var notJSON = []mistake{
	{
		aRoom(`"id": "RoomNumber02"`),
		"line 3: \"id\" is a duplicate: the object already has this member; remove one",
	},
	{"{\n\"rooms\":\n[", "line 3: the document is not valid JSON: it ends too early"},
	{"", "line 1: the document is not valid JSON: it ends too early"},
	{"{\"rooms\": [{\"name\": \"a\"},\n", "line 2: the document is not valid JSON: it ends too early"},
	{"{\n\"rooms\":\n[}", "line 3: the document is not valid JSON: invalid character '}' "},
	{"{\n7: 8}", "line 2: the document is not valid JSON: "},
	{
		"{\n\"$schema\": \"a\tb\"}",
		`line 2: the document is not valid JSON: invalid character '\t' in string literal`,
	},
	{"{\n\"$schema\": \"\x1f\"}", `line 2: the document is not valid JSON: invalid character '\x1f' in string literal`},
	{"{}\n{}", "line 2: the document is not valid JSON: there is more text after the JSON value"},
	{"\n" + strings.Repeat("[", 200), "line 2: the document must be nested at most 100 levels deep"},
}

// TestAMistakeIsReportedWithLinePathAndReason also checks that the schema refuses what it can.
func TestAMistakeIsReportedWithLinePathAndReason(t *testing.T) {
	check := func(m mistake) {
		t.Helper()
		if _, err := decode(m.document); err == nil || !strings.HasPrefix(err.Error(), m.message) {
			t.Errorf("%.300s\ngot  %v\nwant %s", m.document, err, m.message)
		}
	}
	for _, m := range inSchema {
		check(m)
		if validate(t, m.document) == nil {
			t.Errorf("the schema accepts %s", m.document)
		}
	}
	for _, m := range beyondSchema {
		check(m)
		if err := validate(t, m.document); err != nil {
			t.Errorf("the schema refuses %s: move it to inSchema", m.document)
		}
	}
	for _, m := range notJSON {
		check(m)
	}
}

func TestALongValueIsShortenedInAMessage(t *testing.T) {
	_, err := decode(fmt.Sprintf(`{"rooms": [{"id": "%s"}]}`, strings.Repeat("é", 9999)))
	want := `line 1: rooms[0].id: must be 12 letters and digits, but is "` + strings.Repeat("é", 63) + "…"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestTheSchemaAcceptsWhatDecodeAccepts(t *testing.T) {
	for _, document := range []string{
		`{}`,
		`{"$schema": "seed.schema.json", "version": 1, "time": "2026-01-31T12:00:00.5Z", "rooms": []}`,
		aRoom(`"account": "123456789012", "region": "eu-west-1"`),
		aRoom(`"createTime": "1970-01-01T00:00:00Z", "updateTime": "2200-12-31T23:59:59.999999999Z"`),
		aRoom(`"createTime": "2026-01-31T12:00:00+05:30"`),
		aRoom(`"name": "", "tags": {}, "messageReviewHandler": {"uri": ""}, "loggingConfigurationIdentifiers": []`),
		aRoom(`"name": null, "maximumMessageLength": null, "tags": null, "messageReviewHandler": null`),
		aRoom(`"messageReviewHandler": {"uri": null, "fallbackResult": null}`),
		aRoom(`"loggingConfigurationIdentifiers": null`),
		aRoom(`"maximumMessageLength": 1, "maximumMessageRatePerSecond": 100`),
		`{"rooms": [{"name": "lobby"}, {"name": "lobby", "id": "RoomNumber01"}, {"name": "lobby", "region": "eu-west-1"}]}`,
		twoLoggingConfigurations(`"name": "LoggingConf2", "id": "LoggingConf2"`, `"name": "logs"`, `"logs", "LoggingConf2"`),
		twoLoggingConfigurations(`"name": "logs"`, `"id": "LoggingConf2"`, `"logs", "LoggingConf2"`),
		aRoom(`"tags": {"ключ": "значение", "aws": ""}`),
		aLoggingConfiguration(`{"s3": {"bucketName": "logs"}, "firehose": null}`),
		aLoggingConfiguration(`{"firehose": {"deliveryStreamName": "a.b-c_d"}}`),
		aLoggingConfiguration(`{"cloudWatchLogs": {"logGroupName": "/a#b"}}`),
		`{"rooms": [{"id": "RoomNumber01", "loggingConfigurationIdentifiers": ["LoggingConf1",
			"arn:aws:ivschat:us-east-1:000000000000:logging-configuration/LoggingConf1"]}],
			"loggingConfigurations": [
				{"id": "LoggingConf1", "destinationConfiguration": {"s3": {"bucketName": "logs"}}}
			]}`,
	} {
		if _, err := decode(document); err != nil {
			t.Errorf("Decode refuses %s\n%v", document, err)
		}
		if err := validate(t, document); err != nil {
			t.Errorf("the schema refuses %s\n%v", document, err)
		}
	}
}
