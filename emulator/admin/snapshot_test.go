package admin_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

func TestASnapshotOfAThousandRoomsIsRestoredUnchanged(t *testing.T) {
	e := emulatortest.Start(t)
	logging := operation(t, e, "/CreateLoggingConfiguration",
		`{"name":"logs","tags":{"k":"v"},`+
			`"destinationConfiguration":{"firehose":{"deliveryStreamName":"stream"}}}`)
	for i := range 1000 {
		operation(t, e, "/CreateRoom", fmt.Sprintf(`{"name":"room-%d","tags":{"n":"%d"},`+
			`"maximumMessageLength":%d,"loggingConfigurationIdentifiers":[%q],"messageReviewHandler":{"uri":""}}`,
			i, i, 1+i%500, logging["arn"]))
	}
	before := request(t, e, "GET", admin.Prefix+"snapshot", "").body
	list := request(t, e, "POST", "/ListRooms", "{}").body
	call(t, e, 204, "POST", "reset", "")
	call(t, e, 204, "PUT", "snapshot", before)
	after := request(t, e, "GET", admin.Prefix+"snapshot", "").body
	if withoutTime(before) != withoutTime(after) {
		t.Error("the snapshot has changed")
	}
	var first, second struct{ Rooms []map[string]any }
	_ = json.Unmarshal([]byte(list), &first)
	_ = json.Unmarshal([]byte(request(t, e, "POST", "/ListRooms", "{}").body), &second)
	if fmt.Sprint(first) != fmt.Sprint(second) || len(first.Rooms) != 50 {
		t.Error("the list has another order")
	}
}

// withoutTime returns a snapshot without the line of the time when it was taken.
func withoutTime(snapshot string) string {
	begin, rest, _ := strings.Cut(snapshot, `"time"`)
	_, rest, _ = strings.Cut(rest, "\n")
	return begin + rest
}

// Earlier versions accepted what is refused now. A user who has such resources in a database or a snapshot
// must be able to restore them.
func TestASnapshotWithWhatOnlyEarlierVersionsAcceptedIsRestoredUnchanged(t *testing.T) {
	e := emulatortest.Start(t)
	const tags = `"account":"123456789012","region":"us-east-1","tags":{"a|b*":"x<1\u0000"}`
	const handler = `"messageReviewHandler":{"uri":"arn:aws:lambda:eu-west-1:111122223333:function:review"}`
	call(t, e, 204, "PUT", "snapshot", `{"version":1,"loggingConfigurations":[{"id":"LoggingConf1",`+tags+`,
		"destinationConfiguration":{"s3":{"bucketName":"chat-logs"}}}],
		"rooms":[{"id":"RoomNumber01",`+tags+`,`+handler+`}]}`)
	before := request(t, e, "GET", admin.Prefix+"snapshot", "").body
	if strings.Count(before, `"a|b*"`) != 2 || !strings.Contains(before, "lambda:eu-west-1") {
		t.Errorf("the snapshot is %s", before)
	}
	call(t, e, 204, "POST", "reset", "")
	call(t, e, 204, "PUT", "snapshot", before)
	if after := request(t, e, "GET", admin.Prefix+"snapshot", "").body; withoutTime(before) != withoutTime(after) {
		t.Errorf("the snapshot has changed from\n%s\nto\n%s", before, after)
	}
}
