package snapshot_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/snapshot"
)

func decodeSeed(text string) (ivschat.Resources, error) {
	return snapshot.DecodeSeed([]byte(text), defaults)
}

func TestASeedInYAMLIsWhatItIsInJSON(t *testing.T) {
	inYAML, err := decodeSeed(`# Comments are possible.
loggingConfigurations:
  - name: logs
    destinationConfiguration: {s3: {bucketName: chat-logs}}
rooms:
  - name: lobby
    account: "123456789012"
    createTime: 2026-01-31T12:00:00Z
    maximumMessageLength: 100
    messageReviewHandler:
      fallbackResult: DENY
    tags:
      team: chat
      on: "yes"
      1: >-
        two
        lines
  - id: RoomNumber01
    name: ~
    loggingConfigurationIdentifiers:
      - logs
`)
	if err != nil {
		t.Fatal(err)
	}
	inJSON, err := decodeSeed(` {
		"loggingConfigurations": [{"name": "logs", "destinationConfiguration": {"s3": {"bucketName": "chat-logs"}}}],
		"rooms": [{
			"name": "lobby", "account": "123456789012", "createTime": "2026-01-31T12:00:00Z", "maximumMessageLength": 100,
			"messageReviewHandler": {"fallbackResult": "DENY"}, "tags": {"team": "chat", "on": "yes", "1": "two lines"}
		}, {"id": "RoomNumber01", "name": null, "loggingConfigurationIdentifiers": ["logs"]}]}`)
	if err != nil || !reflect.DeepEqual(inYAML, inJSON) {
		t.Errorf("in YAML %+v\nin JSON %+v (%v)", inYAML, inJSON, err)
	}
}

func TestInYAMLRoomsMayComeBeforeTheLoggingConfigurationsToWhichTheyRefer(t *testing.T) {
	resources, err := decodeSeed(`
rooms: [{name: lobby, loggingConfigurationIdentifiers: [logs]}]
version: 1
loggingConfigurations: [{name: logs, destinationConfiguration: {s3: {bucketName: chat-logs}}}]
`)
	if err != nil || len(resources.Rooms) != 1 || len(resources.Rooms[0].LoggingConfigurationIdentifiers) != 1 {
		t.Errorf("%+v, %v", resources, err)
	}
}

