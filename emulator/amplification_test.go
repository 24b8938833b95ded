package emulator_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// A frame is sent to everyone in the room, and is kept in the journal. U+2028 and control characters
// are also longer in the answer than in the request.
func TestNoMemberOfAFrameIsRepeatedToClientsAtAnyLength(t *testing.T) {
	requests := []map[string]any{
		{"Action": "SEND_MESSAGE", "Content": "x"},
		{"Action": "DELETE_MESSAGE", "Id": "abcdefghijkl"},
		{"Action": "DISCONNECT_USER", "UserId": "nobody"},
	}
	members := []string{
		"Action", "RequestId", "Content", "Attributes", "Id", "UserId", "Reason", "Unknown",
	}
	for name, long := range map[string]string{
		"U+2028":             strings.Repeat("\u2028", 10_000),
		"control characters": strings.Repeat("\x01", 10_000),
		"letters":            strings.Repeat("a", 60_000),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := serveInMemory(t, emulator.Config{})
				room := createRoom(t, n, "")
				anna := n.connect(t, room, "anna")
				for _, request := range requests {
					for _, member := range members {
						changed := maps.Clone(request)
						changed[member] = any(long)
						if member == "Attributes" {
							changed[member] = map[string]string{long: ""}
						}
						text, err := json.Marshal(changed)
						if err != nil {
							t.Fatal(err)
						}
						anna.send(string(text))
						if answer := anna.receive(); len(answer.Raw) > 1024 {
							t.Errorf("%v with a long %s is answered with %d bytes: %.200s",
								request, member, len(answer.Raw), answer.Raw)
						}
						time.Sleep(time.Second) // for the rate limit
					}
				}
			})
		})
	}
}

func TestARequestIDThatIsTooLongReachesNoOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := serveInMemory(t, emulator.Config{})
		room := createRoom(t, n, "")
		anna, ben := n.connect(t, room, "anna"), n.connect(t, room, "ben")
		anna.send(`{"Action":"SEND_MESSAGE","Content":"x","RequestId":"` + strings.Repeat("\u2028", 129) + `"}`)
		if frame := anna.receive(); frame.ErrorCode != 400 || frame.RequestID != "" {
			t.Errorf("the sender received %s", frame.Raw)
		}
		anna.sendMessage("next")
		anna.expectMessage("next")
		ben.expectMessage("next")
	})
}
