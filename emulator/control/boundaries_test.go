package control_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// The numbers of the model, once more and in the words of its requests: each
// bound lets pass what is on it and refuses what is beyond it.
func TestEachBoundLetsPassWhatIsOnItAndRefusesWhatIsBeyond(t *testing.T) {
	e, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	room := func(id string) string { return `arn:aws:ivschat:us-east-1:000000000000:room/` + id }
	logging := func(id string) string { return `arn:aws:ivschat:us-east-1:000000000000:logging-configuration/` + id }
	chars := func(n int) string { return strings.Repeat("a", n) }
	runes := func(n int) string { return strings.Repeat("🙂", n) }
	lambda := func(n int) string { // of n characters in all
		const begin = "arn:aws:lambda:us-east-1:000000000000:function:"
		return begin + chars(n-len(begin))
	}
	object := func(n int) string { // with n members
		members := make([]string, n)
		for i := range members {
			members[i] = fmt.Sprintf(`"k%d":""`, i)
		}
		return "{" + strings.Join(members, ",") + "}"
	}
	list := func(n int) string {
		return `["` + strings.Join(strings.Split(strings.Repeat(logging("a")+" ", n), " ")[:n], `","`) + `"]`
	}

	for _, test := range []struct {
		operation, body string // %v stands for the value
		member          string
		good, bad       []any
	}{
		{"CreateRoom", `{"name":"%v"}`, "name", []any{"", "a-Z_9", chars(128)}, []any{chars(129), "a b", "é", `a\n`}},
		{"CreateRoom", `{"maximumMessageLength":%v}`, "maximumMessageLength", []any{1, 500}, []any{0, 501, -1, 1.5, `"5"`, "99999999999999999999"}},
		{"CreateRoom", `{"maximumMessageRatePerSecond":%v}`, "maximumMessageRatePerSecond", []any{1, 100}, []any{0, 101, true}},
		{"CreateRoom", `{"messageReviewHandler":{"uri":"%v"}}`, "messageReviewHandler.uri", []any{"", lambda(170)}, []any{lambda(171), lambda(47), "lambda"}},
		{"CreateRoom", `{"messageReviewHandler":{"fallbackResult":"%v"}}`, "messageReviewHandler.fallbackResult", []any{"ALLOW", "DENY"}, []any{"allow", ""}},
		{"CreateRoom", `{"tags":%v}`, "tags", []any{"{}", object(50)}, []any{object(51), "[]", `"t"`}},
		{"CreateRoom", `{"tags":{"%v":""}}`, "tags", []any{"k", runes(128), "awsome"}, []any{"", runes(129), "aws:k", "AWS:k"}},
		{"CreateRoom", `{"tags":{"k":"%v"}}`, "tags", []any{"", runes(256)}, []any{runes(257)}},
		{"CreateRoom", `{"loggingConfigurationIdentifiers":%v}`, "loggingConfigurationIdentifiers", []any{"[]", list(3)}, []any{list(4), `[7]`, `[null]`, `[""]`}},
		{"GetRoom", `{"identifier":"%v"}`, "identifier", []any{room("a"), room(chars(128 - len(room(""))))}, []any{"", "a", room(chars(129 - len(room("")))), room(""), room("a_b"), logging("a"), " " + room("a"), room("a") + `\n`}},
		{"GetLoggingConfiguration", `{"identifier":"%v"}`, "identifier", []any{logging("a")}, []any{"", room("a"), logging("")}},
		{"CreateLoggingConfiguration", `{"destinationConfiguration":{"s3":{"bucketName":"%v"}}}`, "destinationConfiguration.s3.bucketName", []any{"abc", "a.b", chars(63)}, []any{"ab", chars(64), "ABC", "a_b"}},
		{"CreateLoggingConfiguration", `{"destinationConfiguration":{"cloudWatchLogs":{"logGroupName":"%v"}}}`, "destinationConfiguration.cloudWatchLogs.logGroupName", []any{"a", "/a/b-c_d.e#f", chars(512)}, []any{"", chars(513), "a b"}},
		{"CreateLoggingConfiguration", `{"destinationConfiguration":{"firehose":{"deliveryStreamName":"%v"}}}`, "destinationConfiguration.firehose.deliveryStreamName", []any{"a", chars(64)}, []any{"", chars(65), "a/b"}},
		{"CreateLoggingConfiguration", `{"name":"%v","destinationConfiguration":{"s3":{"bucketName":"abc"}}}`, "name", []any{"", chars(128)}, []any{chars(129), "a b"}},
		{"CreateLoggingConfiguration", `{"destinationConfiguration":%v}`, "destinationConfiguration", []any{`{"s3":{"bucketName":"abc"},"firehose":null}`}, []any{"{}", "null", "7", `{"s3":{"bucketName":"abc"},"firehose":{"deliveryStreamName":"a"}}`}},
		{"CreateChatToken", `{"roomIdentifier":"` + room("a") + `","userId":"%v"}`, "userId", []any{"u", runes(128), `\u0000`}, []any{"", runes(129)}},
		{"CreateChatToken", `{"roomIdentifier":"` + room("a") + `","userId":"u","sessionDurationInMinutes":%v}`, "sessionDurationInMinutes", []any{1, 180}, []any{0, 181}},
		{"CreateChatToken", `{"roomIdentifier":"` + room("a") + `","userId":"u","capabilities":%v}`, "capabilities", []any{"[]", `["SEND_MESSAGE","SEND_MESSAGE"]`}, []any{`["VIEW_MESSAGE"]`, `"SEND_MESSAGE"`, `[null]`}},
		{"CreateChatToken", `{"roomIdentifier":"` + room("a") + `","userId":"u","attributes":{"k":"%v"}}`, "attributes", []any{"", chars(1023)}, []any{chars(1024), runes(256)}},
		{"SendEvent", `{"roomIdentifier":"` + room("a") + `","eventName":"%v"}`, "eventName", []any{"e", runes(100), "aws:e"}, []any{"", runes(101)}},
		{"SendEvent", `{"roomIdentifier":"` + room("a") + `","eventName":"e","attributes":{"k":"%v"}}`, "attributes", []any{chars(4095)}, []any{chars(4096)}},
		{"DeleteMessage", `{"roomIdentifier":"` + room("a") + `","id":"%v"}`, "id", []any{chars(12)}, []any{chars(11), chars(13), "abcdefghijk-"}},
		{"DeleteMessage", `{"roomIdentifier":"` + room("a") + `","id":"abcdefghijkl","reason":"%v"}`, "reason", []any{"r", runes(256)}, []any{"", runes(257)}},
		{"DisconnectUser", `{"roomIdentifier":"` + room("a") + `","userId":"u","reason":"%v"}`, "reason", []any{"r"}, []any{""}},
		{"ListRooms", `{"maxResults":%v}`, "maxResults", []any{1, 50}, []any{0, 51}},
		{"ListRooms", `{"nextToken":"%v"}`, "nextToken", []any{""}, []any{chars(1025)}},
		{"ListLoggingConfigurations", `{"maxResults":%v}`, "maxResults", []any{1, 50}, []any{0, 51}},
	} {
		// A value that passes may still name what does not exist.
		try := func(value any) bool {
			recorder := httptest.NewRecorder()
			body := strings.ReplaceAll(test.body, "%v", fmt.Sprint(value))
			e.ServeHTTP(recorder, httptest.NewRequest("POST", "/"+test.operation, strings.NewReader(body)))
			named := strings.Contains(recorder.Body.String(), `"name":"`+test.member)
			if named != (recorder.Code == 400) {
				t.Errorf("%s %.200s: %d %.300s", test.operation, body, recorder.Code, recorder.Body)
			}
			return !named
		}
		for _, value := range test.good {
			if !try(value) {
				t.Errorf("%s refuses the %s %.200v", test.operation, test.member, value)
			}
		}
		for _, value := range test.bad {
			if try(value) {
				t.Errorf("%s lets the %s %.200v pass", test.operation, test.member, value)
			}
		}
	}
}
