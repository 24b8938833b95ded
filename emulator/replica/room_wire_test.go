package replica

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/cluster"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestAnEntryThatIsTooShortOrTooLongIsLeftOut(t *testing.T) {
	var logs strings.Builder
	n := newFakeLog().newNode()
	r := newRooms(t, n, theTime)
	r.Logger = slog.New(slog.NewTextHandler(&logs, nil))
	n.join(t, nil)
	enter(t, r, hall, "anna")
	before := stateOf(t, r)
	event := encodePublication(hall, event(""), theTime(""))
	bad := [][]byte{nil, {roomsVersion}, {roomsVersion, '?'}, {roomsVersion + 1, forgetEntry, 0}}
	for _, entry := range [][]byte{encodeJoin(hall, "ben", 7), encodeLeave(hall, 1), encodeForget("")} {
		bad = append(bad, append(bytes.Clone(entry), 'x'))
		for length := range entry {
			bad = append(bad, entry[:length])
		}
	}
	for length := range event {
		bad = append(bad, event[:length])
	}
	drop := encodeDrop([]ivschat.ARN{hall})
	bad = append(bad, drop[:len(drop)-1])
	for _, entry := range bad {
		logs.Reset()
		result := r.Apply(cluster.Entry{Sequence: 17, Node: "node", Own: true, Data: entry})
		if result != nil || !bytes.Equal(stateOf(t, r), before) || !strings.Contains(logs.String(), "sequence=17") {
			t.Errorf("%q: the result is %v, the state is %q, the log is\n%s", entry, result, stateOf(t, r), &logs)
		}
	}
}
