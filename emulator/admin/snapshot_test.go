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
