package emulator_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestASessionExpiresAtItsTimeAlsoWhenAnotherUserHasLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := serveInMemory(t, emulator.Config{SessionDuration: time.Hour})
		room := createRoom(t, n, "")
		anna := n.connect(t, room, "anna")
		n.Clock().Advance(time.Minute)
		ben := n.connect(t, room, "ben")
		ben.Drop()
		synctest.Wait()
		n.Clock().Advance(58 * time.Minute)
		if sessions := n.Sessions("", ivschat.ARN{}); len(sessions) != 1 {
			t.Fatalf("a minute before anna's session expires, there are %d", len(sessions))
		}
		n.Clock().Advance(time.Minute)
		anna.expectError(401)
		anna.waitClosed()
	})
}
