package control_test

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// A constraintTest has values of one member on both sides of its limits. The limits are those of
// the model, written down a second time and as requests.
type constraintTest struct {
	operation string
	body      string // %v stands for the value
	member    string // its path
	valid     []any
	invalid   []any
}

var roomConstraints = []constraintTest{
	{
		"CreateRoom", `{"name":"%v"}`, "name",
		[]any{"", "a-Z_9", letters(128)},
		[]any{letters(129), "a b", "é", `a\n`},
	},
	{
		"CreateRoom", `{"maximumMessageLength":%v}`, "maximumMessageLength",
		[]any{1, 500},
		[]any{0, 501, -1, 1.5, `"5"`, "99999999999999999999"},
	},
	{
		"CreateRoom", `{"maximumMessageRatePerSecond":%v}`, "maximumMessageRatePerSecond",
		[]any{1, 100},
		[]any{0, 101, true},
	},
	{
		"CreateRoom", `{"messageReviewHandler":{"uri":"%v"}}`, "messageReviewHandler.uri",
		[]any{"", lambda(170)},
		[]any{lambda(171), lambda(47), "lambda"},
	},
	{
		"CreateRoom", `{"messageReviewHandler":{"fallbackResult":"%v"}}`,
		"messageReviewHandler.fallbackResult",
		[]any{"ALLOW", "DENY"},
		[]any{"allow", ""},
	},
	{
		"CreateRoom", `{"tags":%v}`, "tags",
		[]any{"{}", object(50)},
		[]any{object(51), "[]", `"t"`},
	},
	{
		"CreateRoom", `{"tags":{"%v":""}}`, "tags",
		[]any{"k", deseret(128), "awsome", "日本 _.:/=+-@9"},
		[]any{"", deseret(129), "aws:k", "AWS:k", "a|b", "a*", `a\u0000`, `\t`, "🙂"},
	},
	{
		"CreateRoom", `{"tags":{"k":"%v"}}`, "tags",
		[]any{"", deseret(256), "aws:k", "日本 _.:/=+-@9"},
		[]any{deseret(257), "a|b", "a*", `a\u0000`, `\t`, "🙂"},
	},
	{
		"CreateRoom", `{"loggingConfigurationIdentifiers":%v}`, "loggingConfigurationIdentifiers",
		[]any{"[]", loggingList(3)},
		[]any{loggingList(4), `[7]`, `[null]`, `[""]`},
	},
	{
		"GetRoom", `{"identifier":"%v"}`, "identifier",
		[]any{room("a"), room(letters(128 - len(room(""))))},
		[]any{
			"", "a", room(letters(129 - len(room("")))), room(""), room("a_b"), logging("a"),
			" " + room("a"), room("a") + `\n`,
		},
	},
	{
		"ListRooms", `{"maxResults":%v}`, "maxResults",
		[]any{1, 50},
		[]any{0, 51},
	},
	{
		"ListRooms", `{"nextToken":"%v"}`, "nextToken",
		[]any{""},
		[]any{letters(1025)},
	},
}

var loggingConfigurationConstraints = []constraintTest{
	{
		"GetLoggingConfiguration", `{"identifier":"%v"}`, "identifier",
		[]any{logging("a")},
		[]any{"", room("a"), logging("")},
	},
	{
		"CreateLoggingConfiguration", `{"destinationConfiguration":{"s3":{"bucketName":"%v"}}}`,
		"destinationConfiguration.s3.bucketName",
		[]any{"abc", "a.b", letters(63)},
		[]any{"ab", letters(64), "ABC", "a_b"},
	},
	{
		"CreateLoggingConfiguration", `{"destinationConfiguration":{"cloudWatchLogs":{"logGroupName":"%v"}}}`,
		"destinationConfiguration.cloudWatchLogs.logGroupName",
		[]any{"a", "/a/b-c_d.e#f", letters(512)},
		[]any{"", letters(513), "a b"},
	},
	{
		"CreateLoggingConfiguration", `{"destinationConfiguration":{"firehose":{"deliveryStreamName":"%v"}}}`,
		"destinationConfiguration.firehose.deliveryStreamName",
		[]any{"a", letters(64)},
		[]any{"", letters(65), "a/b"},
	},
	{
		"CreateLoggingConfiguration", `{"name":"%v","destinationConfiguration":{"s3":{"bucketName":"abc"}}}`,
		"name",
		[]any{"", letters(128)},
		[]any{letters(129), "a b"},
	},
	{
		"CreateLoggingConfiguration", `{"destinationConfiguration":%v}`, "destinationConfiguration",
		[]any{`{"s3":{"bucketName":"abc"},"firehose":null}`},
		[]any{
			"{}", "null", "7", `{"s3":{"bucketName":"abc"},"firehose":{"deliveryStreamName":"a"}}`,
		},
	},
	{
		"ListLoggingConfigurations", `{"maxResults":%v}`, "maxResults",
		[]any{1, 50},
		[]any{0, 51},
	},
}

