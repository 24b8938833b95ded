package admin_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/room"
)

// otherNodes are nodes of which one has a session in the room, unless they cannot be reached.
type otherNodes struct {
	room.Nodes
	in   ivschat.ARN
	away error
}

func (n otherNodes) Select(context.Context, room.Selection) ([]room.RoomSessions, error) {
	return []room.RoomSessions{{
		Room: n.in, Count: 1, Listed: []room.SessionInfo{{ID: 7, Node: "node-2", Room: n.in, UserID: "anna"}},
	}}, n.away
}

func (n otherNodes) End(_ context.Context, _ string, id int64, _ room.End) (bool, error) {
	return id == 7, n.away
}

// everyRoom finds every room.
type everyRoom struct{}

func (everyRoom) Room(_ context.Context, arn ivschat.ARN) (ivschat.Room, error) {
	return ivschat.Room{ARN: arn}, nil
}

func TestTheSessionsOfOtherNodesAreShownAndEnded(t *testing.T) {
	const text = "arn:aws:ivschat:us-east-1:123456789012:room/RoomNumber01"
	arn, err := ivschat.ParseARN(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, away := range []error{nil, errors.New("the node b has not answered")} {
		handler := admin.Handler(admin.Config{
			Rooms: everyRoom{}, Journal: journal.New(journal.MinimumBytes), Logger: slog.New(slog.DiscardHandler),
			Live: room.New(room.Config{
				Fanout: room.NewLocal(everyRoom{}, nil), Nodes: otherNodes{in: arn, away: away},
			}),
		})
		want := []int{200, 204, 404}
		if away != nil {
			want = []int{503, 503, 503}
		}
		shown := fmt.Sprint(call(t, handler, want[0], "GET", "rooms/"+text, ""))
		for _, part := range []string{"sessionCount:1", "id:7 node:node-2", "userId:anna"} {
			if (away == nil) != strings.Contains(shown, part) {
				t.Errorf("with the error %v, the answer is %s", away, shown)
			}
		}
		call(t, handler, want[1], "POST", "sessions/7", `{"expire":true}`)
		call(t, handler, want[2], "POST", "sessions/8", `{"expire":true}`)
	}
}
