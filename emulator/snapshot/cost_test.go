package snapshot_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/snapshot"
)

func TestDecodingARoomAllocatesLittle(t *testing.T) {
	const rooms, want = 1000, 40
	var items []string
	for i := range rooms {
		items = append(items, fmt.Sprintf(`{
			"id": "%012d", "account": "123456789012", "region": "us-east-1", "name": "room-%d",
			"createTime": "2026-01-31T12:00:00Z", "updateTime": "2026-01-31T12:00:00Z",
			"tags": {"team": "chat", "number": "%d"}, "maximumMessageLength": 500, "maximumMessageRatePerSecond": 10
		}`, i, i, i))
	}
	document := `{"version": 1, "loggingConfigurations": [], "rooms": [` + strings.Join(items, ",") + "]}"
	allocations := testing.AllocsPerRun(5, func() {
		if _, err := snapshot.Decode(strings.NewReader(document), snapshot.Defaults{}); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > want*rooms {
		t.Errorf("a room takes %.1f allocations, want %d", allocations/rooms, want)
	}
}