var chatConstraints = []constraintTest{
	{
		"CreateChatToken", inRoom(`"userId":"%v"`), "userId",
		[]any{"u", smileys(128), `\u0000`},
		[]any{"", smileys(129)},
	},
	{
		"CreateChatToken", inRoom(`"userId":"u","sessionDurationInMinutes":%v`), "sessionDurationInMinutes",
		[]any{1, 180},
		[]any{0, 181},
	},
	{
		"CreateChatToken", inRoom(`"userId":"u","capabilities":%v`), "capabilities",
		[]any{"[]", `["SEND_MESSAGE","SEND_MESSAGE"]`},
		[]any{`["VIEW_MESSAGE"]`, `"SEND_MESSAGE"`, `[null]`},
	},
	{
		"CreateChatToken", inRoom(`"userId":"u","attributes":{"k":"%v"}`), "attributes",
		[]any{"", letters(1023)},
		[]any{letters(1024), smileys(256)},
	},
	{
		"SendEvent", inRoom(`"eventName":"%v"`), "eventName",
		[]any{"e", smileys(100), "aws:e"},
		[]any{"", smileys(101)},
	},
	{
		"SendEvent", inRoom(`"eventName":"e","attributes":{"k":"%v"}`), "attributes",
		[]any{letters(4095)},
		[]any{letters(4096)},
	},
	{
		"DeleteMessage", inRoom(`"id":"%v"`), "id",
		[]any{letters(12)},
		[]any{letters(11), letters(13), "abcdefghijk-"},
	},
	{
		"DeleteMessage", inRoom(`"id":"abcdefghijkl","reason":"%v"`), "reason",
		[]any{"r", smileys(256)},
		[]any{"", smileys(257)},
	},
	{
		"DisconnectUser", inRoom(`"userId":"u","reason":"%v"`), "reason",
		[]any{"r"},
		[]any{""},
	},
}

func room(id string) string { return "arn:aws:ivschat:us-east-1:000000000000:room/" + id }

func logging(id string) string {
	return "arn:aws:ivschat:us-east-1:000000000000:logging-configuration/" + id
}

// inRoom returns a body for a room, with more members.
func inRoom(members string) string { return `{"roomIdentifier":"` + room("a") + `",` + members + `}` }

func letters(n int) string { return strings.Repeat("a", n) }

// smileys returns n code points, each of which has four bytes in UTF-8.
func smileys(n int) string { return strings.Repeat("🙂", n) }

// deseret returns n letters, each of which has four bytes in UTF-8.
func deseret(n int) string { return strings.Repeat("𐐀", n) }

// lambda returns the ARN of a function, with n characters in all.
func lambda(n int) string {
	const prefix = "arn:aws:lambda:us-east-1:000000000000:function:"
	return prefix + letters(n-len(prefix))
}

// object returns a JSON object with n members.
func object(n int) string {
	members := make([]string, n)
	for i := range members {
		members[i] = fmt.Sprintf(`"k%d":""`, i)
	}
	return "{" + strings.Join(members, ",") + "}"
}

// loggingList returns a JSON list of n ARNs of logging configurations.
func loggingList(n int) string {
	arns := make([]string, n)
	for i := range arns {
		arns[i] = `"` + logging("a") + `"`
	}
	return "[" + strings.Join(arns, ",") + "]"
}

func TestEachConstraintAcceptsItsLimitsAndRefusesValuesBeyond(t *testing.T) {
	e, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	tests := slices.Concat(roomConstraints, loggingConfigurationConstraints, chatConstraints)
	for _, test := range tests {
		for _, value := range test.valid {
			if !test.accepts(t, e, value) {
				t.Errorf("%s refuses the %s %.200v", test.operation, test.member, value)
			}
		}
		for _, value := range test.invalid {
			if test.accepts(t, e, value) {
				t.Errorf("%s accepts the %s %.200v", test.operation, test.member, value)
			}
		}
	}
}

// accepts reports whether the emulator accepts a value of the member. The request may still fail,
// because the value names a resource that does not exist.
func (test constraintTest) accepts(t *testing.T, e *emulator.Emulator, value any) bool {
	t.Helper()
	recorder := httptest.NewRecorder()
	body := strings.ReplaceAll(test.body, "%v", fmt.Sprint(value))
	e.ServeHTTP(recorder, httptest.NewRequest("POST", "/"+test.operation, strings.NewReader(body)))
	named := strings.Contains(recorder.Body.String(), `"name":"`+test.member)
	if named != (recorder.Code == 400) {
		t.Errorf("%s %.200s: %d %.300s", test.operation, body, recorder.Code, recorder.Body)
	}
	return !named
}