// yamlMistakes are seeds that are refused.
var yamlMistakes = []mistake{
	{"\n$schema: 7", "line 2: $schema: must be a string, but is 7"},
	{
		"\nversion: 2",
		"line 2: version: must be 1, but is 2: a newer ivschat-local wrote the document; use that version to read it",
	},
	{"\ntime: 7", "line 2: time: " + timeExpected + "7; put it in quotes"},
	{"\nrooms: true", "line 2: rooms: must be an array, but is true"},
	{"\nloggingConfigurations: false", "line 2: loggingConfigurations: must be an array, but is false"},
	{"\nroom: []", "line 2: room: " + membersOfTheDocument + ": did you mean rooms?"},
	{"rooms: []\n---\n[", "line 4: the document is not valid YAML: "},
	{"", "line 1: the document: must be an object, but is null"},
	{"# nothing", "line 1: the document: must be an object, but is null"},
	{"7", "line 1: the document: must be an object, but is 7"},
	{"rooms:\n- id: RoomNumber01\n  colour: red", "line 3: rooms[0].colour: " + membersOfARoom},
	{"rooms:\n- id: RoomNumber01\n  id: RoomNumber02", "line 3: \"id\" is a duplicate: the object already has this member; remove one"},
	{
		"rooms:\n- name: lobby\n- name: lobby",
		"line 3: rooms[1]: is a duplicate of rooms[0]: both have the same name and no id; remove one or give it an id",
	},
	{"rooms:\n- name: lobby\n  region: EU", "line 3: rooms[0].region: must be a region such as us-east-1, but is \"EU\""},
	{"rooms:\n- &a {name: lobby, tags: *a}", "line 2: the alias *a is not supported: write the value again"},
	{"rooms: !things [a]", "line 1: the tag !things is not supported: remove it"},
	{"rooms:\n  7", "line 1: rooms: must be an array, but is 7"},
	{"rooms: 1.5", "line 1: rooms: must be an array, but is 1.5"},
	{"rooms:\n- name: lobby\n  maximumMessageLength: 501", "line 3: rooms[0].maximumMessageLength: must be between 1 and 500, but is 501"},
	{"rooms:\n- name: lobby\n  account: 123456789012", "line 3: rooms[0].account: must be 12 digits, but is 123456789012; put it in quotes"},
	{"rooms:\n- name: lobby\n  account: 000000000000", "line 3: 000000000000 must be in quotes, or be a number as in JSON"},
	{"rooms:\n- name: 2026", "line 2: rooms[0].name: must be a string, but is a number; put it in quotes"},
	{"rooms:\n- name: lobby\n  tags:\n    live: true", "line 4: rooms[0].tags[\"live\"]: must be a string, but is a boolean; put it in quotes"},
	{"rooms:\n- name: lobby\n  maximumMessageLength: 0x10", "line 3: 0x10 must be in quotes, or be a number as in JSON"},
	{"rooms:\n- name: lobby\n  maximumMessageLength: .inf", "line 3: .inf must be in quotes, or be a number as in JSON"},
	{"rooms:\n- &a {name: lobby}\n- *a", "line 3: the alias *a is not supported: write the value again"},
	{"rooms:\n- name: a\n  tags: &t {k: v}\n- <<: {name: b}", "line 4: the merge key << is not supported: write the members again"},
	{"rooms:\n- ? [a]\n  : b", "line 2: the name of a member must be a string"},
	{"rooms:\n- name: !secret x", "line 2: the tag !secret is not supported: remove it"},
	{"rooms: !!set\n  a:", "line 1: the tag !!set is not supported: remove it"},
	{"rooms:\n- !!binary aGk=", "line 2: the tag !!binary is not supported: remove it"},
	{"rooms: []\n---\nrooms: []", "line 2: a second YAML document begins: remove it"},
	{"rooms:\n  - name: a\n - name: b", "line 3: the document is not valid YAML: "},
	{"rooms:\n\t- name: a", "line 2: the document is not valid YAML: "},
	{"rooms: [\xff]", "line 1: the document is not valid YAML: "},
	{"version: 1\n# caf\xe9\nrooms: []", "line 2: the document is not valid YAML: "},
	{"version: 1\nrooms:\n- name: \x00", "line 3: the document is not valid YAML: "},
	{"rooms: []\n...\n# caf\xc3", "line 3: the document is not valid YAML: "},
	{"rooms: []\r\n# \ufeff\xe9", "line 2: the document is not valid YAML: "},
	{"a: " + strings.Repeat("[", 200) + strings.Repeat("]", 200), "line 1: the document must be nested at most 100 levels deep"},
	{"a: " + strings.Repeat("[", 100_000), "line 1: the document is not valid YAML: "},
	{"{\"rooms\":\n[", "line 2: the document is not valid JSON: it ends too early"},
	{"\r\n\t [", "line 2: the document is not valid JSON: it ends too early"},
}

func TestAMistakeInYAMLIsReportedWithLinePathAndReason(t *testing.T) {
	for _, m := range yamlMistakes {
		if _, err := decodeSeed(m.document); !m.describes(err) {
			t.Errorf("%.300s\ngot  %v\nwant %s", m.document, err, m.message)
		}
	}
}

// Each alias stands for ten of the one before, so the last list would have 10⁹ items.
func TestAliasesThatMultiplyAreRefused(t *testing.T) {
	document := "a: &a0 [x]\n"
	for i := range 9 {
		from := string(rune('0' + i))
		document += "b" + from + ": &a" + string(rune('1'+i)) + " [" + strings.Repeat("*a"+from+", ", 10) + "]\n"
	}
	_, err := decodeSeed(document)
	if err == nil || !strings.HasPrefix(err.Error(), "line 2: the alias *a0 is not supported") {
		t.Errorf("the error is %v", err)
	}
}

func TestASnapshotInYAMLIsRefused(t *testing.T) {
	_, err := decode("rooms: []")
	if err == nil || !strings.HasPrefix(err.Error(), "line 1: the document is not valid JSON: ") {
		t.Errorf("the error is %v", err)
	}
}

// FuzzDecodeSeed checks that the resources of a seed survive encoding. A refused seed must have a line in
// its error.
func FuzzDecodeSeed(f *testing.F) {
	for _, m := range yamlMistakes {
		f.Add(m.document)
	}
	f.Add("rooms:\n- {name: lobby, tags: {a: b}}")
	f.Fuzz(func(t *testing.T, document string) {
		resources, err := decodeSeed(document)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "line ") {
				t.Errorf("the error has no line: %v", err)
			}
			return
		}
		again, err := decode(string(snapshot.Encode(resources, defaults.Now)))
		if err != nil || !reflect.DeepEqual(again, resources) {
			t.Errorf("got  %+v (%v)\nwant %+v", again, err, resources)
		}
	})
}
