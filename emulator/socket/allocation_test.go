//go:build unix && !race

package socket

import (
	"testing"

	"github.com/gorilla/websocket"
)

func TestReadingAMessageAllocatesOnlyTheMessage(t *testing.T) {
	const runs = 100
	client := accept(t, func(c *conn) {
		allocations := testing.AllocsPerRun(runs, func() {
			if _, _, err := c.readFrame(); err != nil {
				t.Error(err)
			}
		})
		if allocations > 2 { // the other one is gorilla/websocket's
			t.Errorf("reading a message takes %v allocations", allocations)
		}
	})
	prepared, err := websocket.NewPreparedMessage(websocket.TextMessage, []byte("hello"))
	if err != nil {
		t.Fatal(err)
	}
	for range runs + 1 {
		if err := client.WritePreparedMessage(prepared); err != nil {
			t.Fatal(err)
		}
	}
}
