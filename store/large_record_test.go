package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestADatabaseWithRecordsOfSeveralPagesOpensAgain(t *testing.T) {
	t.Parallel()
	s := onDisk(t)
	var rooms []ivschat.Room
	for i, id := range numberedIDs("large", 5) {
		room := newRoom(id, -i)
		room.Tags = ivschat.Tags{}
		for tag := range 50 {
			room.Tags[fmt.Sprint(tag)] = strings.Repeat("x", 256)
		}
		rooms = append(rooms, room)
	}
	s.createRooms(rooms...)
	s.reopen()
	must(t, checkRooms(s.Store, rooms))
}
