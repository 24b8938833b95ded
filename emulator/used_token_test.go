package emulator_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
)

const otherAccount = "210987654321"

// The emulator forgets used tokens that have expired. Each account can have a time of its own, and none is
// that of the machine.
func TestATokenStaysUsedWhicheverWayTheClocksRun(t *testing.T) {
	for name, pass := range map[string]func(*network){
		"the clock stands still": func(n *network) {
			n.Clock().SetScale(0)
			time.Sleep(3 * time.Hour)
		},
		"the clock is slow": func(n *network) {
			n.Clock().SetScale(0.01)
			time.Sleep(3 * time.Hour)
		},
		"the clock of the other account is ahead": func(n *network) {
			n.Clock().Account(otherAccount).Advance(3 * time.Hour)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := serveInMemory(t, emulator.Config{})
				room := createRoom(t, n, "")
				token := createToken(t, n, room, "anna", "")
				n.connectWith(t, token)
				pass(n)
				for range 5 { // each of which could remove expired tokens
					n.connect(t, room, "ben")
					others := as(otherAccount, n)
					n.connectWith(t, createToken(t, others, createRoom(t, others, ""), "carla", ""))
				}
				expectRefused(t, n, token)
			})
		})
	}
}
