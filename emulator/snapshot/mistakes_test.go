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

// A mistake is a document that is refused, and its error. An error about the syntax of YAML has the words
// of a library after the last colon: a message that ends there is only how the error begins.
type mistake struct{ document, message string }

// describes reports whether the error is that of the mistake.
func (m mistake) describes(err error) bool {
	return err != nil && (err.Error() == m.message ||
		strings.HasSuffix(m.message, "not valid YAML: ") && strings.HasPrefix(err.Error(), m.message))
}

// What the messages of several mistakes have in common.
const (
	membersOfTheDocument = "is not a member of the document, whose members are $schema, version, time, " +
		"loggingConfigurations, rooms"
	commonMembers  = "id, account, region, createTime, updateTime, name, "
	membersOfARoom = "is not a member of a room, whose members are " + commonMembers +
		"maximumMessageRatePerSecond, maximumMessageLength, messageReviewHandler, tags, loggingConfigurationIdentifiers"
	timeExpected     = "must be a time such as 2026-01-31T12:00:00Z in a year from 1970 to 2200, but is "
	nameExpected     = "must match the pattern ^(?:[a-zA-Z0-9-_]*)$, but is "
	tagExpected      = `must match the pattern ^(?:[\p{L}\p{Z}\p{N}_.:/=+\-@]*)$, but is `
	configurationARN = "arn:aws:ivschat:us-east-1:000000000000:logging-configuration/"
)

// inSchema are mistakes that the schema refuses, too.
var inSchema = []mistake{
	{"[]", "line 1: the document: must be an object, but is an array"},
	{"\n7", "line 2: the document: must be an object, but is 7"},
	{"{\n\"rooms\": 7}", "line 2: rooms: must be an array, but is 7"},
	{"{\n\"rooms\": null}", "line 2: rooms: must be an array, but is null"},
	{"{\n\"rooms\": true}", "line 2: rooms: must be an array, but is true"},
	{"{\n\"loggingConfigurations\": false}", "line 2: loggingConfigurations: must be an array, but is false"},
	{"{\n\"rooms\": {}}", "line 2: rooms: must be an array, but is an object"},
	{"{\n\n\"room\": []}", "line 3: room: " + membersOfTheDocument + ": did you mean rooms?"},
	{aRoom(`"tgas": {}`), "line 3: rooms[0].tgas: " + membersOfARoom + ": did you mean tags?"},
	{
		`{"loggingConfigurations": [{"id": "LoggingConf1", "loggingConfigurationIdentifiers": []}]}`,
		"line 1: loggingConfigurations[0].loggingConfigurationIdentifiers: is not a member of a logging configuration, whose members are " +
			strings.Replace(commonMembers, "name", "state, name", 1) + "destinationConfiguration, tags; " +
			"line 1: loggingConfigurations[0].destinationConfiguration: is required",
	},
	{"{\n\"$schema\": 7}", "line 2: $schema: must be a string, but is 7"},
	{"{\n\"time\": 7}", "line 2: time: " + timeExpected + "7"},
	{
		"{\"version\":\n2}",
		"line 1: version: must be 1, but is 2: a newer ivschat-local wrote the document; use that version to read it",
	},
	{"{\"version\":\n\"1\"}", "line 1: version: must be 1, but is \"1\""},
	{"{\"version\":\n0}", "line 1: version: must be 1, but is 0"},
	{"{\"version\":\nnull}", "line 1: version: must be 1, but is null"},

	{"{\"rooms\": [\n7]}", "line 2: rooms[0]: must be an object, but is 7"},
	{"{\"rooms\": [\nnull]}", "line 2: rooms[0]: must be an object, but is null"},
	{"{\"rooms\": [\n{}]}", "line 2: rooms[0].id: is required and must be 12 letters and digits, unless there is a name"},
	{"{\"rooms\": [\n{\"id\": \"short\"}]}", "line 2: rooms[0].id: must be 12 letters and digits, but is \"short\""},
	{"{\"rooms\": [\n{\"id\": null}]}", "line 2: rooms[0].id: must be 12 letters and digits, but is null"},
	{aRoom(`"account": 1`), "line 3: rooms[0].account: must be 12 digits, but is 1"},
	{
		aRoom(`"account": 1, "region": "EU"`), "line 3: rooms[0].account: must be 12 digits, but is 1; " +
			`line 3: rooms[0].region: must be a region such as us-east-1, but is "EU"`,
	},
	{
		`{"loggingConfigurations": [], "rooms": [{"name": "a", "loggingConfigurationIdentifiers": ["logs"]}], "colour": 1}`,
		"line 1: rooms[0].loggingConfigurationIdentifiers: there is no logging configuration with the name \"logs\" " +
			"in account 000000000000 and region us-east-1: add it to loggingConfigurations; line 1: colour: " +
			membersOfTheDocument,
	},
	{aRoom(`"account": null`), "line 3: rooms[0].account: must be 12 digits, but is null"},
	{aRoom(`"region": "EU"`), "line 3: rooms[0].region: must be a region such as us-east-1, but is \"EU\""},
	{aRoom(`"createTime": "now"`), "line 3: rooms[0].createTime: " + timeExpected + `"now"`},
	{
		aRoom(`"updateTime": "1969-12-31T23:59:59Z"`),
		"line 3: rooms[0].updateTime: " + timeExpected + `"1969-12-31T23:59:59Z"`,
	},
	{
		aRoom(`"updateTime": "1969-12-31T23:59:59-01:00"`), // 1970 in UTC
		"line 3: rooms[0].updateTime: " + timeExpected + `"1969-12-31T23:59:59-01:00"`,
	},
	{
		aRoom(`"updateTime": "2201-01-01T00:00:00Z"`),
		"line 3: rooms[0].updateTime: " + timeExpected + `"2201-01-01T00:00:00Z"`,
	},
	{aRoom(`"name": "no blanks"`), "line 3: rooms[0].name: " + nameExpected + `"no blanks"`},
	{
		aRoom(`"maximumMessageLength": 501`),
		"line 3: rooms[0].maximumMessageLength: must be between 1 and 500, but is 501",
	},
	{aRoom("\"tags\": {\n\"k\": 1}"), "line 4: rooms[0].tags[\"k\"]: must be a string, but is a number"},
	{
		aRoom("\"tags\": {\n\"a.[-1].b\": null}"), // the key looks like a path
		"line 4: rooms[0].tags[\"a.[-1].b\"]: " + tagExpected + `"a.[-1].b"` +
			"; line 4: rooms[0].tags[\"a.[-1].b\"]: must be a string, but is null",
	},
	{aRoom(`"tags": {"a": "b|c"}`), "line 3: rooms[0].tags[\"a\"]: " + tagExpected + `"b|c"`},
	{
		aRoom("\"tags\": {\n\"a\\\"b.c\": 1}"),
		"line 4: rooms[0].tags[\"a\\\"b.c\"]: " + tagExpected + `"a\"b.c"` +
			"; line 4: rooms[0].tags[\"a\\\"b.c\"]: must be a string, but is a number",
	},
	{
		aRoom("\"tags\": {\n\"" + strings.Repeat("k", 129) + "\": \"\"}"), // the path has only the first 64
		"line 3: rooms[0].tags[\"" + strings.Repeat("k", 64) + "…\"]: must have a length between 1 and 128, but has 129",
	},
	{
		aRoom(`"tags": {"AWS:x": ""}`),
		"line 3: rooms[0].tags[\"AWS:x\"]: must not begin with aws:, which is reserved, but is \"AWS:x\"",
	},
	{aRoom(`"colour": "red"`), "line 3: rooms[0].colour: " + membersOfARoom},
	{
		aRoom(`"messageReviewHandler": {"uri": "review"}`),
		"line 3: rooms[0].messageReviewHandler.uri: must match the pattern " +
			`^(?:$|^arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:.+.*)$, but is "review"`,
	},
	{aRoom(`"NAME": "x"`), "line 3: rooms[0].NAME: " + membersOfARoom + ": did you mean name?"},
	{aRoom(`"arn": "x"`), "line 3: rooms[0].arn: " + membersOfARoom},
	{
		aRoom("\"messageReviewHandler\": {\n\"fallback\": \"DENY\"}"),
		"line 4: rooms[0].messageReviewHandler.fallback: is not a member of rooms[0].messageReviewHandler, " +
			"whose members are uri, fallbackResult",
	},
	{
		aRoom("\"messageReviewHandler\": {\n\"id\": \"x\"}"),
		"line 4: rooms[0].messageReviewHandler.id: is not a member of rooms[0].messageReviewHandler, " +
			"whose members are uri, fallbackResult",
	},
	{
		aRoom("\"messageReviewHandler\": {\n\"uri\": \"\",\n\"fallbackResult\": \"deny\"}"),
		"line 5: rooms[0].messageReviewHandler.fallbackResult: must be one of ALLOW, DENY, but is \"deny\"",
	},
	{
		aRoom("\"loggingConfigurationIdentifiers\": [\n\"no blanks\"]"),
		"line 4: rooms[0].loggingConfigurationIdentifiers: there is no logging configuration with the name \"no blanks\" " +
			"in account 000000000000 and region us-east-1: add it to loggingConfigurations",
	},
	{
		aRoom("\"loggingConfigurationIdentifiers\": [\n7]"),
		"line 4: rooms[0].loggingConfigurationIdentifiers[0]: must be a string, but is a number",
	},
	{"{\"rooms\": [\n{\"name\": \"\"}]}", "line 2: rooms[0].id: is required and must be 12 letters and digits, unless there is a name"},
	{"{\"rooms\": [\n{\"name\": null}]}", "line 2: rooms[0].id: is required and must be 12 letters and digits, unless there is a name"},
	{"{\"rooms\": [\n{\"name\": 7}]}", "line 2: rooms[0].name: must be a string, but is a number"},
	{"{\"rooms\": [\n{\"name\": \"no blanks\"}]}", "line 2: rooms[0].name: " + nameExpected + `"no blanks"`},
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
		"line 3: loggingConfigurations[0].destinationConfiguration: must have exactly one of the members s3, " +
			"cloudWatchLogs, firehose, but has 0",
	},
	{
		aLoggingConfiguration("{\"s3\": {\n\"bucketName\": \"logs\", \"colour\": 1}}"),
		"line 4: loggingConfigurations[0].destinationConfiguration.s3.colour: is not a member of " +
			"loggingConfigurations[0].destinationConfiguration.s3, whose members are bucketName",
	},
	{
		aLoggingConfiguration("{\"s3\": {\n\"bucketName\": \"x\"}}"),
		"line 4: loggingConfigurations[0].destinationConfiguration.s3.bucketName: must have a length between 3 and 63, " +
			"but has 1",
	},
	{aRoom(`"tags": {"a|b*": "1"}`), "line 3: rooms[0].tags[\"a|b*\"]: " + tagExpected + `"a|b*"`},
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
		"line 4: rooms[0].loggingConfigurationIdentifiers: there is no logging configuration with the name " +
			"\"logs\" in account 000000000000 and region us-east-1: add it to loggingConfigurations",
	},
	{
		twoLoggingConfigurations(`"name": "logs"`, `"name": "logs", "id": "LoggingConf2"`, `"logs"`),
		"line 4: rooms[0].loggingConfigurationIdentifiers: \"logs\" is ambiguous: " + configurationARN + "I7lPfTTcmSlH and " +
			configurationARN + "LoggingConf2 are called so; use an ID that is not a name",
	},
	{
		twoLoggingConfigurations(`"name": "LoggingConf2"`, `"id": "LoggingConf2"`, `"LoggingConf2"`),
		"line 4: rooms[0].loggingConfigurationIdentifiers: \"LoggingConf2\" is ambiguous: " + configurationARN +
			"dRofjZwAsm57 and " + configurationARN + "LoggingConf2 are called so; use an ID that is not a name",
	},
	{
		twoLoggingConfigurations(`"name": "logs"`, `"name": "logs"`, ``),
		"line 2: loggingConfigurations[1]: is a duplicate of loggingConfigurations[0]: both have the same name and no id; " +
			"remove one or give it an id",
	},
	{
		aRoom("\"loggingConfigurationIdentifiers\": [\n\"LoggingConf1\"]"),
		"line 4: rooms[0].loggingConfigurationIdentifiers: there is no logging configuration " +
			configurationARN + "LoggingConf1: add it to loggingConfigurations",
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
	{
		aRoom(`"createTime": "2026-13-01T00:00:00Z"`),
		"line 3: rooms[0].createTime: " + timeExpected + `"2026-13-01T00:00:00Z"`,
	},
	{
		aRoom(`"createTime": "1970-01-01T00:00:00+01:00"`), // 1969 in UTC
		"line 3: rooms[0].createTime: " + timeExpected + `"1970-01-01T00:00:00+01:00"`,
	},
	{
		aRoom(`"createTime": "2200-12-31T23:59:59-01:00"`), // 2201 in UTC
		"line 3: rooms[0].createTime: " + timeExpected + `"2200-12-31T23:59:59-01:00"`,
	},
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
	{"{\n\"rooms\":\n[}", "line 3: the document is not valid JSON: invalid character '}' looking for beginning of value"},
	{"{\n7: 8}", "line 2: the document is not valid JSON: invalid character '7' looking for beginning of object key string"},
	{"{\n\"rooms\" []}", "line 2: the document is not valid JSON: invalid character '[' after object key"},
	{"{\"a\\x\": 1}", "line 1: the document is not valid JSON: invalid character 'x' in string escape code"},
	{"{\"rooms\": []\n]", "line 2: the document is not valid JSON: invalid character ']' after object key:value pair"},
	{"[1\n2]", "line 2: the document is not valid JSON: invalid character '2' after array element"},
	{"[tru]", "line 1: the document is not valid JSON: invalid character ' ' in literal true (expecting 'e')"},
	{"{\"version\": [1 2]}", "line 1: the document is not valid JSON: invalid character '2' after array element"},
	{"{\"version\":\n01}", "line 2: the document is not valid JSON: invalid character '1' after top-level value"},
	{"{\"rooms\": [{\"id\": x}, 7]}", "line 1: the document is not valid JSON: invalid character 'x' looking for beginning of value"},
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
		if _, err := decode(m.document); !m.describes(err) {
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
	for length, shown := range map[int]string{
		62: `"` + strings.Repeat("é", 62) + `"`, 63: `"` + strings.Repeat("é", 63) + "…", 9999: `"` + strings.Repeat("é", 63) + "…",
	} {
		_, err := decode(fmt.Sprintf(`{"rooms": [{"id": "%s"}]}`, strings.Repeat("é", length)))
		want := "line 1: rooms[0].id: must be 12 letters and digits, but is " + shown
		if err == nil || err.Error() != want {
			t.Errorf("%d characters:\ngot  %v\nwant %s", length, err, want)
		}
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
		twoLoggingConfigurations(`"name": "LoggingConf2"`, `"name": "logs"`, `"logs", "LoggingConf2"`),
		"{\r\n\t\"rooms\": [\r\n{\"name\": \"lobby\"} , {\"id\": \"RoomNumber01\", \"name\": null } ] \r\n}\r\n",
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
